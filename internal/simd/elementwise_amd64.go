//go:build !purego && !noasm

package simd

import "unsafe"

// ending says what a kernel does with its u: store it, or move x by it.
type ending int

const (
	isStored ending = iota
	isAdded
	isMixed
)

// vector runs kernel k if there is vector code for it, and reports whether it has. All vectors have the length of the first one.
//
// The vector code itself does not clear subnormal numbers from the state. It detects them at no cost: the processor sets a flag when an
// operand is subnormal, and every number of the state is an operand of a later instruction. Where the formula has none, the code adds one.
// If the flag is set, a second pass clears them.
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
	if runs(k, end, coeffs, m, vectors, x) {
		for _, v := range state(k, vectors) {
			runs(flush, isStored, nil, nil, [][]T{v, v}, nil)
		}
	}
	return true
}

// runs calls the vector code of kernel k with an ending, and reports whether an operand was subnormal.
func runs[T Float](k kernel, end ending, coeffs, m *float64, vectors [][]T, x unsafe.Pointer) (subnormal bool) {
	switch v := any(unsafe.SliceData(vectors)).(type) {
	case *[]float32:
		if useAVX512 {
			return elementwiseF32AVX512(k, end, coeffs, m, v, (*float32)(x))
		}
		return elementwiseF32AVX2(k, end, coeffs, m, v, (*float32)(x))
	case *[]float64:
		if useAVX512 {
			return elementwiseF64AVX512(k, end, coeffs, m, v, (*float64)(x))
		}
		return elementwiseF64AVX2(k, end, coeffs, m, v, (*float64)(x))
	}
	return false
}

// state returns the vectors that a kernel changes, without the first one.
func state[T Float](k kernel, vectors [][]T) [][]T {
	switch k {
	case acceleratedFlow, followLeader, slowWeights:
		return vectors[3:]
	case dualAverage:
		return vectors[4:]
	case combineDifference, combineX, decayAgreeing, keepAgreeing:
		return nil
	}
	return vectors[2:]
}
