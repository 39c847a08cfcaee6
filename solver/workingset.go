package solver

import (
	"cmp"
	"math"
	"slices"

	"steepest/internal/scratch"
	"steepest/internal/simd"
)

// workingSets solves for the step of the proximal Newton method with an ℓ1 penalty, like coordinateDescent, if the problem has many columns. The
// step moves the weights of a working set (Massias, Gramfort, Salmon 2018, Celer): those that are not 0, and at most twice as many others, or
// leastSet, with the largest gradients.
//
// Sweeps of coordinate descent find the weights that are 0. Between the sweeps, conjugate gradients minimize the model over the other weights,
// with fixed signs. Both use the columns of the set. The intercept is eliminated as in coordinateDescent, so a constant may be subtracted from a
// column. Full columns are centred, since cancellation would cost digits.
type workingSets struct {
	*newton
	counts  []int    // of the stored values of each column
	place   []int32  // the index of each column in fetched, or −1
	fetched []column // all columns that were in a set

	// The model over the set is ⟨gradient, p⟩ + ½‖residual‖² − ½together²/flat + (λ₂/2)‖p‖² + λ₁‖to‖₁ − λ₁‖from‖₁, with p = to − from and
	// residual = √h∘Ap. The third term comes from the intercept.
	set                          []int    // ascending
	columns                      []column // √h∘A
	from, to, gradient, diagonal []float64
	roots, residual              []float64 // √(sᵢhᵢ/n) and √h∘Ap, by rows
	memory                       []float64 // of the columns
	flat                         float64   // ‖√h‖², the curvature of the intercept; 0 without one
	cross, means                 []float64 // ⟨column, √h⟩ and ⟨column, √h⟩/flat; 0 without an intercept
	together                     float64   // ⟨cross, p⟩
	signed                       *conjugateGradient
}

// column has the stored values of a column and their rows.
type column struct {
	rows   []uint32
	values []float64
	shift  float64 // subtracted from all values
}

const (
	leastSet   = 64   // columns that may join a set, at least
	nearby     = 0.9  // share of λ₁: columns with larger gradients join a set, if there is room
	looseness  = 0.3  // accuracy of a solve that is not near the end, relative to the largest violation at its start
	strictness = 0.03 // the strictest accuracy of conjugate gradients, since signs may still change
	closeness  = 0.1  // a solve is near the end if the model decreases by at most this share of √Tolerance·F
	mostLoss   = 3    // conjugate gradients end if changed signs lose more than this multiple of their gain
	shortest   = 1e-3 // the shortest part of a step of conjugate gradients that is tried
)

func newWorkingSets(s *newton) *workingSets {
	scores := func() []float64 { return make([]float64, s.n) }
	c := &workingSets{newton: s, counts: make([]int, s.d), place: make([]int32, s.d), roots: scores(), residual: scores()}
	c.signed = &conjugateGradient{newton: &newton{run: s.run, scoreStep: scores()}, scoreDirection: scores(), multiply: c.multiply}
	for j := range c.place {
		c.place[j] = -1
		c.counts[j] = s.n
	}
	if s.rows != nil {
		clear(c.counts)
		for _, j := range s.rows.Indices {
			c.counts[j]++
		}
	}
	return c
}

func (c *workingSets) solve() {
	clear(c.step)
	clear(c.scoreStep)
	c.choose()
	c.scale()
	c.sweeps()
	shifted := 0.0
	for k, j := range c.set {
		if c.step[j] = c.to[k] - c.from[k]; c.step[j] != 0 {
			whole := c.fetched[c.place[j]]
			simd.ScatterAxpy(c.step[j], whole.rows, whole.values, c.scoreStep)
			shifted += float64(c.step[j] * whole.shift)
		}
	}
	if c.flat > 0 {
		b := c.d - 1
		for i := range c.scoreStep {
			c.scoreStep[i] -= (c.grad[b] + c.together) / c.flat
		}
		c.step[b] = -(c.grad[b]+c.together)/c.flat - shifted
	}
}

// choose chooses the working set.
func (c *workingSets) choose() {
	var rest []int
	c.set = c.set[:0]
	for j, w := range c.x {
		if c.free(j) {
			continue
		} else if w != 0 {
			c.set = append(c.set, j)
		} else if math.Abs(c.grad[j]) > nearby*c.l1 {
			rest = append(rest, j)
		}
	}
	room := max(leastSet, 2*len(c.set))
	if c.partial = len(rest) > room; c.partial {
		slices.SortFunc(rest, func(a, b int) int {
			return cmp.Or(cmp.Compare(math.Abs(c.grad[b]), math.Abs(c.grad[a])), a-b)
		})
		c.partial = math.Abs(c.grad[rest[room]]) > (1+c.Tolerance)*c.l1 // others hardly change the gap
		rest = rest[:room]
	}
	c.set = append(c.set, rest...)
	slices.Sort(c.set)
	c.fetch()
}

// fetch fetches the columns of the set that are new.
func (c *workingSets) fetch() {
	var fresh, next []int
	old, size := int32(len(c.fetched)), 0
	for _, j := range c.set {
		if c.place[j] < 0 {
			c.place[j] = old + int32(len(fresh))
			fresh, next = append(fresh, j), append(next, size)
			size += c.counts[j]
		}
	}
	if len(fresh) == 0 {
		return
	}
	rows, values := make([]uint32, size), make([]float64, size)
	for i := range c.n {
		columns, row := c.row(i)
		if columns == nil {
			for k, j := range fresh {
				rows[next[k]], values[next[k]] = uint32(i), row[j]
				next[k]++
			}
		}
		for m, j := range columns {
			if k := c.place[j] - old; k >= 0 {
				at := next[k]
				rows[at], values[at] = uint32(i), row[m]
				next[k] = at + 1
			}
		}
	}
	for k, j := range fresh {
		lo, hi := next[k]-c.counts[j], next[k]
		one := column{rows: rows[lo:hi], values: values[lo:hi]}
		if c.intercept && hi-lo == c.n {
			one.centre()
		}
		c.fetched = append(c.fetched, one)
	}
	c.result.Passes += 0.5
}

// centre subtracts the mean.
func (c *column) centre() {
	sum := 0.0
	for _, v := range c.values {
		sum += v
	}
	c.shift = sum / float64(len(c.values))
	for i := range c.values {
		c.values[i] -= c.shift
	}
}

// scale sets up the model.
func (c *workingSets) scale() {
	m, size := len(c.set), 0
	for _, j := range c.set {
		size += c.counts[j]
	}
	for _, v := range []*[]float64{&c.from, &c.to, &c.gradient, &c.diagonal, &c.cross, &c.means} {
		*v = scratch.Grow(*v, m)
	}
	for i, h := range c.curvatures {
		c.roots[i] = math.Sqrt(c.weight(i) * h / float64(c.n))
	}
	c.flat, c.together = 0, 0
	if c.intercept {
		c.flat = simd.SumSquares(c.roots)
	}
	c.memory = scratch.Grow(c.memory, size)
	rest := c.memory
	c.columns = c.columns[:0]
	for k, j := range c.set {
		whole := c.fetched[c.place[j]]
		scaled := rest[:len(whole.values)]
		rest = rest[len(scaled):]
		for m, i := range whole.rows {
			scaled[m] = c.roots[i] * whole.values[m]
		}
		c.columns = append(c.columns, column{rows: whole.rows, values: scaled})
		c.from[k], c.to[k], c.gradient[k], c.diagonal[k] = c.x[j], c.x[j], c.grad[j], simd.SumSquares(scaled)
		if c.cross[k], c.means[k] = 0, 0; c.flat > 0 {
			c.cross[k] = simd.GatherDot(whole.rows, scaled, c.roots)
			c.means[k] = c.cross[k] / c.flat
			c.gradient[k] -= float64((c.means[k] + whole.shift) * c.grad[c.d-1])
			c.diagonal[k] = max(0, c.diagonal[k]-float64(c.means[k]*c.cross[k]))
		}
		c.diagonal[k] += c.l2
	}
	s := c.signed
	for _, v := range []*[]float64{&s.grad, &s.step, &s.residual, &s.direction, &s.product, &s.solved, &s.diagonal} {
		*v = scratch.Grow(*v, m)
	}
	clear(c.residual)
	c.pass(0.5)
}

// pass counts work on the columns of the set, in passes over them.
func (c *workingSets) pass(count float64) {
	c.result.Passes += count * float64(len(c.memory)) / float64(c.nnz())
}

// sweeps minimizes the model until the largest violation is small enough.
func (c *workingSets) sweeps() {
	first := 0.0
	for sweep := range maxSweeps {
		worst, norm := c.sweep()
		if sweep == 0 {
			first = worst
		}
		enough := c.harmless(norm)
		final := !c.partial && -c.model() <= closeness*math.Sqrt(c.Tolerance)*c.result.Loss
		if !final {
			enough = max(enough, looseness*first)
		}
		if sweep > 0 && worst <= enough || worst == 0 || c.done() {
			c.partial = !final
			return
		}
		if sweep%2 == 1 {
			c.descend(max(strictness, min(looseness, enough/worst)))
		}
	}
}

// sweep minimizes over each element in turn, and returns the largest violation seen and ‖x + p‖₁ over the set.
func (c *workingSets) sweep() (worst, norm float64) {
	for k, j := range c.set {
		slope, w := c.slopeAt(k), c.to[k]
		worst = max(worst, c.violation(j, slope, w))
		to := c.least(j, slope, c.diagonal[k], w)
		norm += math.Abs(to)
		c.move(k, to)
	}
	c.pass(1)
	return worst, norm
}

// slopeAt returns the derivative of the smooth model with respect to the element at index k of the set.
func (c *workingSets) slopeAt(k int) float64 {
	slope := c.gradient[k] + simd.GatherDot(c.columns[k].rows, c.columns[k].values, c.residual)
	return slope - float64(c.means[k]*c.together) + float64(c.l2*(c.to[k]-c.from[k]))
}

func (c *workingSets) move(k int, to float64) {
	if by := to - c.to[k]; by != 0 {
		simd.ScatterAxpy(by, c.columns[k].rows, c.columns[k].values, c.residual)
		c.together += float64(by * c.cross[k])
		c.to[k] = to
	}
}

// descend minimizes the model over the weights that are not 0, to an accuracy relative to its gradient. It ends early if changed signs raise the
// penalty too much: with fixed signs the model may have no minimizer. Weights that would change their signs then become 0, and the step is
// shortened until the model decreases.
func (c *workingSets) descend(accuracy float64) {
	s := c.signed
	for k, w := range c.to {
		s.grad[k], s.diagonal[k] = 0, math.Inf(1)
		if w != 0 && c.diagonal[k] > 0 {
			s.grad[k], s.diagonal[k] = c.slopeAt(k)+math.Copysign(c.l1, w), c.diagonal[k]
		}
	}
	step, scoreStep := make([]float64, len(c.set)), make([]float64, c.n)
	s.descend(func(left float64) bool {
		gain, loss := -simd.Dot(s.grad, s.step)/2, 0.0
		for k, from := range c.to {
			if w := from + s.step[k]; float64(w*from) < 0 {
				loss += float64(2 * c.l1 * math.Abs(w))
			}
		}
		if loss > mostLoss*gain {
			copy(s.step, step)
			copy(s.scoreStep, scoreStep)
			return true
		}
		copy(step, s.step)
		copy(scoreStep, s.scoreStep)
		return left <= accuracy*accuracy
	})
	value, before, residual, together := c.model(), slices.Clone(c.to), slices.Clone(c.residual), c.together
	for t := 1.0; t > shortest; t /= 4 {
		for i, move := range s.scoreStep {
			c.residual[i] = residual[i] + float64(t*move)
		}
		c.together = together + float64(t*simd.Dot(c.cross, s.step))
		for k, w := range before {
			c.to[k] = w + float64(t*s.step[k])
			if float64(c.to[k]*w) < 0 {
				c.move(k, 0)
			}
		}
		if c.model() < value {
			return
		}
	}
	copy(c.to, before)
	copy(c.residual, residual)
	c.together = together
}

// multiply stores in product the product of the Hessian and the direction for weights with a finite diagonal, and √h∘A times the direction.
func (c *workingSets) multiply() {
	s := c.signed
	clear(s.scoreDirection)
	for k, by := range s.direction {
		if by != 0 {
			simd.ScatterAxpy(by, c.columns[k].rows, c.columns[k].values, s.scoreDirection)
		}
	}
	together := simd.Dot(c.cross, s.direction)
	for k := range c.set {
		if s.product[k] = 0; !math.IsInf(s.diagonal[k], 1) {
			s.product[k] = simd.GatherDot(c.columns[k].rows, c.columns[k].values, s.scoreDirection)
			s.product[k] += float64(c.l2*s.direction[k]) - float64(c.means[k]*together)
		}
	}
	c.pass(1)
}

// model returns the value of the model at the step minus its value at 0.
func (c *workingSets) model() float64 {
	sum := simd.SumSquares(c.residual) / 2
	if b := c.d - 1; c.flat > 0 {
		sum -= (float64(c.together*c.together) + float64(c.grad[b]*c.grad[b])) / (2 * c.flat)
	}
	for k, to := range c.to {
		p := to - c.from[k]
		sum += float64(c.gradient[k]*p) + float64(c.l2/2*float64(p*p)) + float64(c.l1*(math.Abs(to)-math.Abs(c.from[k])))
	}
	return sum
}
