package simd

import "math"

// sums holds 8 partial sums in float64 for each of two quantities. Partial sum j takes the elements i ≡ j (mod 8) from left to right.
type sums [2][8]float64

// total adds the second half of the partial sums of quantity k to the first half, until one is left.
func (s *sums) total(k int) float64 {
	for half := 4; half > 0; half /= 2 {
		for j := range half {
			s[k][j] += s[k][half+j]
		}
	}
	return s[k][0]
}

// Softmax computes dst ← softmax x, exp(xᵢ)/Σ exp(xⱼ). The vectors are of one length and may be the same. The largest xⱼ is
// subtracted first, so that no exponential overflows. −Inf has probability 0. If x holds a NaN or +Inf, or only −Inf, all
// of dst is NaN.
func Softmax[T Float](dst, x []T) {
	mustMatch("dst", dst, len(x))
	if len(x) == 0 {
		return
	}
	var s sums
	expSum(&s, dst, x, maximum(x))
	Scale([]float64{1 / s.total(0)}, dst, dst, nil)
}

// SoftmaxGradient computes dx ← y ⊙ (dy − mean), the backward pass of y = softmax x, for the mean Σ yⱼdyⱼ. The vectors are of one length, and
// dx may be either of the others.
func SoftmaxGradient[T Float](dx, y, dy []T, mean T) {
	mustMatch("dx", dx, len(y))
	mustMatch("dy", dy, len(y))
	if vectorNetwork(softmaxGradientKernel, len(y), &[16]T{mean}, nil, dx, y, dy) {
		return
	}
	for i, v := range dy {
		dx[i] = y[i] * (v - mean)
	}
}

// CrossEntropy returns −ln softmax(x)ₜ, the loss of the logits x at the class t. It does not change x. If xₜ is −Inf, the
// loss is +Inf; where Softmax is NaN, so is the loss.
func CrossEntropy[T Float](x []T, t int) float64 {
	var s sums
	var tile [1024]T
	m := maximum(x)
	for rest := x; len(rest) > 0; {
		n := min(len(rest), len(tile))
		expSum(&s, tile[:n], rest[:n], m)
		rest = rest[n:]
	}
	return math.Log(s.total(0)) + (float64(m) - float64(x[t]))
}

// CrossEntropyGradient returns CrossEntropy of the logits x at the class t and replaces x by scale times its gradient,
// scale·(softmax(x) − 1ₜ), in three passes: the maximum, the exponentials with their sum, the product.
func CrossEntropyGradient[T Float](x []T, t int, scale float64) float64 {
	var s sums
	m, logit := maximum(x), x[t]
	expSum(&s, x, x, m)
	sum, weight := s.total(0), float64(x[t])
	Scale([]float64{scale / sum}, x, x, nil)
	x[t] = T(scale * ((weight - sum) / sum))
	return math.Log(sum) + (float64(m) - float64(logit))
}

// maximum returns the largest element of x, which must not be empty. If an element is NaN, the result may be any element.
func maximum[T Float](x []T) T {
	most, candidates := x[0], x
	var largest [16]T // the first element, or the maxima of 16 lanes that vector code has compared
	for j := range largest {
		largest[j] = most
	}
	if vectorNetwork(maximumKernel, len(x), &largest, nil, x) {
		candidates = largest[:]
	}
	for _, v := range candidates {
		if v > most {
			most = v
		}
	}
	return most
}

// expSum computes dst ← exp(x − m), and adds dst to the sums of the first quantity.
func expSum[T Float](s *sums, dst, x []T, m T) {
	if vectorNetwork(expSumKernel, len(x), &[16]T{m}, s, dst, x) {
		return
	}
	c := constantsOf[T]()
	for i, v := range x {
		dst[i] = c.expOf(v - m)
		s[0][i%8] += float64(dst[i])
	}
}
