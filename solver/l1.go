package solver

import (
	"math"
	"slices"

	"steepest/internal/scratch"
	"steepest/internal/simd"
)

// coordinateDescent solves for the step p of the proximal Newton method with an ℓ1 penalty (Lee, Sun, Saunders 2014; Yuan, Ho, Lin 2012): it
// minimizes the quadratic model of the smooth part at x, plus λ₁‖x + p‖₁, over each element in turn. For least squares the model is the loss
// itself. The gradient ∇f + Hp is maintained, and sweeps are extrapolated (Bertrand, Massias 2021, Anderson acceleration of coordinate descent).
//
// The intercept has no penalty, so the model is minimized over it exactly: with mⱼ = Hⱼ_b/H_bb, p_b = q − Σ mⱼpⱼ splits the model into one of q and
// one of the other elements, with the Hessian Hⱼₖ − Hⱼ_bHₖ_b/H_bb. This is the Hessian for centred columns. Sweeps would take a time that grows with
// the square of the means, in standard deviations.
//
// The Hessian H is kept while its curvatures are near those of the losses and steps converge fast. The model then has the curvatures of H.
type coordinateDescent struct {
	*newton
	bent     []float64 // the curvatures of H; empty before H is computed
	means    []float64 // mⱼ, and 0 for the intercept; nil without one
	gradient []float64 // of the smooth model at 0
	slope    []float64 // of the smooth model at p
	history  [][]float64
}

const (
	innerAccuracy = 1e-3 // accuracy of a solve, relative to the largest violation at its start
	maxSweeps     = 1000 // of a solve
	extrapolated  = 5    // sweeps between extrapolations, and the number of differences that they use
	sameBend      = 0.03 // change of the curvatures with which H is kept, relative
)

func (c *coordinateDescent) solve() {
	clear(c.step)
	if !c.keep() {
		c.derive()
		mirror(c.hessian, c.d)
		if c.intercept {
			c.eliminate()
		}
	}
	c.gradient = append(c.gradient[:0], c.grad...)
	if c.means != nil {
		simd.Axpy(-c.grad[c.d-1], c.means, c.gradient)
	}
	c.slope = append(c.slope[:0], c.gradient...)
	c.sweeps()
	if c.means != nil {
		c.step[c.d-1] -= simd.Dot(c.means, c.step)
	}
	c.scores(c.scoreStep, c.step)
	c.result.Passes += 0.5
}

// keep reports whether H stays. Its curvatures then replace those of the losses.
func (c *coordinateDescent) keep() bool {
	moved, sum := 0.0, 0.0
	for i, h := range c.bent {
		moved += float64(c.weight(i) * math.Abs(c.curvatures[i]-h))
		sum += float64(c.weight(i) * h)
	}
	if len(c.bent) > 0 && !c.slow && moved <= sameBend*sum {
		copy(c.curvatures, c.bent)
		return true
	}
	c.bent = append(c.bent[:0], c.curvatures...)
	return false
}

// eliminate splits the model into those of the intercept and of the other elements.
func (c *coordinateDescent) eliminate() {
	b := c.d - 1
	row := c.hessian[b*c.d:]
	c.means = scratch.Grow(c.means, c.d)
	clear(c.means)
	if !(row[b] > 0) {
		return
	}
	for j, h := range row[:b] {
		c.means[j], row[j] = h/row[b], 0
	}
	for j := range b {
		row := c.hessian[j*c.d:][:c.d]
		simd.Axpy(-row[b], c.means, row)
		row[b], row[j] = 0, max(row[j], 0)
	}
}

// mirror copies the lower triangle to the upper one.
func mirror(h []float64, d int) {
	for i := range d {
		for j := range i {
			h[j*d+i] = h[i*d+j]
		}
	}
}

// violation returns the distance of 0 from the subgradients in element j, given the gradient of the smooth part.
func (p *problem) violation(j int, slope, w float64) float64 {
	switch {
	case p.free(j):
		return math.Abs(slope)
	case w != 0:
		return math.Abs(slope + math.Copysign(p.l1, w))
	}
	return max(0, math.Abs(slope)-p.l1)
}

// least returns the minimizer over element j, given the gradient and the curvature of the smooth part at w.
func (p *problem) least(j int, slope, curvature, w float64) float64 {
	switch to := w - slope/curvature; {
	case curvature == 0 && p.free(j): // a column of zeros
		return w
	case curvature == 0:
		return 0
	case p.free(j):
		return to
	default:
		return math.Copysign(max(math.Abs(to)-p.l1/curvature, 0), to)
	}
}

// harmless returns the violation that adds half of the tolerance to the gap: a violation ε shrinks the dual point by ε/λ₁, which adds this share
// of λ₁‖x‖₁.
func (r *run) harmless(norm float64) float64 {
	if norm == 0 {
		return 0
	}
	return r.limit(r.result.Loss) / (2 * norm)
}

// sweeps sweeps over the elements until the largest violation is small enough.
func (c *coordinateDescent) sweeps() {
	c.history = c.history[:0]
	first := 0.0
	for sweep := range maxSweeps {
		worst, norm := c.sweep()
		if sweep == 0 {
			first = worst
		}
		if sweep > 0 && worst <= max(innerAccuracy*first, c.harmless(norm)) || worst == 0 || c.done() {
			return
		}
		c.extrapolate()
	}
}

// sweep minimizes over each element in turn, and returns the largest violation seen and ‖x + p‖₁.
func (c *coordinateDescent) sweep() (worst, norm float64) {
	for j, x := range c.x {
		slope, w := c.slope[j], x+c.step[j]
		worst = max(worst, c.violation(j, slope, w))
		to := c.least(j, slope, c.hessian[j*c.d+j], w)
		norm += math.Abs(to)
		c.move(j, to-w)
	}
	return worst, norm
}

func (c *coordinateDescent) move(j int, by float64) {
	if by != 0 {
		c.step[j] += by
		simd.Axpy(by, c.hessian[j*c.d:(j+1)*c.d], c.slope)
	}
}

// extrapolate records the step after a sweep. After some sweeps it moves to the combination of the last steps, with weights that sum to 1,
// that minimizes the combined differences, if the model is lower there.
func (c *coordinateDescent) extrapolate() {
	c.history = append(c.history, slices.Clone(c.step))
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
	to := make([]float64, c.d)
	for a, w := range weights {
		simd.Axpy(w/sum, c.history[a+1], to)
	}
	before, slope := c.model(), slices.Clone(c.slope)
	for j, p := range to {
		c.move(j, p-c.step[j])
		c.step[j] = p // exactly
	}
	if !(c.model() < before) {
		copy(c.step, c.history[m])
		copy(c.slope, slope)
	}
}

// model returns the value of the model at the step minus its value at 0.
func (c *coordinateDescent) model() float64 {
	sum := 0.0
	for j, p := range c.step {
		sum += float64((c.slope[j]-c.gradient[j])/2*p) + float64(c.gradient[j]*p) // ½⟨p, Hp⟩ + ⟨gradient, p⟩
		if !c.free(j) {
			sum += float64(c.l1 * (math.Abs(c.x[j]+p) - math.Abs(c.x[j])))
		}
	}
	return sum
}
