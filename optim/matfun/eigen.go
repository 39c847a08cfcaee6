package matfun

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/lapack"
	lapackgonum "gonum.org/v1/gonum/lapack/gonum"

	"steepest/internal/gemm"
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

// Eigen returns the eigendecomposition of the symmetric matrix a of order n, by LAPACK's dsyev in gonum's translation. It reads
// the upper triangle only, and leaves a alone. The slices are the workspace's until its next call. It fails if the triangle
// holds a NaN or an infinity, and if dsyev does.
func (w *Workspace[T]) Eigen(a []T, n int) (Eigen, error) {
	mustBeSquare(a, n)
	m := &w.eigen
	unit, err := symmetric(&m.mirror, &m.vectors, a, n)
	if err != nil {
		return Eigen{}, err
	}
	d, err := m.decompose(n)
	simd.Scal(unit, d.Values)
	return d, err
}

// eigen is the memory of a decomposition, and of what is made of it.
type eigen struct {
	vectors, values, work []float64
	mirror                mirror[float64]

	a       []float64    // A again
	squares [3][]float64 // more matrices of order n
	diagonal,
	kept []float64
}

// decompose takes the matrix in m.vectors apart.
func (m *eigen) decompose(n int) (Eigen, error) {
	m.values = grow(m.values, n)
	if n == 0 {
		return Eigen{}, nil
	}
	lapack64, order := lapackgonum.Implementation{}, max(1, n)
	m.work = grow(m.work, 1)
	lapack64.Dsyev(lapack.EVCompute, blas.Upper, n, m.vectors, order, m.values, m.work, -1)
	m.work = grow(m.work, int(m.work[0]))
	if !lapack64.Dsyev(lapack.EVCompute, blas.Upper, n, m.vectors, order, m.values, m.work, len(m.work)) {
		return Eigen{}, fmt.Errorf("matfun: the eigenvalues of the %d × %d matrix do not converge", n, n)
	}
	m.orient(n)
	return Eigen{m.values, m.vectors}, nil
}

// orient makes the first of the largest elements of each eigenvector positive.
func (m *eigen) orient(n int) {
	largest := m.work[:n]
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

// symmetric sets dst to the symmetric matrix whose upper triangle is that of a, in a unit as measure has it.
func symmetric[To, From simd.Float](m *mirror[To], dst *[]To, a []From, n int) (unit float64, err error) {
	*dst = grow(*dst, n*n)
	x := *dst
	for i := range n {
		convert(x[i*n+i:], a[i*n+i:(i+1)*n])
	}
	m.fill(x, n)
	_, unit, err = measure(&x, x, n, n)
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
		s += 2*simd.SumSquares(a[i*n+i:(i+1)*n]) - d*d
	}
	return math.Sqrt(s)
}
