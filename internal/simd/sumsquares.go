package simd

// partials is the number of sums that run side by side in SumSquares, which do not wait for each other.
const partials = 16

// SumSquares returns Σ vᵢ², in float64 also for float32, which needs the range. The order is fixed: sum j of 16 takes
// the elements i ≡ j (mod 16) from left to right, and then each half of the sums is added to the other, until one is left.
func SumSquares[T Float](v []T) float64 {
	var s [partials]float64
	whole := len(v) / partials * partials
	if !vectorSquares(&s, v[:whole]) {
		addSquares(&s, v[:whole])
	}
	addSquares(&s, v[whole:])
	for half := partials / 2; half > 0; half /= 2 {
		for j := range half {
			s[j] += s[half+j]
		}
	}
	return s[0]
}

// addSquares adds the square of vᵢ to sum i mod 16.
func addSquares[T Float](s *[partials]float64, v []T) {
	for i, e := range v {
		f := float64(e)
		s[i%partials] += float64(f * f)
	}
}
