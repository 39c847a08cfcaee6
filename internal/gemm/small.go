package gemm

import (
	"sync"

	"steepest/internal/scratch"
	"steepest/internal/simd"
)

// inCache is the number of elements of A, B and C together that fit into the second-level cache.
const inCache = 3 << 16

// small reports whether C is computed without packing: one worker does all the work, and all matrices fit into the cache. The exception is
// a large A with contiguous columns: a strip of it would touch too many cache lines.
func (p *product[T]) small() bool {
	return p.serial && p.part == whole && !p.pairs && !p.parts && p.m*p.k+p.k*p.n+p.m*p.n <= inCache && (p.a.byRow || !p.packA)
}

// turns reports whether it is faster to compute Cᵀ = op(B)ᵀop(A)ᵀ and to transpose its blocks. The unit of work is half a product of
// vectors: transposing an element costs 2, and a row of a single vector costs 3, because each of its products loads an element of A.
func (p *product[T]) turns() bool {
	work := func(rows, cols int) int { return rows * max(3, 2*pieces(cols, p.vectorCols)) * p.k }
	along, across := work(p.m, p.n), work(p.n, p.m)+4*p.m*p.n
	if p.b.byRow {
		along += 2 * p.n * p.k
	}
	if p.a.byRow {
		across += 2 * p.m * p.k
	}
	return across < along
}

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
	x := crossing[T]{rows: span{0, p.m}, strips: pieces(p.m, p.stripRows)}
	for d := range p.deep() {
		ks := p.ks(d)
		b.K = ks.len()
		for q := range pieces(p.n, p.panelCols) {
			cols := p.panel(q)
			if b.K > 0 {
				b.B = p.b.from(cols.lo, ks.lo)
			}
			if p.b.byRow && b.K > 0 {
				simd.Transpose(panel, p.panelCols, b.B, p.b.stride, cols.len(), b.K)
				b.B, b.BStep = panel, p.panelCols
			}
			for s := 0; s < x.strips; {
				rows, n := x.strip(s), x.alike(s, x.strips)
				if b.K > 0 {
					b.A, b.AStrip = p.a.from(rows.lo, ks.lo), rows.len()*b.ARow
				}
				if turned == nil {
					b.C = p.c[rows.lo*p.ldc+cols.lo:]
					b.Multiply(n, rows.len(), cols.len())
				} else {
					n = min(n, turnedStrips)
					c := p.c[cols.lo*p.ldc+rows.lo:]
					b.C, b.CRow = turned, cols.len()
					if b.Beta != 0 {
						Transpose(turned, b.CRow, c, p.ldc, cols.len(), n*rows.len())
					}
					b.Multiply(n, rows.len(), cols.len())
					Transpose(c, p.ldc, turned, b.CRow, n*rows.len(), cols.len())
				}
				s += n
			}
		}
		b.Beta = 1
	}
}

// turnedStrips is the number of strips of Cᵀ that are transposed at a time, while they are in the first-level cache.
const turnedStrips = 8

// buffer is the memory of panels.
type buffer[T simd.Float] struct{ panel, turned []T }

var buffers = pools{sync.Pool{New: func() any { return new(buffer[float32]) }}, sync.Pool{New: func() any { return new(buffer[float64]) }}}
