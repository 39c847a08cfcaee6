package simd

import "math"

// LayerNorm computes y ← (x − μ)r · gain + bias with the mean μ of x and r = 1/√(σ² + eps), σ² = Σ(xᵢ − μ)²/n (Ba, Kiros and
// Hinton, Layer Normalization, arXiv:1607.06450). It returns μ and r for the backward pass. The vectors are of one length,
// at least 1, and y may be x. A NaN or an infinity in x makes all of y NaN. In float64 the squares overflow if elements are
// more than 10¹⁵⁴ apart.
//
// The moments take one pass over d = x − x₀, in float64 also for float32. Since x₀ is an element of x, (μ − x₀)² ≤ nσ².
// So the difference σ² = Σd²/n − (Σd/n)² amplifies rounding by a factor of at most n + 1, whatever the mean. A constant
// row has σ = 0 exactly.
func LayerNorm[T Float](y, x, gain, bias []T, eps float64) (mean, r T) {
	n := len(x)
	mustMatch("y", y, n)
	mustMatch("gain", gain, n)
	mustMatch("bias", bias, n)
	var s sums
	moments(&s, x)
	shift, square := s.total(0)/float64(n), s.total(1)/float64(n)
	mean = T(float64(x[0]) + shift)
	r = T(1 / math.Sqrt(max(0, square-float64(shift*shift))+eps))
	if vectorNetwork(normalizeKernel, n, &[16]T{mean, r}, nil, y, x, gain, bias) {
		return mean, r
	}
	for i, v := range x {
		y[i] = T(T((v-mean)*r)*gain[i]) + bias[i]
	}
	return mean, r
}

// moments adds x − x₀ and its square to the sums.
func moments[T Float](s *sums, x []T) {
	if vectorNetwork(momentsKernel, len(x), &[16]T{x[0]}, s, x) {
		return
	}
	for i, v := range x {
		d := float64(v) - float64(x[0])
		s[0][i%8] += d
		s[1][i%8] += float64(d * d)
	}
}

// LayerNormGradient is the backward pass of LayerNorm, given the mean and r that LayerNorm returned. With x̂ = (x − mean)r and
// g = dy·gain, it computes
//
//	dgain ← dgain + dy·x̂,  dbias ← dbias + dy,  dx ← (g − ḡ − x̂·mean(g·x̂))r,
//
// where ḡ is the mean of g. The vectors are of one length, and dx may be dy or x.
func LayerNormGradient[T Float](dx, dgain, dbias, dy, x, gain []T, mean, r T) {
	n := len(x)
	mustMatch("dx", dx, n)
	mustMatch("dgain", dgain, n)
	mustMatch("dbias", dbias, n)
	mustMatch("dy", dy, n)
	mustMatch("gain", gain, n)
	var s sums
	addGradients(&s, dgain, dbias, dy, x, gain, mean, r)
	a, b := T(s.total(0)/float64(n)), T(s.total(1)/float64(n))
	if vectorNetwork(unnormalizeKernel, n, &[16]T{mean, r, a, b}, nil, dx, dy, x, gain) {
		return
	}
	for i, v := range x {
		h := T((v - mean) * r)
		dx[i] = (T(dy[i]*gain[i]) - a - T(h*b)) * r
	}
}

// addGradients adds dy·x̂ to dgain and dy to dbias, and adds g and g·x̂ to the sums.
func addGradients[T Float](s *sums, dgain, dbias, dy, x, gain []T, mean, r T) {
	if vectorNetwork(addGradientsKernel, len(x), &[16]T{mean, r}, s, dgain, dbias, dy, x, gain) {
		return
	}
	for i, v := range x {
		h, g := T((v-mean)*r), T(dy[i]*gain[i])
		dgain[i] += T(dy[i] * h)
		dbias[i] += dy[i]
		s[0][i%8] += float64(g)
		s[1][i%8] += float64(T(g * h))
	}
}
