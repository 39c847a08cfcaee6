package simd

import "math"

// Tanh computes dst ← tanh x. The vectors are of one length and may be the same. A result is within 2.7 units in the
// last place of the exact one. ±0 and NaN stay what they are, and the result for ±Inf is ±1.
func Tanh[T Float](dst, x []T) { apply(tanhKernel, (*constants[T]).tanhOf, dst, x) }

// tanhOf returns (e²ˣ − 1)/(e²ˣ + 1) for |x|, with a numerator that does not cancel, and the sign of x.
func (c *constants[T]) tanhOf(x T) T {
	y := 2 * abs(x)
	if y > c.tanhOne {
		y = c.tanhOne
	}
	n, q := c.reduce(y)
	w := powerOf2(n)
	m := T(w*q) + (w - 1)
	return T(math.Copysign(float64(m/(m+2)), float64(x)))
}
