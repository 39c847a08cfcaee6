package simd

import "unsafe"

//go:generate go run -C _asm ./gemm -dir ..

// Block is a product C ← αAB + βC of a few rows and columns, so few that C is in registers until it is stored. The rows of C
// and B are contiguous, with the given distances between them; A has a distance for each direction, so that it may be
// transposed. Distances count elements. With β = 0 what C held does not matter.
type Block[T Float] struct {
	K           int
	A           []T
	ARow, AStep int // element (i, p) is A[i*ARow+p*AStep]
	AStrip      int // from one strip to the next
	B           []T
	BStep       int // element (p, j) is B[p*BStep+j]
	C           []T
	CRow        int // element (i, j) is C[i*CRow+j]
	strips      int
	last        int // columns in the last vector of a row of C
	packed      int // 1 if the distances of A and B are those for which there is a loop of its own
	Alpha, Beta T
}

// BlockShape returns the largest block of C that Multiply takes.
func BlockShape[T Float]() (rows, cols int) {
	if rows, cols := vectorBlock[T](); rows > 0 {
		return rows, cols
	}
	return 8, 8
}

// Lanes returns the number of columns of C that a vector register holds, or 1.
func Lanes[T Float]() int { return max(1, vectorLanes[T]()) }

// Multiply computes rows × cols elements of C, at least one, and for more than one strip as many blocks, each below the one
// before. Each element is a sum in the order of p, of which vector code does not round the products: a sum of K terms is within
// K·2⁻²⁴·Σ|a||b| of the exact one, 2⁻⁵³ for float64.
func (b *Block[T]) Multiply(strips, rows, cols int) {
	b.check(strips, rows, cols)
	if b.vectorMultiply(strips, rows, cols) {
		return
	}
	for i := range strips * rows {
		a := b.A[min(len(b.A), i/rows*b.AStrip+i%rows*b.ARow):] // empty if K is 0
		c := b.C[i*b.CRow:][:cols]
		for j := range c {
			var sum T
			for p := range b.K {
				sum += T(a[p*b.AStep] * b.B[p*b.BStep+j])
			}
			if b.Beta == 0 {
				c[j] = b.Alpha * sum
			} else {
				c[j] = T(b.Beta*c[j]) + T(b.Alpha*sum)
			}
		}
	}
}

// check panics if a slice is too short.
func (b *Block[T]) check(strips, rows, cols int) {
	if b.K > 0 {
		_ = b.A[(strips-1)*b.AStrip+(rows-1)*b.ARow+(b.K-1)*b.AStep]
		_ = b.B[(b.K-1)*b.BStep+cols-1]
	}
	_ = b.C[(strips*rows-1)*b.CRow+cols-1]
}

// Pad is the number of elements of which the rows that Transpose and CopyBands write are multiples: what a row holds from its
// end up to the next multiple is undefined.
func Pad[T Float]() int { return 32 / int(unsafe.Sizeof(T(0))) }

// Transpose sets dst[p*to+i] = src[i*from+p] for i < rows and p < k, and undefines dst as said at Pad.
func Transpose[T Float](dst []T, to int, src []T, from, rows, k int) {
	done := vectorTranspose(dst, to, src, from, rows, k)
	for i := 0; i < rows && done < k; i++ {
		for p, v := range src[i*from:][:k][done:] {
			dst[(done+p)*to+i] = v
		}
	}
}

// CopyBands copies k rows, each of bands of so many columns side by side, band after band: it sets dst[b*band+p*to+j] =
// src[p*from+b*cols+j] for b < bands, j < cols and p < k, and undefines dst as said at Pad.
func CopyBands[T Float](dst []T, to, band int, src []T, from, cols, bands, k int) {
	if vectorCopyBands(dst, to, band, src, from, cols, bands, k) {
		return
	}
	for p := range k {
		for b := range bands {
			copy(dst[b*band+p*to:][:cols], src[p*from+b*cols:])
		}
	}
}
