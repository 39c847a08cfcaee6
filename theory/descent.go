package theory

// onDescent are the theorems for the remaining columns of the table of complexities: gradient descent on convex functions, and both
// methods on smooth functions that need not be convex, for which the mean square of the gradient is bounded.
var onDescent = []Theorem{
	{
		Name: "gd-convex", Title: "convex, gradient descent", Of: Excess,
		Statement: "f(x_k) − f* ≤ R²/(2αk) for α ≤ 1/L",
		Source:    "Nesterov 2018, section 2.1.5; Garrigos and Gower 2024, section 3",
		check: func(c *claim) curve {
			alpha := c.constantStep()
			c.set("whole sum at each step", c.r.Settings.Batch == 0, "the batches have %d terms", c.r.Settings.Batch)
			l, r := c.smooth(), c.distance()
			c.convex()
			c.most("α ≤ 1/L", alpha, 1/l)
			c.Step = constant(1 / l)
			return closed(func(k float64) float64 { return r * r / (2 * alpha * k) })
		},
	},
	{
		Name: "smooth-constant", Title: "smooth, constant step, second moment", Of: SquaredGradient,
		Statement: "(1/k) Σ E‖∇f(x_t)‖² ≤ (f(x₀) − f*)/(αk) + αLσ²/2",
		Source:    "the descent lemma; Ghadimi and Lan 2013, theorem 2.1",
		check: func(c *claim) curve {
			alpha := c.constantStep()
			l, sigma2, delta := c.smooth(), c.secondMoment(), c.excess()
			c.unbiased()
			return closed(func(k float64) float64 { return delta/(alpha*k) + alpha*l*sigma2/2 })
		},
	},
	{
		Name: "smooth-variance", Title: "smooth, constant step, bounded variance", Of: SquaredGradient,
		Statement: "(1/k) Σ E‖∇f(x_t)‖² ≤ 2(f(x₀) − f*)/(αk) + αLV for α ≤ 1/L",
		Source:    "Bottou, Curtis and Nocedal 2018, theorem 4.8, with M = V, M_G = μ_G = 1",
		check: func(c *claim) curve {
			alpha := c.constantStep()
			l, v, delta := c.smooth(), c.variance(), c.excess()
			c.unbiased()
			c.most("α ≤ 1/L", alpha, 1/l)
			c.Step = constant(1 / l)
			return closed(func(k float64) float64 { return 2*delta/(alpha*k) + alpha*l*v })
		},
	},
	{
		Name: "smooth", Title: "smooth, constant step, bounded variance", Form: Sharper, Of: SquaredGradient,
		Statement: "(1/k) Σ E‖∇f(x_t)‖² ≤ ((f(x₀) − f*)/(αk) + αLV/2)/(1 − αL/2) for α < 2/L",
		Source:    "the descent lemma",
		check: func(c *claim) curve {
			alpha := c.constantStep()
			l, v, delta := c.smooth(), c.variance(), c.excess()
			c.unbiased()
			c.most("α < 2/L", alpha, (1-1e-9)*2/l)
			c.Step = constant(1 / l)
			return closed(func(k float64) float64 { return (delta/(alpha*k) + alpha*l*v/2) / (1 - alpha*l/2) })
		},
	},
}
