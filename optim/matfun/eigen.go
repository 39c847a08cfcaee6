package matfun

import (
	"fmt"
	"math"
	"slices"

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
	nonzero     []int // the rows that are not zeros alone
	tridiagonal tridiagonal[T]
	divide      divide

	squares [2][]T // more matrices of order n
	scales  []T    // of the columns of V
	diagonal,
	kept []float64

	a    []T          // A again, and
	wide [5][]float64 // more matrices of order n, for the residual
}

// decompose takes the matrix in m.vectors apart. A row of zeros is an eigenvector by itself, in which rounding must not mix others.
func (m *eigen[T]) decompose(n int) error {
	m.nonzero = nonzeroRows(m.nonzero, m.vectors, n, n)
	order := len(m.nonzero)
	if order == n {
		return m.decomposeAll(n)
	}
	for i, row := range m.nonzero {
		for j, col := range m.nonzero {
			m.vectors[i*order+j] = m.vectors[row*n+col]
		}
	}
	if err := m.decomposeAll(order); err != nil {
		return err
	}
	m.widen(n)
	return nil
}

// widen takes a decomposition of the kept rows and columns to one of all n, where the eigenvalues of the others are 0.
func (m *eigen[T]) widen(n int) {
	order := len(m.nonzero)
	zeros := slices.IndexFunc(m.values, func(v float64) bool { return v >= 0 }) // where they come in
	if zeros < 0 {
		zeros = order
	}
	m.values = slices.Insert(m.values, zeros, make([]float64, n-order)...)
	small := m.vectors
	all := scratch.Grow(m.squares[0], n*n)
	clear(all)
	next, kept := zeros, 0
	for i := range n {
		if kept == order || m.nonzero[kept] != i {
			all[i*n+next] = 1
			next++
			continue
		}
		row := small[kept*order:][:order]
		copy(all[i*n:], row[:zeros])
		copy(all[i*n+zeros+n-order:], row[zeros:])
		kept++
	}
	m.scales = scratch.Grow(m.scales, n)
	m.vectors, m.squares[0], m.squares[1] = all, scratch.Grow(small, n*n), scratch.Grow(m.squares[1], n*n)
}

// nonzeroRows sets kept to the rows of x that are not zeros alone.
func nonzeroRows[T simd.Float](kept []int, x []T, rows, cols int) []int {
	kept = kept[:0]
	for i := range rows {
		if slices.ContainsFunc(x[i*cols:][:cols], func(v T) bool { return v != 0 }) {
			kept = append(kept, i)
		}
	}
	return kept
}

// decomposeAll takes the matrix in m.vectors apart: it makes it tridiagonal, and divides that.
func (m *eigen[T]) decomposeAll(n int) error {
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
