package blas

import (
	"gonum.org/v1/gonum/blas"

	"steepest/internal/parallel"
	"steepest/internal/simd"
)

// Dgemv computes y ← αAx + βy if tA is blas.NoTrans, otherwise y ← αAᵀx + βy, for an m×n matrix A.
func (Implementation) Dgemv(tA blas.Transpose, m, n int, alpha float64, a []float64, lda int, x []float64, incX int,
	beta float64, y []float64, incY int) {
	if !gemv(tA, m, n, alpha, a, lda, x, incX, beta, y, incY) {
		reference.Dgemv(tA, m, n, alpha, a, lda, x, incX, beta, y, incY)
	}
}

// Sgemv computes y ← αAx + βy if tA is blas.NoTrans, otherwise y ← αAᵀx + βy, for an m×n matrix A.
func (Implementation) Sgemv(tA blas.Transpose, m, n int, alpha float32, a []float32, lda int, x []float32, incX int,
	beta float32, y []float32, incY int) {
	if !gemv(tA, m, n, alpha, a, lda, x, incX, beta, y, incY) {
		reference.Sgemv(tA, m, n, alpha, a, lda, x, incX, beta, y, incY)
	}
}

// gemv reports whether it did what Dgemv says.
func gemv[T simd.Float](tA blas.Transpose, m, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int) bool {
	trans, valid := transposes(tA)
	lenX, lenY := n, m
	if trans {
		lenX, lenY = m, n
	}
	if !valid || alpha == 0 || !matrix(m, n, lda, len(a)) || !vector(lenX, incX, len(x)) || !vector(lenY, incY, len(y)) {
		return false
	}
	sum := gather(lenY, y, incY)
	if beta == 0 {
		clear(sum)
	} else if beta != 1 {
		simd.Scal(beta, sum)
	}
	addProduct(trans, alpha, a, lda, gather(lenX, x, incX), sum)
	if incY != 1 {
		scatter(sum, y, incY)
	}
	return true
}

// addProduct computes y ← y + αAx, or y ← y + αAᵀx if trans is set. A worker gets rows of A, or columns, so that each element of
// y belongs to one worker. It gets many columns at a time, because reading short pieces of rows is slow.
func addProduct[T simd.Float](trans bool, alpha T, a []T, lda int, x, y []T) {
	small := len(x)*len(y) <= large
	switch {
	case small && trans:
		simd.GemvT(alpha, a, lda, x, y)
	case small:
		simd.GemvN(alpha, a, lda, x, y)
	case trans:
		portions(len(y), len(x), 2048, func(from, to int) { simd.GemvT(alpha, a[from:], lda, x, y[from:to]) })
	default:
		portions(len(y), len(x), 4, func(from, to int) { simd.GemvN(alpha, a[from*lda:], lda, x, y[from:to]) })
	}
}

// Dger computes A ← A + αxyᵀ, for an m×n matrix A.
func (Implementation) Dger(m, n int, alpha float64, x []float64, incX int, y []float64, incY int, a []float64, lda int) {
	if !ger(m, n, alpha, x, incX, y, incY, a, lda) {
		reference.Dger(m, n, alpha, x, incX, y, incY, a, lda)
	}
}

// Sger computes A ← A + αxyᵀ, for an m×n matrix A.
func (Implementation) Sger(m, n int, alpha float32, x []float32, incX int, y []float32, incY int, a []float32, lda int) {
	if !ger(m, n, alpha, x, incX, y, incY, a, lda) {
		reference.Sger(m, n, alpha, x, incX, y, incY, a, lda)
	}
}

// ger reports whether it did what Dger says.
func ger[T simd.Float](m, n int, alpha T, x []T, incX int, y []T, incY int, a []T, lda int) bool {
	if alpha == 0 || !matrix(m, n, lda, len(a)) || !vector(m, incX, len(x)) || !vector(n, incY, len(y)) {
		return false
	}
	addOuter(alpha, gather(m, x, incX), gather(n, y, incY), a, lda)
	return true
}

// addOuter computes A ← A + αxyᵀ. A worker gets rows of A.
func addOuter[T simd.Float](alpha T, x, y, a []T, lda int) {
	if len(x)*len(y) <= large {
		simd.Ger(alpha, x, y, a, lda)
		return
	}
	portions(len(x), len(y), 1, func(from, to int) { simd.Ger(alpha, x[from:to], y, a[from*lda:], lda) })
}

// portions cuts n rows or columns of the length into portions of about a piece, and calls body for the bounds of each. All
// portions but the last are multiples of the unit.
func portions(n, length, unit int, body func(from, to int)) {
	size := (piece/length/unit + 1) * unit
	parallel.For((n+size-1)/size, func(_, k int) { body(k*size, min((k+1)*size, n)) })
}

// gather returns the n elements of x without gaps: x itself if there are no gaps, otherwise a copy.
func gather[T simd.Float](n int, x []T, inc int) []T {
	if inc == 1 {
		return x[:n]
	}
	v := make([]T, n)
	at := first(n, inc)
	for i := range v {
		v[i] = x[at]
		at += inc
	}
	return v
}

// scatter copies the elements of v back to x.
func scatter[T simd.Float](v, x []T, inc int) {
	at := first(len(v), inc)
	for _, e := range v {
		x[at] = e
		at += inc
	}
}

// first returns the index of element 0 of a vector of n elements. With a negative increment it is at the end.
func first(n, inc int) int { return max(0, (1-n)*inc) }
