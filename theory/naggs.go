package theory

import (
	"math"

	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
)

// onFlow holds the theorem on NAG-GS. On quadratics the iteration is linear, so the error is known exactly. For other functions no rate is
// known.
var onFlow = []Theorem{
	{
		Name: "nag-gs", Title: "quadratic, NAG-GS", Form: Sharper, Of: Excess,
		Statement: "E f(x_k) − f* = ½ Σ hⱼ E xⱼ², by the recursion of the second moments of x and v",
		Source:    "Leplat, Merkulov, Katrutsa, Bershatsky and Oseledets 2022, section 2",
		check: func(c *claim) curve {
			rule, ok := c.r.method().(rules.NAGGS)
			c.set("NAG-GS", ok, "the rule is %s", c.r.methodName())
			if !ok {
				return nil
			}
			rule = rule.Resolved().(rules.NAGGS)
			q := c.quadratic()
			mu, gamma := c.constant("μ of the rule", rule.Mu.Or(0), Chosen), c.constant("γ₀", rule.Gamma.Or(0), Chosen)
			if rule.Form.Get() != optim.FlowFrozen {
				gamma = mu // the limit of γ
			}
			l := c.smooth()
			limit := c.constant("α_max", NAGGSLimit(mu, l, gamma), Computed)
			best := c.constant("α_c", NAGGSStep(mu, l, gamma), Computed)
			if alpha, ok := rule.LR.(schedule.Constant); ok {
				c.constant("ρ", NAGGSRate(float64(alpha), mu, gamma, mu, l), Computed)
			}
			c.most("α < α_max", c.r.largest(rule.LR), limit*(1-1e-9))
			c.Step = constant(0.9 * best)
			if q == nil {
				return nil
			}
			return q.flowCurve(rule, c.r.Settings.Batch)
		},
	},
}

// quadratic asks for a quadratic whose noise is the same everywhere.
func (c *claim) quadratic() *Quadratic {
	q := c.p.Quadratic
	if q == nil {
		c.must("f is quadratic", Unknown, math.NaN(), "it is not, or its eigenvalues are not known")
		return nil
	}
	c.must("f is quadratic", Held, float64(len(q.H)), "with %d eigenvalues", len(q.H))
	if c.r.Settings.Batch > 0 && q.Noise == nil {
		c.must("the noise is additive", Broken, math.NaN(), "it depends on x")
	}
	c.unbiased()
	return q
}

func (q *Quadratic) flowCurve(rule rules.NAGGS, batch int) curve {
	return walk(func() (func(int), func(int) float64) {
		flows := make([]*flow, len(q.H))
		for j := range flows {
			flows[j] = newFlow(rule, q.X0[j])
		}
		step := func(k int) {
			for j, f := range flows {
				f.step(k, q.H[j], q.noise(j, batch))
			}
		}
		value := func(int) (sum float64) {
			for j, f := range flows {
				sum += q.H[j] / 2 * f.xx
			}
			return sum
		}
		return step, value
	})
}

// NAGGSStep returns the constant step of NAG-GS that is optimal on quadratics with eigenvalues from mu to l, for a constant γ:
//
//	α_c = (μ + γ + √((μ−γ)² + 4γL))/(L − μ),
//
// (Leplat, Merkulov, Katrutsa, Bershatsky and Oseledets 2022, arXiv:2209.14937, section 2). For γ = μ it is 2/(√κ − 1), and NAG-GS has the
// rate of the heavy ball, (√κ − 1)/(√κ + 1). It is +Inf for l = mu.
func NAGGSStep(mu, l, gamma float64) float64 {
	return (mu + gamma + math.Sqrt((mu-gamma)*(mu-gamma)+4*gamma*l)) / (l - mu)
}

// NAGGSLimit returns the step from which on NAG-GS diverges along the eigenvalue l,
//
//	α_max = (μ + γ + √((μ+γ)² + 4γ(L − 2μ)))/(L − 2μ),
//
// in the notation of NAGGSStep. For γ = μ it is 2/(√(κ−1) − 1), barely above NAGGSStep. It is +Inf for l ≤ 2mu.
func NAGGSLimit(mu, l, gamma float64) float64 {
	if l <= 2*mu {
		return math.Inf(1)
	}
	return (mu + gamma + math.Sqrt((mu+gamma)*(mu+gamma)+4*gamma*(l-2*mu))) / (l - 2*mu)
}

// flowMatrix returns the trace and the determinant of the step of NAG-GS along the eigenvalue h: for γ = μ,
// 2/(1+α) + α²(1 − h/μ)/(1+α)² and 1/(1+α)².
func flowMatrix(alpha, mu, gamma, h float64) (trace, det float64) {
	total := gamma + alpha*mu
	a, p := 1/(1+alpha), gamma/total
	return a + p + alpha/(1+alpha)*alpha*(mu-h)/total, a * p
}

// NAGGSRate returns the factor ρ by which NAG-GS with a constant step and γ contracts quadratics with eigenvalues from low to high
// in the long run: the largest spectral radius of its step. At NAGGSStep the error is of the order kρ^k.
func NAGGSRate(alpha, mu, gamma, low, high float64) float64 {
	rate := 0.0
	for _, h := range [2]float64{low, high} {
		trace, det := flowMatrix(alpha, mu, gamma, h)
		radius := math.Sqrt(det)
		if d := trace*trace/4 - det; d > 0 {
			radius = math.Abs(trace)/2 + math.Sqrt(d)
		}
		rate = max(rate, radius)
	}
	return rate
}

// NAGGSVariance returns the stationary variance of x along the eigenvalue h, for noise of variance s2 and a constant step. The floor of
// f is half the sum of hⱼ times these variances. With c = α²/((1+α)(γ+αμ)), it is c²s²(1+D)/((1−D)((1+D)² − T²)) for the trace T and
// the determinant D of the step. It is NaN if the step is not stable.
func NAGGSVariance(alpha, mu, gamma, h, s2 float64) float64 {
	trace, det := flowMatrix(alpha, mu, gamma, h)
	if !(math.Abs(trace) < 1+det) {
		return math.NaN()
	}
	c := alpha * alpha / ((1 + alpha) * (gamma + alpha*mu))
	return c * c * s2 * (1 + det) / ((1 - det) * ((1+det)*(1+det) - trace*trace))
}
