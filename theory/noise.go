package theory

import (
	"math"

	"steepest/optim/schedule"
)

// onNoise are the theorems that assume only the noise at the solution, σ*² = (1/n) Σ ‖∇fᵢ(x*)‖², a constant of the problem. Their
// terms are convex and smooth, so E‖g(x)‖² ≤ 4ℒ(f(x) − f*) + 2σ*², and
//
//	E‖x_{k+1} − x*‖² ≤ (1 − α_kμ)‖x_k − x*‖² − 2α_k(1 − 2α_kℒ)(f(x_k) − f*) + 2α_k²σ*².
//
// For b terms at a time, ℒ = L_max/b + (1 − 1/b)L, and σ*² falls by the factor b.
var onNoise = []Theorem{
	{
		Name: "noise-constant", Title: "strongly convex, constant step, noise at the solution", Of: SquaredDistance,
		Statement: "E‖x_k − x*‖² ≤ (1 − αμ)^k R² + 2ασ*²/μ",
		Source:    "Gower, Loizou, Qian, Sailanbayev, Shulgin and Richtárik 2019, theorem 3.1",
		check: func(c *claim) curve {
			alpha := c.constantStep()
			mu, l, r, noise := c.strong(), c.termsSmooth(), c.distance(), c.noise()
			c.unbiased()
			c.most("α ≤ 1/(2ℒ)", alpha, 1/(2*l))
			c.Step = constant(1 / (2 * l))
			return closed(func(k float64) float64 { return math.Pow(1-alpha*mu, k)*r*r + 2*alpha*noise/mu })
		},
	},
	{
		Name: "noise-switch", Title: "strongly convex, constant step and then 2/(μk), noise at the solution", Of: SquaredDistance,
		Statement: "E‖x_k − x*‖² ≤ 8σ*²/(μ²k) + 16⌈κ⌉²R²/(e²k²) for k ≥ 4⌈κ⌉, κ = ℒ/μ",
		Source:    "Gower, Loizou, Qian, Sailanbayev, Shulgin and Richtárik 2019, theorem 3.2",
		check: func(c *claim) curve {
			s, ok := stepsOf[schedule.Switch](c, "α_k = 1/(2ℒ) for k ≤ 4⌈κ⌉, then (2k+1)/(μ(k+1)²)")
			mu, l, r, noise := c.strong(), c.termsSmooth(), c.distance(), c.noise()
			c.unbiased()
			if ok {
				c.most("the step's μ ≤ μ", s.Mu, mu)
				c.most("ℒ ≤ the step's L", l, s.L)
			}
			if mu > 0 && constant(l) != nil {
				c.Step = schedule.Switch{Mu: mu, L: l}
			}
			kappa := math.Ceil(s.L / s.Mu)
			return closed(func(k float64) float64 {
				if !(k >= 4*kappa) {
					return math.NaN()
				}
				return 8*noise/(s.Mu*s.Mu*k) + 16*kappa*kappa*r*r/(math.E*math.E*k*k)
			})
		},
	},
	{
		Name: "noise", Title: "strongly convex, any steps, noise at the solution", Form: Sharper, Of: SquaredDistance,
		Statement: "E‖x_{k+1} − x*‖² ≤ (1 − α_kμ) E‖x_k − x*‖² + 2α_k²σ*²",
		Source:    "the proof of Gower et al. 2019, theorem 3.1",
		check: func(c *claim) curve {
			steps := c.steps()
			mu, l, r, noise := c.strong(), c.termsSmooth(), c.distance(), c.noise()
			c.unbiased()
			if steps == nil {
				return nil
			}
			c.most("α_k ≤ 1/(2ℒ)", c.r.largest(steps), 1/(2*l))
			return recursion(r*r, func(k int, v float64) float64 {
				alpha := steps.At(k)
				return (1-alpha*mu)*v + 2*alpha*alpha*noise
			})
		},
	},
	{
		Name: "noise-convex-decreasing", Title: "convex, step α₀/√(k+1), noise at the solution", Of: AverageExcess,
		Statement: "E f(x̄_k) − f* ≤ 5R²/(4α₀√k) + 5α₀σ*² log(k+1)/√k for α₀ ≤ 1/(4ℒ)",
		Source:    "Garrigos and Gower 2024, section 5; with the average weighted by the steps, as here, by the proof below",
		check: func(c *claim) curve {
			s, _ := stepsOf[schedule.InvSqrt](c, "α_k = α₀/√(k+1)")
			c.weighted()
			alpha := c.constant("α₀", s.Initial, Chosen)
			l, r, noise := c.termsSmooth(), c.distance(), c.noise()
			c.unbiased()
			c.most("α₀ ≤ 1/(4ℒ)", alpha, 1/(4*l))
			c.Step = invSqrt(1 / (4 * l))
			return closed(func(k float64) float64 { return (5*r*r/(4*alpha) + 5*alpha*noise*math.Log(k+1)) / math.Sqrt(k) })
		},
	},
	{
		Name: "noise-convex", Title: "convex, any steps, weighted average, noise at the solution", Form: Sharper, Of: AverageExcess,
		Statement: "E f(x̄_k) − f* ≤ (R² + 2σ*² Σ α_t²)/(2(1 − 2αℒ) Σ α_t), α = max α_t",
		Source:    "the proof of Garrigos and Gower 2024, section 5",
		check: func(c *claim) curve {
			steps := c.weighted()
			l, r, noise := c.termsSmooth(), c.distance(), c.noise()
			c.unbiased()
			c.Step = constant(min(1/(4*l), r/math.Sqrt(2*noise*c.r.horizon(c.p.N)))) // the best step for the length of the run, capped
			if steps == nil {
				return nil
			}
			largest := c.r.largest(steps)
			c.most("α_k < 1/(2ℒ)", largest, (1-1e-9)/(2*l))
			return averaged(steps, r*r, 1-2*largest*l, func(int) float64 { return 2 * noise })
		},
	},
}
