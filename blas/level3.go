package blas

import (
	"gonum.org/v1/gonum/blas"

	"steepest/internal/gemm"
	"steepest/internal/simd"
)

// Dgemm computes C ← α·op(A)·op(B) + βC, for op(A) of m×k, op(B) of k×n, and C of m×n. op(A) is A if tA is
// blas.NoTrans, otherwise Aᵀ; op(B) depends on tB in the same way.
func (Implementation) Dgemm(tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int,
	beta float64, c []float64, ldc int) {
	if !mul(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) {
		reference.Dgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
	}
}

// Sgemm computes C ← α·op(A)·op(B) + βC, for op(A) of m×k, op(B) of k×n, and C of m×n. op(A) is A if tA is
// blas.NoTrans, otherwise Aᵀ; op(B) depends on tB in the same way.
func (Implementation) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int,
	beta float32, c []float32, ldc int) {
	if !mul(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) {
		reference.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
	}
}

// mul reports whether it did what Dgemm says.
func mul[T simd.Float](tA, tB blas.Transpose, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) bool {
	transA, validA := transposes(tA)
	transB, validB := transposes(tB)
	if !validA || !validB || !operand(transA, m, k, lda, len(a)) || !operand(transB, k, n, ldb, len(b)) ||
		!matrix(m, n, ldc, len(c)) {
		return false
	}
	gemm.Mul(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
	return true
}

// operand is matrix for an operand that is m×n after a transposition, if trans is set.
func operand(trans bool, m, n, ld, length int) bool {
	if trans {
		m, n = n, m
	}
	return matrix(m, n, ld, length)
}

// Dsyrk computes the triangle ul of C ← αAAᵀ + βC for an n×k matrix A if tA is blas.NoTrans, otherwise of C ← αAᵀA + βC for a k×n A.
func (Implementation) Dsyrk(ul blas.Uplo, tA blas.Transpose, n, k int, alpha float64, a []float64, lda int,
	beta float64, c []float64, ldc int) {
	if !syrk(ul, tA, n, k, alpha, a, lda, beta, c, ldc) {
		reference.Dsyrk(ul, tA, n, k, alpha, a, lda, beta, c, ldc)
	}
}

// Ssyrk computes the triangle ul of C ← αAAᵀ + βC for an n×k matrix A if tA is blas.NoTrans, otherwise of C ← αAᵀA + βC for a k×n A.
func (Implementation) Ssyrk(ul blas.Uplo, tA blas.Transpose, n, k int, alpha float32, a []float32, lda int,
	beta float32, c []float32, ldc int) {
	if !syrk(ul, tA, n, k, alpha, a, lda, beta, c, ldc) {
		reference.Ssyrk(ul, tA, n, k, alpha, a, lda, beta, c, ldc)
	}
}

// syrk reports whether it did what Dsyrk says.
func syrk[T simd.Float](ul blas.Uplo, tA blas.Transpose, n, k int, alpha T, a []T, lda int, beta T, c []T, ldc int) bool {
	trans, valid := transposes(tA)
	if !valid || ul != blas.Upper && ul != blas.Lower || !operand(trans, n, k, lda, len(a)) || !matrix(n, n, ldc, len(c)) {
		return false
	}
	gemm.Syrk(ul == blas.Upper, trans, n, k, alpha, a, lda, beta, c, ldc)
	return true
}
