package gemm

import (
	"sync"

	"steepest/internal/parallel"
	"steepest/internal/simd"
)

// MulBF16 is Mul for A and B of bfloat16 and C of float32. Products are exact, and sums are in float32. On a processor that
// multiplies bfloat16 two products at a time go into a sum, or 32, if it multiplies tiles, and denormal numbers count as 0; on
// others A and B are widened.
func MulBF16(transA, transB bool, m, n, k int, alpha float32, a []simd.BF16, lda int, b []simd.BF16, ldb int,
	beta float32, c []float32, ldc int) {
	runBF16(whole, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// SyrkBF16 is Syrk for A of bfloat16, with the bits of MulBF16.
func SyrkBF16(upper, trans bool, n, k int, alpha float32, a []simd.BF16, lda int, beta float32, c []float32, ldc int) {
	runBF16(triangle(upper), trans, !trans, n, n, k, alpha, a, lda, a, lda, beta, c, ldc)
}

func runBF16(part part, transA, transB bool, m, n, k int, alpha float32, a []simd.BF16, lda int, b []simd.BF16, ldb int,
	beta float32, c []float32, ldc int) {
	p := product[float32]{m: m, n: n, k: (k + 1) / 2, alpha: alpha, beta: beta, c: c, ldc: ldc, part: part}
	if k > 0 && (simd.HasTiles() || simd.HasBF16Products()) {
		p.a = operand[float32]{half: a, stride: lda, byRow: !transA, cols: k}
		p.b = operand[float32]{half: b, stride: ldb, byRow: transB, cols: k}
		run(p)
		return
	}
	w := wides.Get().(*wide)
	defer wides.Put(w)
	w.a, w.b = w.widen(w.a, a), w.widen(w.b, b)
	p.k = k
	p.a = operand[float32]{data: w.a, stride: lda, byRow: !transA}
	p.b = operand[float32]{data: w.b, stride: ldb, byRow: transB}
	run(p)
}

// packBF16 sets the words of dst to the pairs of the given rows and columns.
func (o operand[T]) packBF16(dst []float32, to int, rows, cols span) {
	if o.byRow {
		simd.PackBF16(dst, to, o.half[rows.lo*o.stride+cols.lo:], o.stride, rows.len(), cols.len())
	} else {
		simd.PackColumnsBF16(dst, to, o.half[cols.lo*o.stride+rows.lo:], o.stride, rows.len(), cols.len())
	}
}

// packTiles sets word (i-rows.lo)*to+p-ks.lo of dst to the pair p of row i, and the words from there to the end of a tile to 0.
// Columns go through memory for a block.
func (o operand[T]) packTiles(dst []float32, to int, rows, ks span, block []float32) {
	last := min(2*ks.hi, o.cols)
	for i := 0; o.byRow && i < rows.len(); i++ {
		simd.PairsBF16(dst[i*to:][:ks.len()], o.half[(rows.lo+i)*o.stride+2*ks.lo:][:last-2*ks.lo])
	}
	for lo := ks.lo; !o.byRow && lo < ks.hi; lo += simd.TileSide {
		hi := min(lo+simd.TileSide, ks.hi)
		o.packBF16(block, simd.TileSide, rows, span{2 * lo, min(2*hi, last)})
		simd.Transpose(dst[lo-ks.lo:], to, block, simd.TileSide, hi-lo, rows.len())
	}
	filled := pieces(ks.len(), simd.TileDepth) * simd.TileDepth
	for i := range rows.len() {
		clear(dst[i*to:][ks.len():filled])
	}
}

// wide is memory for A and B in float32.
type wide struct {
	a, b []float32

	dst []float32 // one of them, and
	src []simd.BF16
	do  func(worker, i int) // w.piece, kept because it would be allocated
}

var wides = sync.Pool{New: func() any {
	w := new(wide)
	w.do = w.piece
	return w
}}

// widePiece is the number of elements that a worker widens at a time.
const widePiece = 1 << 16

func (w *wide) widen(dst []float32, src []simd.BF16) []float32 {
	w.dst, w.src = grow(dst, len(src)), src
	parallel.For(pieces(len(src), widePiece), w.do)
	w.src = nil
	return w.dst
}

func (w *wide) piece(_, i int) {
	lo, hi := i*widePiece, min((i+1)*widePiece, len(w.src))
	simd.WidenBF16(w.dst[lo:hi], w.src[lo:hi])
}
