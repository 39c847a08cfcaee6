package gemm

import (
	"sync"

	"steepest/internal/parallel"
	"steepest/internal/scratch"
	"steepest/internal/simd"
)

// MulBF16 is Mul for A and B in bfloat16 and C in float32. Products are exact and sums are in float32. A processor with instructions for
// bfloat16 adds 2 products to a sum at a time (VDPBF16PS) or 32 (AMX), and takes subnormal numbers for 0. On other processors A and B are
// widened to float32 first.
func MulBF16(transA, transB bool, m, n, k int, alpha float32, a []simd.BF16, lda int, b []simd.BF16, ldb int,
	beta float32, c []float32, ldc int) {
	runBF16(whole, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// SyrkBF16 is Syrk for A in bfloat16, with the bits of MulBF16.
func SyrkBF16(upper, trans bool, n, k int, alpha float32, a []simd.BF16, lda int, beta float32, c []float32, ldc int) {
	MulTriangleBF16(upper, trans, !trans, n, k, alpha, a, lda, a, lda, beta, c, ldc)
}

// MulTriangleBF16 is MulTriangle for A and B in bfloat16, with the bits of MulBF16.
func MulTriangleBF16(upper, transA, transB bool, n, k int, alpha float32, a []simd.BF16, lda int, b []simd.BF16, ldb int,
	beta float32, c []float32, ldc int) {
	runBF16(triangle(upper), transA, transB, n, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

func runBF16(part part, transA, transB bool, m, n, k int, alpha float32, a []simd.BF16, lda int, b []simd.BF16, ldb int,
	beta float32, c []float32, ldc int) {
	p := &product[float32]{m: m, n: n, alpha: alpha, beta: beta, c: c, ldc: ldc, part: part}
	if k == 0 || alpha == 0 {
		run(p)
		return
	}
	if simd.HasBF16Products() {
		p.pairs = true
		p.stripRows, p.panelCols, p.step = simd.BlockShapeBF16()
		p.k = pieces(k, 2*p.step) * p.step
		p.a = operand[float32]{half: a, stride: lda, byRow: !transA, cols: k, lines: p.tiles()}
		p.b = operand[float32]{half: b, stride: ldb, byRow: transB, cols: k}
		if p.tiles() && !transA && k == 2*p.k && lda%2 == 0 { // no packing
			p.a = operand[float32]{data: simd.WordsBF16(a), stride: lda / 2, byRow: true}
		}
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

// MulByBF16 is Mul for B in bfloat16. The bits are those of Mul for B widened to float32.
func MulByBF16(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []simd.BF16, ldb int, beta float32, c []float32, ldc int) {
	w := wides.Get().(*wide)
	defer wides.Put(w)
	w.b = w.widen(w.b, b)
	Mul(transA, transB, m, n, k, alpha, a, lda, w.b, ldb, beta, c, ldc)
}

// packBF16 packs the columns in pairs, one pair to a word. Words after the last column are 0.
func (o operand[T]) packBF16(dst []float32, to int, rows, words span) {
	cols := span{2 * words.lo, min(2*words.hi, o.cols)}
	n, k := rows.len(), cols.len()
	pairs := pieces(k, 2)
	switch {
	case o.byRow && o.lines:
		for i := range n {
			simd.PairsBF16(dst[i*to:][:pairs], o.half[(rows.lo+i)*o.stride+cols.lo:][:k])
		}
	case o.byRow:
		simd.PackBF16(dst, to, o.half[rows.lo*o.stride+cols.lo:], o.stride, n, k)
	case o.lines:
		const deep = 64 // words packed by columns, which stay in the cache until they are transposed
		var columns [deep * maxStripRows]float32
		for at := 0; at < pairs; at += deep {
			simd.PackColumnsBF16(columns[:], maxStripRows, o.half[(cols.lo+2*at)*o.stride+rows.lo:], o.stride, n, min(2*deep, k-2*at))
			simd.Transpose(dst[at:], to, columns[:], maxStripRows, min(deep, pairs-at), n)
		}
	default:
		simd.PackColumnsBF16(dst, to, o.half[cols.lo*o.stride+rows.lo:], o.stride, n, k)
	}
	if o.lines {
		for i := range n {
			clear(dst[i*to+pairs:][:words.len()-pairs])
		}
		return
	}
	for p := pairs; p < words.len(); p++ {
		clear(dst[p*to:][:n])
	}
}

// wide holds A and B widened to float32.
type wide struct {
	a, b []float32

	dst []float32           // the operand that is being widened
	src []simd.BF16         // its elements in bfloat16
	do  func(worker, i int) // w.piece, kept so that a call allocates nothing
}

var wides = sync.Pool{New: func() any {
	w := new(wide)
	w.do = w.piece
	return w
}}

// widePiece is the number of elements that one task widens.
const widePiece = 1 << 16

func (w *wide) widen(dst []float32, src []simd.BF16) []float32 {
	w.dst, w.src = scratch.Grow(dst, len(src)), src
	parallel.For(pieces(len(src), widePiece), w.do)
	w.src = nil
	return w.dst
}

func (w *wide) piece(_, i int) {
	lo, hi := i*widePiece, min((i+1)*widePiece, len(w.src))
	simd.WidenBF16(w.dst[lo:hi], w.src[lo:hi])
}
