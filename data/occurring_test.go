package data

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestOccurring compares the occurring columns with a plain count, and the selected columns with those of a dense matrix. It covers both ways,
// with a table of all columns and without.
func TestOccurring(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawCSR(t)
		occurs := make(map[uint32]bool)
		for _, j := range m.Indices {
			occurs[j] = true
		}
		columns := Occurring(m)
		if len(occurs) == m.Cols {
			if columns != nil {
				t.Fatalf("%v of %d columns, all of which occur", columns, m.Cols)
			}
			return
		}
		if columns == nil || !slices.IsSorted(columns) || len(columns) != len(occurs) {
			t.Fatalf("%v, want %v", columns, occurs)
		}
		few := Select(m, columns)
		if !reflect.DeepEqual(dense(few.(*CSR)), Select(dense(m), columns)) {
			t.Fatalf("%+v becomes %+v", m, few)
		}
		wide := *m
		wide.Cols = math.MaxUint32
		if got := Occurring(&wide); !slices.Equal(got, columns) || !reflect.DeepEqual(Select(&wide, columns), few) {
			t.Fatalf("among many columns %v, want %v", got, columns)
		}
	})
}

// TestFeaturesKept: columns that do not occur in the training set are dropped from other rows, sparse or dense, with more columns or not.
func TestFeaturesKept(t *testing.T) {
	train := &CSR{Rows: 2, Cols: 4e9, Indptr: []int{0, 1, 3}, Indices: []uint32{2, 2, 3e9}, Values: []float64{2, -4, 5}}
	kept := Occurring(train)
	x, f, err := Prepare(Select(train, kept), Largest, true)
	if err != nil {
		t.Fatal(err)
	}
	f.Kept = kept
	if again, err := f.Apply(train); err != nil || !reflect.DeepEqual(again, x) {
		t.Errorf("%v, %v; want %v", again, err, x)
	}
	other := &CSR{Rows: 1, Cols: math.MaxUint32, Indptr: []int{0, 4}, Indices: []uint32{1, 2, 3e9, 4.1e9}, Values: []float64{7, 1, 1, 7}}
	want := &Dense{Rows: 1, Cols: 3, Data: []float64{.25, .2, 1}}
	if got, err := f.Apply(other); err != nil || !reflect.DeepEqual(dense(got.(*CSR)), want) {
		t.Errorf("%v, %v", got, err)
	}
	f.Kept = []uint32{0, 2}
	if got, err := f.Apply(&Dense{Rows: 1, Cols: 3, Data: []float64{1, 9, 1}}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("dense: %v, %v", got, err)
	}
	if _, err := f.Apply(&Dense{Rows: 1, Cols: 2, Data: []float64{1, 9}}); err == nil {
		t.Error("a dense matrix without the last column is taken")
	}
}

// TestAppendOnesTooWide: a column beyond the range of an index is refused; its index does not wrap around.
func TestAppendOnesTooWide(t *testing.T) {
	last := AppendOnes(&CSR{Rows: 1, Cols: math.MaxUint32, Indptr: []int{0, 0}}).(*CSR)
	if last.Indices[0] != math.MaxUint32 {
		t.Errorf("the last column is %d", last.Indices[0])
	}
	defer func() {
		if fault := recover(); fault != "data: AppendOnes: 4294967296 columns leave no index for another" {
			t.Errorf("panics with %v", fault)
		}
	}()
	AppendOnes(&CSR{Rows: 1, Cols: math.MaxUint32 + 1, Indptr: []int{0, 0}})
}
