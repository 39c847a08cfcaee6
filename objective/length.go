package objective

import (
	"math"

	"steepest/param"
)

// Length returns a typical length of x, rounded to a power of ten: the largest move of a coordinate in the first of the steps
// −2^(−j)·f/‖∇f‖²·∇f, j = 0, 1, …, that decreases f. For j = 0 this is Polyak's step toward the value 0, the least possible loss (Polyak
// 1987, section 5.3). A length has the unit of x: with targets a thousand times as large, or features a thousandth, it is a thousand times
// as large. It is 1 if x is stationary, f(x) ≤ 0, or a number is not finite. f is the mean over the batch; nil means all terms.
func Length[T param.Float](p FiniteSum[T], x []T, batch []uint32) float64 {
	g := make([]T, len(x))
	f := p.Grad(g, x, batch)
	value := func(x []T, f float64) float64 {
		if c, ok := p.(Composite[T]); ok {
			return f + c.Penalty(x)
		}
		return f
	}
	at := value(x, f)
	largest := 0.0
	for _, e := range g {
		largest = max(largest, math.Abs(float64(e)))
	}
	squares := 0.0 // of g divided by its largest entry
	for _, e := range g {
		squares += float64(float64(e) / largest * (float64(e) / largest))
	}
	length := f / largest / squares
	to := make([]T, len(x))
	for range 64 {
		if !(length > 0) || math.IsInf(length, 1) {
			break
		}
		for i, e := range g {
			to[i] = x[i] - T(length*(float64(e)/largest))
		}
		if value(to, p.Loss(to, batch)) < at {
			return math.Pow10(int(math.Round(math.Log10(length))))
		}
		length /= 2
	}
	return 1
}
