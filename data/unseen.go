package data

import "slices"

// WithoutUnseen takes two sets that were read as one. It returns both without the categories that no row of the first set has, and the names
// of these categories: a model fitted to the first set cannot know them.
func WithoutUnseen(fit, held *Set) (known, heldKnown *Set, unseen []string) {
	few, kept, unseen := withoutUnseen(fit, partsOf(fit.X))
	if unseen == nil {
		return fit, held, nil
	}
	reduce := func(s *Set) *Set {
		reduced := *s
		reduced.X, reduced.Columns, reduced.Features = Select(s.X, kept), few.Columns, few.Features
		return &reduced
	}
	return reduce(fit), reduce(held), unseen
}

// withoutUnseen returns the set without the categories that do not occur in rows, which have its columns, but with its X as it is. Kept lists
// the columns that are left, and unseen names the others. If all categories occur, it returns the set itself, and nil for both.
func withoutUnseen(s *Set, rows parts) (few *Set, kept []uint32, unseen []string) {
	if s.Columns == nil || !slices.ContainsFunc(s.Columns.Features, func(f Column) bool { return f.Categories != nil }) {
		return s, nil, nil
	}
	occurs := make([]bool, rows.cols)
	for j, v := range rows.each {
		occurs[j] = occurs[j] || v != 0
	}
	columns := *s.Columns
	columns.Features = slices.Clone(columns.Features)
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
				unseen = append(unseen, s.Features[at])
			}
			at++
		}
		columns.Features[k].Categories = words
	}
	if unseen == nil {
		return s, nil, nil
	}
	reduced := *s
	reduced.Columns, reduced.Features = &columns, columns.Names()
	return &reduced, kept, unseen
}
