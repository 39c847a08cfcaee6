package simd

import "math"

// The products of BLAS level 2: a matrix A times vectors without gaps.

// GemvN computes y ← y + αAx, for A of len(y) rows and len(x) columns. The sum of a row has the order of Dot, with 8 partial
// sums for any length. It is multiplied by α, rounded, and added.
func GemvN[T Float](alpha T, a []T, lda int, x, y []T) {
	if m, n := len(y), len(x); m > 0 {
		gemvN(alpha, a[:(m-1)*lda+n], lda, x, y)
	}
}

func portableGemvN[T Float](alpha T, a []T, lda int, x, y []T) {
	for i := range y {
		var s [8]T
		for j, v := range a[i*lda : i*lda+len(x)] {
			s[j%8] += T(v * x[j])
		}
		y[i] += T(alpha * fold(s[:]))
	}
}

// GemvNBF16 is GemvN for A of bfloat16. It returns the bits of GemvN for A converted to float32.
func GemvNBF16(alpha float32, a []BF16, lda int, x, y []float32) {
	if m, n := len(y), len(x); m > 0 {
		gemvNBF16(alpha, a[:(m-1)*lda+n], lda, x, y)
	}
}

func portableGemvNBF16(alpha float32, a []BF16, lda int, x, y []float32) {
	for i := range y {
		var s [8]float32
		for j, v := range a[i*lda : i*lda+len(x)] {
			s[j%8] += float32(math.Float32frombits(uint32(v)<<16) * x[j])
		}
		y[i] += float32(alpha * fold(s[:]))
	}
}

// GemvT computes y ← y + αAᵀx, for A of len(x) rows and len(y) columns. Row by row, it adds αxᵢ times row i to y.
func GemvT[T Float](alpha T, a []T, lda int, x, y []T) {
	if m, n := len(x), len(y); m > 0 {
		gemvT(alpha, a[:(m-1)*lda+n], lda, x, y)
	}
}

func portableGemvT[T Float](alpha T, a []T, lda int, x, y []T) {
	for i, v := range x {
		Axpy(alpha*v, a[i*lda:i*lda+len(y)], y)
	}
}

// Ger computes A ← A + αxyᵀ, for A of len(x) rows and len(y) columns. It adds αxᵢ times y to row i.
func Ger[T Float](alpha T, x, y, a []T, lda int) {
	if m, n := len(x), len(y); m > 0 {
		ger(alpha, x, y, a[:(m-1)*lda+n], lda)
	}
}

func portableGer[T Float](alpha T, x, y, a []T, lda int) {
	for i, v := range x {
		Axpy(alpha*v, y, a[i*lda:i*lda+len(y)])
	}
}
