package norm

import (
	"fmt"
	"math"

	"steepest/internal/simd"
)

// measure returns x in a unit, a power of 2, with its sum of squares. The unit is 1 where that sum is far from the ends of
// the range of numbers; else it is near the largest element, and y lies in scratch. So what follows has no over- or underflow
// to think of. It fails if x, of the given number of columns, holds a NaN or an infinity.
func measure[T simd.Float](x []T, cols int, scratch *[]T) (y []T, square, unit float64, err error) {
	if s := simd.SumSquares(x); 0x1p-100 < s && s < 0x1p+100 {
		return x, s, 1, nil
	}
	var largest T
	for i, v := range x {
		if v-v != 0 {
			return nil, 0, 1, fmt.Errorf("norm: element (%d, %d) of the %d × %d matrix is %v",
				i/cols, i%cols, len(x)/cols, cols, v)
		}
		largest = max(largest, v, -v)
	}
	if largest == 0 {
		return x, 0, 1, nil
	}
	_, e := math.Frexp(float64(largest))
	*scratch = grow(*scratch, len(x))
	y = *scratch
	for i, v := range x {
		y[i] = T(math.Ldexp(float64(v), 1-e))
	}
	return y, simd.SumSquares(y), math.Ldexp(1, e-1), nil
}

// dot is ⟨x, y⟩, in float64 for float32 too.
func dot[T simd.Float](x, y []T) float64 {
	if x, ok := any(x).([]float32); ok {
		return simd.DotWide(x, any(y).([]float32))
	}
	return float64(simd.Dot(x, y))
}

// grow returns n elements, of s if it has as many. What they hold is undefined.
func grow[E any](s []E, n int) []E {
	if cap(s) < n {
		return make([]E, n)
	}
	return s[:n]
}

// epsilon is the distance from 1 to the next number.
func epsilon[T simd.Float]() float64 {
	if _, ok := any(T(0)).(float32); ok {
		return 0x1p-23
	}
	return 0x1p-52
}
