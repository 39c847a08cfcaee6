package solver

import (
	"math"
	"slices"

	"steepest/internal/simd"
)

// catalyst accelerates dual coordinate descent where λ₂ is small beside L‖aᵢ‖²/n, with the curvature L of the loss, so that an epoch changes little
// (Lin, Mairal, Harchaoui, A Universal Catalyst for First-Order Optimization, 2015). An epoch works on F(w) + (κ/2)‖w − y‖² with κ = L‖aᵢ‖²/n.
// Then the anchor y moves to w + β(w − the last w) with β = (1 − √q)/(1 + √q) and q = λ₂/(λ₂ + κ). Since
//
//	w = (κy − (1/n) Σ uᵢaᵢ)/(λ₂ + κ),
//
// the dual point stays when y moves. An intercept has no λ₂.
type catalyst struct {
	*dualDescent
	kappa        float64
	on           bool
	anchor, last []float64 // y, and w after the last epoch
	epochs, end  int       // so far, and at most
	before       float64   // the slack rateEpochs epochs ago
}

// An epoch without acceleration divides the slack by less than e^(leastRate·√q) where acceleration is worth it. It is looked at every rateEpochs epochs.
const (
	leastRate  = 1.5
	rateEpochs = 3
	mostEpochs = 3000 // with acceleration, at the same rate: Newton's method takes fewer passes where columns differ much in scale
	perRank    = 10   // and at most so many times the rank of the Hessian, after which conjugate gradients end: Newton's method takes about ten steps
	doubt      = 2    // times the expected epochs are too many: κ is too small for a few rows that are much longer than the others
)

// newCatalyst returns the acceleration of s, which it does not change.
func newCatalyst(s *dualDescent) *catalyst {
	sum := 0.0
	for _, row := range s.duals {
		sum += row.q / s.unit
	}
	_, curvature := s.loss.Curvature()
	return &catalyst{dualDescent: s, kappa: curvature * sum / float64(s.n*s.n)}
}

// root returns √q.
func (c *catalyst) root() float64 { return math.Sqrt(c.l2 / (c.l2 + c.kappa)) }

// share returns the share of y in w.
func (c *catalyst) share() float64 { return c.kappa / (c.l2 + c.kappa) }

// next is called between two epochs, with the slack of the last and the slack to be reached. It moves the anchor, or begins the acceleration if the
// epochs are slow. It returns false if the acceleration is slow, too.
func (c *catalyst) next(slack, limit float64) bool {
	c.epochs++
	if c.on {
		c.extrapolate()
		return c.epochs <= c.end
	}
	if c.epochs%rateEpochs != 1 {
		return true
	}
	slow := math.Log(c.before/slack) < leastRate*rateEpochs*c.root()
	if c.before = slack; !slow || c.epochs == 1 || c.kappa <= c.l2 || math.IsInf(c.kappa, 1) {
		return true
	}
	expected := math.Log(slack/limit) / (leastRate * c.root())
	if expected > min(mostEpochs, perRank*c.rank()) {
		return false
	}
	c.end = c.epochs + int(doubt*expected)
	c.begin()
	return true
}

// rank returns a bound of the rank of the Hessian: the number of rows, or of weights that have moved.
func (c *catalyst) rank() float64 {
	moved := 0
	for _, w := range c.w {
		if w != 0 {
			moved++
		}
	}
	return float64(min(moved, c.n))
}

// begin begins the acceleration with the anchor at 0. The dual point stays. The w of a small λ₂ is far from the minimizer after some epochs, and as
// an anchor it would cost more of them than 0.
func (c *catalyst) begin() {
	c.on = true
	c.result.Method += ", accelerated"
	c.anchor = make([]float64, c.d)
	last := c.d - 1
	offset := c.w[last] - c.center
	simd.Scal(1-c.share(), c.w)
	if c.intercept { // from the penalty (ρ/2)(b − the center)² to (κ/2)b²
		c.w[last] = c.l2 / (1 + c.ease) / c.kappa * offset
		c.ease = c.l2 / c.kappa
	}
	c.last = slices.Clone(c.w)
	c.setUnit(1 / (float64(c.n) * (c.l2 + c.kappa)))
}

// slack returns the slack of the penalty at v = λ₂w + κ(w − y).
func (c *catalyst) slack() float64 {
	square := 0.0
	for j, w := range c.w {
		if !c.free(j) {
			square += float64((w - c.anchor[j]) * (w - c.anchor[j]))
		}
	}
	return c.kappa * c.kappa * square / (2 * c.l2)
}

// extrapolate moves the anchor, and w with it.
func (c *catalyst) extrapolate() {
	root, share := c.root(), c.share()
	beta := (1 - root) / (1 + root)
	for j, w := range c.w {
		to := w + float64(beta*(w-c.last[j]))
		move := to - c.anchor[j]
		if !c.free(j) {
			move *= share
		}
		c.last[j], c.anchor[j] = w, to
		c.w[j] += move
	}
	c.unshrink() // all scores have changed
}
