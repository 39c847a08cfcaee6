//go:build !purego && !noasm

package simd

import "unsafe"

// vectorNetwork runs kernel k on n elements of each vector, with the arguments a and the partial sums s that it needs. It
// reports whether there is vector code.
func vectorNetwork[T Float](k networkKernel, n int, a *[16]T, s *sums, vectors ...[]T) bool {
	if !useAVX2 {
		return false
	}
	var at [5]*T
	for i, v := range vectors {
		at[i] = unsafe.SliceData(v)
	}
	switch a := any(a).(type) {
	case *[16]float32:
		v := (*[5]*float32)(unsafe.Pointer(&at))
		if useAVX512 {
			networkF32AVX512(k, n, &wide32, a, s, v)
		} else {
			networkF32AVX2(k, n, &wide32, a, s, v)
		}
	case *[16]float64:
		v := (*[5]*float64)(unsafe.Pointer(&at))
		if useAVX512 {
			networkF64AVX512(k, n, &wide64, a, s, v)
		} else {
			networkF64AVX2(k, n, &wide64, a, s, v)
		}
	}
	return true
}

// wide is the table of constants as vector code reads it: each fills a register of 32 bytes.
type wide [unsafe.Offsetof(constants64.expTerms) / 8 * 4]float64

var wide32, wide64 = widen(&constants32), widen(&constants64)

func widen[T Float](c *constants[T]) (w wide) {
	narrow := unsafe.Slice(&c.low, len(w)/4)
	lanes := 32 / int(unsafe.Sizeof(c.low))
	filled := unsafe.Slice((*T)(unsafe.Pointer(&w)), len(narrow)*lanes)
	for i := range filled {
		filled[i] = narrow[i/lanes]
	}
	return w
}
