//go:build !purego && !noasm

package simd

import "unsafe"

// vectorGatherDot adds the first entries of a row, in groups of four, to the sums s, and returns their number. It stops
// before a group with a column that is out of range.
func vectorGatherDot[T Float](s *[4]T, columns []uint32, values, x []T) (done int) {
	if !useAVX2 {
		return 0
	}
	n, d, at := len(values), len(x), unsafe.SliceData(columns)
	switch s := any(s).(type) {
	case *[4]float32:
		return gatherDotF32AVX2(n, s, at, first[float32](values), first[float32](x), d)
	case *[4]float64:
		return gatherDotF64AVX2(n, s, at, first[float64](values), first[float64](x), d)
	}
	return 0
}

// vectorScatterAxpy adds the first entries of a row to y, and returns their number, as vectorGatherDot does.
func vectorScatterAxpy[T Float](s T, columns []uint32, values, y []T) (done int) {
	if !useAVX2 {
		return 0
	}
	n, d, at := len(values), len(y), unsafe.SliceData(columns)
	switch s := any(s).(type) {
	case float32:
		return scatterAxpyF32AVX2(n, s, at, first[float32](values), first[float32](y), d)
	case float64:
		return scatterAxpyF64AVX2(n, s, at, first[float64](values), first[float64](y), d)
	}
	return 0
}

// vectorGatherDots stores the products of the first rows with x, and returns their number. It stops before a row with a column or a pointer that is
// out of range.
func vectorGatherDots[T Float](dst []T, pointers []int, columns []uint32, values, x []T) (done int) {
	if !useAVX2 || len(dst) == 0 {
		return 0
	}
	n, from, nnz, d, at := len(dst), &pointers[0], min(len(columns), len(values)), len(x), unsafe.SliceData(columns)
	switch any(dst).(type) {
	case []float32:
		return gatherDotsF32AVX2(n, first[float32](dst), from, nnz, at, first[float32](values), first[float32](x), d)
	case []float64:
		return gatherDotsF64AVX2(n, first[float64](dst), from, nnz, at, first[float64](values), first[float64](x), d)
	}
	return 0
}

// vectorScatterAxpys adds multiples of the first rows to y, and returns their number, as vectorGatherDots does. It may have added entries of the
// row with a column that is out of range.
func vectorScatterAxpys[T Float](s []T, pointers []int, columns []uint32, values, y []T) (done int) {
	if !useAVX2 || len(s) == 0 {
		return 0
	}
	n, from, nnz, d, at := len(s), &pointers[0], min(len(columns), len(values)), len(y), unsafe.SliceData(columns)
	switch any(s).(type) {
	case []float32:
		return scatterAxpysF32AVX2(n, first[float32](s), from, nnz, at, first[float32](values), first[float32](y), d)
	case []float64:
		return scatterAxpysF64AVX2(n, first[float64](s), from, nnz, at, first[float64](values), first[float64](y), d)
	}
	return 0
}

// first returns the address of a vector whose elements are known to be of type E.
func first[E, T Float](v []T) *E { return (*E)(unsafe.Pointer(unsafe.SliceData(v))) }

// Prefetch starts to load v into the caches, and returns without waiting.
func Prefetch[E any](v []E) {
	if useAVX2 {
		prefetchLines((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(*new(E))))
	}
}
