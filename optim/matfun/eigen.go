package matfun

import (
	"fmt"
	"math"

	"steepest/internal/gemm"
	"steepest/internal/scratch"
	"steepest/internal/simd"
)

// Eigen is the decomposition A = V·diag(Values)·Vᵀ of a symmetric matrix of order n, in float64.
type Eigen struct {
	// Values holds the n eigenvalues in ascending order.
	Values []float64
	// Vectors is V, n × n: column j is the eigenvector of Values[j], of norm 1. Of its elements that are largest in magnitude
	// the first is positive.
	Vectors []float64
}

// Eigen returns the eigendecomposition of the symmetric matrix a of order n, by Householder's reduction to a tridiagonal
// matrix and Cuppen's divide and conquer. It reads the upper triangle only, and leaves a alone. The slices are the workspace's
// until its next call. It fails if the triangle holds a NaN or an infinity, and should the iteration for the smallest of the
// matrices that are divided not converge.
func (w *Workspace[T]) Eigen(a []T, n int) (Eigen, error) {
	mustBeSquare(a, n)
	m := &w.eigen
	unit, err := symmetric(&m.vectors, a, n)
	if err != nil {
		return Eigen{}, err
	}
	d, err := m.decompose(n)
	simd.Scal(unit, d.Values)
	return d, err
}

// eigen is the memory of a decomposition, and of what is made of it.
type eigen struct {
	vectors, values []float64
	tridiagonal     tridiagonal
	divide          divide

	a       []float64    // A again
	squares [3][]float64 // more matrices of order n
	diagonal,
	kept []float64
}

// decompose takes the matrix in m.vectors apart: it makes it tridiagonal, and divides that.
func (m *eigen) decompose(n int) (Eigen, error) {
	m.values = scratch.Grow(m.values, n)
	if n == 0 {
		return Eigen{}, nil
	}
	for i := range m.squares {
		m.squares[i] = scratch.Grow(m.squares[i], n*n)
	}
	m.tridiagonal.reduce(m.vectors, n)
	d, rows, sorted := m.tridiagonal.d, m.squares[0], m.squares[1]
	if !m.divide.decompose(d, m.tridiagonal.e, rows, sorted, m.squares[2]) {
		return Eigen{}, fmt.Errorf("matfun: the eigenvalues of the %d × %d matrix do not converge", n, n)
	}
	for i, r := range m.divide.order[:n] {
		m.values[i] = d[r]
		copy(sorted[i*n:(i+1)*n], rows[r*n:])
	}
	gemm.Transpose(rows, n, sorted, n, n, n)
	m.tridiagonal.back(m.vectors, rows)
	m.vectors, m.squares[0] = rows, m.vectors
	m.orient(n)
	return Eigen{m.values, m.vectors}, nil
}

// orient makes the first of the largest elements of each eigenvector positive.
func (m *eigen) orient(n int) {
	m.diagonal = scratch.Grow(m.diagonal, n)
	largest := m.diagonal
	clear(largest)
	for i := 0; i < n*n; i += n {
		for j, v := range m.vectors[i:][:n] {
			if math.Abs(v) > math.Abs(largest[j]) {
				largest[j] = v
			}
		}
	}
	for j, v := range largest {
		largest[j] = math.Copysign(1, v)
	}
	scaleColumns(largest, m.vectors)
}

// function sets dst to V·diag(f)·Vᵀ, but for its lower triangle. It needs another matrix of order n.
func (m *eigen) function(dst, other, f []float64) {
	n := len(f)
	copy(other, m.vectors)
	scaleColumns(f, other)
	gemm.MulTriangle(true, false, true, n, n, 1, other, n, m.vectors, n, 0, dst, n)
}
