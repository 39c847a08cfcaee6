//go:build !purego && !noasm

package simd

import "unsafe"

func hasTiles() bool { return useAMX }

// panelTiles holds the arguments of the kernel of MultiplyPanels.
type panelTiles struct {
	tileShapes
	near, far int // steps of A that stay in the first-level cache, and those after them
	a, b      *BF16
	bStep     int // in bytes, as are row and next
	c         *float32
	row, next int
	count     int
	add       int
}

// nearSteps is the number of steps that fill half of a first-level cache of 48 KiB.
const nearSteps = 12

// largestTiles is the configuration in which all tiles have their full size.
var largestTiles = func() (t tileShapes) {
	t.palette = 1
	for i := range 8 {
		t.rows[i], t.rowBytes[i] = tileSize, 4*tileSize
	}
	return t
}()

// vectorMultiplyPanels configures the tiles for this call alone, as newTiles explains.
func vectorMultiplyPanels(c []float32, row, next int, a, b []BF16, panel, count int, add bool) {
	near := min(nearSteps, len(a)/StepBF16)
	t := panelTiles{
		tileShapes: largestTiles, near: near, far: len(a)/StepBF16 - near, a: &a[0], b: &b[0], bStep: 2 * panel,
		c: &c[0], row: 4 * row, next: 4 * next, count: count,
	}
	if add {
		t.add = 1
	}
	multiplyPanelsAMX(&t.palette)
}

func vectorPackPanels(dst []BF16, panel int, src []float32, row, count int, scale float32) {
	packPanelsAVX512((*uint16)(&dst[0]), 2*panel, &src[0], 4*row, count, scale)
}

func vectorPackStrip(dst []BF16, src []float32, row, count int, scale, after float32) {
	packStripAVX512((*uint16)(&dst[0]), &src[0], 4*row, count, scale, after)
}

func vectorTransposeTiles(dst, src []BF16) {
	transposeTilesAVX512((*uint16)(&dst[0]), (*uint16)(&src[0]), len(src)/tileBF16)
}

func vectorSumPanels(panel, mirror []BF16, s []float32, alpha float32, u []float32, beta float32) {
	sumPanelsAVX512((*uint16)(&panel[0]), (*uint16)(unsafe.SliceData(mirror)), &s[0], alpha, &u[0], beta)
}

// vectorCopyTransposed transposes whole squares of 16 × 16 and returns the number of rows that they cover. It leaves the columns to the
// right of the last whole square.
func vectorCopyTransposed(dst []float32, to int, src []float32, from, rows, cols int) int {
	const high = 4 // squares that fill lines of dst side by side
	rows, cols = rows/rowWords*rowWords, cols/rowWords*rowWords
	if !useAMX || rows == 0 || cols == 0 {
		return 0
	}
	_, _ = src[(rows-1)*from+cols-1], dst[(cols-1)*to+rows-1]
	for i := 0; i < rows; i += high * rowWords {
		for j := 0; j < cols; j += rowWords {
			transposeAVX512(&dst[j*to+i], 4*to, &src[i*from+j], 4*from, min(high, (rows-i)/rowWords))
		}
	}
	return rows
}
