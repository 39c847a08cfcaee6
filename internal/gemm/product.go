package gemm

import (
	"steepest/internal/parallel"
	"steepest/internal/simd"
)

// depth is how many k are packed at once, and a block of C takes in one visit: a panel of B of this depth stays in the
// first-level cache, and what has been packed in the others until it is used. A sum is rounded to what C holds after each part
// of k, so that this number, unlike all others here, reaches the bits.
const depth = 384

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
}

// decide says what is packed and whether several workers pay. The sizes are measured.
func (p *product[T]) decide() {
	p.stripRows, p.panelCols = simd.BlockShape[T]()
	p.vectorCols = simd.Lanes[T]()
	p.pairs = p.a.half != nil
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
func (p *product[T]) deep() int { return max(1, pieces(p.k, depth)) }

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
	if p.packA {
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
			rows, n := x.strip(s), 1
			if p.part == whole {
				n = x.alike(s, strips.hi)
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
		for i := range rows.len() {
			copy(scratch[i*b.CRow:], p.c[(rows.lo+i)*p.ldc+cols.lo:][:b.CRow])
		}
		p.kernel(b, n, rows, cols)
		for i := range rows.len() {
			for j := range cols.len() {
				if p.part.has(rows.lo+i, cols.lo+j) {
					p.c[(rows.lo+i)*p.ldc+cols.lo+j] = scratch[i*b.CRow+j]
				}
			}
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

// largestBlock is the number of elements of the largest block of any implementation.
const largestBlock = 8 * 48
