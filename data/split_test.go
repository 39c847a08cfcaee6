package data

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// numbered returns a set with labels. Its only feature is the number of the row.
func numbered(y []float64, sparse bool) *Set {
	s := &Set{Name: "numbered", Y: y}
	d := &Dense{Rows: len(y), Cols: 1}
	c := &CSR{Rows: len(y), Cols: 1, Indptr: []int{0}}
	for i := range y {
		d.Data = append(d.Data, float64(i+1))
		c.Indices, c.Values, c.Indptr = append(c.Indices, 0), append(c.Values, float64(i+1)), append(c.Indptr, i+1)
	}
	if s.X = d; sparse {
		s.X = c
	}
	return s
}

// rowsOf returns the numbers of the rows.
func rowsOf(s *Set) (rows []int) {
	values := func(m Matrix) []float64 {
		if d, ok := m.(*Dense); ok {
			return d.Data
		}
		return m.(*CSR).Values
	}
	for _, v := range values(s.X) {
		rows = append(rows, int(v)-1)
	}
	return rows
}

// TestSplit: every row is on one side with its label, and the rows keep their order. The share holds for each class and for the whole, to within
// a row.
func TestSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y := rapid.SliceOfN(rapid.SampledFrom([]float64{-1, 0, 2.5, 7}), 3, 80).Draw(t, "y")
		share, seed := rapid.Float64Range(0.05, 0.95).Draw(t, "share"), rapid.Uint64().Draw(t, "seed")
		stratified, sparse := rapid.Bool().Draw(t, "stratified"), rapid.Bool().Draw(t, "sparse")
		fit, held, err := Split(numbered(y, sparse), share, seed, stratified)
		if err != nil {
			return
		}
		in, out := rowsOf(fit), rowsOf(held)
		both := slices.Sorted(slices.Values(append(slices.Clone(in), out...)))
		if !slices.IsSorted(in) || !slices.IsSorted(out) || len(both) != len(y) || both[0] != 0 || len(slices.Compact(both)) != len(y) {
			t.Fatalf("rows %v and %v of %d", in, out, len(y))
		}
		for k, i := range in {
			if fit.Y[k] != y[i] {
				t.Fatalf("row %d has the label %v, want %v", i, fit.Y[k], y[i])
			}
		}
		if d := math.Abs(float64(len(out)) - share*float64(len(y))); d > 1 && !stratified || d > 4 {
			t.Fatalf("%d of %d rows are held out, want a share of %v", len(out), len(y), share)
		}
		if !stratified {
			return
		}
		for _, label := range slices.Compact(slices.Sorted(slices.Values(y))) {
			all, kept := 0, 0
			for _, v := range y {
				if v == label {
					all++
				}
			}
			for _, v := range fit.Y {
				if v == label {
					kept++
				}
			}
			if kept == 0 || math.Abs(float64(all-kept)-share*float64(all)) > 1 {
				t.Fatalf("of %d rows with the label %v, %d are fitted to; a share of %v is to be held out", all, label, kept, share)
			}
		}
	})
}

// TestSplitDependsOnTheSeedAlone compares two splits with the same seed, and two with different ones.
func TestSplitDependsOnTheSeedAlone(t *testing.T) {
	s := numbered(make([]float64, 100), false)
	rows := func(seed uint64) string {
		_, held, err := Split(s, 0.2, seed, true)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(rowsOf(held))
	}
	first := rows(1)
	if again, other := rows(1), rows(2); first != again || first == other {
		t.Errorf("seeds 1, 1 and 2: %s, %s, %s", first, again, other)
	}
}

func TestSplitErrors(t *testing.T) {
	for want, c := range map[string]struct {
		rows  int
		share float64
	}{
		"data: a share of 0 of the rows is to be held out; want it between 0 and 1":   {10, 0},
		"data: a share of 1 of the rows is to be held out; want it between 0 and 1":   {10, 1},
		"data: a share of NaN of the rows is to be held out; want it between 0 and 1": {10, math.NaN()},
		"data: a share of 0.5 of 1 row leaves no row on one side":                     {1, 0.5},
		"data: a share of 0.01 of 10 rows leaves no row on one side":                  {10, 0.01},
	} {
		if _, _, err := Split(numbered(make([]float64, c.rows), false), c.share, 1, true); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
