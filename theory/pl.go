package theory

import (
	"math"

	"steepest/optim/schedule"
)

// onPL are the theorems under the inequality of Polyak and Łojasiewicz, ½‖∇f‖² ≥ μ(f − f*), which strong convexity implies, with
// a bound σ² on the second moment of the stochastic gradient. Their proof is one step of the descent lemma, with δ = f − f*:
//
//	E δ_{k+1} ≤ δ_k − α_k‖∇f‖² + (L/2)α_k² E‖g_k‖² ≤ (1 − 2α_kμ) δ_k + (L/2) α_k² E‖g_k‖².
var onPL = []Theorem{
	{
		Name: "pl-constant", Title: "PL, constant step", Of: Excess,
		Statement: "E f(x_k) − f* ≤ (1 − 2αμ)^k (f(x₀) − f*) + Lσ²α/(4μ)",
		Source:    "the lecture; Karimi, Nutini and Schmidt 2016, theorem 4",
		check: func(c *claim) curve {
			alpha := c.constantStep()
			l, mu, sigma2, delta := c.smooth(), c.pl(), c.secondMoment(), c.excess()
			c.unbiased()
			c.most("α ≤ 1/(2μ)", alpha, 1/(2*mu))
			return closed(func(k float64) float64 { return math.Pow(1-2*alpha*mu, k)*delta + l*sigma2*alpha/(4*mu) })
		},
	},
	{
		Name: "pl-decreasing", Title: "PL, step (2k+1)/(2μ(k+1)²)", Of: Excess,
		Statement: "E f(x_k) − f* ≤ Lσ²/(2μ²k)",
		Source:    "the lecture; Karimi, Nutini and Schmidt 2016, theorem 4",
		check: func(c *claim) curve {
			s, _ := stepsOf[schedule.StronglyConvex](c, "α_k = (2k+1)/(2μ(k+1)²)")
			l, mu, sigma2 := c.smooth(), c.pl(), c.secondMoment()
			c.unbiased()
			c.most("the step's μ ≤ μ", s.Mu, mu)
			c.Step = schedule.StronglyConvex{Mu: mu}
			return closed(func(k float64) float64 { return l * sigma2 / (2 * s.Mu * s.Mu * k) })
		},
	},
	{
		Name: "pl-decreasing-next", Title: "PL, step (2k+1)/(2μ(k+1)²), one index better", Form: Sharper, Of: Excess,
		Statement: "E f(x_k) − f* ≤ Lσ²/(2μ²(k+1))",
		Source: "the proof of Karimi, Nutini and Schmidt 2016, theorem 4, with (2k+1)² kept: k²δ_k ≤ (Lσ²/2μ²)(k − H_k + " +
			"Σ_{j≤k} j⁻²/4), and H_k − Σ j⁻²/4 ≥ k/(k+1)",
		check: func(c *claim) curve {
			s, _ := stepsOf[schedule.StronglyConvex](c, "α_k = (2k+1)/(2μ(k+1)²)")
			l, mu, sigma2 := c.smooth(), c.pl(), c.secondMoment()
			c.unbiased()
			c.most("the step's μ ≤ μ", s.Mu, mu)
			c.Step = schedule.StronglyConvex{Mu: mu}
			return closed(func(k float64) float64 { return l * sigma2 / (2 * s.Mu * s.Mu * (k + 1)) })
		},
	},
	{
		Name: "pl", Title: "PL, any steps", Form: Sharper, Of: Excess,
		Statement: "E δ_{k+1} ≤ (1 − 2α_kμ) E δ_k + (L/2) α_k² E‖g_k‖²",
		Source:    "the proof of Karimi, Nutini and Schmidt 2016, theorem 4",
		check: func(c *claim) curve {
			steps := c.steps()
			l, mu, moment, delta := c.smooth(), c.pl(), c.moments(), c.excess()
			c.unbiased()
			if steps == nil {
				return nil
			}
			return recursion(delta, func(k int, v float64) float64 {
				alpha := steps.At(k)
				return max(0, 1-2*alpha*mu)*v + l/2*alpha*alpha*moment(k)
			})
		},
	},
}
