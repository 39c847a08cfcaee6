//go:build !purego && !noasm

package simd

import "unsafe"

// vector runs kernel k on the length of the first vector, and reports whether it has vector code to do so.
func vector[T Float](k kernel, c []float64, vectors ...[]T) bool {
	if !useAVX2 {
		return false
	}
	var rounded [10]T
	for i := range c {
		rounded[i] = T(c[i])
	}
	var at [4]*T
	for i, v := range vectors {
		at[i] = unsafe.SliceData(v)
	}
	switch c := any(&rounded).(type) {
	case *[10]float32:
		elementwiseF32AVX2(k, len(vectors[0]), c, (*[4]*float32)(unsafe.Pointer(&at)))
	case *[10]float64:
		elementwiseF64AVX2(k, len(vectors[0]), c, (*[4]*float64)(unsafe.Pointer(&at)))
	}
	return true
}

// vectorSquares adds the squares of v, whose length is a multiple of 16, to the sums s, if it has vector code to do so.
func vectorSquares[T Float](s *[partials]float64, v []T) bool {
	if !useAVX2 {
		return false
	}
	n := len(v)
	switch v := any(unsafe.SliceData(v)).(type) {
	case *float32:
		sumSquaresF32AVX2(n, s, v)
	case *float64:
		sumSquaresF64AVX2(n, s, v)
	}
	return true
}
