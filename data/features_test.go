package data

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// TestPrepare: a test set is scaled by the columns of the training set, or by its own rows.
func TestPrepare(t *testing.T) {
	train := &Dense{Rows: 2, Cols: 2, Data: []float64{0, 3, 4, -3}}
	test := &Dense{Rows: 1, Cols: 2, Data: []float64{6, 8}}
	for _, c := range []struct {
		scale            Scale
		intercept        bool
		trained, applied []float64
	}{
		{"", false, []float64{0, 3, 4, -3}, []float64{6, 8}},
		{"", true, []float64{0, 3, 1, 4, -3, 1}, []float64{6, 8, 1}},
		{Standard, false, []float64{-1, 1, 1, -1}, []float64{2, 8. / 3}},
		{Largest, true, []float64{0, 1, 1, 1, -1, 1}, []float64{1.5, 8. / 3, 1}},
		{UnitRows, false, []float64{0, 1, 0.8, -0.6}, []float64{0.6, 0.8}},
	} {
		x, features, err := Prepare(train, c.scale, c.intercept)
		if err != nil {
			t.Fatal(err)
		}
		y, err := features.Apply(test)
		if err != nil {
			t.Fatal(err)
		}
		if got := x.(*Dense).Data; !slices.Equal(got, c.trained) {
			t.Errorf("%q: %v, want %v", c.scale, got, c.trained)
		}
		if got := y.(*Dense).Data; !slices.Equal(got, c.applied) {
			t.Errorf("%q: another matrix becomes %v, want %v", c.scale, got, c.applied)
		}
	}
	if !slices.Equal(train.Data, []float64{0, 3, 4, -3}) {
		t.Error("Prepare changes its matrix")
	}
}

// TestColumnMeans: the same numbers have the same means in each kind of matrix.
func TestColumnMeans(t *testing.T) {
	bytes := &Bytes{Rows: 3, Cols: 3, Data: []uint8{0, 3, 255, 4, 0, 0, 8, 3, 255}, Divisors: []float64{8, 1, 255}}
	sparse := &CSR{Rows: 3, Cols: 3, Indptr: []int{0, 2, 3, 6}, Indices: []uint32{1, 2, 0, 0, 1, 2}, Values: []float64{3, 1, 0.5, 1, 3, 1}}
	for _, m := range []Matrix{bytes, bytes.Dense(), sparse} {
		means, empty := ColumnMeans(m)
		for j, want := range []float64{0.5, 2, 2. / 3} {
			if math.Abs(means[j]-want) > 1e-15 || empty != -1 {
				t.Errorf("%T: means %v, empty %d", m, means, empty)
			}
		}
	}
}

func TestPrepareErrors(t *testing.T) {
	sparse := &CSR{Rows: 1, Cols: 2, Indptr: []int{0, 0}}
	if _, _, err := Prepare(sparse, Standard, false); err == nil || !strings.Contains(err.Error(), "fill a sparse matrix") {
		t.Errorf("error %v", err)
	}
	if _, _, err := Prepare(sparse, "std", false); err == nil || !strings.HasPrefix(err.Error(), `data: unknown scale "std"`) {
		t.Errorf("error %v", err)
	}
	_, features, err := Prepare(sparse, Largest, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := features.Apply(&CSR{Rows: 1, Cols: 3, Indptr: []int{0, 0}}); err == nil {
		t.Error("other columns are taken")
	}
}

// TestPrepareMissing: the means of the training set replace missing values, in dense and sparse matrices.
func TestPrepareMissing(t *testing.T) {
	nan := math.NaN()
	sparse := &CSR{Rows: 4, Cols: 3, Indptr: []int{0, 1, 1, 3, 5}, Indices: []uint32{1, 0, 1, 0, 1}, Values: []float64{6, 2, nan, nan, 3}}
	full := &Dense{Rows: 4, Cols: 3, Data: []float64{0, 6, 0, 0, 0, 0, 2, nan, 0, nan, 3, 0}}
	want := []float64{0, 6, 0, 0, 0, 0, 2, 3, 0, 2. / 3, 3, 0}
	for _, m := range []Matrix{sparse, full} {
		x, features, err := Prepare(m, "", false)
		if d, ok := x.(*CSR); ok {
			x = dense(d)
		}
		if err != nil || !slices.Equal(x.(*Dense).Data, want) || !slices.Equal(features.Means, []float64{2. / 3, 3, 0}) {
			t.Errorf("%T: %v, %+v, %v", m, x, features, err)
		}
		_, err = Features{}.Apply(m)
		if err == nil || err.Error() != "data: row 3 has no value in column 2, and no mean of the training set is known for it" {
			t.Errorf("%T: error %v", m, err)
		}
	}
	hollow := &CSR{Rows: 1, Cols: 2, Indptr: []int{0, 1}, Indices: []uint32{1}, Values: []float64{nan}}
	if _, _, err := Prepare(hollow, "", false); err == nil || err.Error() != "data: column 2 holds no value at all, so it has no mean; remove it" {
		t.Errorf("error %v", err)
	}
}

// TestColumnErrors: an error about a column has its name or its place in the file, where other columns stand before it.
func TestColumnErrors(t *testing.T) {
	const rows = "y,color,none,big\n0,red,,1.7e308\n1,green,,-1.7e308\n0,blue,,1\n"
	_, unnamed, _ := strings.Cut(rows, "\n")
	for _, c := range []struct {
		text, want string
		drop       []string
	}{
		{rows, `f: column "none" holds no value at all, so it has no mean; set Drop to "none" to leave it out`, nil},
		{rows, `f: column "big" is not finite or too large to standardize; scale it with MaxAbs, or set Drop to "big" to leave it out`, []string{"none"}},
		{unnamed, "f: column 3 holds no value at all, so it has no mean; set Drop to 3 to leave it out", nil},
		{unnamed, "f: column 4 is not finite or too large to standardize; scale it with MaxAbs, or set Drop to 4 to leave it out", []string{"3"}},
		{strings.Replace(rows, "none", `"no, ne"`, 1), `f: column "no, ne" holds no value at all, so it has no mean; set Drop to "\"no, ne\"" to leave it out`, nil},
	} {
		o := CSVOptions{Label: "1", Categorical: []string{"2"}, Drop: c.drop, KeepMissing: true, Dense: true}
		set, err := ReadCSV("f", strings.NewReader(c.text), o)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = Prepare(set.X, Standard, false)
		var wrong *ColumnError
		if !errors.As(err, &wrong) || wrong.In(set, nil).Error() != c.want {
			t.Errorf("%v\nwant %s", err, c.want)
		}
	}
	wrong := &ColumnError{Column: 1, What: "is odd"}
	if got := wrong.In(&Set{Name: "f"}, []uint32{3, 7}).Error(); got != "f: column 8 is odd; remove it" {
		t.Error(got)
	}
	for _, set := range []*Set{{Name: "f", ZeroBased: true}, {Name: "f", Hashing: &VWOptions{Bits: 4}}} {
		if got := wrong.In(set, []uint32{3, 7}).Error(); got != "f: column 7 is odd; remove it" {
			t.Error(got)
		}
	}
}
