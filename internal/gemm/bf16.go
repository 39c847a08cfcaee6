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
	runHalves(whole, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// Rounded is an operand of a product of bfloat16: a matrix that is stored by rows, or its transpose.
type Rounded struct {
	Single     []float32   // elements that are rounded to bfloat16 as they are packed
	Half       []simd.BF16 // elements in bfloat16, instead of Single
	Stride     int         // from one row to the next
	Transposed bool
}

// MulRounded computes C ← αAB + βC for A of m×k and B of k×n. It is MulBF16 for operands that are rounded to bfloat16 or will be. Instructions for
// bfloat16 take subnormal numbers for 0 before they round. Without such instructions it keeps rounded copies of A and B.
func MulRounded(m, n, k int, alpha float32, a, b Rounded, beta float32, c []float32, ldc int) {
	runBF16(&product[float32]{m: m, n: n, k: k, alpha: alpha, beta: beta, c: c, ldc: ldc, a: a.operand(!a.Transposed), b: b.operand(b.Transposed)})
}

// MulBiasRounded computes AB plus a bias for each column, rounds the sums, and stores them in bfloat16: C ← AB + bias. A nil bias is 0.
func MulBiasRounded(m, n, k int, a, b Rounded, bias []float32, c []simd.BF16, ldc int) {
	runBF16(&product[float32]{m: m, n: n, k: k, alpha: 1, half: c, bias: bias, ldc: ldc, a: a.operand(!a.Transposed), b: b.operand(b.Transposed)})
}

func (r Rounded) operand(byRow bool) operand[float32] {
	return operand[float32]{data: r.Single, half: r.Half, rounds: r.Half == nil, stride: r.Stride, byRow: byRow}
}

// SyrkBF16 is Syrk for A in bfloat16, with the bits of MulBF16.
func SyrkBF16(upper, trans bool, n, k int, alpha float32, a []simd.BF16, lda int, beta float32, c []float32, ldc int) {
	MulTriangleBF16(upper, trans, !trans, n, k, alpha, a, lda, a, lda, beta, c, ldc)
}

// MulTriangleBF16 is MulTriangle for A and B in bfloat16, with the bits of MulBF16.
func MulTriangleBF16(upper, transA, transB bool, n, k int, alpha float32, a []simd.BF16, lda int, b []simd.BF16, ldb int,
	beta float32, c []float32, ldc int) {
	runHalves(triangle(upper), transA, transB, n, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// runHalves computes a part of C from operands in bfloat16.
func runHalves(part part, transA, transB bool, m, n, k int, alpha float32, a []simd.BF16, lda int, b []simd.BF16, ldb int,
	beta float32, c []float32, ldc int) {
	p := product[float32]{m: m, n: n, k: k, alpha: alpha, beta: beta, c: c, ldc: ldc, part: part}
	p.a = operand[float32]{half: a, stride: lda, byRow: !transA}
	p.b = operand[float32]{half: b, stride: ldb, byRow: transB}
	runBF16(&p)
}

// runBF16 computes a product of operands in bfloat16, or to be rounded to it.
func runBF16(p *product[float32]) {
	switch {
	case p.m == 0 || p.n == 0 || p.k == 0 || p.alpha == 0:
		run(p)
	case simd.HasBF16Products():
		p.pairs = true
		p.stripRows, p.panelCols, p.step = simd.BlockShapeBF16()
		p.a.cols, p.b.cols, p.a.lines = p.k, p.k, p.tiles()
		p.k = pieces(p.k, 2*p.step) * p.step
		if a := &p.a; p.tiles() && a.byRow && a.half != nil && a.cols == 2*p.k && a.stride%2 == 0 { // no packing
			*a = operand[float32]{data: simd.WordsBF16(a.half), stride: a.stride / 2, byRow: true}
		}
		run(p)
	default:
		w := wides.Get().(*wide)
		p.a, p.b = w.widen(&w.a, p.a, p.m, p.k), w.widen(&w.b, p.b, p.n, p.k)
		run(p)
		wides.Put(w)
	}
}

// MulByBF16 is Mul for B in bfloat16. The bits are those of Mul for B widened to float32.
func MulByBF16(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []simd.BF16, ldb int, beta float32, c []float32, ldc int) {
	w := wides.Get().(*wide)
	defer wides.Put(w)
	wide := w.widen(&w.b, operand[float32]{half: b, stride: ldb, byRow: transB}, n, k)
	Mul(transA, transB, m, n, k, alpha, a, lda, wide.data, wide.stride, beta, c, ldc)
}

// packPairs is pack for bfloat16. It packs pairs of columns, one pair to a word. Words after the last column are 0. It goes through memory in order:
// along rows if they are contiguous, and otherwise across the bands, which lie side by side.
func (o operand[T]) packPairs(dst []float32, to, band int, rows span, bands int, words span) {
	n := rows.len()
	if o.byRow {
		for b := range bands {
			for i := 0; i < n; i += simd.SquareLines {
				for w := words.lo; w < words.hi; w += simd.SquareDepth / 2 {
					o.packSquare(dst[b*band:], to, span{rows.lo + b*n, rows.hi + b*n}, i, words, w)
				}
			}
		}
		return
	}
	for w := words.lo; w < words.hi; w += simd.SquareDepth / 2 {
		for b := range bands {
			for i := 0; i < n; i += simd.SquareLines {
				o.packSquare(dst[b*band:], to, span{rows.lo + b*n, rows.hi + b*n}, i, words, w)
			}
		}
	}
}

// packSquare packs the square of a band that begins at row i of the band and word w. It takes a pointer because a copy of the operand is read only
// after the words of the square before are stored.
func (o *operand[T]) packSquare(dst []float32, to int, rows span, i int, words span, w int) {
	at := (w-words.lo)*to + i
	if o.lines {
		at = i*to + w - words.lo
	}
	from, lines, k := o.place(rows.lo+i, 2*w), min(simd.SquareLines, rows.len()-i), min(simd.SquareDepth, o.cols-2*w)
	if o.half != nil {
		simd.PackSquare(dst[at:], to, o.half[from:], o.stride, lines, k, words.hi-w, o.byRow, o.lines)
		return
	}
	simd.PackSquare(dst[at:], to, any(o.data[from:]).([]float32), o.stride, lines, k, words.hi-w, o.byRow, o.lines)
}

// wide holds A and B widened to float32.
type wide struct {
	a, b []float32

	dst  []float32           // the operand that is being widened
	src  operand[float32]    // its elements in bfloat16, or to be rounded to it
	cols int                 // elements that are contiguous in src
	do   func(worker, i int) // w.piece, kept so that a call allocates nothing
}

var wides = sync.Pool{New: func() any {
	w := new(wide)
	w.do = w.piece
	return w
}}

// widePiece is the number of elements that one task widens.
const widePiece = 1 << 12

// widen returns an operand of some rows and columns in float32, without gaps between its rows. It is in the memory of dst, which grows.
func (w *wide) widen(dst *[]float32, src operand[float32], rows, cols int) operand[float32] {
	if !src.byRow {
		rows, cols = cols, rows
	}
	*dst = scratch.Grow(*dst, rows*cols)
	w.dst, w.src, w.cols = *dst, src, cols
	parallel.For(pieces(len(w.dst), widePiece), w.do)
	w.src = operand[float32]{}
	return operand[float32]{data: *dst, stride: cols, byRow: src.byRow}
}

func (w *wide) piece(_, i int) {
	lo, hi := i*widePiece, min((i+1)*widePiece, len(w.dst))
	var rounded [widePiece]simd.BF16
	for lo < hi {
		row, col := lo/w.cols, lo%w.cols
		to, at := w.dst[lo:min(hi, lo+w.cols-col)], row*w.src.stride+col
		half := rounded[:len(to)]
		if w.src.rounds {
			simd.RoundBF16(half, w.src.data[at:])
		} else {
			half = w.src.half[at:]
		}
		simd.WidenBF16(to, half)
		lo += len(to)
	}
}
