package theory

import "math"

// errorFeedback is the name of the theorem on compressed gradients with error feedback.
const errorFeedback = "error-feedback"

// onCompressed is the theorem on compressed gradients with error feedback, for compressors with ‖C(v) − v‖² ≤ (1 − δ)‖v‖². The error e that is
// fed back biases the steps. It stays bounded, since (1 + η)(1 − δ) ≤ 1 − δ/2 with η = δ/(2(1 − δ)) gives
//
//	E‖e‖² ≤ (1 − δ/2) E‖e‖² + 2(1 − δ)σ²/δ ≤ 4(1 − δ)σ²/δ²,
//
// The point x − αe makes steps of whole gradients. Its descent lemma uses ⟨∇f(x − αe), ∇f(x)⟩ ≥ ½‖∇f(x)‖² − ½L²α²‖e‖².
var onCompressed = []Theorem{{
	Name: errorFeedback, Title: "smooth, constant step, compressed gradients with error feedback", Of: SquaredGradient,
	Statement: "(1/k) Σ E‖∇f(x_t)‖² ≤ 2(f(x₀) − f*)/(αk) + αLσ² + 4α²L²σ²(1 − δ)/δ²",
	Source:    "after Karimireddy, Rebjock, Stich and Jaggi 2019, lemma 3 and theorem II",
	check: func(c *claim) curve {
		compression := c.r.Settings.Compress
		c.set("compressed gradients", compression.On(), "they are whole")
		alpha := c.constantStep()
		l, delta, excess := c.smooth(), c.constant("δ", compression.Contraction(), Chosen), c.excess()
		c.unbiased()
		if c.r.Settings.MicroBatches > 1 { // each micro-batch is compressed separately, with its own moments
			c.r.Trace = nil
		}
		sigma2 := c.secondMoment()
		bias := 4 * l * l * sigma2 * (1 - delta) / (delta * delta)
		horizon := c.r.horizon(c.p.N)
		c.Step = constant(min(math.Sqrt(2*excess/(horizon*l*sigma2)), math.Cbrt(2*excess/(horizon*bias))))
		return closed(func(k float64) float64 { return 2*excess/(alpha*k) + alpha*l*sigma2 + alpha*alpha*bias })
	},
}}
