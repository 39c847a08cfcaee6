package data

import "slices"

// WithoutUnseen takes two sets that were read as one. It returns both without the categories that no row of the first set has, and the names
// of these categories: a model fitted to the first set cannot know them.
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
	var kept []uint32
	at := 0
	for k, f := range columns.Features {
		var words []string
		for c := range f.Width() {
			switch {
			case f.Categories == nil:
				kept = append(kept, uint32(at))
			case occurs[at]:
				kept, words = append(kept, uint32(at)), append(words, f.Categories[c])
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
		few.X, few.Columns, few.Features = Select(s.X, kept), &columns, columns.Names()
		return &few
	}
	return reduce(fit), reduce(held), unseen
}
