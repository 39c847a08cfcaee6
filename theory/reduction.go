package theory

import (
	"fmt"
	"math"

	"steepest/optim/schedule"
	"steepest/train"
)

// onReduction are the theorems on variance reduction, for one term at a time. L is L_max throughout.
var onReduction = []Theorem{
	{
		Name: "sag", Title: "strongly convex, SAG", Of: Excess,
		Statement: "E f(x_k) − f* ≤ (1 − min(μ/(16L), 1/(8n)))^k [3/2(f(x₀) − f*) + (4L/n)R²]",
		Source:    "the lecture; Schmidt, Le Roux and Bach 2017, theorem 1",
		check: func(c *claim) curve {
			l, n := c.sag()
			mu, delta, r := c.strong(), c.excess(), c.distance()
			rate := 1 - min(mu/(16*l), 1/(8*n))
			return closed(func(k float64) float64 { return math.Pow(rate, k) * (1.5*delta + 4*l/n*r*r) })
		},
	},
	{
		Name: "sag-convex", Title: "convex, SAG, uniform average", Of: AverageExcess,
		Statement: "E f(x̄_k) − f* ≤ (48n/k)(f(x₀) − f*) + (128L/k)R²",
		Source:    "the lecture; Schmidt, Le Roux and Bach 2017, theorem 1",
		check: func(c *claim) curve {
			l, n := c.sag()
			c.average(train.UniformAverage, train.StepAverage)
			delta, r := c.excess(), c.distance()
			return closed(func(k float64) float64 { return (48*n*delta + 128*l*r*r) / k })
		},
	},
	{
		Name: "saga", Title: "strongly convex terms, SAGA", Of: SquaredDistance,
		Statement: "E‖x_k − x*‖² ≤ (1 − min(1/(4n), μ/(3L)))^k [R² + (2n/(3L))(f(x₀) − f*)]",
		Source:    "the lecture; Defazio, Bach and Lacoste-Julien 2014, corollary 1",
		check: func(c *claim) curve {
			rule, ok := c.r.method().(train.SAGA)
			l := c.reduced("SAGA", ok, rule.LR, 3, true)
			n := c.constant("n", float64(c.p.N), Computed)
			c.must("each fᵢ is strongly convex", verdict(c.p.MuMin > 0), c.p.MuMin, "with μ = %.4g", c.p.MuMin)
			mu, delta, r := c.constant("μ", positive(c.p.MuMin), Computed), c.excess(), c.distance()
			rate := 1 - min(1/(4*n), mu/(3*l))
			return closed(func(k float64) float64 { return math.Pow(rate, k) * (r*r + 2*n/(3*l)*delta) })
		},
	},
	{
		Name: "svrg", Title: "strongly convex, SVRG", Of: Excess,
		Statement: "E f(w_s) − f* ≤ ρ^s (f(x₀) − f*), ρ = 1/(μα(1−2Lα)m) + 2Lα/(1−2Lα), at the snapshot w_s after s = ⌊k/m⌋ loops",
		Source:    "the lecture; Johnson and Zhang 2013, theorem 1",
		check: func(c *claim) curve {
			rule, ok := c.r.method().(train.SVRG)
			l := c.reduced("SVRG", ok, rule.LR, 10, false)
			c.must("random snapshots", verdict(rule.RandomSnapshot), math.NaN(),
				"the theorem takes a random iterate of the loop, as option II of the paper; option I takes the last")
			mu, delta := c.strong(), c.excess()
			m := float64(rule.Inner.Or(2 * c.p.N))
			c.constant("m", m, Chosen)
			alpha := c.alpha(rule.LR, 10)
			rho := 1/(mu*alpha*(1-2*l*alpha)*m) + 2*l*alpha/(1-2*l*alpha)
			c.most("α < 1/(2L)", alpha, (1-1e-9)/(2*l))
			c.most("ρ < 1", rho, 1-1e-9)
			return closed(func(k float64) float64 { return math.Pow(rho, math.Floor(k/m)) * delta })
		},
	},
	{
		Name: "lsvrg", Title: "strongly convex, loopless SVRG", Of: SquaredDistance,
		Statement: "E‖x_k − x*‖² ≤ max(1 − αμ, 1 − p/2)^k [R² + (8Lα²/p)(f(x₀) − f*)] for α ≤ 1/(6L)",
		Source:    "Kovalev, Horváth and Richtárik 2020, theorem 5, with D⁰ ≤ (8Lα²/p)(f(x₀) − f*)",
		check: func(c *claim) curve {
			rule, ok := c.r.method().(train.LSVRG)
			l := c.reduced("loopless SVRG", ok, rule.LR, 6, false)
			mu, delta, r := c.strong(), c.excess(), c.distance()
			p := rule.P.Or(1 / float64(c.p.N))
			c.constant("p", p, Chosen)
			alpha := c.alpha(rule.LR, 6)
			c.most("α ≤ 1/(6L)", alpha, 1/(6*l))
			rate := max(1-alpha*mu, 1-p/2)
			return closed(func(k float64) float64 { return math.Pow(rate, k) * (r*r + 8*l*alpha*alpha/p*delta) })
		},
	},
}

// sag asks for the common conditions of both theorems on SAG, and returns L and n.
func (c *claim) sag() (l, n float64) {
	rule, ok := c.r.method().(train.SAG)
	l = c.reduced("SAG", ok, rule.LR, 16, true)
	c.must("the table starts with ∇fᵢ(x₀) − ∇f(x₀)", Unknown, math.NaN(), "it starts with ∇fᵢ(x₀), of which the paper says nothing")
	return l, c.constant("n", float64(c.p.N), Computed)
}

// reduced asks for a method, for its step 1/(factor·L) if it is exact, one term at a time, and for convex, smooth terms. It
// returns L.
func (c *claim) reduced(name string, ok bool, lr schedule.Schedule, factor float64, exact bool) float64 {
	c.set(name, ok, "the rule is %s", c.r.methodName())
	c.set("one term at a time", c.r.Settings.Batch == 1, "the batches have %d terms", c.r.Settings.Batch)
	l := c.termsSmooth()
	c.unbiased()
	c.Step = constant(1 / (factor * l))
	if alpha := c.constant("α", c.alpha(lr, factor), Chosen); exact {
		c.exactly(fmt.Sprintf("α = 1/(%gL)", factor), alpha, 1/(factor*l), 1e-9)
	}
	return l
}

// alpha returns the constant step of a rule, with the default 1/(factor·L_max), or NaN if it is not constant.
func (c *claim) alpha(lr schedule.Schedule, factor float64) float64 {
	switch lr := lr.(type) {
	case nil:
		return 1 / (factor * c.p.LMax)
	case schedule.Constant:
		return float64(lr)
	}
	return math.NaN()
}
