package simd

import "math"

// SoftThreshold moves v toward 0 by t, and not past it: the proximal operator of t|·|.
func SoftThreshold(v, t float64) float64 {
	return math.Copysign(max(math.Abs(v)-t, 0), v)
}
