//go:build !purego && !noasm

package simd

import "unsafe"

// ending is what becomes of the u that a kernel has made.
type ending int

const (
	isStored ending = iota
	isAdded
	isMixed
)

// vector runs kernel k on the length of the first vector, and reports whether it has vector code to do so.
func vector[T Float](k kernel, then *Move[T], c []float64, vectors ...[]T) bool {
	if !useAVX2 {
		return false
	}
	coeffs, end := unsafe.SliceData(c), isStored
	var m *float64
	var x unsafe.Pointer
	if then != nil {
		end, m, x = isAdded, &then.C[0], unsafe.Pointer(unsafe.SliceData(then.X[:len(vectors[0])]))
		if then.Mixes {
			end = isMixed
		}
	}
	switch v := any(unsafe.SliceData(vectors)).(type) {
	case *[]float32:
		if useAVX512 {
			elementwiseF32AVX512(k, end, coeffs, m, v, (*float32)(x))
		} else {
			elementwiseF32AVX2(k, end, coeffs, m, v, (*float32)(x))
		}
	case *[]float64:
		if useAVX512 {
			elementwiseF64AVX512(k, end, coeffs, m, v, (*float64)(x))
		} else {
			elementwiseF64AVX2(k, end, coeffs, m, v, (*float64)(x))
		}
	}
	return true
}
