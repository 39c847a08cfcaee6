package theory

import (
	"math"

	"steepest/optim/schedule"
	"steepest/train"
)

// onStrong are the theorems on strongly convex f, which need not be smooth, with a bound σ² on the second moment of the
// stochastic gradient. They start from
//
//	E‖x_{k+1} − x*‖² ≤ (1 − 2α_kμ) E‖x_k − x*‖² + α_k² E‖g_k‖².
var onStrong = []Theorem{
	{
		Name: "strong-inverse", Title: "strongly convex, step 1/(μ(k+1))", Of: SquaredDistance,
		Statement: "E‖x_k − x*‖² ≤ 4σ²/(μ²k)",
		Source:    "Rakhlin, Shamir and Sridharan 2012, lemma 1",
		check: func(c *claim) curve {
			mu := c.inverse()
			strong, sigma2 := c.strong(), c.secondMoment()
			c.unbiased()
			c.most("the step's μ ≤ μ", mu, strong)
			return closed(func(k float64) float64 { return 4 * sigma2 / (mu * mu * k) })
		},
	},
	{
		Name: "strong", Title: "strongly convex, any steps", Form: Sharper, Of: SquaredDistance,
		Statement: "E‖x_{k+1} − x*‖² ≤ (1 − 2α_kμ) E‖x_k − x*‖² + α_k² E‖g_k‖²",
		Source:    "the proof of Rakhlin, Shamir and Sridharan 2012, lemma 1",
		check: func(c *claim) curve {
			steps := c.steps()
			mu, r, moment := c.strong(), c.distance(), c.moments()
			c.unbiased()
			if steps == nil {
				return nil
			}
			return recursion(r*r, func(k int, v float64) float64 { return shrunk(steps.At(k), mu, v, moment(k)) })
		},
	},
	{
		Name: "strong-suffix", Title: "strongly convex, step 1/(μ(k+1)), suffix average", Form: Sharper, Of: AverageExcess,
		Statement: "E f(x̄_K) − f* ≤ (μt₀ E‖x_{t₀} − x*‖² + Σ α_t E‖g_t‖²)/(2(K − t₀)), t from t₀ to K − 1",
		Source: "as Rakhlin, Shamir and Sridharan 2012, theorem 5; for t₀ = 0, the uniform average, it is their " +
			"σ²(1 + ln K)/(2μK)",
		check: func(c *claim) curve {
			mu := c.inverse()
			c.average(train.SuffixAverage, train.UniformAverage)
			strong, r, moment := c.strong(), c.distance(), c.moments()
			c.unbiased()
			c.most("the step's μ ≤ μ", mu, strong)
			return c.suffix(mu, r, moment)
		},
	},
}

// shrunk returns (1 − 2αμ)v + α²·moment. A negative factor counts as 0, since v is only an upper bound.
func shrunk(alpha, mu, v, moment float64) float64 {
	return max(0, 1-2*alpha*mu)*v + alpha*alpha*moment
}

// inverse asks for the step 1/(μ(k+1)) for some μ and returns μ.
func (c *claim) inverse() (mu float64) {
	const name = "α_k = 1/(μ(k+1))"
	s, ok := stepsOf[schedule.Inverse](c, name)
	if ok && s.Decay != 0 && s.Decay != 1 {
		c.set(name, false, "α_k is %v", s)
		ok = false
	}
	if strong := positive(c.p.Mu); strong > 0 {
		c.Step = schedule.Inverse{Initial: 1 / strong}
	}
	if !ok {
		return math.NaN()
	}
	return 1 / s.Initial
}

// suffix returns the curve of strong-suffix. The suffix of a run of K steps begins at a fixed t₀, so the bound is only at the end.
// The uniform average has a bound at every k.
func (c *claim) suffix(mu, r float64, moment func(k int) float64) curve {
	uniform := c.r.Settings.Average.Form == train.UniformAverage
	horizon, from := c.r.horizon(c.p.N), 0
	if !uniform {
		from = c.r.suffix(horizon)
	}
	return walk(func() (func(int), func(int) float64) {
		distance, first, sum := r*r, 0.0, 0.0
		step := func(k int) {
			if k == from {
				first = mu * float64(k) * distance
			}
			if k >= from {
				sum += moment(k) / (mu * float64(k+1))
			}
			distance = shrunk(1/(mu*float64(k+1)), mu, distance, moment(k))
		}
		return step, func(k int) float64 {
			if !uniform && float64(k) != horizon {
				return math.NaN()
			}
			return (first + sum) / (2 * float64(k-from))
		}
	})
}
