package data

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestWithoutUnseen: categories that occur only in held-out rows have no column.
func TestWithoutUnseen(t *testing.T) {
	const text = "c,a,d,y\nred,1,u,0\nblue,0,v,1\nred,2,u,1\ngreen,3,w,0\n"
	for _, c := range []struct {
		rows, held []int
		dense      bool
		names      []string
		unseen     []string
		fit, out   []float64
	}{
		{[]int{0, 1, 3}, []int{2}, false, []string{"c=blue", "c=green", "c=red", "a", "d=u", "d=v", "d=w"}, nil,
			[]float64{0, 0, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 3, 0, 0, 1}, []float64{0, 0, 1, 2, 1, 0, 0}},
		{[]int{0, 2}, []int{1, 3}, true, []string{"c=red", "a", "d=u"}, []string{"c=blue", "c=green", "d=v", "d=w"},
			[]float64{1, 1, 1, 1, 2, 1}, []float64{0, 0, 0, 0, 3, 0}},
		{[]int{0, 1}, []int{3}, false, []string{"c=blue", "c=red", "a", "d=u", "d=v"}, []string{"c=green", "d=w"},
			[]float64{0, 1, 1, 1, 0, 1, 0, 0, 0, 1}, []float64{0, 0, 3, 0, 0}},
	} {
		set, err := ReadCSV("f", strings.NewReader(text), CSVOptions{Categorical: []string{"c", "d"}, Dense: c.dense})
		if err != nil {
			t.Fatal(err)
		}
		for _, sparse := range []bool{false, true} {
			if sparse {
				set.X = csrOf(set.X.(*Dense))
			}
			fit, held, unseen := WithoutUnseen(set.Rows(c.rows), set.Rows(c.held))
			x, out := fit.X, held.X
			if sparse {
				x, out = dense(x.(*CSR)), dense(out.(*CSR))
			}
			if !slices.Equal(unseen, c.unseen) || !slices.Equal(fit.Features, c.names) || !reflect.DeepEqual(fit.Columns, held.Columns) ||
				!slices.Equal(x.(*Dense).Data, c.fit) || !slices.Equal(out.(*Dense).Data, c.out) || fit.Columns.Width() != len(c.names) {
				t.Errorf("%v, sparse %v: unseen %v, %v %v, %v", c, sparse, unseen, fit.Features, x, out)
			}
		}
	}
}

// csrOf stores a matrix without its zeros.
func csrOf(m *Dense) *CSR {
	s := &CSR{Rows: m.Rows, Cols: m.Cols, Indptr: []int{0}}
	for i := range m.Rows {
		for j, v := range rowOf(m, i) {
			s.Indices, s.Values = append(s.Indices, uint32(j)), append(s.Values, v)
		}
		s.Indptr = append(s.Indptr, len(s.Values))
	}
	return s
}
