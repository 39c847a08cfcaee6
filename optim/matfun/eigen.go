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
	// Vectors is V, n × n: column j is the eigenvector of Values[j], of norm 1. Its largest element in magnitude is positive;
	// among several, the first.
	Vectors []T
}

// Eigen returns the eigendecomposition of the symmetric matrix a of order n. It reduces a to a tridiagonal matrix by Householder
// reflections, in the type of a, and decomposes that by Cuppen's divide and conquer, in float64. It reads only the upper triangle
// and does not change a. The returned slices are valid until the next call of the workspace. It fails if the triangle holds a NaN
// or an infinity, or if the iteration for the undivided small matrices does not converge.
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

// eigen holds the memory of a decomposition and of roots computed from it.
type eigen[T simd.Float] struct {
	vectors     []T
	values      []float64
	nonzero     []int // the rows that are not all zeros
	tridiagonal tridiagonal[T]
	divide      divide

	squares [2][]T // more matrices of order n
	scales  []T    // of the columns of V
	diagonal,
	kept []float64

	a    []T          // A again, and
	wide [5][]float64 // more matrices of order n, for the residual
}

// decompose decomposes the matrix in m.vectors. A row of zeros has a unit vector as its eigenvector. It is split off, so that rounding
// cannot mix other eigenvectors into it.
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

// widen extends a decomposition of the kept rows and columns to all n. The eigenvalues of the others are 0.
func (m *eigen[T]) widen(n int) {
	order := len(m.nonzero)
	zeros := slices.IndexFunc(m.values, func(v float64) bool { return v >= 0 }) // the position of the new zeros
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

// nonzeroRows sets kept to the rows of x that are not all zeros.
func nonzeroRows[T simd.Float](kept []int, x []T, rows, cols int) []int {
	kept = kept[:0]
	for i := range rows {
		if slices.ContainsFunc(x[i*cols:][:cols], func(v T) bool { return v != 0 }) {
			kept = append(kept, i)
		}
	}
	return kept
}

// decomposeAll decomposes the matrix in m.vectors: it reduces it to a tridiagonal matrix and divides that.
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

// spectral sets the upper triangle of dst to that of V·diag(f)·Vᵀ. other is scratch memory of the same size.
func spectral[T simd.Float](dst, v, f, other []T) {
	n := len(f)
	copy(other, v)
	scaleColumns(f, other)
	gemm.MulTriangle(true, false, true, n, n, 1, other, n, v, n, 0, dst, n)
}
