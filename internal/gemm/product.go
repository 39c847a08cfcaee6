package gemm

import (
	"steepest/internal/parallel"
	"steepest/internal/simd"
)

// depth is how many k are packed at once, and a block of C takes in one visit: a panel of B of this depth stays in the
// first-level cache, and what has been packed in the others until it is used. A sum is rounded to what C holds after each part
// of k, so that this number, unlike all others here, reaches the bits.
const depth = 384

// tileDepth is depth for tiles, in pairs.
const tileDepth = 13 * simd.TileDepth

// product is C ← α·op(A)·op(B) + βC, and how it is computed: C is cut into blocks that fit into registers, each the crossing
// of a strip of rows and a panel of columns.
type product[T simd.Float] struct {
	m, n, k     int
	alpha, beta T
	a, b        operand[T]
	c           []T
	ldc         int
	part        part

	stripRows, panelCols int  // the largest block
	vectorCols           int  // a vector of its rows
	packA, packB         bool // whether it pays
	serial               bool // whether one worker does all
	pairs                bool // whether A and B are pairs of bfloat16
	tiles                bool // and are multiplied as tiles
}

// decide says what is packed and whether several workers pay. The sizes are measured.
func (p *product[T]) decide() {
	p.stripRows, p.panelCols = simd.BlockShape[T]()
	p.vectorCols = simd.Lanes[T]()
	p.pairs = p.a.half != nil
	if p.tiles = p.pairs && simd.HasTiles(); p.tiles {
		p.stripRows, p.panelCols = simd.TileSide, simd.TileSide
	}
	p.serial = p.m*p.n*p.k < 1<<19 || parallel.Workers() == 1
	p.packA = p.pairs || p.m*p.k > 1<<15 && p.n > 2*p.panelCols
	p.packB = p.pairs || p.k > 0 && p.b.byRow || p.n*p.k > 1<<13 && p.m > 4*p.stripRows
}

// direct computes the whole of C without packing.
func (p *product[T]) direct() {
	x := crossing[T]{rows: span{0, p.m}, strips: pieces(p.m, p.stripRows), panels: span{0, pieces(p.n, p.panelCols)}}
	for d := range p.deep() {
		x.ks = cut(p.k, d, p.deep())
		p.tile(&x, span{0, x.strips}, x.panels, nil)
	}
}

// deep returns the number of parts of k.
func (p *product[T]) deep() int {
	if p.tiles {
		return max(1, pieces(p.k, tileDepth))
	}
	return max(1, pieces(p.k, depth))
}

// filled returns how many k there are in packed operands for as many in a part: more for tiles, filled up by zeros.
func (p *product[T]) filled(k int) int {
	if p.tiles {
		return pieces(k, simd.TileDepth) * simd.TileDepth
	}
	return k
}

// stripSize returns the number of elements of a packed strip of so many k.
func (p *product[T]) stripSize(k int) int {
	if p.tiles {
		return simd.TileSide * tileRow(k)
	}
	return k * p.stripPad()
}

// tileRow returns how far the rows of a strip of tiles are apart: by an odd number of cache lines, so that they do not compete for
// the same places of the cache.
func tileRow(k int) int { return (pieces(k, simd.TileDepth) | 1) * simd.TileDepth }

// crossing is a part of the product between the packing of its operands: some rows of A and columns of B, over some k.
type crossing[T simd.Float] struct {
	ks               span
	rows             span
	strips           int // that rows are cut into
	panels           span
	packedA, packedB []T  // [strip or panel][k][row or column], if they are packed
	packsA           bool // whether packedA is for this crossing to fill; else the one before has
}

func (x *crossing[T]) strip(s int) span { return cut(x.rows.len(), s, x.strips).within(x.rows) }

// alike returns how many strips from s to below end are of one height.
func (x *crossing[T]) alike(s, end int) int {
	if larger := x.rows.len() % x.strips; s < larger {
		return min(larger, end) - s
	}
	return end - s
}

// panel returns the columns of a panel. The last one has more than one vector, which the panel before leaves to it, since a
// block of one has too few sums to hide how long an addition takes.
func (p *product[T]) panel(q int) span {
	s := span{q * p.panelCols, min((q+1)*p.panelCols, p.n)}
	rest := p.n % p.panelCols
	if 0 < rest && rest <= p.vectorCols && p.n > p.panelCols {
		switch q {
		case p.n/p.panelCols - 1:
			s.hi -= p.vectorCols
		case p.n / p.panelCols:
			s.lo -= p.vectorCols
		}
	}
	return s
}

// stripPad is the number of rows for which a packed strip has room.
func (p *product[T]) stripPad() int { return pieces(p.stripRows, simd.Pad[T]()) * simd.Pad[T]() }

// tile computes the blocks of some strips and panels. On the border of a triangle it needs scratch memory
// for the largest block.
func (p *product[T]) tile(x *crossing[T], strips, panels span, scratch []T) {
	b := simd.Block[T]{Alpha: p.alpha}
	b.ARow, b.AStep = p.a.steps()
	_, b.BStep = p.b.steps()
	b.K, b.Beta = p.filled(x.ks.len()), 1
	switch {
	case p.tiles:
		b.ARow, b.AStep = tileRow(x.ks.len()), 1
	case p.packA:
		b.ARow, b.AStep = 1, p.stripPad()
	}
	if p.packB {
		b.BStep = p.panelCols
	}
	if x.ks.lo == 0 {
		b.Beta = p.beta
	}
	for q := panels.lo; q < panels.hi; q++ {
		cols := p.panel(q)
		if p.packB {
			b.B = x.packedB[(q-x.panels.lo)*b.K*p.panelCols:]
		} else if p.k > 0 {
			b.B = p.b.from(cols.lo, x.ks.lo)
		}
		for s := strips.lo; s < strips.hi; {
			rows, n := x.strip(s), x.alike(s, strips.hi)
			if p.part != whole {
				n = p.inside(x, s, n, cols)
			}
			if p.packA {
				b.AStrip = p.stripSize(x.ks.len())
				b.A = x.packedA[s*b.AStrip:]
			} else if p.k > 0 {
				b.A, b.AStrip = p.a.from(rows.lo, x.ks.lo), rows.len()*b.ARow
			}
			p.blocks(&b, n, rows, cols, scratch)
			s += n
		}
	}
}

// inside returns how many of the n strips from s on belong to the triangle as a whole, or 1.
func (p *product[T]) inside(x *crossing[T], s, n int, cols span) int {
	for i := range n {
		if all, _ := p.part.overlap(x.strip(s+i), cols); !all {
			return max(1, i)
		}
	}
	return n
}

// blocks multiplies n blocks, of which the first has the given rows. On the border of a triangle there is one, and it works on
// a copy, of which it takes the triangle's elements.
func (p *product[T]) blocks(b *simd.Block[T], n int, rows, cols span, scratch []T) {
	all, some := p.part.overlap(rows, cols)
	switch {
	case all:
		b.C, b.CRow = p.c[rows.lo*p.ldc+cols.lo:], p.ldc
		p.kernel(b, n, rows, cols)
	case some:
		b.C, b.CRow = scratch, cols.len()
		for i := 0; b.Beta != 0 && i < rows.len(); i++ {
			copy(scratch[i*b.CRow:], p.c[(rows.lo+i)*p.ldc+cols.lo:][:b.CRow])
		}
		p.kernel(b, n, rows, cols)
		for i := range rows.len() {
			has := p.part.columns(rows.lo+i, cols)
			copy(p.c[(rows.lo+i)*p.ldc:][has.lo:has.hi], scratch[i*b.CRow+has.lo-cols.lo:])
		}
	}
}

func (p *product[T]) kernel(b *simd.Block[T], n int, rows, cols span) {
	switch {
	case p.tiles:
		simd.MultiplyTiles(any(b).(*simd.Block[float32]), n, rows.len(), cols.len())
	case p.pairs:
		simd.MultiplyBF16(any(b).(*simd.Block[float32]), n, rows.len(), cols.len())
	default:
		b.Multiply(n, rows.len(), cols.len())
	}
}

// largestBlock is the number of elements of the largest block of any implementation.
const largestBlock = simd.TileSide * simd.TileSide
