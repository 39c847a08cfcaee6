package matfun

import (
	"math/bits"

	"steepest/internal/gemm"
	"steepest/internal/parallel"
	"steepest/internal/simd"
)

// mirror copies the upper triangles of square matrices to the lower, which makes symmetric products at half the work.
type mirror[T simd.Float] struct {
	square []T
	order  int
	do     func(worker, i int) // m.band, kept because it would be allocated
}

// mirrorSize is the order of the blocks by which a triangle is mirrored, a multiple of simd.Pad.
const mirrorSize = 64

func (m *mirror[T]) fill(square []T, order int) {
	if m.do == nil {
		m.do = m.band
	}
	m.square, m.order = square, order
	parallel.For((order+mirrorSize-1)/mirrorSize, m.do)
	m.square = nil
}

// band fills the rows of block i below the diagonal.
func (m *mirror[T]) band(_, i int) {
	c, n := m.square, m.order
	lo, hi := i*mirrorSize, min((i+1)*mirrorSize, n)
	for j := 0; j < lo; j += mirrorSize {
		simd.Transpose(c[lo*n+j:], n, c[j*n+lo:], n, mirrorSize, hi-lo)
	}
	for i := lo; i < hi; i++ {
		for j := lo; j < i; j++ {
			c[i*n+j] = c[j*n+i]
		}
	}
}

// product sets c to ab = aᵀb, for symmetric matrices that commute, whose product is symmetric too.
func (m *mirror[T]) product(c, a, b []T, n int) {
	gemm.MulTriangle(true, true, false, n, n, 1, a, n, b, n, 0, c, n)
	m.fill(c, n)
}

// power returns xᵖ of a symmetric matrix x, p ≥ 1, in one of y and other, and the other one.
func (m *mirror[T]) power(x, y, other []T, n, p int) (power, free []T) {
	copy(y, x)
	for bit := bits.Len(uint(p)) - 2; bit >= 0; bit-- {
		m.product(other, y, y, n)
		y, other = other, y
		if p>>bit&1 == 1 {
			m.product(other, y, x, n)
			y, other = other, y
		}
	}
	return y, other
}
