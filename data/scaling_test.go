package data

import (
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// sameNearly compares values up to a few roundings.
func sameNearly(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i, v := range got {
		if math.Abs(v-want[i]) > 1e-13*max(1, math.Abs(want[i])) {
			t.Errorf("%s: value %d is %v, want %v", what, i, v, want[i])
		}
	}
}

func TestScalingsAgreeWithScikitLearn(t *testing.T) {
	want := readReference(t)
	cancer := load(t, "breast-cancer")
	s, err := Standardize(cancer.X)
	if err != nil {
		t.Fatal(err)
	}
	sameNearly(t, "mean", s.Shift, want.StandardMean)
	sameNearly(t, "scale", s.Scale, want.StandardScale)
	scaled, err := s.Apply(cancer.X)
	if err != nil {
		t.Fatal(err)
	}
	sameNearly(t, "standardized row", scaled.(*Dense).Row(17), want.StandardRow)

	heart := load(t, "heart-scale").X.(*CSR)
	sameNearly(t, "MaxAbs", MaxAbs(heart).Scale, want.MaxAbs)
	sameNearly(t, "normalized row", dense(NormalizeRows(heart).(*CSR)).Row(17), want.NormalizedRow)
}

func TestStandardizeConstantColumn(t *testing.T) {
	m := &Dense{Rows: 3, Cols: 2, Data: []float64{0.1, 1, 0.1, 2, 0.1, 3}}
	s, err := Standardize(m)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Apply(m)
	if err != nil {
		t.Fatal(err)
	}
	r := math.Sqrt(1.5)
	sameNearly(t, "scaled", got.(*Dense).Data, []float64{0, -r, 0, 0, 0, r})
	if got.(*Dense).Data[0] != 0 {
		t.Errorf("the constant column became %v", got.(*Dense).Data[0])
	}
}

// TestScalingsAgreeOnSparseAndDense compares all scalings of sparse and of dense matrices, and checks that the argument does not change.
func TestScalingsAgreeOnSparseAndDense(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawCSR(t)
		d, before := dense(m), dense(m)
		for name, f := range map[string]func(Matrix) Matrix{
			"NormalizeRows": NormalizeRows,
			"AppendOnes":    AppendOnes,
			"MaxAbs": func(m Matrix) Matrix {
				s := MaxAbs(m)
				out, err := s.Apply(m)
				if err != nil {
					t.Fatal(err)
				}
				return out
			},
		} {
			sparse, full := dense(f(m).(*CSR)), f(d).(*Dense)
			if !reflect.DeepEqual(absZeros(sparse), absZeros(full)) {
				t.Fatalf("%s: %v of the sparse matrix, %v of the dense", name, sparse, full)
			}
			if !sameBits(d.Data, before.Data) || !sameBits(dense(m).Data, before.Data) {
				t.Fatalf("%s changed its argument", name)
			}
		}
	})
}

func TestScalingProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawCSR(t)
		scaled, err := MaxAbs(m).Apply(m)
		if err != nil {
			t.Fatal(err)
		}
		for j, v := range MaxAbs(scaled).Scale {
			if v != 1 {
				t.Fatalf("after MaxAbs the largest value of column %d is %v", j, v)
			}
		}
		normalized := NormalizeRows(m)
		for i := range m.Rows {
			largest, squares := 0.0, 0.0
			for _, v := range rowOf(m, i) {
				largest = max(largest, math.Abs(v))
			}
			for _, v := range rowOf(normalized, i) {
				squares += v * v
			}
			want := 1.0
			if largest == 0 {
				want = 0
			}
			if largest < 1e300 && (largest == 0 || largest > 1e-300) && math.Abs(squares-want) > 1e-12 {
				t.Fatalf("the squared norm of row %d is %v, want %v", i, squares, want)
			}
		}
	})
}

func TestAppendOnes(t *testing.T) {
	got := AppendOnes(&CSR{Rows: 2, Cols: 2, Indptr: []int{0, 1, 1}, Indices: []uint32{1}, Values: []float64{5}})
	want := &CSR{Rows: 2, Cols: 3, Indptr: []int{0, 2, 3}, Indices: []uint32{1, 2, 2}, Values: []float64{5, 1, 1}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestScalingErrors(t *testing.T) {
	sparse := &CSR{Rows: 1, Cols: 1, Indptr: []int{0, 0}}
	for _, c := range []struct {
		err  func() error
		want string
	}{
		{func() error { _, err := Standardize(sparse); return err },
			"data: Standardize would fill a sparse matrix with values; scale it with MaxAbs"},
		{func() error { _, err := Standardize(&Dense{2, 1, []float64{1.7e308, -1.7e308}}); return err },
			"data: column 1 is not finite or too large to standardize; scale it with MaxAbs, or remove it"},
		{func() error { _, err := Scaling{Shift: []float64{0}, Scale: []float64{1}}.Apply(sparse); return err },
			"data: a scaling that shifts would fill a sparse matrix with values; use one of MaxAbs"},
		{func() error { _, err := Scaling{Scale: []float64{1, 1}}.Apply(sparse); return err },
			"data: the matrix has 1 column and the scaling 2; read a LIBSVM test file with MinFeatures set to the training file's number"},
	} {
		if err := c.err(); err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

// TestStandardizeLargeValues: the scaling of large values is that of small ones, by their factor.
func TestStandardizeLargeValues(t *testing.T) {
	for _, factor := range []float64{0x1p-1000, 1, 0x1p+600, 0x1p+1020} {
		m := &Dense{4, 1, []float64{1 * factor, 3 * factor, -1 * factor, 5 * factor}}
		s, err := Standardize(m)
		if err != nil || s.Shift[0] != 2*factor || math.Abs(s.Scale[0]/factor-math.Sqrt(5)) > 1e-15 {
			t.Errorf("%v: %+v, %v", factor, s, err)
		}
	}
}
