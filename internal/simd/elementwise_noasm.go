//go:build !amd64 || purego || noasm

package simd

// vector reports that there is no vector code.
func vector[T Float](kernel, *Move[T], []float64, ...[]T) bool { return false }
