package gemm

import (
	"steepest/internal/parallel"
	"steepest/internal/simd"
)

// depth is how many k are packed at once, and a block of C takes in one visit: a panel of B of this depth stays in the
// first-level cache, and what has been packed in the others until it is used. A sum is rounded to what C holds after each part
// of k, so that these numbers, unlike all others here, reach the bits. Tiles are so fast that C should rarely be visited.
const (
	depth      = 384
	depthTiles = 1024
)

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
	vectorCols           int  // a vector of its rows, 0 for pairs
	packA, packB         bool // whether it pays
	serial               bool // whether one worker does all
	pairs                bool // whether A and B are pairs of bfloat16
	step                 int  // of which k is a multiple
}

// decide says what is packed and whether several workers pay. The sizes are measured.
func (p *product[T]) decide() {
	p.serial = p.m*p.n*p.k < 1<<19 || parallel.Workers() == 1
	if p.pairs {
		p.packA, p.packB = p.a.half != nil, true
		return
	}
	p.stripRows, p.panelCols = simd.BlockShape[T]()
	p.vectorCols, p.step = simd.Lanes[T](), 1
	p.packA = p.m*p.k > 1<<15 && p.n > 2*p.panelCols
	p.packB = p.k > 0 && p.b.byRow || p.n*p.k > 1<<13 && p.m > 4*p.stripRows
}

// tiles tells whether the processor multiplies tiles of bfloat16.
func (p *product[T]) tiles() bool { return p.step > 1 }

// direct computes the whole of C without packing.
func (p *product[T]) direct() {
	x := crossing[T]{rows: span{0, p.m}, strips: pieces(p.m, p.stripRows), panels: span{0, pieces(p.n, p.panelCols)}}
	for d := range p.deep() {
		x.ks = p.ks(d)
		p.tile(&x, span{0, x.strips}, x.panels, nil)
	}
}

// deep returns the number of parts of k, and ks one of them.
func (p *product[T]) deep() int {
	if p.tiles() {
		return pieces(p.k, depthTiles)
	}
	return max(1, pieces(p.k, depth))
}

func (p *product[T]) ks(part int) span {
	s := cut(p.k/p.step, part, p.deep())
	return span{s.lo * p.step, s.hi * p.step}
}

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
	switch {
	case p.packA && p.a.lines:
		b.ARow, b.AStep = x.ks.len(), 1
	case p.packA:
		b.ARow, b.AStep = 1, p.stripPad()
	}
	if p.packB {
		b.BStep = p.panelCols
	}
	b.K, b.Beta = x.ks.len(), 1
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
				b.A, b.AStrip = x.packedA[s*b.K*p.stripPad():], b.K*p.stripPad()
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
	if p.pairs {
		simd.MultiplyBF16(any(b).(*simd.Block[float32]), n, rows.len(), cols.len())
		return
	}
	b.Multiply(n, rows.len(), cols.len())
}

// maxStripRows and largestBlock are the numbers of rows and elements of the largest block of any implementation.
const (
	maxStripRows = 32
	largestBlock = 32 * 32
)
