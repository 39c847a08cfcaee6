//go:build !amd64 || purego || noasm

package simd

// vectorGatherDot returns 0: there is no vector code.
func vectorGatherDot[T Float](*[4]T, []uint32, []T, []T) (done int) { return 0 }

// vectorScatterAxpy returns 0: there is no vector code.
func vectorScatterAxpy[T Float](T, []uint32, []T, []T) (done int) { return 0 }

// vectorGatherDots returns 0: there is no vector code.
func vectorGatherDots[T Float]([]T, []int, []uint32, []T, []T) (done int) { return 0 }

// vectorScatterAxpys returns 0: there is no vector code.
func vectorScatterAxpys[T Float]([]T, []int, []uint32, []T, []T) (done int) { return 0 }

// Prefetch does nothing.
func Prefetch[E any]([]E) {}
