//go:build !purego && !noasm

package simd

import "unsafe"

// The functions below convert as many of the first elements as vector code can, and return their number.

func vectorRoundBF16(dst []BF16, src []float32) int {
	n := len(dst) &^ 15
	if !useAVX2 || n == 0 {
		return 0
	}
	roundBF16AVX2(n, (*uint16)(unsafe.SliceData(dst)), unsafe.SliceData(src))
	return n
}

func vectorWidenBF16(dst []float32, src []BF16) int {
	n := len(dst) &^ 15
	if !useAVX2 || n == 0 {
		return 0
	}
	widenBF16AVX2(n, unsafe.SliceData(dst), (*uint16)(unsafe.SliceData(src)))
	return n
}

func vectorInterleaveBF16(dst []uint32, a, b []BF16) int {
	n := len(dst) &^ 7
	if !useAVX2 || n == 0 {
		return 0
	}
	interleaveBF16AVX2(n, unsafe.SliceData(dst), (*uint16)(unsafe.SliceData(a)), (*uint16)(unsafe.SliceData(b)))
	return n
}
