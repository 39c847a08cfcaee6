package data_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"steepest/data"
)

// TestSummarize compares with counts made by hand, for a dense and a sparse matrix.
func TestSummarize(t *testing.T) {
	const text = "age,city,zero,none,y\n-2,Paris,0,,1\n4,Rome,0,,0\n,Paris,0,,1\n7,,0,,0\n"
	nan := math.NaN()
	want := []data.Summary{
		{Missing: 1, Least: -2, Mean: 3, Largest: 7},
		{Missing: 1, Least: nan, Mean: nan, Largest: nan, Counts: []int{1, 2, 1}},
		{Missing: 0, Least: 0, Mean: 0, Largest: 0},
		{Missing: 4, Least: nan, Mean: nan, Largest: nan},
	}
	set, err := data.ReadCSV("x", strings.NewReader(text), data.CSVOptions{KeepMissing: true, Categorical: []string{"city"}})
	if err != nil {
		t.Fatal(err)
	}
	sparse := *set
	sparse.X = compress(set.X.(*data.Dense))
	for _, set := range []*data.Set{set, &sparse} {
		got := data.Summarize(set)
		if len(got) != len(want) {
			t.Fatalf("%T: %d columns, want %d", set.X, len(got), len(want))
		}
		for i, g := range got {
			w := want[i]
			same := func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) || math.Abs(a-b) < 1e-15 }
			if g.Column.Name != set.Columns.Features[i].Name || g.Missing != w.Missing || !same(g.Least, w.Least) || !same(g.Mean, w.Mean) ||
				!same(g.Largest, w.Largest) || !slices.Equal(g.Counts, w.Counts) {
				t.Errorf("%T: %+v, want %+v", set.X, g, w)
			}
		}
	}
}

// compress makes a dense matrix sparse, without its zeros.
func compress(m *data.Dense) *data.CSR {
	s := &data.CSR{Rows: m.Rows, Cols: m.Cols, Indptr: []int{0}}
	for i := range m.Rows {
		for j, v := range m.Row(i) {
			if v != 0 {
				s.Indices, s.Values = append(s.Indices, uint32(j)), append(s.Values, v)
			}
		}
		s.Indptr = append(s.Indptr, len(s.Values))
	}
	return s
}
