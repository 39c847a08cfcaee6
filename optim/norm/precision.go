package norm

import "steepest/internal/simd"

// dot returns ⟨x, y⟩, computed in float64.
func dot[T simd.Float](x, y []T) float64 {
	if x, ok := any(x).([]float32); ok {
		return simd.DotWide(x, any(y).([]float32))
	}
	return float64(simd.Dot(x, y))
}
