package matfun

import (
	"fmt"
	"math"
	"math/bits"

	"steepest/internal/gemm"
	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim/internal/rescale"
)

// symmetric sets dst to the symmetric matrix whose upper triangle is that of a, divided by a unit that package rescale chooses.
func symmetric[To, From simd.Float](dst *[]To, a []From, n int) (unit float64, err error) {
	*dst = scratch.Grow(*dst, n*n)
	x := *dst
	for i := range n {
		convert(x[i*n+i:], a[i*n+i:(i+1)*n])
	}
	gemm.Mirror(n, x, n)
	_, _, unit, err = rescale.Matrix(x, n, dst)
	return unit, err
}

func mustBeSquare[T simd.Float](a []T, n int) {
	if n < 0 || len(a) != n*n {
		panic(fmt.Sprintf("matfun: %d elements for a matrix of order %d", len(a), n))
	}
}

// symmetricNorm returns the Frobenius norm of a symmetric matrix by its upper triangle.
func symmetricNorm[T simd.Float](a []T, n int) float64 {
	var s float64
	for i := range n {
		d := float64(a[i*n+i])
		s += float64(2*simd.SumSquares(a[i*n+i:(i+1)*n])) - float64(d*d)
	}
	return math.Sqrt(s)
}

// commutingProduct sets c to ab for symmetric matrices that commute. Their product is symmetric too.
func commutingProduct[T simd.Float](c, a, b []T, n int) {
	gemm.MulTriangle(true, true, false, n, n, 1, a, n, b, n, 0, c, n)
	gemm.Mirror(n, c, n)
}

// power returns xᵖ of a symmetric matrix x, p ≥ 1. The result is stored in y or other; free is the unused one.
func power[T simd.Float](x, y, other []T, n, p int) (power, free []T) {
	copy(y, x)
	for bit := bits.Len(uint(p)) - 2; bit >= 0; bit-- {
		commutingProduct(other, y, y, n)
		y, other = other, y
		if p>>bit&1 == 1 {
			commutingProduct(other, y, x, n)
			y, other = other, y
		}
	}
	return y, other
}
