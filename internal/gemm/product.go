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
	depthParts = 768 / simd.PartsDepth * simd.PartsWords
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
	parts                bool // whether they are packed as parts of float32
	plain                bool // whether they must not be
	step                 int  // of which k is a multiple
}

// decide says what is packed and whether several workers pay. The sizes are measured.
func (p *product[T]) decide() {
	p.serial = p.m*p.n*p.k < 1<<19 || parallel.Workers() == 1
	if p.pairs {
		p.packA, p.packB = p.a.half != nil, true
		return
	}
	if p.partsPay() {
		p.splits()
		return
	}
	p.stripRows, p.panelCols = simd.BlockShape[T]()
	p.vectorCols, p.step = simd.Lanes[T](), 1
	p.packA = p.m*p.k > 1<<15 && p.n > 2*p.panelCols
	p.packB = p.k > 0 && p.b.byRow || p.n*p.k > 1<<13 && p.m > 4*p.stripRows
}

// spreads tells whether each worker should compute some rows, or columns, of C as a product of its own. All pack the whole of the
// other operand then, but nobody waits for what another packs, or fetches it from another's cache. The more workers, the more of
// their time this takes.
func (p *product[T]) spreads(workers int) bool { return !p.serial && max(p.m, p.n) >= 96*(workers-1) }

// share returns one of so many shares of C as a product of one worker. It is the same blocks as in the whole product. Of a triangle it
// is rows from the diagonal on, or columns from there down.
func (p *product[T]) share(i, shares int) product[T] {
	q := *p
	q.serial = true
	if p.part == upperTriangle || p.part == whole && p.m >= p.n {
		rows := p.part.cut(pieces(p.m, p.stripRows), i, shares).of(p.stripRows, p.m)
		q.m, q.a, q.c = rows.len(), p.a.below(rows.lo), p.c[rows.lo*p.ldc:]
		if p.part != whole {
			q.n, q.b, q.c = p.n-rows.lo, p.b.below(rows.lo), q.c[rows.lo:]
		}
		return q
	}
	cols := p.part.cut(pieces(p.n, p.panelCols), i, shares).of(p.panelCols, p.n)
	q.n, q.b, q.c = cols.len(), p.b.below(cols.lo), p.c[cols.lo:]
	if p.part != whole {
		q.m, q.a, q.c = p.m-cols.lo, p.a.below(cols.lo), q.c[cols.lo*p.ldc:]
	}
	return q
}

// tiles tells whether the processor multiplies tiles of bfloat16.
func (p *product[T]) tiles() bool { return p.step > 1 }

// deep returns the number of parts of k, and ks one of them.
func (p *product[T]) deep() int {
	switch {
	case p.parts:
		return pieces(p.k, depthParts)
	case p.tiles():
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
	full             int // rows of all strips but the last, 0 if they are cut evenly
	panels           span
	packedA, packedB []T              // [strip or panel][k][row or column], if they are packed
	sizesA, sizesB   []simd.Exponents // of a strip or panel of parts
	packsA           bool             // whether packedA is for this crossing to fill; else the one before has
}

func (x *crossing[T]) strip(s int) span {
	if x.full > 0 {
		return span{s, s + 1}.of(x.full, x.rows.len()).within(x.rows)
	}
	return cut(x.rows.len(), s, x.strips).within(x.rows)
}

// alike returns how many strips from s to below end are of one height.
func (x *crossing[T]) alike(s, end int) int {
	if x.full > 0 {
		return max(1, min(end, x.rows.len()/x.full)-s)
	}
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
			suits := true
			if p.parts {
				n, suits = p.suit(x, s, n, q)
			}
			p.blocks(&b, x, n, rows, cols, suits, scratch)
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
func (p *product[T]) blocks(b *simd.Block[T], x *crossing[T], n int, rows, cols span, suits bool, scratch []T) {
	all, some := p.part.overlap(rows, cols)
	switch {
	case all:
		b.C, b.CRow = p.c[rows.lo*p.ldc+cols.lo:], p.ldc
		p.kernel(b, x, n, rows, cols, suits)
	case some:
		b.C, b.CRow = scratch, cols.len()
		for i := 0; b.Beta != 0 && i < rows.len(); i++ {
			copy(scratch[i*b.CRow:], p.c[(rows.lo+i)*p.ldc+cols.lo:][:b.CRow])
		}
		p.kernel(b, x, n, rows, cols, suits)
		for i := range rows.len() {
			has := p.part.columns(rows.lo+i, cols)
			copy(p.c[(rows.lo+i)*p.ldc:][has.lo:has.hi], scratch[i*b.CRow+has.lo-cols.lo:])
		}
	}
}

// kernel multiplies n blocks. Those of parts that do not suit it computes as a product for itself.
func (p *product[T]) kernel(b *simd.Block[T], x *crossing[T], n int, rows, cols span, suits bool) {
	switch {
	case p.pairs:
		simd.MultiplyBF16(any(b).(*simd.Block[float32]), n, rows.len(), cols.len())
	case p.parts && suits:
		simd.MultiplyParts(any(b).(*simd.Block[float32]), n, rows.len(), cols.len())
	case p.parts:
		p.alone(b, span{rows.lo, rows.lo + n*rows.len()}, cols, x.ks)
	default:
		b.Multiply(n, rows.len(), cols.len())
	}
}

// maxStripRows and largestBlock are the numbers of rows and elements of the largest block of any implementation.
const (
	maxStripRows = 32
	largestBlock = 32 * 32
)
