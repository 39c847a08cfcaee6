package data

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
)

// Split divides a set into rows to fit and rows to hold out. Share is the share of held-out rows. The choice is random and depends only on
// the seed. If stratified is set, the share holds for each label, too, to within a row, and each label keeps at least one row to fit. The
// rows keep their order. It returns an error unless the share is in (0, 1) and leaves rows on both sides.
func Split(s *Set, share float64, seed uint64, stratified bool) (fit, held *Set, err error) {
	if !(share > 0 && share < 1) {
		return nil, nil, fmt.Errorf("data: a share of %v of the rows is to be held out; want it between 0 and 1", share)
	}
	groups := [][]int{make([]int, len(s.Y))}
	for i := range s.Y {
		groups[0][i] = i
	}
	if stratified {
		groups = byClass(s.Y)
	}
	isHeld := make([]bool, len(s.Y))
	total := 0
	for c, n := range quotas(groups, share) {
		random := rand.New(rand.NewPCG(seed, uint64(c)))
		random.Shuffle(len(groups[c]), func(i, j int) { groups[c][i], groups[c][j] = groups[c][j], groups[c][i] })
		for _, i := range groups[c][:n] {
			isHeld[i] = true
		}
		total += n
	}
	if total == 0 || total == len(s.Y) {
		return nil, nil, fmt.Errorf("data: a share of %v of %s leaves no row on one side", share, count(len(s.Y), "row"))
	}
	var in, out []int
	for i, h := range isHeld {
		if h {
			out = append(out, i)
		} else {
			in = append(in, i)
		}
	}
	return s.Rows(in), s.Rows(out), nil
}

// byClass returns the rows of each label, with labels in ascending order.
func byClass(y []float64) [][]int {
	indices, classes := ClassIndices(y)
	groups := make([][]int, len(classes))
	for i, c := range indices {
		groups[c] = append(groups[c], i)
	}
	return groups
}

// quotas returns the number of held-out rows of each group: its share rounded down, plus one for the groups with the largest
// remainders, so that the total is the share of all rows. A group keeps at least one row.
func quotas(groups [][]int, share float64) []int {
	n := make([]int, len(groups))
	order := make([]int, len(groups))
	rest, all := 0.0, 0
	for c, g := range groups {
		n[c], order[c] = int(share*float64(len(g))), c
		rest, all = rest-float64(n[c]), all+len(g)
	}
	rest += float64(share * float64(all))
	remainder := func(c int) float64 { return float64(share*float64(len(groups[c]))) - float64(n[c]) }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(remainder(b), remainder(a)) })
	for _, c := range order {
		if rest >= 0.5 && n[c]+1 < len(groups[c]) {
			n[c]++
			rest--
		}
	}
	return n
}

// Rows returns the set of the given rows, in the given order.
func (s *Set) Rows(rows []int) *Set {
	part := *s
	part.Y = make([]float64, len(rows))
	for k, i := range rows {
		part.Y[k] = s.Y[i]
	}
	if s.Weights != nil {
		part.Weights = make([]float64, len(rows))
		for k, i := range rows {
			part.Weights[k] = s.Weights[i]
		}
	}
	switch x := s.X.(type) {
	case *Dense:
		d := &Dense{Rows: len(rows), Cols: x.Cols, Data: make([]float64, 0, len(rows)*x.Cols)}
		for _, i := range rows {
			d.Data = append(d.Data, x.Row(i)...)
		}
		part.X = d
	case *CSR:
		c := &CSR{Rows: len(rows), Cols: x.Cols, Indptr: []int{0}}
		for _, i := range rows {
			indices, values := x.Row(i)
			c.Indices, c.Values = append(c.Indices, indices...), append(c.Values, values...)
			c.Indptr = append(c.Indptr, len(c.Values))
		}
		part.X = c
	case *Bytes:
		b := &Bytes{Rows: len(rows), Cols: x.Cols, Data: make([]uint8, 0, len(rows)*x.Cols), Divisors: x.Divisors}
		for _, i := range rows {
			b.Data = append(b.Data, x.Data[i*x.Cols:(i+1)*x.Cols]...)
		}
		part.X = b
	}
	return &part
}
