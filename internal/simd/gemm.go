package simd

import "unsafe"

//go:generate go run -C _asm ./gemm -dir ..

// Block is a product C ← αAB + βC with so few rows and columns that C stays in registers until it is stored. The rows of C
// and B are contiguous, BStep and CRow apart. A has a distance for each direction, so that it may be transposed. Distances
// count elements. If β = 0, C is not read.
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
	packed      int // 1 if A and B are packed, so that the special loop for them applies
	masked      int // steps at the end for which a whole vector might reach beyond the end of B
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

// Multiply computes one block of rows × cols elements of C for each strip of A, one block below the other. All counts are at
// least 1. Each element is a sum in the order of p. Vector code does not round the products. A sum of K terms is within
// K·2⁻²⁴·Σ|a||b| of the exact one, K·2⁻⁵³·Σ|a||b| for float64.
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
	b.checkOperands(strips, rows, cols)
	_ = b.C[(strips*rows-1)*b.CRow+cols-1]
}

func (b *Block[T]) checkOperands(strips, rows, cols int) {
	if b.K > 0 {
		_ = b.A[(strips-1)*b.AStrip+(rows-1)*b.ARow+(b.K-1)*b.AStep]
		_ = b.B[(b.K-1)*b.BStep+cols-1]
	}
}

// Pad is the unit, in elements, in which Transpose and CopyBands write rows. They may write anything between the end of a row
// and the next multiple of Pad.
func Pad[T Float]() int { return 32 / int(unsafe.Sizeof(T(0))) }

// Transpose sets dst[p*to+i] = src[i*from+p] for i < rows and p < k. The padding of dst becomes undefined (see Pad).
func Transpose[T Float](dst []T, to int, src []T, from, rows, k int) {
	done := vectorTranspose(dst, to, src, from, rows, k)
	for i := 0; i < rows && done < k; i++ {
		for p, v := range src[i*from:][:k][done:] {
			dst[(done+p)*to+i] = v
		}
	}
}

// CopyBands cuts a matrix of k rows into bands of cols columns and stores one band after the other:
// dst[b*band+p*to+j] = src[p*from+b*cols+j] for b < bands, j < cols and p < k. The padding of dst becomes undefined (see Pad).
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
