package norm

import "steepest/internal/simd"

// dot is ⟨x, y⟩, in float64 for float32 too.
func dot[T simd.Float](x, y []T) float64 {
	if x, ok := any(x).([]float32); ok {
		return simd.DotWide(x, any(y).([]float32))
	}
	return float64(simd.Dot(x, y))
}
