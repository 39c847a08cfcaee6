package gemm

import (
	"math"

	"steepest/internal/simd"
)

// Mul computes C ← α·op(A)·op(B) + βC, where op(A) is m×k, op(B) is k×n, and op transposes a matrix if its flag says so. All
// are stored by rows, with ld elements from one row to the next. With β = 0 what C held does not matter, and with α = 0
// neither A nor B is read. The arguments must have been checked.
func Mul[T simd.Float](transA, transB bool, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	run(product[T]{
		m: m, n: n, k: k, alpha: alpha, beta: beta, c: c, ldc: ldc,
		a: operand[T]{data: a, stride: lda, byRow: !transA}, b: operand[T]{data: b, stride: ldb, byRow: transB},
	})
}

// Syrk computes one triangle, with its diagonal, of the symmetric C ← αAAᵀ + βC, A being n×k, or, if trans, of
// C ← αAᵀA + βC, A being k×n. What is in the other triangle stays. The elements have the bits that Mul gives them. The
// arguments must have been checked.
func Syrk[T simd.Float](upper, trans bool, n, k int, alpha T, a []T, lda int, beta T, c []T, ldc int) {
	MulTriangle(upper, trans, !trans, n, k, alpha, a, lda, a, lda, beta, c, ldc)
}

// MulTriangle computes one triangle, with its diagonal, of the n×n matrix C of Mul, for products that are symmetric for reasons
// of their own. What is in the other triangle stays. The elements have the bits that Mul gives them. The arguments must have
// been checked.
func MulTriangle[T simd.Float](upper, transA, transB bool, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	run(product[T]{
		m: n, n: n, k: k, alpha: alpha, beta: beta, c: c, ldc: ldc, part: triangle(upper),
		a: operand[T]{data: a, stride: lda, byRow: !transA}, b: operand[T]{data: b, stride: ldb, byRow: transB},
	})
}

func run[T simd.Float](p product[T]) {
	if p.alpha == 0 {
		p.k, p.a, p.b = 0, operand[T]{}, operand[T]{}
	}
	if p.m == 0 || p.n == 0 || p.k == 0 && p.beta == 1 {
		return
	}
	p.decide()
	p.multiply()
}

// multiply does what has been decided.
func (p product[T]) multiply() {
	if p.small() {
		p.direct()
		return
	}
	p.compute()
}

// compute packs and multiplies, with memory that it keeps for the products that come after.
func (p product[T]) compute() {
	j := jobs[T]().Get().(*job[T])
	j.product = p
	j.run()
	j.product = product[T]{} // not to keep the caller's matrices
	jobs[T]().Put(j)
}

// operand is op(A), or the transpose of op(B): a matrix whose rows belong to rows, or columns, of C, and whose columns to k.
type operand[T simd.Float] struct {
	data   []T
	stride int
	byRow  bool        // whether its rows are contiguous, else its columns are
	half   []simd.BF16 // instead of data, where k counts pairs of its columns
	cols   int         // of half, or what is packed as parts
	ofB    bool        // whether it is the transpose of op(B)
	lines  bool        // whether it is packed by rows, as tiles need A
}

// below returns the operand from row i on.
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

// from returns the elements from (i, p) on.
func (o operand[T]) from(i, p int) []T {
	if o.byRow {
		return o.data[i*o.stride+p:]
	}
	return o.data[p*o.stride+i:]
}

// steps returns the distances from (i, p) to (i+1, p) and (i, p+1).
func (o operand[T]) steps() (row, col int) {
	if o.byRow {
		return o.stride, 1
	}
	return 1, o.stride
}

// pack copies bands side by side, the first of them the given rows and as many in the others: of band b it sets
// dst[b*band+(p-ks.lo)*to+i], or, for lines, dst[b*band+i*to+p-ks.lo], to row i of the band, for all p in ks.
func (o operand[T]) pack(dst []T, to, band int, rows span, bands int, ks span) {
	if !o.byRow && o.half == nil {
		simd.CopyBands(dst, to, band, o.from(rows.lo, ks.lo), o.stride, rows.len(), bands, ks.len())
		return
	}
	for b := range bands {
		from := rows.lo + b*rows.len()
		if o.half != nil {
			o.packBF16(any(dst[b*band:]).([]float32), to, span{from, from + rows.len()}, ks)
		} else {
			simd.Transpose(dst[b*band:], to, o.from(from, ks.lo), o.stride, rows.len(), ks.len())
		}
	}
}

// part says which elements of C are computed.
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

// cut is cut for rows, or columns, of which those of a triangle are the shorter the later they come.
func (part part) cut(n, i, pieces int) span {
	if part == whole {
		return cut(n, i, pieces)
	}
	before := func(i int) int { return int(math.Round(float64(n) * (1 - math.Sqrt(1-float64(i)/float64(pieces))))) }
	return span{before(i), before(i + 1)}
}

// has tells whether an element of C belongs to the part.
func (part part) has(i, j int) bool {
	return part == whole || i == j || (part == lowerTriangle) == (j < i)
}

// columns returns those of cols whose element in row i belongs to a triangle.
func (part part) columns(i int, cols span) span {
	if part == upperTriangle {
		return span{min(max(cols.lo, i), cols.hi), cols.hi}
	}
	return span{cols.lo, max(min(cols.hi, i+1), cols.lo)}
}

// overlap tells whether a block of C belongs to the part as a whole, and whether some of it does.
func (part part) overlap(rows, cols span) (all, some bool) {
	bottomLeft, topRight := part.has(rows.hi-1, cols.lo), part.has(rows.lo, cols.hi-1)
	return bottomLeft && topRight, bottomLeft || topRight
}

// span is the indices from lo to below hi.
type span struct{ lo, hi int }

func (s span) len() int { return s.hi - s.lo }

// of is the span of elements that are in the blocks of s, each of the given size, with n elements in all.
func (s span) of(size, n int) span { return span{s.lo * size, min(s.hi*size, n)} }

// within is the span of an s that counts from the start of t.
func (s span) within(t span) span { return span{t.lo + s.lo, t.lo + s.hi} }

// pieces returns into how many pieces of at most the given size n is cut. cut returns one of them; their sizes differ by one
// at most, and the larger ones come first.
func pieces(n, size int) int { return (n + size - 1) / size }

func cut(n, i, pieces int) span {
	size, larger := n/pieces, n%pieces
	lo := i*size + min(i, larger)
	if i < larger {
		size++
	}
	return span{lo, lo + size}
}
