package theory

import (
	"math"

	"steepest/optim/schedule"
)

// onVariance are the theorems that treat SGD as gradient descent with an error e_k = g_k − ∇f(x_k), for L-smooth f. By the descent
// lemma, for any error,
//
//	f(x − α(∇f + e)) ≤ f(x) − α⟨∇f, ∇f + e⟩ + (L/2)α²‖∇f + e‖²,
//
// which for α = 1/L is f − ‖∇f‖²/2L + ‖e‖²/2L (Friedlander and Schmidt 2012). If e has mean 0 and variance E‖e‖² ≤ V,
//
//	E δ_{k+1} ≤ δ_k − α(1 − αL/2)‖∇f‖² + (L/2)α²V.
//
// A batch of b terms drawn with replacement has 1/b of the variance of one term.
var onVariance = []Theorem{
	{
		Name: "error", Title: "PL, gradient descent with error, α = 1/L", Of: Excess,
		Statement: "E δ_{k+1} ≤ (1 − μ/L) E δ_k + E‖e_k‖²/(2L)",
		Source:    "the lecture; Friedlander and Schmidt 2012, equation 2.3",
		check: func(c *claim) curve {
			alpha := c.constantStep()
			l, mu, v, delta := c.smooth(), c.pl(), c.variance(), c.excess()
			c.unbiased()
			c.exactly("α = 1/L", alpha, 1/l, 1e-9)
			c.Step = constant(1 / l)
			return closed(func(k float64) float64 {
				decay := math.Pow(1-mu/l, k)
				return decay*delta + (1-decay)*v/(2*mu)
			})
		},
	},
	{
		Name: "variance-constant", Title: "PL, constant step, bounded variance", Of: Excess,
		Statement: "E f(x_k) − f* ≤ αLV/(2μ) + (1 − αμ)^k (f(x₀) − f* − αLV/(2μ)) for α ≤ 1/L",
		Source:    "Bottou, Curtis and Nocedal 2018, theorem 4.6, with M = V, M_G = μ_G = 1",
		check: func(c *claim) curve {
			alpha := c.constantStep()
			l, mu, v, delta := c.smooth(), c.pl(), c.variance(), c.excess()
			c.unbiased()
			c.most("α ≤ 1/L", alpha, 1/l)
			c.Step = constant(1 / l)
			floor := alpha * l * v / (2 * mu)
			return closed(func(k float64) float64 { return floor + math.Pow(1-alpha*mu, k)*(delta-floor) })
		},
	},
	{
		Name: "variance-decreasing", Title: "PL, step β/(γ+k), bounded variance", Of: Excess,
		Statement: "E f(x_k) − f* ≤ ν/(γ+k), ν = max{β²LV/(2(βμ−1)), γ(f(x₀) − f*)}, for β > 1/μ and β/γ ≤ 1/L",
		Source:    "Bottou, Curtis and Nocedal 2018, theorem 4.7, with M = V, M_G = μ_G = 1 and steps counted from 0",
		check: func(c *claim) curve {
			s, _ := stepsOf[schedule.Inverse](c, "α_k = β/(γ+k)")
			l, mu, v, delta := c.smooth(), c.pl(), c.variance(), c.excess()
			c.unbiased()
			gamma := 1.0
			if s.Decay != 0 {
				gamma = 1 / s.Decay
			}
			beta := c.constant("β", s.Initial*gamma, Chosen)
			c.constant("γ", gamma, Chosen)
			c.most("1/μ < β", 1/mu, beta*(1-1e-9))
			c.most("β/γ ≤ 1/L", s.Initial, 1/l)
			if mu > 0 && constant(l) != nil {
				c.Step = schedule.Inverse{Initial: 1 / l, Decay: mu / (2 * l)}
			}
			nu := max(beta*beta*l*v/(2*(beta*mu-1)), gamma*delta)
			return closed(func(k float64) float64 { return nu / (gamma + k) })
		},
	},
	{
		Name: "variance", Title: "PL, any steps, bounded variance", Form: Sharper, Of: Excess,
		Statement: "E δ_{k+1} ≤ (1 − 2α_kμ(1 − α_kL/2)) E δ_k + (L/2) α_k² V for α_k ≤ 2/L",
		Source:    "the descent lemma",
		check: func(c *claim) curve {
			steps := c.steps()
			l, mu, v, delta := c.smooth(), c.pl(), c.variance(), c.excess()
			c.unbiased()
			if steps == nil {
				return nil
			}
			c.most("α_k ≤ 2/L", c.r.largest(steps), 2/l)
			return recursion(delta, func(k int, e float64) float64 {
				alpha := steps.At(k)
				return (1-2*alpha*mu*(1-alpha*l/2))*e + l/2*alpha*alpha*v
			})
		},
	},
}

// Progress returns the bound of the lecture on f(x − (∇f + e)/L): f − ‖∇f‖²/2L + ‖e‖²/2L, from f, ‖∇f‖² and ‖e‖². It holds for
// every error e and is an equality where f is (L/2)‖x‖² (Friedlander and Schmidt 2012, equation 2.3).
func Progress(f, gradient, err, l float64) float64 { return f - gradient/(2*l) + err/(2*l) }

// BatchVariance returns E‖e‖² for a batch of b out of n terms, given the variance v = (1/n) Σ ‖∇fᵢ − ∇f‖² of their gradients: v/b
// if they are drawn with replacement, v/b·(n−b)/(n−1) if without.
func BatchVariance(v float64, b, n int, replacement bool) float64 {
	v /= float64(b)
	if !replacement && n > 1 {
		v *= float64(n-b) / float64(n-1)
	}
	return v
}
