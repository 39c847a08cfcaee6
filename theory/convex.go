package theory

import (
	"math"

	"steepest/optim/schedule"
	"steepest/train"
)

// onConvex are the theorems on convex f, which need not be smooth, with a bound σ² on the second moment of the stochastic
// gradient. Their proof expands the square and sums up:
//
//	E‖x_{t+1} − x*‖² ≤ E‖x_t − x*‖² − 2α_t E(f(x_t) − f*) + α_t² E‖g_t‖².
var onConvex = []Theorem{
	{
		Name: "convex-constant", Title: "convex, constant step, uniform average", Of: AverageExcess,
		Statement: "E f(x̄_k) − f* ≤ R²/(2αk) + ασ²/2",
		Source:    "the lecture; Nemirovski, Juditsky, Lan and Shapiro 2009, section 2.2",
		check: func(c *claim) curve {
			alpha := c.constantStep()
			c.average(train.UniformAverage, train.StepAverage)
			r, sigma2 := c.distance(), c.secondMoment()
			c.convex()
			c.unbiased()
			c.Step = constant(r / math.Sqrt(sigma2*c.r.horizon(c.p.N)))
			return closed(func(k float64) float64 { return r*r/(2*alpha*k) + alpha*sigma2/2 })
		},
	},
	{
		Name: "convex-horizon", Title: "convex, the best constant step for k steps, uniform average", Of: AverageExcess,
		Statement: "E f(x̄_k) − f* ≤ Rσ/√k with α = R/(σ√k)",
		Source:    "the lecture; Nemirovski, Juditsky, Lan and Shapiro 2009, equation 2.20",
		check: func(c *claim) curve {
			alpha := c.constantStep()
			c.average(train.UniformAverage, train.StepAverage)
			r, sigma2 := c.distance(), c.secondMoment()
			c.convex()
			c.unbiased()
			horizon := c.constant("k", c.r.horizon(c.p.N), Chosen)
			best := r / math.Sqrt(sigma2*horizon)
			c.Step = constant(best)
			c.exactly("α = R/(σ√k)", alpha, best, 1e-3)
			return closed(func(k float64) float64 {
				if k != horizon {
					return math.NaN()
				}
				return r * math.Sqrt(sigma2/k)
			})
		},
	},
	{
		Name: "convex-decreasing", Title: "convex, step α₀/√(k+1), weighted average", Of: AverageExcess,
		Statement: "E f(x̄_k) − f* ≤ 5R²/(4α₀√k) + 5α₀σ² log(k+1)/√k",
		Source: "the lecture, after Garrigos and Gower 2024, section 5; true for every α₀ > 0, with the average weighted by the " +
			"steps or uniform, though the lecture asks for α₀ ≤ 1/(4L)",
		check: func(c *claim) curve {
			s, _ := stepsOf[schedule.InvSqrt](c, "α_k = α₀/√(k+1)")
			c.average(train.StepAverage, train.UniformAverage)
			alpha := c.constant("α₀", s.Initial, Chosen)
			r, sigma2 := c.distance(), c.secondMoment()
			c.convex()
			c.unbiased()
			c.Step = invSqrt(r / math.Sqrt(sigma2))
			return closed(func(k float64) float64 {
				return (5*r*r/(4*alpha) + 5*alpha*sigma2*math.Log(k+1)) / math.Sqrt(k)
			})
		},
	},
	{
		Name: "convex-decreasing-uniform", Title: "convex, step α₀/√(k+1), uniform average", Form: Sharper, Of: AverageExcess,
		Statement: "E f(x̄_k) − f* ≤ R²/(2α₀√k) + α₀σ²(3 + ln k)/(2√k)",
		Source:    "summation by parts of Σ (‖x_t − x*‖² − ‖x_{t+1} − x*‖²)/(2α_t), with E‖x_t − x*‖² ≤ R² + α₀²σ²(1 + ln t)",
		check: func(c *claim) curve {
			s, _ := stepsOf[schedule.InvSqrt](c, "α_k = α₀/√(k+1)")
			c.average(train.UniformAverage)
			alpha := c.constant("α₀", s.Initial, Chosen)
			r, sigma2 := c.distance(), c.secondMoment()
			c.convex()
			c.unbiased()
			c.Step = invSqrt(r / math.Sqrt(sigma2))
			return closed(func(k float64) float64 {
				return (r*r/alpha + alpha*sigma2*(3+math.Log(k))) / (2 * math.Sqrt(k))
			})
		},
	},
	{
		Name: "convex", Title: "convex, any steps, weighted average", Form: Sharper, Of: AverageExcess,
		Statement: "E f(x̄_k) − f* ≤ (R² + Σ α_t² E‖g_t‖²)/(2 Σ α_t) with x̄_k = Σ α_t x_t / Σ α_t",
		Source:    "Nemirovski, Juditsky, Lan and Shapiro 2009, equation 2.18",
		check: func(c *claim) curve {
			steps := c.weighted()
			r, moment := c.distance(), c.moments()
			c.convex()
			c.unbiased()
			return averaged(steps, r*r, 1, moment)
		},
	},
}

// weighted asks for plain SGD and the average weighted by its step sizes, which is the uniform average if they are constant.
func (c *claim) weighted() schedule.Schedule {
	steps := c.steps()
	if _, ok := steps.(schedule.Constant); ok {
		c.average(train.StepAverage, train.UniformAverage)
	} else {
		c.average(train.StepAverage)
	}
	return steps
}

// averaged returns the curve (r2 + Σ α_t² noise_t)/(2·gain·Σ α_t).
func averaged(steps schedule.Schedule, r2, gain float64, noise func(k int) float64) curve {
	if steps == nil {
		return nil
	}
	return walk(func() (func(int), func(int) float64) {
		var sum, squares float64
		step := func(k int) {
			alpha := steps.At(k)
			sum += alpha
			squares += alpha * alpha * noise(k)
		}
		return step, func(int) float64 { return (r2 + squares) / (2 * gain * sum) }
	})
}

// constant returns a step size as a schedule, or nil if it is not a positive number.
func constant(alpha float64) schedule.Schedule {
	if !(alpha > 0) || math.IsInf(alpha, 1) {
		return nil
	}
	return schedule.Constant(alpha)
}

func invSqrt(alpha float64) schedule.Schedule {
	if constant(alpha) == nil {
		return nil
	}
	return schedule.InvSqrt{Initial: alpha}
}
