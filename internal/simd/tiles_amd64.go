//go:build !purego && !noasm

package simd

import "unsafe"

//go:generate go run -C _asm ./amx -dir ..

// tileSize is the number of rows of a tile, and that of the words in a row.
const tileSize = 16

// tileShapes is what the instruction LDTILECFG reads: for each tile its rows and the bytes of a row, 0 for one that is not used.
type tileShapes struct {
	palette  uint8
	_        [15]uint8 // of which the first is a row to go on from
	rowBytes [16]uint16
	rows     [16]uint8
}

// tiles are the arguments of a kernel.
type tiles struct {
	tileShapes

	k            int // tiles
	a            *float32
	aRow, aStrip int
	b            *float32
	bStep        int
	c            *float32
	cRow         int
	strips       int
	down, last   int // rows, and columns of the last tile
	alpha, beta  float32
}

// newTiles returns the arguments for a product of pairs. The tiles have the size of what is there, so that nothing around C is
// touched. They are set up for the call alone: assembly is not preempted, and a goroutine that moves to another thread leaves
// none behind. The strips of a task take some tens of microseconds.
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

// multiplyTiles is MultiplyBF16 by tiles.
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

// shape sets up a tile of so many rows and words, as far as they fit in one.
func (t *tileShapes) shape(tile, rows, words int) {
	if rows > 0 && words > 0 {
		t.rows[tile], t.rowBytes[tile] = uint8(min(rows, tileSize)), uint16(4*min(words, tileSize))
	}
}
