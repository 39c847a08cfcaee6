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

// MulRounded is MulBF16 for A and B in float32, which it rounds to bfloat16 as it packs them. Without instructions for bfloat16 it keeps rounded
// copies of A and B.
func MulRounded(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int,
	beta float32, c []float32, ldc int) {
	p := product[float32]{m: m, n: n, k: k, alpha: alpha, beta: beta, c: c, ldc: ldc}
	p.a = operand[float32]{data: a, rounds: true, stride: lda, byRow: !transA}
	p.b = operand[float32]{data: b, rounds: true, stride: ldb, byRow: transB}
	runBF16(&p)
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
	case p.k == 0 || p.alpha == 0:
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
		w.a, w.b = w.widen(w.a, p.a), w.widen(w.b, p.b)
		p.a.data, p.a.half, p.a.rounds = w.a, nil, false
		p.b.data, p.b.half, p.b.rounds = w.b, nil, false
		run(p)
		wides.Put(w)
	}
}

// MulByBF16 is Mul for B in bfloat16. The bits are those of Mul for B widened to float32.
func MulByBF16(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []simd.BF16, ldb int, beta float32, c []float32, ldc int) {
	w := wides.Get().(*wide)
	defer wides.Put(w)
	w.b = w.widen(w.b, operand[float32]{half: b})
	Mul(transA, transB, m, n, k, alpha, a, lda, w.b, ldb, beta, c, ldc)
}

// packBF16 is pack for bfloat16. It packs pairs of columns, one pair to a word. Words after the last column are 0.
func (o operand[T]) packBF16(dst []float32, to, band int, rows span, bands int, words span) {
	cols, n := span{2 * words.lo, min(2*words.hi, o.cols)}, rows.len()
	pairs := pieces(cols.len(), 2)
	switch {
	case o.rounds && o.byRow && o.lines:
		o.roundLines(dst, to, band, rows, bands, cols)
	case o.rounds:
		o.packRounded(dst, to, band, rows, bands, cols)
	}
	for b := range bands {
		dst := dst[b*band:]
		if !o.rounds {
			o.packPairs(dst, to, o.half[o.place(rows.lo+b*n, cols.lo):], o.stride, n, cols.len())
		}
		if o.lines {
			for i := range n {
				clear(dst[i*to+pairs:][:words.len()-pairs])
			}
			continue
		}
		for p := pairs; p < words.len(); p++ {
			clear(dst[p*to:][:n])
		}
	}
}

// deep is the number of words that are packed by columns at a time: they stay in the cache until they are packed by rows.
const deep = 64

// packPairs packs n rows and k columns of src, which is stored as the operand is, with the given stride.
func (o operand[T]) packPairs(dst []float32, to int, src []simd.BF16, stride, n, k int) {
	switch {
	case o.byRow && o.lines:
		for i := range n {
			simd.PairsBF16(dst[i*to:][:pieces(k, 2)], src[i*stride:][:k])
		}
	case o.byRow:
		simd.PackBF16(dst, to, src, stride, n, k)
	case o.lines:
		var columns [deep * maxStripRows]float32
		for at := 0; at < k; at += 2 * deep {
			part := min(2*deep, k-at)
			simd.PackColumnsBF16(columns[:], maxStripRows, src[at*stride:], stride, n, part)
			simd.Transpose(dst[at/2:], to, columns[:], maxStripRows, pieces(part, 2), n)
		}
	default:
		simd.PackColumnsBF16(dst, to, src, stride, n, k)
	}
}

// roundLines is packRounded for rows that are packed as they are stored.
func (o operand[T]) roundLines(dst []float32, to, band int, rows span, bands int, cols span) {
	n, k := rows.len(), cols.len()
	for i := range n * bands {
		src := any(o.data[o.place(rows.lo+i, cols.lo):]).([]float32)
		simd.RoundPairsBF16(dst[i/n*band+i%n*to:][:pieces(k, 2)], src[:k])
	}
}

// packRounded rounds the elements of data and packs them, without the words after the last column. Bands side by side are rounded together,
// since it is slow to read few elements of many rows.
func (o operand[T]) packRounded(dst []float32, to, band int, rows span, bands int, cols span) {
	n, together := rows.len(), bands
	if o.byRow {
		together = 1
	}
	var rounded [sideBySide * maxPanelCols * deep]simd.BF16
	most := len(rounded) / (n * together) &^ 31 // columns at a time: whole vectors of words, since their transposition has padding
	for b := 0; b < bands; b += together {
		for at := cols.lo; at < cols.hi; at += most {
			k := min(most, cols.hi-at)
			lines, length := k, n*together // as they are stored
			if o.byRow {
				lines, length = n, k
			}
			src := any(o.data[o.place(rows.lo+b*n, at):]).([]float32)
			for i := range lines {
				if i+2 < lines { // the processor does not foresee the start of a row
					simd.Prefetch(src[(i+2)*o.stride:][:min(length, 256)])
				}
				simd.RoundBF16(rounded[i*length:][:length], src[i*o.stride:])
			}
			first := (at - cols.lo) / 2
			if !o.lines {
				first *= to
			}
			for i := range together {
				o.packPairs(dst[(b+i)*band+first:], to, rounded[i*n:], length, n, k)
			}
		}
	}
}

// wide holds A and B widened to float32.
type wide struct {
	a, b []float32

	dst []float32           // the operand that is being widened
	src operand[float32]    // its elements in bfloat16, or to be rounded to it
	do  func(worker, i int) // w.piece, kept so that a call allocates nothing
}

var wides = sync.Pool{New: func() any {
	w := new(wide)
	w.do = w.piece
	return w
}}

// widePiece is the number of elements that one task widens.
const widePiece = 1 << 12

func (w *wide) widen(dst []float32, src operand[float32]) []float32 {
	w.dst, w.src = scratch.Grow(dst, max(len(src.half), len(src.data))), src
	parallel.For(pieces(len(w.dst), widePiece), w.do)
	w.src = operand[float32]{}
	return w.dst
}

func (w *wide) piece(_, i int) {
	lo, hi := i*widePiece, min((i+1)*widePiece, len(w.dst))
	if !w.src.rounds {
		simd.WidenBF16(w.dst[lo:hi], w.src.half[lo:hi])
		return
	}
	var rounded [widePiece]simd.BF16
	simd.RoundBF16(rounded[:hi-lo], w.src.data[lo:hi])
	simd.WidenBF16(w.dst[lo:hi], rounded[:hi-lo])
}
