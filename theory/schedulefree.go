package theory

import (
	"math"

	"steepest/optim/rules"
	"steepest/optim/schedule"
)

// onScheduleFree are the theorems on Schedule-Free SGD, whose iterate is itself an average.
var onScheduleFree = []Theorem{
	{
		Name: "schedule-free", Title: "convex, Schedule-Free SGD, constant step", Of: Excess,
		Statement: "E f(x_k) − f* ≤ R²/(2αk) + (k+1)ασ²/(2k)",
		Source: "Defazio et al. 2024, theorem 1, for the average of z₁, …, z_k of the authors' program; the average of the paper starts " +
			"with z₀ = x₀ and takes one gradient less",
		check: func(c *claim) curve {
			alpha := c.scheduleFree()
			r, sigma2 := c.distance(), c.secondMoment()
			c.convex()
			c.unbiased()
			horizon := c.r.horizon(c.p.N)
			c.Step = constant(r / math.Sqrt(sigma2*(horizon+1)))
			return closed(func(k float64) float64 {
				if c.r.unmeasured(k, sigma2, c.p.SecondMoment) {
					return math.NaN()
				}
				return (r*r/alpha + alpha*sigma2*(k+1)) / (2 * k)
			})
		},
	},
	{
		Name: "schedule-free-moments", Title: "convex, Schedule-Free SGD, constant step", Form: Sharper, Of: Excess,
		Statement: "E f(x_k) − f* ≤ (R² − 2α(f(x₀) − f*) + α² Σ_{t≤k} E‖g_t‖²)/(2αk)",
		Source:    "Defazio et al. 2024, theorem 2, with E‖z₁ − x*‖² ≤ R² − 2α(f(x₀) − f*) + α²E‖g₀‖²",
		check: func(c *claim) curve {
			alpha := c.scheduleFree()
			r, excess, moment := c.distance(), c.excess(), c.moments()
			c.convex()
			c.unbiased()
			return walk(func() (func(int), func(int) float64) {
				squares := 0.0
				step := func(k int) { squares += moment(k) }
				return step, func(k int) float64 {
					return (r*r - 2*alpha*excess + alpha*alpha*(squares+moment(k))) / (2 * alpha * float64(k))
				}
			})
		},
	},
}

// scheduleFree asks for Schedule-Free SGD with a constant step size, equal weights in the average, and no decay. It returns the step
// size.
func (c *claim) scheduleFree() float64 {
	rule, ok := c.r.method().(rules.ScheduleFreeSGD)
	c.set("Schedule-Free SGD", ok, "the rule is %s", c.r.methodName())
	if !ok {
		return math.NaN()
	}
	rule = rule.Resolved().(rules.ScheduleFreeSGD)
	alpha, isConstant := rule.LR.(schedule.Constant)
	c.set("constant α", isConstant, "α_k is %v", rule.LR)
	c.set("one weight for all iterates", rule.WeightStepPower == 0, "that of step t is in proportion to t^%v", rule.WeightStepPower)
	c.set("no decay", rule.WeightDecay.Get() == 0, "λ is %v", rule.WeightDecay.Get())
	if !isConstant {
		return math.NaN()
	}
	return c.constant("α", float64(alpha), Chosen)
}

// unmeasured reports whether a bound σ² is the largest moment of a trace that does not contain step k.
func (r *Run) unmeasured(k, sigma2, everywhere float64) bool {
	return sigma2 != everywhere && int(k) >= len(r.Trace)
}
