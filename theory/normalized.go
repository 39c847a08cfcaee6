package theory

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/matfun"
	"steepest/optim/matrix"
	"steepest/optim/norm"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// onNormalized are the theorems on normalized steepest descent, x ← x + αd with d = lmo(g), so ‖d‖ ≤ 1 and ⟨g, d⟩ = −‖g‖*. For any error
// e = g − ∇f(x),
//
//	⟨∇f, d⟩ = −‖g‖* − ⟨e, d⟩ ≤ −‖∇f‖* + 2‖e‖*,
//
// since ‖g‖* ≥ ‖∇f‖* − ‖e‖*. With ‖d‖₂ ≤ ρ, the descent lemma is
//
//	f(x + αd) ≤ f(x) − α‖∇f‖* + 2α‖e‖* + ½α²ρ²L.
//
// The theorems sum this over the steps. L is the constant in the Euclidean norm, and ρ²L bounds the constant in the norm of the steps.
var onNormalized = []Theorem{
	{
		Name: "normalized", Title: "smooth, normalized steps, bounded variance", Of: GradientNorm,
		Statement: "(1/k) Σ E‖∇f(x_t)‖* ≤ (f(x₀) − f*)/(αk) + αρ²L/2 + 2ρ√V",
		Source: "Bernstein, Wang, Azizzadenesheli and Anandkumar 2018, theorem 1, for signs; in any norm after Kovalev 2025 " +
			"(arXiv:2503.12645), without momentum",
		check: func(c *claim) curve {
			alpha, rho, l, delta := c.normalized()
			v := c.variance()
			c.unbiased()
			return closed(func(k float64) float64 { return delta/(alpha*k) + alpha*rho*rho*l/2 + 2*rho*math.Sqrt(v) })
		},
	},
	{
		Name: "normalized-errors", Title: "smooth, normalized steps, any gradients, on every run", Form: Sharper, Of: GradientNorm,
		Statement: "(1/k) Σ ‖∇f(x_t)‖* ≤ (f(x₀) − f*)/(αk) + αρ²L/2 + (2/k) Σ ‖g_t − ∇f(x_t)‖*",
		Source:    "the proof of Cutkosky and Mehta 2020, lemma 2, with the factors 1 and 2 of a unit step in place of 1/3 and 8/3",
		check: func(c *claim) curve {
			alpha, rho, l, delta := c.normalized()
			errors := c.errors()
			return walk(func() (func(int), func(int) float64) {
				sum := 0.0
				step := func(k int) { sum += errors(k) }
				return step, func(k int) float64 { return (delta/alpha+2*sum)/float64(k) + alpha*rho*rho*l/2 }
			})
		},
	},
}

// normalized asks for normalized steps of constant length and a smooth f. It returns α, ρ, L and f(x₀) − f*, and recommends the α with
// the least bound at the end of the run.
func (c *claim) normalized() (alpha, rho, l, excess float64) {
	u, ok := unitStepsOf(c.r.method(), c.p.Params)
	c.set("x ← x + α·lmo(g)", ok, "the rule is %s", c.r.methodName())
	alpha, rho = math.NaN(), math.NaN()
	if ok {
		steps, isConstant := u.lr.(schedule.Constant)
		c.set("constant α", isConstant, "α_k is %v", u.lr)
		if isConstant {
			alpha = c.constant("α", float64(steps), Chosen)
		}
		rho = c.constant("ρ", u.radius(), Computed)
		c.must("‖d‖₂ ≤ ρ‖d‖", Held, rho, "in the norm ‖d‖ of the steps, %v, with ρ = %.4g", u.norm, rho)
	}
	l, excess = c.smooth(), c.excess()
	c.Step = constant(math.Sqrt(2 * excess / (rho * rho * l * c.r.horizon(c.p.N))))
	return alpha, rho, l, excess
}

// errors asks for ‖g_t − ∇f(x_t)‖* at each step.
func (c *claim) errors() func(k int) float64 {
	const name = "‖g_t − ∇f(x_t)‖* is known"
	switch errors := c.r.Errors; {
	case c.r.Settings.Batch == 0:
		c.must(name, Held, 0, "each step takes the whole sum")
		return func(int) float64 { return 0 }
	case errors == nil:
		c.must(name, Unknown, math.NaN(), "no run has measured it")
	default:
		c.must(name, Held, math.NaN(), "along the run, over its %d steps", len(errors))
	}
	return c.r.Errors.at
}

// unitSteps is a method whose steps have the length α in a norm of x, the largest norm of its matrices.
type unitSteps struct {
	lr       schedule.Schedule
	norm     norm.Norm
	matrices []shape
}

// shape is a matrix of x.
type shape struct{ rows, cols int }

// unitStepsOf returns the norm of the steps of a rule on x with a layout. ok is false if the steps do not have the length of the step size.
func unitStepsOf(rule optim.Rule, params []param.Param) (u unitSteps, ok bool) {
	size := 0
	for _, p := range params {
		count, rows, cols := p.Matrices()
		u.matrices = append(u.matrices, slices.Repeat([]shape{{rows, cols}}, count)...)
		size += p.Size()
	}
	switch r := rule.(type) {
	case rules.NormalizedDescent: // all parameters are one vector
		u.lr, u.norm, u.matrices = r.Resolved().(rules.NormalizedDescent).LR, norm.L2, []shape{{size, 1}}
	case rules.SignDescent:
		u.lr, u.norm = r.Resolved().(rules.SignDescent).LR, norm.LInf
	case matrix.SteepestDescent:
		r = r.Resolved().(matrix.SteepestDescent)
		u.lr, u.norm = r.LR, r.Norm.Get()
		return u, !r.Regularized && (u.norm != norm.Spectral || r.Polar.Get() == matfun.Exact)
	default:
		return u, false
	}
	return u, true
}

// radius returns ρ, the largest Euclidean length of a step of length 1.
func (u *unitSteps) radius() float64 {
	square := 0.0
	for _, m := range u.matrices {
		r := u.norm.Radius(m.rows, m.cols)
		square += r * r
	}
	return math.Sqrt(square)
}

// dual returns ‖g‖*, the sum of the dual norms of the matrices, or NaN if g is not finite.
func (u *unitSteps) dual(g []float64) (sum float64) {
	oracle := norm.Oracle[float64]{Norm: u.norm}
	for _, m := range u.matrices {
		length, err := oracle.Dual(g[:m.rows*m.cols], m.rows, m.cols)
		if err != nil {
			return math.NaN()
		}
		sum, g = sum+length, g[m.rows*m.cols:]
	}
	return sum
}

// WatchGradients wraps p for a run of a rule with normalized steps. For each step, norms grows by ‖∇f(x_t)‖* and errors by
// ‖g_t − ∇f(x_t)‖*. This takes the gradient over all terms at each step. If that is too expensive for the number of steps, or the rule is
// another one, ok is false. The wrapped problem is only a FiniteSum or a Composite.
func WatchGradients(p objective.FiniteSum[float64], rule optim.Rule, steps int) (q objective.FiniteSum[float64], norms, errors *Trace, ok bool) {
	u, ok := unitStepsOf(rule, p.Params())
	if !ok || tooLong(p, float64(steps)) {
		return nil, nil, nil, false
	}
	norms, errors = new(Trace), new(Trace)
	whole := make([]float64, objective.Dim(p))
	return watch(p, func(x, g []float64, batch []uint32) {
		copy(whole, g)
		if batch != nil {
			p.Grad(whole, x, nil)
		}
		*norms = append(*norms, u.dual(whole))
		floats.SubTo(whole, g, whole)
		*errors = append(*errors, u.dual(whole))
	}), norms, errors, true
}
