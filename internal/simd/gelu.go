package simd

// GELU computes dst ← ½x(1 + tanh u), u = √(2/π)(x + 0.044715x³), the approximation by which GPT-2 computes xΦ(x) (Hendrycks
// and Gimpel, Gaussian Error Linear Units, arXiv:1606.08415, section 2). The vectors are of one length and may be the
// same.
//
// It is computed as xσ(2u), since 1 + tanh u cancels for negative x. A result is within 3.1 units in the last place of the
// exact one for x ≥ −1. For x < −1, σ(2u) falls like e²ᵘ, which amplifies the rounding error of u: the error is at most 4x²
// units, which is less than 2⁻²⁴, or 2⁻⁵³ in float64. GELU is −0 for −Inf and +Inf for +Inf, and ±0 and NaN stay what they
// are.
func GELU[T Float](dst, x []T) { apply(geluKernel, (*constants[T]).geluOf, dst, x) }

// GELUGradient computes dx ← dy · GELU′(x), the backward pass of GELU. The vectors are of one length, and dx may be
// either of the others.
//
// The error of GELU′ is at most 4 units in the last place for x ≥ −½, 1.6·2⁻²⁴ (1.6·2⁻⁵³ in float64) around its zero at
// −0.75, and 5x² units in the last place for x ≤ −1.5. GELU′ is 0 for −Inf and 1 for +Inf.
func GELUGradient[T Float](dx, dy, x []T) {
	mustMatch("dx", dx, len(x))
	mustMatch("dy", dy, len(x))
	if vectorNetwork(geluGradientKernel, len(x), nil, nil, dx, dy, x) {
		return
	}
	c := constantsOf[T]()
	for i, v := range x {
		dx[i] = dy[i] * c.geluSlopeOf(v)
	}
}

// geluOf returns x/(1 + e) or, for negative x, xe/(1 + e), with e = exp(−2|u|). Far on the left, where e is 0, x is finite.
func (c *constants[T]) geluOf(x T) T {
	v := clamp(x, -c.geluEnd, c.geluEnd)
	e, _ := c.geluExp(v)
	if x < 0 {
		x = v * e
	}
	return x / (1 + e)
}

// geluSlopeOf returns σ(2u) + xσ′(2u)·2u′, where σ′(2u) = e/(1 + e)².
func (c *constants[T]) geluSlopeOf(x T) T {
	x = clamp(x, -c.geluEnd, c.geluEnd)
	e, square := c.geluExp(x)
	s := 1 / (1 + e)
	es := T(e * s)
	slope := T(x * (c.geluLinear + T(c.geluSlope*square)))
	sigma := s
	if x < 0 {
		sigma = es
	}
	return sigma + T(slope*T(es*s))
}

// geluExp returns exp(−2|u|) and x².
func (c *constants[T]) geluExp(x T) (e, square T) {
	square = T(x * x)
	return c.expOf(-abs(T(x * (c.geluLinear + T(c.geluCubic*square))))), square
}
