package gemm

import (
	"sync"

	"steepest/internal/scratch"
	"steepest/internal/simd"
)

// inCache is the number of elements of A, B and C together that fit into the second-level cache.
const inCache = 3 << 16

// small reports whether C is computed without packing: one worker does all the work, and all matrices fit into the cache.
func (p *product[T]) small() bool {
	return p.serial && p.part == whole && !p.pairs && !p.parts && p.half == nil && p.m*p.k+p.k*p.n+p.m*p.n <= inCache
}

// turns reports whether it is faster to compute Cᵀ = op(B)ᵀop(A)ᵀ and to transpose its blocks. The unit of work is a quarter of the time to
// multiply and add one lane of a vector, used or not. A row of a single vector costs as much as 5/4 vectors, because each of its products
// loads an element of A. Transposing an element costs as much as 3/4 vectors in an operand, and as much as 2 vectors in C. These costs were
// measured.
func (p *product[T]) turns() bool {
	lanes := p.vectorCols
	work := func(rows, cols int) int { return rows * max(5*lanes, 4*roundUp(cols, lanes)) * p.k }
	along, across := work(p.m, p.n), work(p.n, p.m)+8*lanes*p.m*p.n
	if p.b.byRow {
		along += 3 * lanes * p.n * p.k
	}
	if p.a.byRow {
		across += 3 * lanes * p.m * p.k
	}
	return across < along
}

// roundUp returns the least multiple of size, a power of 2, that is at least n. It avoids the division of pieces, which takes as long as many multiplications.
func roundUp(n, size int) int { return (n + size - 1) &^ (size - 1) }

// direct computes C panel by panel, without packing A. Its memory is kept for later products.
func (p *product[T]) direct() {
	turns := p.turns()
	if turns {
		p.m, p.n, p.a, p.b = p.n, p.m, p.b, p.a
	}
	if !turns && !p.b.byRow {
		p.panels(nil, nil)
		return
	}
	kept := poolOf[T](&buffers).Get().(*buffer[T])
	if p.b.byRow {
		kept.panel = scratch.Grow(kept.panel, min(p.k, depth)*p.panelCols)
	}
	if turns {
		kept.turned = scratch.Grow(kept.turned, turnedStrips*p.stripRows*p.panelCols)
		p.panels(kept.panel, kept.turned)
	} else {
		p.panels(kept.panel, nil)
	}
	poolOf[T](&buffers).Put(kept)
}

// panels computes C. panel is memory for a transposed panel of B, and turned is memory for strips of C that must be transposed; each is nil
// if it is not needed.
func (p *product[T]) panels(panel, turned []T) {
	b := simd.Block[T]{BStep: p.b.stride, CRow: p.ldc, Alpha: p.alpha, Beta: p.beta}
	b.ARow, b.AStep = p.a.steps()
	strips := pieces(p.m, p.stripRows)
	low, higher := p.m/strips, p.m%strips
	groups := [2]struct{ strips, rows int }{{higher, low + 1}, {strips - higher, low}} // strips of equal height
	most := strips
	if turned != nil {
		most = turnedStrips
	}
	deep := p.deep()
	for d := range deep {
		ks := cut(p.k, d, deep)
		b.K = ks.len()
		for q := 0; q*p.panelCols < p.n; q++ {
			cols := p.panel(q)
			if b.K > 0 {
				b.B = p.b.from(cols.lo, ks.lo)
			}
			if p.b.byRow && b.K > 0 {
				simd.Transpose(panel, p.panelCols, b.B, p.b.stride, cols.len(), b.K)
				b.B, b.BStep = panel, p.panelCols
			}
			row := 0
			for _, g := range groups {
				for left := g.strips; left > 0; left -= most {
					n := min(left, most)
					rows := span{row, row + n*g.rows}
					if b.K > 0 {
						b.A, b.AStrip = p.a.from(row, ks.lo), g.rows*b.ARow
					}
					if turned == nil {
						b.C = p.c[rows.lo*p.ldc+cols.lo:]
						b.Multiply(n, g.rows, cols.len())
					} else {
						p.turn(&b, n, rows, cols, turned)
					}
					row = rows.hi
				}
			}
		}
		b.Beta = 1
	}
}

// turn computes n blocks of Cᵀ in turned and stores their transpose in C.
func (p *product[T]) turn(b *simd.Block[T], n int, rows, cols span, turned []T) {
	c := p.c[cols.lo*p.ldc+rows.lo:]
	b.C, b.CRow = turned, cols.len()
	if b.Beta != 0 {
		Transpose(turned, b.CRow, c, p.ldc, cols.len(), rows.len())
	}
	b.Multiply(n, rows.len()/n, cols.len())
	Transpose(c, p.ldc, turned, b.CRow, rows.len(), cols.len())
}

// turnedStrips is the number of strips of Cᵀ that are transposed at a time, while they are in the first-level cache.
const turnedStrips = 8

// buffer is the memory of panels.
type buffer[T simd.Float] struct{ panel, turned []T }

var buffers = pools{sync.Pool{New: func() any { return new(buffer[float32]) }}, sync.Pool{New: func() any { return new(buffer[float64]) }}}
