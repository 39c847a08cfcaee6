package simd

// Finite reports whether x holds no NaN and no infinity.
func Finite[T Float](x []T) bool { return zeros(x) == 0 }

// portableZeros returns 0 if all of x is finite, and otherwise NaN: the sum of 0·xᵢ.
func portableZeros[T Float](x []T) (s T) {
	for _, v := range x {
		s += v - v
	}
	return s
}
