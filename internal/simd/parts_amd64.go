//go:build !purego && !noasm

package simd

import "unsafe"

func hasPartProducts() bool { return useAMX }

// packParts packs one tile of each part. Unless straight is set, the rows of the tile are steps, or pairs of lines, until the words are
// transposed.
func packParts(dst, src []float32, stride, lines, k int, columns, straight bool, e *Extent) {
	d, s := unsafe.SliceData(dst), unsafe.SliceData(src)
	if columns {
		splitPairsAMX(d, s, 4*stride, k, lines, &e.least[0])
	} else {
		splitLinesAMX(d, s, 4*stride, lines, k, &e.least[0])
	}
	for i := 0; !straight && i < 3*partWords; i += partWords {
		tile := (*uint16)(unsafe.Pointer(&dst[i]))
		transposeTilesAVX512(tile, tile, 1)
	}
}

func multiplyParts(b *Block[float32], strips, rows, cols int) {
	t := newTiles(b, strips, rows, cols)
	t.k, t.aRow, t.bStep = b.K/PartsWords, tileSize, tileSize
	switch {
	case rows > tileSize && cols > tileSize:
		multiplyPartsAMX2x2(&t.palette)
	case rows > tileSize:
		multiplyPartsAMX2x1(&t.palette)
	case cols > tileSize:
		multiplyPartsAMX1x2(&t.palette)
	default:
		multiplyPartsAMX1x1(&t.palette)
	}
}
