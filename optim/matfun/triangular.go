package matfun

import (
	"steepest/internal/gemm"
	"steepest/internal/simd"
)

// block is how many rows or columns are solved one by one, between products of matrices.
const block = 64

// SolveLeft sets B, which is n × cols, to U⁻ᵀB. U is n × n and upper triangular; its lower triangle is not read.
func SolveLeft[T simd.Float](u []T, n int, b []T, cols int) {
	for at := 0; at < n; at += block {
		end := min(at+block, n)
		if at > 0 {
			gemm.Mul(true, false, end-at, cols, at, -1, u[at:], n, b, cols, 1, b[at*cols:], cols)
		}
		for i := at; i < end; i++ {
			row := b[i*cols:][:cols]
			for j := at; j < i; j++ {
				simd.Axpy(-u[j*n+i], b[j*cols:][:cols], row)
			}
			by := u[i*n+i]
			for k := range row {
				row[k] /= by
			}
		}
	}
}

// SolveRight sets B, which is rows × n, to BU⁻¹. U is n × n and upper triangular; its lower triangle is not read.
func SolveRight[T simd.Float](u []T, n int, b []T, rows int) {
	for at := 0; at < n; at += block {
		end := min(at+block, n)
		if at > 0 {
			gemm.Mul(false, false, rows, end-at, at, -1, b, n, u[at:], n, 1, b[at:], n)
		}
		for i := range rows {
			row := b[i*n:][:n]
			for j := at; j < end; j++ {
				row[j] /= u[j*n+j]
				simd.Axpy(-row[j], u[j*n+j+1:][:end-j-1], row[j+1:end])
			}
		}
	}
}
