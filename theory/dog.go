package theory

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"steepest/objective"
	"steepest/optim/rules"
	"steepest/train"
)

// onDoG is the theorem on DoG, in quantities that a run shows: r_k is the largest distance from x₀ so far, d_k the largest distance from
// x*, and G_k the sum of ‖g_t‖² before step k. Its proof has two steps. The lemma bounds S_k = Σ r_t⟨g_t, x_t − x*⟩ over t < k by B_k, for
// any gradients. Since r_t does not decrease, summation by parts removes the weights:
//
//	Σ ⟨g_t, x_t − x*⟩ = Σ (S_{t+1} − S_t)/r_t ≤ B_k/r_{k−1} + Σ B_t(1/r_{t−1} − 1/r_t) over 0 < t < k.
//
// The expectation of the left side is at least that of Σ (f(x_t) − f*), since x_t does not depend on the batch of step t.
var onDoG = []Theorem{
	{
		Name: "dog", Title: "convex, DoG, uniform average", Form: Sharper, Of: AverageExcess,
		Statement: "E f(x̄_k) − f* ≤ (1/k) E[B_k/r_{k−1} + Σ_{t<k} B_t(1/r_{t−1} − 1/r_t)], B_t = r_t(2d_t + r_t)√G_t",
		Source:    "Ivgi, Hinder and Carmon 2023, the bound of the weighted regret, and summation by parts, which takes its weights r_t away",
		check: func(c *claim) curve {
			c.dog()
			c.average(train.UniformAverage)
			c.distance()
			c.convex()
			c.unbiased()
			regret := c.regret()
			return closed(func(k float64) float64 { return regret.at(int(k)) / k })
		},
	},
}

// dog asks for plain DoG, without a factor, over all parameters together.
func (c *claim) dog() {
	rule, ok := c.r.method().(rules.DoG)
	c.set("DoG", ok, "the rule is %s", c.r.methodName())
	if !ok {
		return
	}
	rule = rule.Resolved().(rules.DoG)
	c.set("no factor", rule.LR.At(0) == 1 && c.r.largest(rule.LR) == 1, "the factor of its step size is %v", rule.LR)
	c.set("one step size", !rule.Layered, "each parameter has its own")
}

// regret asks for the regret that runs of DoG have measured.
func (c *claim) regret() Trace {
	const name = "r_k, d_k and G_k are known"
	switch {
	case c.r.Regret == nil:
		c.must(name, Unknown, math.NaN(), "no run has measured them")
	case c.r.Settings.Batch == 0:
		c.must(name, Held, math.NaN(), "along the run, which has no noise")
	default:
		c.must(name, Unknown, math.NaN(), "the mean over %d runs stands in for the expectation", c.r.Drawn)
	}
	return c.r.Regret
}

// WatchDoG wraps p, with a known minimizer, for a run of DoG. regret grows as the run asks for gradients: it is an upper bound on
// Σ ⟨g_t, x_t − x*⟩ over t < k, for each step k. The wrapped problem is only a FiniteSum or a Composite.
func WatchDoG(p objective.FiniteSum[float64], rule rules.DoG, minimizer []float64) (q objective.FiniteSum[float64], regret *Trace) {
	rule = rule.Resolved().(rules.DoG)
	w := &watchedDoG{minimizer: minimizer, initial: rule.Initial.Get(), eps: rule.Eps.Get(), regret: new(Trace)}
	return watch(p, w.see), w.regret
}

type watchedDoG struct {
	minimizer, start []float64
	initial, eps     float64
	distance, error  float64 // r and d
	squares          float64 // G
	parts            float64 // Σ B_t(1/r_{t−1} − 1/r_t)
	regret           *Trace
}

// see appends a bound to the regret before the step with the gradient g at x.
func (w *watchedDoG) see(x, g []float64, _ []uint32) {
	before := w.distance
	if w.start == nil {
		w.start = append([]float64{}, x...)
		w.distance = w.initial * (1 + floats.Norm(x, 2))
		before = w.distance
	}
	w.distance = max(w.distance, floats.Distance(x, w.start, 2))
	w.error = max(w.error, floats.Distance(x, w.minimizer, 2))
	b := w.distance * (2*w.error + w.distance) * math.Sqrt(w.squares+w.eps)
	if len(*w.regret) == 0 {
		b = 0 // before the first step
	}
	*w.regret = append(*w.regret, b/before+w.parts)
	w.parts += b * (1/before - 1/w.distance)
	w.squares += floats.Dot(g, g)
}
