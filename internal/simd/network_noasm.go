//go:build !amd64 || purego || noasm

package simd

// vectorNetwork reports that there is no vector code.
func vectorNetwork[T Float](networkKernel, int, *[16]T, *sums, ...[]T) bool {
	return false
}
