package data

import "slices"

// WithoutUnseen returns two sets that were read as one, without the categories that no row of the first has, and the names of these:
// a model that is fitted to the first cannot know them.
func WithoutUnseen(fit, held *Set) (known, heldKnown *Set, unseen []string) {
	if fit.Columns == nil || !slices.ContainsFunc(fit.Columns.Features, func(f Column) bool { return f.Categories != nil }) {
		return fit, held, nil
	}
	rows, cols := fit.X.Dims()
	occurs := make([]bool, cols)
	for i := range rows {
		for j := range rowOf(fit.X, i) {
			occurs[j] = true
		}
	}
	columns := *fit.Columns
	columns.Features = slices.Clone(columns.Features)
	var kept []int
	at := 0
	for k, f := range columns.Features {
		var words []string
		for c := range f.Width() {
			switch {
			case f.Categories == nil:
				kept = append(kept, at)
			case occurs[at]:
				kept, words = append(kept, at), append(words, f.Categories[c])
			default:
				unseen = append(unseen, fit.Features[at])
			}
			at++
		}
		columns.Features[k].Categories = words
	}
	if unseen == nil {
		return fit, held, nil
	}
	reduce := func(s *Set) *Set {
		few := *s
		few.X, few.Columns, few.Features = selectColumns(s.X, kept), &columns, columns.Names()
		return &few
	}
	return reduce(fit), reduce(held), unseen
}

// selectColumns returns some columns of a matrix, in ascending order.
func selectColumns(m Matrix, kept []int) Matrix {
	switch m := m.(type) {
	case *Dense:
		out := &Dense{Rows: m.Rows, Cols: len(kept), Data: make([]float64, 0, m.Rows*len(kept))}
		for i := range m.Rows {
			row := m.Row(i)
			for _, j := range kept {
				out.Data = append(out.Data, row[j])
			}
		}
		return out
	case *CSR:
		out := &CSR{Rows: m.Rows, Cols: len(kept), Indptr: make([]int, 1, m.Rows+1)}
		for i := range m.Rows {
			indices, values := m.Row(i)
			for k, j := range indices {
				if to, ok := slices.BinarySearch(kept, int(j)); ok {
					out.Indices, out.Values = append(out.Indices, uint32(to)), append(out.Values, values[k])
				}
			}
			out.Indptr = append(out.Indptr, len(out.Values))
		}
		return out
	}
	panic("data: unknown matrix type")
}
