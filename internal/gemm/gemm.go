package gemm

import (
	"math"

	"steepest/internal/simd"
)

// Mul computes C ← α·op(A)·op(B) + βC. op(A) is m×k and op(B) is k×n; op transposes a matrix if its flag is set. All matrices are
// stored by rows, with ld elements from one row to the next. If β is 0, C is not read; if α is 0, A and B are not read. The caller
// must have checked the arguments.
func Mul[T simd.Float](transA, transB bool, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	run(&product[T]{
		m: m, n: n, k: k, alpha: alpha, beta: beta, c: c, ldc: ldc,
		a: operand[T]{data: a, stride: lda, byRow: !transA}, b: operand[T]{data: b, stride: ldb, byRow: transB},
	})
}

// Syrk computes one triangle, including the diagonal, of the symmetric matrix C ← αAAᵀ + βC for A of n×k. If trans is set, it computes
// C ← αAᵀA + βC for A of k×n. The other triangle of C is not touched. The elements have the same bits as those of Mul. The caller must
// have checked the arguments.
func Syrk[T simd.Float](upper, trans bool, n, k int, alpha T, a []T, lda int, beta T, c []T, ldc int) {
	MulTriangle(upper, trans, !trans, n, k, alpha, a, lda, a, lda, beta, c, ldc)
}

// MulTriangle computes one triangle, including the diagonal, of the n×n matrix C of Mul. It serves products A·B that are known to be
// symmetric. The other triangle of C is not touched. The elements have the same bits as those of Mul. The caller must have checked the
// arguments.
func MulTriangle[T simd.Float](upper, transA, transB bool, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	run(&product[T]{
		m: n, n: n, k: k, alpha: alpha, beta: beta, c: c, ldc: ldc, part: triangle(upper),
		a: operand[T]{data: a, stride: lda, byRow: !transA}, b: operand[T]{data: b, stride: ldb, byRow: transB},
	})
}

func run[T simd.Float](p *product[T]) {
	if p.alpha == 0 {
		p.k, p.a, p.b = 0, operand[T]{}, operand[T]{}
	}
	if p.m == 0 || p.n == 0 || p.k == 0 && p.beta == 1 {
		return
	}
	p.decide()
	p.multiply()
}

// multiply computes the product in the way that decide has chosen.
func (p *product[T]) multiply() {
	if p.small() {
		p.direct()
		return
	}
	p.compute()
}

// compute packs A and B and multiplies them. Its memory is kept for later products.
func (p *product[T]) compute() {
	j := poolOf[T](&jobs).Get().(*job[T])
	j.product = *p
	j.run()
	j.product = product[T]{} // not to keep the caller's matrices
	poolOf[T](&jobs).Put(j)
}

// operand is op(A) or the transpose of op(B). Row i of an operand belongs to row i of C (for A) or to column i of C (for B), and
// column p belongs to term p of the sums.
type operand[T simd.Float] struct {
	data   []T
	stride int
	byRow  bool        // whether its rows are contiguous; otherwise its columns are
	half   []simd.BF16 // the elements in bfloat16, instead of data; then k counts pairs of columns
	rounds bool        // whether data, of float32, is rounded to bfloat16; then k counts pairs of columns
	cols   int         // the number of columns, if half or rounds is set or the operand is packed in parts
	ofB    bool        // whether it is the transpose of op(B)
	lines  bool        // whether it is packed by rows, which tiles require of A
}

// below returns the operand without its first i rows.
func (o operand[T]) below(i int) operand[T] {
	if o.byRow {
		i *= o.stride
	}
	if o.half != nil {
		o.half = o.half[i:]
	} else {
		o.data = o.data[i:]
	}
	return o
}

// from returns the elements starting at (i, p).
func (o operand[T]) from(i, p int) []T { return o.data[o.place(i, p):] }

// place returns the index of element (i, p).
func (o operand[T]) place(i, p int) int {
	if o.byRow {
		return i*o.stride + p
	}
	return p*o.stride + i
}

// steps returns the distances in memory from element (i, p) to elements (i+1, p) and (i, p+1).
func (o operand[T]) steps() (row, col int) {
	if o.byRow {
		return o.stride, 1
	}
	return 1, o.stride
}

// pack copies several bands (strips or panels) of equal height, the first of which has the given rows. Element p of row i of band b
// goes to
//
//	dst[b*band + (p-ks.lo)*to + i]     by columns
//	dst[b*band + i*to + (p-ks.lo)]     by rows, if lines is set
func (o operand[T]) pack(dst []T, to, band int, rows span, bands int, ks span) {
	switch {
	case o.rounds, o.half != nil:
		o.packPairs(any(dst).([]float32), to, band, rows, bands, ks)
	case !o.byRow:
		simd.CopyBands(dst, to, band, o.from(rows.lo, ks.lo), o.stride, rows.len(), bands, ks.len())
	default:
		for b := range bands {
			simd.Transpose(dst[b*band:], to, o.from(rows.lo+b*rows.len(), ks.lo), o.stride, rows.len(), ks.len())
		}
	}
}

// part is the part of C that is computed.
type part int

const (
	whole part = iota
	lowerTriangle
	upperTriangle
)

func triangle(upper bool) part {
	if upper {
		return upperTriangle
	}
	return lowerTriangle
}

// cut splits n rows (or columns) into pieces and returns piece i. It splits a triangle, whose rows become shorter, so that every piece
// has about the same area.
func (part part) cut(n, i, pieces int) span {
	if part == whole {
		return cut(n, i, pieces)
	}
	before := func(i int) int { return int(math.Round(float64(n) * (1 - math.Sqrt(1-float64(i)/float64(pieces))))) }
	return span{before(i), before(i + 1)}
}

// has reports whether element (i, j) of C belongs to the part.
func (part part) has(i, j int) bool {
	return part == whole || i == j || (part == lowerTriangle) == (j < i)
}

// columns returns the columns among cols in which row i of a triangle has elements.
func (part part) columns(i int, cols span) span {
	if part == upperTriangle {
		return span{min(max(cols.lo, i), cols.hi), cols.hi}
	}
	return span{cols.lo, max(min(cols.hi, i+1), cols.lo)}
}

// overlap reports whether all elements of a block of C belong to the part, and whether some do.
func (part part) overlap(rows, cols span) (all, some bool) {
	bottomLeft, topRight := part.has(rows.hi-1, cols.lo), part.has(rows.lo, cols.hi-1)
	return bottomLeft && topRight, bottomLeft || topRight
}

// span is the range of indices [lo, hi).
type span struct{ lo, hi int }

func (s span) len() int { return s.hi - s.lo }

// of returns the elements of the blocks in s. Every block has size elements, but the last of all ends at element n.
func (s span) of(size, n int) span { return span{s.lo * size, min(s.hi*size, n)} }

// within returns s shifted by the start of t.
func (s span) within(t span) span { return span{t.lo + s.lo, t.lo + s.hi} }

// pieces returns ⌈n/size⌉, the number of pieces of at most size elements that n elements need.
func pieces(n, size int) int { return (n + size - 1) / size }

// cut splits n elements into pieces and returns piece i. The sizes of the pieces differ by at most one, and the larger pieces come first.
func cut(n, i, pieces int) span {
	size, larger := n/pieces, n%pieces
	lo := i*size + min(i, larger)
	if i < larger {
		size++
	}
	return span{lo, lo + size}
}
