package solver

import (
	"math"
	"slices"

	"steepest/data"
	"steepest/internal/scratch"
	"steepest/internal/simd"
)

// coordinateDescent solves for the step p of the proximal Newton method with an ℓ1 penalty (Lee, Sun, Saunders 2014; Yuan, Ho, Lin 2012): it
// minimizes the quadratic model of the smooth part at x, plus λ₁‖x + p‖₁, over each element in turn. For least squares the model is the loss
// itself.
//
// If the problem has many columns, sweeps go over a working set (Massias, Gramfort, Salmon 2018, Celer): the columns where x is not 0, and as
// many again with the largest gradients. If it pays to compute the Hessian H of the set, the gradient ∇f + Hp is maintained. Otherwise Ap is
// maintained, and sweeps are extrapolated (Bertrand, Massias 2021, Anderson acceleration of coordinate descent).
//
// H is kept, and grows with the set, while its curvatures are near those of the losses and steps converge fast. The model then has the
// curvatures of H.
type coordinateDescent struct {
	*newton
	set     []int     // the working set
	narrow  problem   // the problem with these columns alone
	columns columns   // the columns, if there is no H
	place   []int32   // the index of each column in the set, or −1
	gram    []float64 // H of the set; nil if it is not computed
	bent    []float64 // the curvatures of H
	slope   []float64 // the gradient of the smooth model at p in the set, if there is H
	bends   []float64 // sᵢℓ″ᵢ, if there is no H
	history [][]float64
}

// columns are the columns of a set: column k is values[pointers[k]:pointers[k+1]], with the rows at the same indices.
type columns struct {
	pointers []int
	rows     []uint32
	values   []float64
}

const (
	innerAccuracy = 0.1  // accuracy of a solve, relative to the largest violation at its start; its cube if sweeps are cheap compared with H
	maxSweeps     = 1000 // of a solve
	leastSet      = 64   // columns
	extrapolated  = 5    // sweeps between extrapolations, and the number of differences that they use
	typicalSweeps = 50   // of a solve
	sameBend      = 0.03 // change of the curvatures with which H is kept, relative
)

func newCoordinateDescent(s *newton) *coordinateDescent {
	c := &coordinateDescent{newton: s, bent: make([]float64, s.n)}
	if s.hessian == nil {
		c.bends, c.place = make([]float64, s.n), make([]int32, s.d)
		for j := range c.place {
			c.place[j] = -1
		}
		return c
	}
	c.narrow = s.problem
	for j := range s.d {
		c.set = append(c.set, j)
	}
	return c
}

func (c *coordinateDescent) solve() {
	clear(c.step)
	clear(c.scoreStep)
	switch kept := c.keep(); {
	case c.hessian == nil:
		c.choose(kept)
	case !kept:
		c.derive()
		c.gram = c.hessian
		mirror(c.gram, c.d, 0)
	}
	if c.gram == nil {
		for i, h := range c.curvatures {
			c.bends[i] = c.weight(i) * h / float64(c.n)
		}
		c.sweeps(c.diagonalOfColumns())
		return
	}
	c.slope = scratch.Grow(c.slope, len(c.set))
	for k, j := range c.set {
		c.slope[k] = c.grad[j]
	}
	c.sweeps(c.diagonalOfMatrix())
	moves := make([]float64, len(c.set))
	for k, j := range c.set {
		moves[k] = c.step[j]
	}
	c.narrow.scores(c.scoreStep, moves)
	c.result.Passes += float64(c.narrow.nnz()) / float64(c.nnz()) / 2
}

// keep reports whether H stays. Its curvatures then replace those of the losses.
func (c *coordinateDescent) keep() bool {
	moved, sum := 0.0, 0.0
	for i, h := range c.bent {
		moved += float64(c.weight(i) * math.Abs(c.curvatures[i]-h))
		sum += float64(c.weight(i) * h)
	}
	if c.gram != nil && !c.slow && moved <= sameBend*sum {
		copy(c.curvatures, c.bent)
		return true
	}
	copy(c.bent, c.curvatures)
	return false
}

// mirror copies the lower triangle to the upper one, from row lo.
func mirror(h []float64, d, lo int) {
	for i := lo; i < d; i++ {
		for j := range i {
			h[j*d+i] = h[i*d+j]
		}
	}
}

// violation returns the distance of 0 from the subgradients in element j, given the gradient of the smooth part.
func (c *coordinateDescent) violation(j int, slope, w float64) float64 {
	switch {
	case c.free(j):
		return math.Abs(slope)
	case w != 0:
		return math.Abs(slope + math.Copysign(c.l1, w))
	}
	return max(0, math.Abs(slope)-c.l1)
}

// sweeps sweeps over the set until the largest violation is small enough.
func (c *coordinateDescent) sweeps(diagonal []float64) {
	c.history = c.history[:0]
	first, accuracy := 0.0, innerAccuracy
	if c.gram != nil {
		accuracy *= accuracy * accuracy
	}
	for sweep := range maxSweeps {
		worst, norm := c.sweep(diagonal)
		if sweep == 0 {
			first = worst
		}
		// A violation ε shrinks the dual point by ε/λ₁, which adds this share of λ₁‖x‖₁ to the gap.
		target := 0.0
		if value := c.result.Loss; !math.IsInf(value, 1) && norm > 0 {
			target = 0.2 * c.limit(value) / norm
		}
		if worst <= max(accuracy*first, target) && sweep > 0 || worst == 0 || c.done() {
			return
		}
		c.extrapolate()
	}
}

// sweep minimizes over each element in turn, and returns the largest violation seen and ‖x + p‖₁ over the set.
func (c *coordinateDescent) sweep(diagonal []float64) (worst, norm float64) {
	for k, j := range c.set {
		h := diagonal[k]
		if h == 0 { // a column of zeros
			if !c.free(j) && c.x[j] != 0 {
				c.step[j] = -c.x[j]
			}
			continue
		}
		slope, w := c.slopeAt(k, j), c.x[j]+c.step[j]
		worst = max(worst, c.violation(j, slope, w))
		to := w - slope/h
		if !c.free(j) {
			to = math.Copysign(max(math.Abs(to)-c.l1/h, 0), to)
		}
		norm += math.Abs(to)
		if move := to - w; move != 0 {
			c.move(k, j, move)
		}
	}
	if c.gram == nil {
		c.result.Passes += float64(len(c.columns.values)) / float64(c.nnz())
	}
	return worst, norm
}

// slopeAt returns the derivative of the smooth model with respect to element j, which is at index k of the set.
func (c *coordinateDescent) slopeAt(k, j int) float64 {
	if c.gram != nil {
		return c.slope[k]
	}
	lo, hi := c.columns.pointers[k], c.columns.pointers[k+1]
	rows, values := c.columns.rows[lo:hi], c.columns.values[lo:hi]
	values = values[:len(rows)]
	sum := 0.0
	for m, i := range rows {
		sum += float64(values[m] * float64(c.bends[i]*c.scoreStep[i]))
	}
	if sum += c.grad[j]; !c.free(j) {
		sum += float64(c.l2 * c.step[j])
	}
	return sum
}

func (c *coordinateDescent) move(k, j int, by float64) {
	c.step[j] += by
	if m := len(c.set); c.gram != nil {
		simd.Axpy(by, c.gram[k*m:(k+1)*m], c.slope)
		return
	}
	lo, hi := c.columns.pointers[k], c.columns.pointers[k+1]
	simd.ScatterAxpy(by, c.columns.rows[lo:hi], c.columns.values[lo:hi], c.scoreStep)
}

func (c *coordinateDescent) diagonalOfMatrix() []float64 {
	m := len(c.set)
	diagonal := make([]float64, m)
	for k := range diagonal {
		diagonal[k] = c.gram[k*m+k]
	}
	return diagonal
}

func (c *coordinateDescent) diagonalOfColumns() []float64 {
	diagonal := make([]float64, len(c.set))
	for k, j := range c.set {
		sum := 0.0
		for m := c.columns.pointers[k]; m < c.columns.pointers[k+1]; m++ {
			v := c.columns.values[m]
			sum += float64(c.bends[c.columns.rows[m]] * float64(v*v))
		}
		if !c.free(j) {
			sum += c.l2
		}
		diagonal[k] = sum
	}
	return diagonal
}

// choose chooses the working set, fetches its columns and computes its Hessian, if that pays. A set whose H is kept only grows.
func (c *coordinateDescent) choose(kept bool) {
	known := 0 // columns with a known H
	if kept {
		known = len(c.set)
	}
	var more, rest []int
	for j, w := range c.x {
		switch {
		case kept && c.place[j] >= 0:
		case w != 0 || c.free(j):
			more = append(more, j)
		case math.Abs(c.grad[j]) > c.l1:
			rest = append(rest, j)
		}
	}
	room := max(leastSet, known+len(more))
	if c.partial = len(rest) > room; c.partial {
		slices.SortFunc(rest, func(a, b int) int {
			if x, y := math.Abs(c.grad[a]), math.Abs(c.grad[b]); x != y {
				return -compare(x, y)
			}
			return a - b
		})
		c.partial = math.Abs(c.grad[rest[room]]) > (1+c.Tolerance)*c.l1 // others hardly change the gap
		rest = rest[:room]
	}
	more = append(more, rest...)
	slices.Sort(more)
	set := append(slices.Clip(c.set[:known]), more...)
	if c.narrow.rows == nil || !slices.Equal(c.set, set) {
		for _, j := range c.set {
			c.place[j] = -1
		}
		for k, j := range set {
			c.place[j] = int32(k)
		}
		c.set = set
		c.fetch(known)
	}
	switch {
	case !c.pays():
		c.gram = nil
		c.transpose()
	case !kept:
		c.deriveSet()
	case len(more) > 0:
		c.extend(known)
	}
}

func compare(x, y float64) int {
	if x < y {
		return -1
	}
	return 1
}

// fetch appends the columns of the set, from index lo, to the rows of the narrow problem.
func (c *coordinateDescent) fetch(lo int) {
	m, old := len(c.set), c.narrow.rows
	rows := &data.CSR{Rows: c.n, Cols: m, Indptr: make([]int, 1, c.n+1)}
	if old != nil {
		rows.Indices, rows.Values = make([]uint32, 0, len(old.Values)), make([]float64, 0, len(old.Values))
	}
	for i := range c.n {
		if lo > 0 {
			columns, values := old.Row(i)
			rows.Indices, rows.Values = append(rows.Indices, columns...), append(rows.Values, values...)
		}
		columns, values := c.row(i)
		if columns == nil {
			for k, j := range c.set[lo:] {
				rows.Indices, rows.Values = append(rows.Indices, uint32(lo+k)), append(rows.Values, values[j])
			}
		}
		for at, j := range columns {
			if k := int(c.place[j]); k >= lo {
				rows.Indices, rows.Values = append(rows.Indices, uint32(k)), append(rows.Values, values[at])
			}
		}
		rows.Indptr = append(rows.Indptr, len(rows.Values))
	}
	c.narrow = c.problem
	c.narrow.rows, c.narrow.dense, c.narrow.d, c.narrow.columns = rows, nil, m, m
	c.narrow.cut()
	c.result.Passes += 0.5
}

// work returns the multiply-adds of the Hessian of the set.
func (c *coordinateDescent) work() float64 {
	sum := 0.0
	for i := range c.n {
		columns, _ := c.narrow.rows.Row(i)
		k := float64(len(columns))
		sum += float64(k * k / 2)
	}
	return sum
}

// pays reports whether the Hessian of the set costs less than it saves in sweeps.
func (c *coordinateDescent) pays() bool {
	m := float64(len(c.set))
	return m > 0 && m <= maxNewtonColumns && c.work()+typicalSweeps*m*m/denseSpeed <= typicalSweeps*2*float64(c.narrow.nnz())
}

// deriveSet computes the Hessian of the set.
func (c *coordinateDescent) deriveSet() {
	m := len(c.set)
	sub := *c.run
	sub.problem = c.narrow
	sub.shares = max(1, min(maxShares, int(c.work())/(8*m*m)))
	s := &newton{run: &sub, curvatures: c.curvatures, hessian: scratch.Grow(c.gram, m*m), parts: c.newton.parts}
	for k, part := range s.parts {
		s.parts[k] = scratch.Grow(part, m*m)
	}
	s.derive()
	c.newton.parts, c.gram = s.parts, s.hessian
	mirror(c.gram, m, 0)
	c.result.Passes += float64(c.narrow.nnz()) / float64(c.nnz())
}

// extend extends H by rows from index lo.
func (c *coordinateDescent) extend(lo int) {
	m := len(c.set)
	gram := make([]float64, m*m)
	for k := range lo {
		copy(gram[k*m:], c.gram[k*lo:(k+1)*lo])
	}
	for i := range c.n {
		h := c.weight(i) * c.curvatures[i] / float64(c.n)
		columns, values := c.narrow.rows.Row(i)
		for at := len(columns) - 1; at >= 0 && int(columns[at]) >= lo; at-- {
			row, v := gram[int(columns[at])*m:], h*values[at]
			for k, j := range columns[:at+1] {
				row[j] += float64(v * values[k])
			}
		}
	}
	for k := lo; k < m; k++ {
		if !c.free(c.set[k]) {
			gram[k*m+k] += c.l2
		}
	}
	mirror(gram, m, lo)
	c.gram = gram
}

// transpose stores the columns of the set.
func (c *coordinateDescent) transpose() {
	rows := c.narrow.rows
	pointers := make([]int, len(c.set)+1)
	for _, k := range rows.Indices {
		pointers[k+1]++
	}
	for k := range c.set {
		pointers[k+1] += pointers[k]
	}
	next := slices.Clone(pointers)
	c.columns = columns{pointers, make([]uint32, len(rows.Values)), make([]float64, len(rows.Values))}
	for i := range c.n {
		columns, values := rows.Row(i)
		for at, k := range columns {
			c.columns.rows[next[k]], c.columns.values[next[k]] = uint32(i), values[at]
			next[k]++
		}
	}
}

// extrapolate records the step after a sweep. After some sweeps it moves to the combination of the last steps, with weights that sum to 1,
// that minimizes the combined differences, if the model is lower there.
func (c *coordinateDescent) extrapolate() {
	at := make([]float64, len(c.set))
	for k, j := range c.set {
		at[k] = c.step[j]
	}
	c.history = append(c.history, at)
	if len(c.history) <= extrapolated {
		return
	}
	const m = extrapolated
	var gram [m * m]float64
	differences := make([][]float64, m)
	trace := 0.0
	for a := range m {
		differences[a] = slices.Clone(c.history[a+1])
		simd.Axpy(-1, c.history[a], differences[a])
		for b := range a + 1 {
			gram[a*m+b] = simd.Dot(differences[a], differences[b])
		}
		trace += gram[a*m+a]
	}
	weights := []float64{1, 1, 1, 1, 1}
	var factor [m * m]float64
	last := c.history[m]
	defer func() { c.history = c.history[:0] }()
	if !cholesky(factor[:], gram[:], m, 1e-10*trace) {
		return
	}
	solve(factor[:], m, weights)
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	if sum == 0 || sum-sum != 0 {
		return
	}
	to := make([]float64, len(c.set))
	for a, w := range weights {
		simd.Axpy(w/sum, c.history[a+1], to)
	}
	before, scores, slope := c.model(), slices.Clone(c.scoreStep), slices.Clone(c.slope)
	for k, j := range c.set {
		c.move(k, j, to[k]-c.step[j])
		c.step[j] = to[k] // exactly
	}
	if c.gram == nil {
		c.result.Passes += float64(float64(len(c.columns.values)) / float64(c.nnz()) / 2)
	}
	if !(c.model() < before) {
		for k, j := range c.set {
			c.step[j] = last[k]
		}
		copy(c.scoreStep, scores)
		copy(c.slope, slope)
	}
}

// model returns the value of the model at the step minus its value at 0.
func (c *coordinateDescent) model() float64 {
	sum := 0.0
	if c.gram == nil {
		for i, move := range c.scoreStep {
			sum += float64(c.bends[i] / 2 * float64(move*move))
		}
	}
	for k, j := range c.set {
		p, w := c.step[j], c.x[j]
		if c.gram != nil {
			sum += float64((c.slope[k] - c.grad[j]) / 2 * p) // of ½⟨p, Hp⟩
		} else if !c.free(j) {
			sum += float64(c.l2 / 2 * float64(p*p))
		}
		sum += float64(c.grad[j] * p)
		if !c.free(j) {
			sum += float64(c.l1 * (math.Abs(w+p) - math.Abs(w)))
		}
	}
	return sum
}
