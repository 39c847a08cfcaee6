//go:build !purego && !noasm

package simd

import "unsafe"

// vectorSum stores in s the partial sums over the whole cache lines of the vectors, and returns the number of terms.
func vectorSum[T Float](k sumKernel, s *partialSums, c []float64, vectors ...[]T) (done int) {
	if !useAVX2 {
		return 0
	}
	coeffs := unsafe.SliceData(c)
	switch v := any(unsafe.SliceData(vectors)).(type) {
	case *[]float32:
		if useAVX512 {
			return sumF32AVX512(k, coeffs, v, s)
		}
		return sumF32AVX2(k, coeffs, v, s)
	case *[]float64:
		if useAVX512 {
			return sumF64AVX512(k, coeffs, v, s)
		}
		return sumF64AVX2(k, coeffs, v, s)
	}
	return 0
}
