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
type coordinateDescent struct {
	*newton
	set     []int     // the working set
	columns columns   // its columns; nil if the set is all columns and there is H
	place   []int32   // the position of each column in the set, or −1
	gram    []float64 // H of the set; nil if it is not computed
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
)

func newCoordinateDescent(s *newton) *coordinateDescent {
	c := &coordinateDescent{newton: s}
	if s.hessian == nil {
		c.bends, c.place = make([]float64, s.n), make([]int32, s.d)
		return c
	}
	for j := range s.d {
		c.set = append(c.set, j)
	}
	return c
}

func (c *coordinateDescent) solve() {
	clear(c.step)
	clear(c.scoreStep)
	if c.hessian != nil {
		c.derive()
		c.gram = c.hessian
	} else {
		c.choose()
		c.gram = c.hessianOfSet()
	}
	if c.gram == nil {
		for i, h := range c.curvatures {
			c.bends[i] = c.weight(i) * h / float64(c.n)
		}
		c.sweeps(c.diagonalOfColumns())
		return
	}
	m := len(c.set)
	for i := range m { // only the lower triangle is stored
		for j := range i {
			c.gram[j*m+i] = c.gram[i*m+j]
		}
	}
	c.slope = scratch.Grow(c.slope, m)
	for k, j := range c.set {
		c.slope[k] = c.grad[j]
	}
	c.sweeps(c.diagonalOfMatrix())
	c.scores(c.scoreStep, c.step)
	c.result.Passes += 0.5
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

// hessianOfSet returns the lower triangle of the Hessian of the set, if it costs less than it saves in sweeps; otherwise nil.
func (c *coordinateDescent) hessianOfSet() []float64 {
	m, stored := len(c.set), float64(len(c.columns.values))
	if m == 0 || m > maxNewtonColumns {
		return nil
	}
	indptr := make([]int, c.n+1)
	for _, i := range c.columns.rows {
		indptr[i+1]++
	}
	work := typicalSweeps * float64(m) * float64(m) / denseSpeed
	for i := range c.n {
		k := float64(indptr[i+1])
		work += float64(k * k / 2)
		indptr[i+1] += indptr[i]
	}
	if work > typicalSweeps*2*stored {
		return nil
	}
	rows := &data.CSR{Rows: c.n, Cols: m, Indptr: indptr, Indices: make([]uint32, len(c.columns.rows)), Values: make([]float64, len(c.columns.rows))}
	next := slices.Clone(indptr)
	for k := range m {
		for at := c.columns.pointers[k]; at < c.columns.pointers[k+1]; at++ {
			i := c.columns.rows[at]
			rows.Indices[next[i]], rows.Values[next[i]] = uint32(k), c.columns.values[at]
			next[i]++
		}
	}
	sub := *c.run
	sub.rows, sub.dense, sub.d, sub.columns = rows, nil, m, m
	sub.shares = max(1, min(maxShares, int(work)/(8*m*m)))
	s := &newton{run: &sub, curvatures: c.curvatures, hessian: scratch.Grow(c.gram, m*m), parts: c.newton.parts}
	for k, part := range s.parts {
		s.parts[k] = scratch.Grow(part, m*m)
	}
	s.derive()
	c.newton.parts = s.parts
	c.result.Passes += float64(stored / float64(c.nnz()))
	return s.hessian
}

// choose chooses the working set, in ascending order, and fetches its columns.
func (c *coordinateDescent) choose() {
	var rest []int
	set := make([]int, 0, len(c.set))
	for j, w := range c.x {
		if w != 0 || c.free(j) {
			set = append(set, j)
		} else if math.Abs(c.grad[j]) > c.l1 {
			rest = append(rest, j)
		}
	}
	room := max(leastSet, len(set))
	if len(rest) > room {
		slices.SortFunc(rest, func(a, b int) int {
			if x, y := math.Abs(c.grad[a]), math.Abs(c.grad[b]); x != y {
				return -compare(x, y)
			}
			return a - b
		})
		rest = rest[:room]
	}
	set = append(set, rest...)
	slices.Sort(set)
	if !slices.Equal(set, c.set) || c.columns.pointers == nil {
		c.set = set
		c.fetch()
	}
}

func compare(x, y float64) int {
	if x < y {
		return -1
	}
	return 1
}

// fetch copies the columns of the set from the rows.
func (c *coordinateDescent) fetch() {
	for j := range c.place {
		c.place[j] = -1
	}
	for k, j := range c.set {
		c.place[j] = int32(k)
	}
	counts := make([]int, len(c.set)+1)
	c.entries(func(k, _ int, _ float64) { counts[k+1]++ })
	for k := range c.set {
		counts[k+1] += counts[k]
	}
	total := counts[len(c.set)]
	c.columns = columns{slices.Clone(counts), make([]uint32, total), make([]float64, total)}
	c.entries(func(k, i int, v float64) {
		c.columns.rows[counts[k]], c.columns.values[counts[k]] = uint32(i), v
		counts[k]++
	})
	c.result.Passes += 0.5
}

// entries calls f for each stored value in a column of the set, with the index of the column in the set and the row.
func (c *coordinateDescent) entries(f func(k, i int, v float64)) {
	for i := range c.n {
		indices, values := c.row(i)
		if indices == nil {
			for k, j := range c.set {
				f(k, i, values[j])
			}
			continue
		}
		for m, j := range indices {
			if k := c.place[j]; k >= 0 {
				f(int(k), i, values[m])
			}
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
