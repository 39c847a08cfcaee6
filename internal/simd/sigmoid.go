package simd

// Sigmoid computes dst ← σ(x) = 1/(1 + e⁻ˣ), the derivative of Softplus. The vectors are of one length and may be the same. A
// result is within 2.5 units in the last place of the exact one, however small. σ(−Inf) = 0, σ(+Inf) = 1, and NaN stays
// NaN.
func Sigmoid[T Float](dst, x []T) { apply(sigmoidKernel, (*constants[T]).sigmoidOf, dst, x) }

// Softplus computes dst ← ln(1 + eˣ), the logistic loss at the margin −x. The vectors are of one length and may be the same.
// A result is within 3 units in the last place of the exact one, however small. It is 0 for −Inf and +Inf for +Inf, and
// NaN stays NaN.
func Softplus[T Float](dst, x []T) { apply(softplusKernel, (*constants[T]).softplusOf, dst, x) }

// sigmoidOf computes e only to negative powers, which cannot overflow.
func (c *constants[T]) sigmoidOf(x T) T {
	e := c.expOf(-abs(x))
	if x < 0 {
		return e / (1 + e)
	}
	return 1 / (1 + e)
}

// softplusOf returns max(x, 0) + ln(1 + e) with e = exp(−|x|).
func (c *constants[T]) softplusOf(x T) T {
	return max(x, 0) + c.log1p(c.expOf(-abs(x)))
}

// log1p returns ln(1 + e) for 0 ≤ e ≤ 1. For small e it is ln(1 + f) with f = e. For larger e it is ln 2 + ln(1 + f) with f = (1 + e)/2 −
// 1. A polynomial gives ln(1 + f) = ln((1 + s)/(1 − s)) with s = f/(2 + f).
func (c *constants[T]) log1p(e T) T {
	f, whole := e, T(0)
	if e > c.logSplit {
		f, whole = T(e*0.5)-0.5, c.ln2
	}
	s := f / (2 + f)
	z := T(s * s)
	return whole + (2*s + T(T(s*z)*polynomial(c.log[:c.logTerms], z, T(z*z))))
}
