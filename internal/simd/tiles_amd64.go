//go:build !purego && !noasm

package simd

import "unsafe"

//go:generate go run -C _asm ./amx -dir ..

// tileSize is the number of rows of a tile, and of words in a row.
const tileSize = 16

// tileShapes is the operand of the instruction LDTILECFG: for each tile its rows and the bytes of a row, 0 for an unused tile.
type tileShapes struct {
	palette  uint8
	_        [15]uint8 // start_row, from which an interrupted load goes on, then reserved
	rowBytes [16]uint16
	rows     [16]uint8
}

// tiles holds the arguments of a kernel.
type tiles struct {
	tileShapes

	k            int // in tiles
	a            *float32
	aRow, aStrip int
	b            *float32
	bStep        int
	c            *float32
	cRow         int
	strips       int
	down, last   int // rows, and columns of the last tile
	alpha, beta  float32
	bias         *float32
}

// newTiles returns the arguments for a product of pairs. Tiles at the edge of C are smaller, so that nothing around C is touched. A
// kernel configures the tiles and releases them before it returns. Assembly is not preempted, so no goroutine moves to another thread
// and leaves configured tiles behind. The strips of a task take some tens of microseconds.
func newTiles(b *Block[float32], strips, rows, cols int) tiles {
	t := tiles{
		tileShapes: tileShapes{palette: 1}, k: b.K / tileSize,
		a: unsafe.SliceData(b.A), aRow: b.ARow, aStrip: b.AStrip, b: unsafe.SliceData(b.B), bStep: b.BStep,
		c: unsafe.SliceData(b.C), cRow: b.CRow, strips: strips, down: rows, last: (cols-1)%tileSize + 1,
		alpha: b.Alpha, beta: b.Beta,
	}
	for i := range 2 {
		t.shape(4+i, rows-i*tileSize, tileSize) // A
		t.shape(6+i, tileSize, cols-i*tileSize) // B
		for j := range 2 {
			t.shape(2*i+j, rows-i*tileSize, cols-j*tileSize) // C
		}
	}
	return t
}

// multiplyTiles does what MultiplyBF16 does, by tiles.
func multiplyTiles(b *Block[float32], strips, rows, cols int) {
	t := newTiles(b, strips, rows, cols)
	switch {
	case rows > tileSize && cols > tileSize:
		multiplyAMX2x2(&t.palette)
	case rows > tileSize:
		multiplyAMX2x1(&t.palette)
	case cols > tileSize:
		multiplyAMX1x2(&t.palette)
	default:
		multiplyAMX1x1(&t.palette)
	}
}

// vectorMultiplyTilesRounded does what MultiplyTilesRounded does.
func vectorMultiplyTilesRounded(b *Block[float32], half []BF16, bias []float32, strips, rows, cols int) {
	t := newTiles(b, strips, rows, cols)
	t.c, t.bias = (*float32)(unsafe.Pointer(unsafe.SliceData(half))), unsafe.SliceData(bias)
	switch {
	case rows > tileSize && cols > tileSize:
		multiplyRoundedAMX2x2(&t.palette)
	case rows > tileSize:
		multiplyRoundedAMX2x1(&t.palette)
	case cols > tileSize:
		multiplyRoundedAMX1x2(&t.palette)
	default:
		multiplyRoundedAMX1x1(&t.palette)
	}
}

// shape sets the size of a tile: the given rows and words, at most tileSize each, or an unused tile if either is not positive.
func (t *tileShapes) shape(tile, rows, words int) {
	if rows > 0 && words > 0 {
		t.rows[tile], t.rowBytes[tile] = uint8(min(rows, tileSize)), uint16(4*min(words, tileSize))
	}
}
