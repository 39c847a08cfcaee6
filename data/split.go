package data

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"steepest/internal/plural"
)

// Split divides a set into rows to fit and rows to hold out. Share is the share of held-out rows. The choice is random and depends only on
// the seed. If stratified is set, the share holds for each label, too, to within a row, and each label keeps at least one row to fit. The
// rows keep their order. It returns an error unless the share is in (0, 1) and leaves rows on both sides.
func Split(s *Set, share float64, seed uint64, stratified bool) (fit, held *Set, err error) {
	isHeld, err := heldOut(s.Y, share, seed, stratified)
	if err != nil {
		return nil, nil, err
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

// heldOut reports for each row whether Split holds it out, given the labels y. It takes about 8 bytes of memory for each row.
func heldOut(y []float64, share float64, seed uint64, stratified bool) ([]bool, error) {
	if err := checkShare(share); err != nil {
		return nil, err
	}
	groups := byLabel(y, stratified)
	isHeld := make([]bool, len(y))
	total := 0
	for c, n := range quotas(groups, share) {
		shuffle(groups[c], seed, c)
		for _, i := range groups[c][:n] {
			isHeld[i] = true
		}
		total += n
	}
	if total == 0 || total == len(y) {
		return nil, &ShareError{fmt.Sprintf("a share of %v of %s leaves no row on one side", share, plural.Of(len(y), "row"))}
	}
	return isHeld, nil
}

// ShareError is the error for a share of held-out rows that is not between 0 and 1, or leaves no row on one side.
type ShareError struct{ what string }

// Error says what is wrong with the share.
func (e *ShareError) Error() string { return "data: " + e.what }

// checkShare returns an error for a share that is not between 0 and 1.
func checkShare(share float64) error {
	if share > 0 && share < 1 {
		return nil
	}
	return &ShareError{fmt.Sprintf("a share of %v of the rows is to be held out; want it between 0 and 1", share)}
}

// byLabel returns the rows with each label, with labels in ascending order, if stratified is set, and otherwise one group of all rows.
func byLabel(y []float64, stratified bool) [][]uint32 {
	classes := Classes{0}
	if stratified {
		classes = ClassesOf(y)
	}
	groups := make([][]uint32, len(classes))
	for i, label := range y {
		c := 0
		if stratified {
			c, _ = slices.BinarySearch(classes, label)
		}
		groups[c] = append(groups[c], uint32(i))
	}
	return groups
}

// shuffle shuffles the rows of group c.
func shuffle(rows []uint32, seed uint64, c int) {
	random := rand.New(rand.NewPCG(seed, uint64(c)))
	random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
}

// quotas returns the number of held-out rows of each group: its share rounded down, plus one for the groups with the largest
// remainders, so that the total is the share of all rows. A group keeps at least one row.
func quotas(groups [][]uint32, share float64) []int {
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
	part.X = pick(s.X, rows)
	return &part
}

// pick returns the matrix of some rows of m, in their order.
func pick[I int | uint32](m Matrix, rows []I) Matrix {
	switch m := m.(type) {
	case *Dense:
		d := &Dense{Rows: len(rows), Cols: m.Cols, Data: large[float64](len(rows) * m.Cols)[:0]}
		for _, i := range rows {
			d.Data = append(d.Data, m.Row(int(i))...)
		}
		return d
	case *CSR:
		n := 0
		for _, i := range rows {
			n += m.Indptr[i+1] - m.Indptr[i]
		}
		c := &CSR{Rows: len(rows), Cols: m.Cols, Indptr: make([]int, 1, len(rows)+1), Indices: large[uint32](n)[:0], Values: large[float64](n)[:0]}
		for _, i := range rows {
			indices, values := m.Row(int(i))
			c.Indices, c.Values = append(c.Indices, indices...), append(c.Values, values...)
			c.Indptr = append(c.Indptr, len(c.Values))
		}
		return c
	case *Bytes:
		b := &Bytes{Rows: len(rows), Cols: m.Cols, Data: make([]uint8, 0, len(rows)*m.Cols), Divisors: m.Divisors}
		for _, i := range rows {
			b.Data = append(b.Data, m.Data[int(i)*m.Cols:(int(i)+1)*m.Cols]...)
		}
		return b
	}
	panic(fmt.Sprintf("data: unknown matrix type %T", m))
}
