package gemm

import (
	"steepest/internal/parallel"
	"steepest/internal/simd"
)

// depth is the number of terms that a block of C adds in one visit, and that are packed at a time. A panel of B of this depth stays in the
// first-level cache, and the packed operands stay in the larger caches until they are used. After each visit the sums are rounded
// to the type of C. So these constants affect the bits of results, unlike all others here. AMX tiles are so fast that they should visit
// C rarely, so their depth is larger.
const (
	depth      = 384
	depthTiles = 1024
	depthParts = 768 / simd.PartsDepth * simd.PartsWords
)

// product is C ← α·op(A)·op(B) + βC together with the decisions how to compute it. C is divided into blocks that fit into registers:
// a block is where a strip of rows crosses a panel of columns.
type product[T simd.Float] struct {
	m, n, k     int
	alpha, beta T
	a, b        operand[T]
	c           []T
	half        []simd.BF16 // C in bfloat16, instead of c; then β = 0
	bias        []float32   // of the columns of half, or nil
	ldc         int
	part        part

	stripRows, panelCols int  // the size of the largest block
	vectorCols           int  // columns in a vector register; 0 for pairs
	packA, packB         bool // whether A and B are packed
	serial               bool // whether one worker does all the work
	pairs                bool // whether A and B are pairs of bfloat16
	parts                bool // whether A and B are packed in parts
	plain                bool // whether parts are forbidden
	step                 int  // k is a multiple of step
}

// decide chooses which operands are packed and whether to use several workers. If all others are busy, shares of C would only pack the same
// operand again. The thresholds were measured.
func (p *product[T]) decide() {
	p.serial = p.m*p.n*p.k < 1<<19 || parallel.Alone()
	if p.pairs {
		p.packA, p.packB = p.a.half != nil || p.a.rounds, true
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

// spreads reports whether each worker should compute its own rows (or columns) of C as a separate product. Then every worker packs the
// whole other operand, but no worker waits for another, or reads data from the cache of another. The cost of repeated packing grows with the
// number of workers.
func (p *product[T]) spreads(workers int) bool { return !p.serial && max(p.m, p.n) >= fewest(workers) }

// fewest is the fewest rows (or columns) that are shared among some workers.
func fewest(workers int) int { return 96 * (workers - 1) }

// sharesRows reports whether the shares of a whole product are rows of C, and not columns: the larger of the two, so that less is packed again.
// Pairs that are multiplied where they are need no packing, so then shares are columns.
func (p *product[T]) sharesRows(shares int) bool {
	if p.pairs && !p.packA && p.n >= fewest(shares) {
		return false
	}
	return p.m >= p.n
}

// share returns share i of C as a product for one worker. Its blocks are blocks of the whole product. A share of an upper triangle is some
// of its rows, from the diagonal to the right; a share of a lower triangle is some of its columns, from the diagonal down.
func (p *product[T]) share(i, shares int) product[T] {
	q := *p
	q.serial = true
	if p.part == upperTriangle || p.part == whole && p.sharesRows(shares) {
		rows := p.part.cut(pieces(p.m, p.stripRows), i, shares).of(p.stripRows, p.m)
		q.m, q.a = rows.len(), p.a.below(rows.lo)
		q.results(rows.lo, 0)
		if p.part != whole {
			q.n, q.b = p.n-rows.lo, p.b.below(rows.lo)
			q.results(0, rows.lo)
		}
		return q
	}
	cols := p.part.cut(pieces(p.n, p.panelCols), i, shares).of(p.panelCols, p.n)
	q.n, q.b = cols.len(), p.b.below(cols.lo)
	q.results(0, cols.lo)
	if p.part != whole {
		q.m, q.a = p.m-cols.lo, p.a.below(cols.lo)
		q.results(cols.lo, 0)
	}
	return q
}

// results leaves out the first rows and columns of C.
func (p *product[T]) results(rows, cols int) {
	at := rows*p.ldc + cols
	if p.half == nil {
		p.c = p.c[at:]
		return
	}
	p.half = p.half[at:]
	if p.bias != nil {
		p.bias = p.bias[cols:]
	}
}

// tiles reports whether the product runs on AMX tiles.
func (p *product[T]) tiles() bool { return p.step > 1 }

// deep returns the number of visits to a block of C, each of which adds some of the k terms. A block that is rounded is visited once.
func (p *product[T]) deep() int {
	switch {
	case p.half != nil:
		return 1
	case p.parts:
		return pieces(p.k, depthParts)
	case p.tiles():
		return pieces(p.k, depthTiles)
	}
	return max(1, pieces(p.k, depth))
}

// ks returns the terms of one visit.
func (p *product[T]) ks(part int) span {
	s := cut(p.k/p.step, part, p.deep())
	return span{s.lo * p.step, s.hi * p.step}
}

// crossing is the part of a product that is computed from one packed piece of A and one packed piece of B: some rows of A, some
// columns of B, some terms of k.
type crossing[T simd.Float] struct {
	ks               span
	rows             span
	strips           int // the number of strips
	full             int // rows of each strip but the last; 0 if the strips have about equal heights
	panels           span
	packedA, packedB []T              // [strip or panel][k][row or column], if packed
	sizesA, sizesB   []simd.Exponents // the range of exponents of each strip and panel, for parts
	packsA           bool             // whether this crossing packs A; otherwise the previous crossing has packed it
}

func (x *crossing[T]) strip(s int) span {
	if x.full > 0 {
		return span{s, s + 1}.of(x.full, x.rows.len()).within(x.rows)
	}
	return cut(x.rows.len(), s, x.strips).within(x.rows)
}

// alike returns how many of the strips s, s+1, … before end have the height of strip s.
func (x *crossing[T]) alike(s, end int) int {
	if x.full > 0 {
		return max(1, min(end, x.rows.len()/x.full)-s)
	}
	if larger := x.rows.len() % x.strips; s < larger {
		return min(larger, end) - s
	}
	return end - s
}

// panel returns the columns of panel q. If only one vector of columns were left for the last panel, the panel before it passes a vector on:
// a block of one vector has too few independent sums to hide the latency of an addition.
func (p *product[T]) panel(q int) span {
	s := span{q * p.panelCols, min((q+1)*p.panelCols, p.n)}
	switch rest := p.n - s.hi; {
	case 0 < rest && rest <= p.vectorCols:
		s.hi -= p.vectorCols
	case rest == 0 && q > 0 && s.len() <= p.vectorCols:
		s.lo -= p.vectorCols
	}
	return s
}

// stripPad is the number of rows that a packed strip has room for.
func (p *product[T]) stripPad() int { return pieces(p.stripRows, simd.Pad[T]()) * simd.Pad[T]() }

// tile computes the blocks of some strips and panels. Blocks on the border of a triangle go through scratch, which has room for
// the largest block.
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

// inside returns how many of the n strips s, s+1, … lie inside the triangle with all elements of cols; at least 1.
func (p *product[T]) inside(x *crossing[T], s, n int, cols span) int {
	for i := range n {
		if all, _ := p.part.overlap(x.strip(s+i), cols); !all {
			return max(1, i)
		}
	}
	return n
}

// blocks computes n blocks below each other, the first of which has the given rows. A block on the border of a triangle is computed in
// scratch, and its elements inside the triangle are copied to C.
func (p *product[T]) blocks(b *simd.Block[T], x *crossing[T], n int, rows, cols span, suits bool, scratch []T) {
	all, some := p.part.overlap(rows, cols)
	switch {
	case p.half != nil:
		p.round(b, x, n, rows, cols, scratch)
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

// round computes n blocks below each other, and stores them with their bias in bfloat16. Without tiles each block is computed in scratch first.
func (p *product[T]) round(b *simd.Block[T], x *crossing[T], n int, rows, cols span, scratch []T) {
	bias := noBias[:]
	if p.bias != nil {
		bias = p.bias[cols.lo:]
	}
	if p.tiles() {
		b.CRow = p.ldc
		simd.MultiplyTilesRounded(any(b).(*simd.Block[float32]), p.half[rows.lo*p.ldc+cols.lo:], bias, n, rows.len(), cols.len())
		return
	}
	b.C, b.CRow = scratch, cols.len()
	for range n {
		p.kernel(b, x, 1, rows, cols, true)
		simd.RoundBlockBF16(p.half[rows.lo*p.ldc+cols.lo:], p.ldc, any(scratch).([]float32), cols.len(), rows.len(), cols.len(), bias)
		b.A, rows = b.A[min(b.AStrip, len(b.A)):], rows.within(span{rows.len(), 0})
	}
}

// noBias is the bias of a block without one.
var noBias [maxPanelCols]float32

// kernel computes n blocks by the instructions that decide has chosen. Blocks that do not suit parts become a product of their own.
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

// maxStripRows, maxPanelCols and largestBlock are the most rows, columns and elements that a block has in any implementation.
const (
	maxStripRows = 32
	maxPanelCols = 48
	largestBlock = 32 * 32
)
