//go:build !purego && !noasm

package simd

import "unsafe"

// The functions below convert a prefix of the vector, as long as vector code can, and return its length.

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

func vectorInterleaveBF16(dst []float32, a, b []BF16) int {
	n := len(dst) &^ 7
	if !useAVX2 || n == 0 {
		return 0
	}
	interleaveBF16AVX2(n, unsafe.SliceData(dst), (*uint16)(unsafe.SliceData(a)), (*uint16)(unsafe.SliceData(b)))
	return n
}

// vectorTransposeBF16 packs the first of k pairs as PackBF16 does, and returns their number.
func vectorTransposeBF16(dst []float32, to int, src []BF16, from, rows, k int) int {
	const lanes = 8
	k = k / (lanes / 2) * (lanes / 2)
	if !useAVX2 || k == 0 || rows == 0 {
		return 0
	}
	_, _ = src[(rows-1)*from+2*k-1], dst[(k-1)*to+(rows+lanes-1)/lanes*lanes-1]
	for i := 0; i < rows; i += lanes {
		transposeF32AVX2(&dst[i], to*4, (*float32)(unsafe.Pointer(&src[i*from])), from*2, min(lanes, rows-i), k)
	}
	return k
}

func hasBF16Products() bool { return useBF16 && useAVX512 }

func vectorBlockBF16() (rows, cols, step int) {
	if useAMX {
		return 2 * tileSize, 2 * tileSize, tileSize
	}
	return 8, 48, 1
}

func vectorMultiplyBF16(b *Block[float32], strips, rows, cols int) {
	if useAMX {
		multiplyTiles(b, strips, rows, cols)
		return
	}
	multiplyF32BF16(b, rows, b.prepare(strips, cols, 16))
}

// vectorPackSquare does PackSquare for all columns of a square.
func vectorPackSquare(dst []float32, to int, src []float32, from, lines, words int, byRow, byLine bool) {
	d, s := unsafe.SliceData(dst), unsafe.SliceData(src)
	switch {
	case byRow && byLine:
		roundRowsToRowsAVX512(d, 4*to, s, 4*from, lines, words)
	case byRow:
		roundRowsToColumnsAVX512(d, 4*to, s, 4*from, lines, words)
	case byLine:
		roundColumnsToRowsAVX512(d, 4*to, s, 4*from, lines, words)
	default:
		roundColumnsToColumnsAVX512(d, 4*to, s, 4*from, lines, words)
	}
}
