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

// vectorAddRowsBF16 does AddRowsBF16 for the first columns, and returns their number.
func vectorAddRowsBF16(dst []float32, src []BF16, stride, rows int) int {
	const cols = 64
	n := len(dst) / cols * cols
	if !useAVX2 {
		return 0
	}
	for j := 0; j < n; j += cols {
		addRowsBF16AVX2(&dst[j], (*uint16)(&src[j]), 2*stride, rows)
	}
	return n
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
func vectorPackSquare[E float32 | BF16](dst []float32, to int, src []E, from, lines, words int, byRow, byLine bool) {
	d := unsafe.SliceData(dst)
	if half, ok := any(src).([]BF16); ok {
		s := (*uint16)(unsafe.SliceData(half))
		switch {
		case byRow && byLine:
			pairRowsToRowsAVX512(d, 4*to, s, 2*from, lines, words)
		case byRow:
			pairRowsToColumnsAVX512(d, 4*to, s, 2*from, lines, words)
		case byLine:
			pairColumnsToRowsAVX512(d, 4*to, s, 2*from, lines, words)
		default:
			pairColumnsToColumnsAVX512(d, 4*to, s, 2*from, lines, words)
		}
		return
	}
	s := unsafe.SliceData(any(src).([]float32))
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

// vectorRoundBlock does RoundBlockBF16 for at least one row and at most 32 columns.
func vectorRoundBlock(dst []BF16, to int, src []float32, from, rows, cols int, bias []float32) {
	roundBlockAVX512((*uint16)(unsafe.SliceData(dst)), 2*to, unsafe.SliceData(src), 4*from, rows, cols, unsafe.SliceData(bias))
}
