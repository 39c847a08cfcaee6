package matfun

import (
	"fmt"
	"math"

	"steepest/internal/gemm"
	"steepest/internal/scratch"
	"steepest/internal/simd"
)

// Eigen is the decomposition A = V·diag(Values)·Vᵀ of a symmetric matrix of order n.
type Eigen[T simd.Float] struct {
	// Values holds the n eigenvalues in ascending order.
	Values []float64
	// Vectors is V, n × n: column j is the eigenvector of Values[j], of norm 1. Of its elements that are largest in magnitude
	// the first is positive.
	Vectors []T
}

// Eigen returns the eigendecomposition of the symmetric matrix a of order n, by Householder's reduction to a tridiagonal
// matrix, in the type of a, and Cuppen's divide and conquer, in float64. It reads the upper triangle only, and leaves a alone.
// The slices are the workspace's until its next call. It fails if the triangle holds a NaN or an infinity, and should the
// iteration for the smallest of the matrices that are divided not converge.
func (w *Workspace[T]) Eigen(a []T, n int) (Eigen[T], error) {
	mustBeSquare(a, n)
	m := &w.eigen
	unit, err := symmetric(&m.vectors, a, n)
	if err != nil {
		return Eigen[T]{}, err
	}
	if err := m.decompose(n); err != nil {
		return Eigen[T]{}, err
	}
	simd.Scal(unit, m.values)
	return Eigen[T]{m.values, m.vectors}, nil
}

// eigen is the memory of a decomposition, and of what is made of it.
type eigen[T simd.Float] struct {
	vectors     []T
	values      []float64
	tridiagonal tridiagonal[T]
	divide      divide

	squares [2][]T // more matrices of order n
	scales  []T    // of the columns of V
	diagonal,
	kept []float64

	a    []T          // A again, and
	wide [5][]float64 // more matrices of order n, for the residual
}

// decompose takes the matrix in m.vectors apart: it makes it tridiagonal, and divides that.
func (m *eigen[T]) decompose(n int) error {
	m.values = scratch.Grow(m.values, n)
	for i := range m.squares {
		m.squares[i] = scratch.Grow(m.squares[i], n*n)
	}
	if n == 0 {
		return nil
	}
	m.tridiagonal.reduce(m.vectors, n)
	d := m.tridiagonal.d
	if !m.divide.decompose(d, m.tridiagonal.e) {
		return fmt.Errorf("matfun: the eigenvalues of the %d × %d matrix do not converge", n, n)
	}
	rows, columns := m.squares[0], m.squares[1]
	for i, r := range m.divide.order[:n] {
		m.values[i] = d[r]
		convert(rows[i*n:], m.divide.rows[r*n:(r+1)*n])
	}
	gemm.Transpose(columns, n, rows, n, n, n)
	m.tridiagonal.back(m.vectors, columns)
	m.vectors, m.squares[1] = columns, m.vectors
	m.orient(n)
	return nil
}

// orient makes the first of the largest elements of each eigenvector positive.
func (m *eigen[T]) orient(n int) {
	m.scales = scratch.Grow(m.scales, n)
	largest := m.scales
	clear(largest)
	for i := 0; i < n*n; i += n {
		for j, v := range m.vectors[i:][:n] {
			if max(v, -v) > max(largest[j], -largest[j]) {
				largest[j] = v
			}
		}
	}
	for j, v := range largest {
		largest[j] = T(math.Copysign(1, float64(v)))
	}
	scaleColumns(largest, m.vectors)
}

// spectral sets dst to V·diag(f)·Vᵀ, but for its lower triangle. It needs another matrix of the size.
func spectral[T simd.Float](dst, v, f, other []T) {
	n := len(f)
	copy(other, v)
	scaleColumns(f, other)
	gemm.MulTriangle(true, false, true, n, n, 1, other, n, v, n, 0, dst, n)
}
