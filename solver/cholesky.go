package solver

import (
	"math"

	"steepest/internal/gemm"
	"steepest/internal/simd"
)

// factorBlock is the number of rows of a factor that are computed before the rest is updated by a matrix product.
const factorBlock = 48

// cholesky computes the factor u of a + ridge·I = uᵀu, of order d, and reports whether it exists. It reads the lower triangle of a, and stores the
// factor in the upper triangle of u. The lower triangle of u holds the matrix that is left to be factorized.
func cholesky(u, a []float64, d int, ridge float64) bool {
	for i := range d {
		copy(u[i*d:][:i+1], a[i*d:])
		u[i*d+i] += ridge
	}
	for lo := 0; lo < d; lo += factorBlock {
		hi := min(lo+factorBlock, d)
		for i := lo + 1; i < d; i++ {
			for j := lo; j < min(i, hi); j++ {
				u[j*d+i] = u[i*d+j]
			}
		}
		for j := lo; j < hi; j++ {
			row := u[j*d+j : (j+1)*d]
			for k := lo; k < j; k++ {
				above := u[k*d+j : (k+1)*d]
				simd.Axpy(-above[0], above, row)
			}
			if !(row[0] > 0) || math.IsInf(row[0], 1) {
				return false
			}
			simd.Scal(1/math.Sqrt(row[0]), row)
		}
		if hi < d {
			right := u[lo*d+hi:]
			gemm.MulTriangle(false, true, false, d-hi, hi-lo, -1, right, d, right, d, 1, u[hi*d+hi:], d)
		}
	}
	return true
}

// solve replaces b by (uᵀu)⁻¹b.
func solve(u []float64, d int, b []float64) {
	for i := range d {
		b[i] /= u[i*d+i]
		simd.Axpy(-b[i], u[i*d+i+1:(i+1)*d], b[i+1:])
	}
	for i := d - 1; i >= 0; i-- {
		b[i] = (b[i] - simd.Dot(u[i*d+i+1:(i+1)*d], b[i+1:])) / u[i*d+i]
	}
}
