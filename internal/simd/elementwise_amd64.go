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
//
// The code leaves subnormal numbers in the state. It notices them, at no cost, by a flag that the processor sets where one is an
// operand, as each is that has been made: of the instruction after it, or of one that is there for that. They become 0 then.
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
	var subnormal bool
	switch v := any(unsafe.SliceData(vectors)).(type) {
	case *[]float32:
		if useAVX512 {
			subnormal = elementwiseF32AVX512(k, end, coeffs, m, v, (*float32)(x))
		} else {
			subnormal = elementwiseF32AVX2(k, end, coeffs, m, v, (*float32)(x))
		}
	case *[]float64:
		if useAVX512 {
			subnormal = elementwiseF64AVX512(k, end, coeffs, m, v, (*float64)(x))
		} else {
			subnormal = elementwiseF64AVX2(k, end, coeffs, m, v, (*float64)(x))
		}
	}
	if subnormal {
		for _, v := range state(k, vectors) {
			vector(flush, nil, nil, v, v)
		}
	}
	return true
}

// state returns those of a kernel's vectors that it changes besides the first.
func state[T Float](k kernel, vectors [][]T) [][]T {
	switch k {
	case acceleratedFlow:
		return vectors[3:]
	case combineX:
		return nil
	}
	return vectors[2:]
}
