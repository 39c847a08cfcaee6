package theory

import (
	"math"

	"steepest/train"
)

// onRegression is the theorem on least squares, for which averaged SGD needs no small step.
var onRegression = []Theorem{
	{
		Name: "least-squares", Title: "least squares, constant step, uniform average", Of: AverageExcess,
		Statement: "E f(x̄_k) − f* ≤ [σ√d/(1 − √(γR²)) + R‖x₀ − x*‖/√(γR²)]²/(2k)",
		Source:    "Bach and Moulines 2013, theorem 1",
		check: func(c *claim) curve {
			gamma := c.constantStep()
			c.average(train.UniformAverage, train.StepAverage)
			c.set("one term at a time", c.r.Settings.Batch == 1, "the batches have %d terms", c.r.Settings.Batch)
			if c.p.Regression == nil {
				c.must("f is least squares", Broken, 0, "without a penalty, with a known solution: it is not")
				return nil
			}
			c.unbiased()
			r2, distance := c.constant("R²", c.p.Regression.R2, Computed), c.distance()
			noise := c.constant("σ²", c.p.Regression.Sigma2, Computed) * c.constant("d", float64(c.p.Dim), Computed)
			c.most("γ < 1/R²", gamma, (1-1e-9)/r2)
			c.Step = constant(1 / (4 * r2))
			return closed(func(k float64) float64 { return leastSquaresBound(gamma, r2, noise, distance) / k })
		},
	},
}

// leastSquaresBound returns the bound of least-squares times k, with noise = σ²d.
func leastSquaresBound(gamma, r2, noise, distance float64) float64 {
	q := math.Sqrt(gamma * r2)
	sum := math.Sqrt(noise)/(1-q) + math.Sqrt(r2)*distance/q
	return sum * sum / 2
}
