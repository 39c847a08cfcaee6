package matfun

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/lapack"
	lapackgonum "gonum.org/v1/gonum/lapack/gonum"

	"steepest/internal/gemm"
	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim/internal/rescale"
)

// SVD is the thin singular value decomposition X = U·diag(S)·VT of a rows × cols matrix, in float64, with k = min(rows,
// cols).
type SVD struct {
	// U is rows × k, with orthonormal columns.
	U []float64
	// S holds the k singular values in descending order.
	S []float64
	// VT is k × cols, with orthonormal rows.
	VT []float64
}

// svd holds the memory of a decomposition.
type svd struct {
	a, u, s, vt, work []float64

	gram, long []float64 // XXᵀ or XᵀX, and the transpose of VT
	wide       *Workspace[float64]
}

// SVD returns the singular value decomposition of x and does not change x. For float64 it calls gonum's translation of LAPACK's
// dgesvd, which allocates memory if x is large. For float32 it uses the eigenvectors of XXᵀ or XᵀX in float64: squaring loses at
// most half of the digits, which is less than the rounding of float32. The returned slices are valid until the next call of the
// workspace. It fails if x holds a NaN or an infinity, or if the iteration does not converge.
func (w *Workspace[T]) SVD(x []T, rows, cols int) (SVD, error) {
	d, unit, err := w.decompose(x, rows, cols, true)
	simd.Scal(unit, d.S)
	return d, err
}

// SingularValues returns the singular values of x in descending order, computed as in SVD.
func (w *Workspace[T]) SingularValues(x []T, rows, cols int) ([]float64, error) {
	d, unit, err := w.decompose(x, rows, cols, false)
	simd.Scal(unit, d.S)
	return d.S, err
}

// decompose computes SVD with S in a unit. It computes U and VT only if vectors is set.
func (w *Workspace[T]) decompose(x []T, rows, cols int, vectors bool) (d SVD, unit float64, err error) {
	k, m := min(rows, cols), &w.svd
	m.a, m.s = scratch.Grow(m.a, len(x)), scratch.Grow(m.s, k)
	convert(m.a, x)
	a, _, unit, err := rescale.Matrix(m.a, cols, &m.a)
	if err != nil || len(x) == 0 {
		return SVD{}, unit, err
	}
	if vectors {
		m.u, m.vt = scratch.Grow(m.u, rows*k), scratch.Grow(m.vt, k*cols)
	}
	if rescale.Epsilon[T]() > 0x1p-30 {
		err = m.byGram(a, rows, cols, vectors)
	} else if !m.byLAPACK(a, rows, cols, vectors) {
		err = fmt.Errorf("matfun: the singular values of the %d × %d matrix do not converge", rows, cols)
	}
	if err != nil {
		return SVD{}, unit, err
	}
	d = SVD{m.u, m.s, m.vt}
	if vectors {
		clearZeros(d, x, rows, cols)
	}
	return d, unit, nil
}

func (m *svd) byLAPACK(a []float64, rows, cols int, vectors bool) bool {
	k, job, gonum := min(rows, cols), lapack.SVDNone, lapackgonum.Implementation{}
	if vectors {
		job = lapack.SVDStore
	}
	m.work = scratch.Grow(m.work, 1)
	gonum.Dgesvd(job, job, rows, cols, a, cols, m.s, m.u, k, m.vt, cols, m.work, -1)
	m.work = scratch.Grow(m.work, int(m.work[0]))
	return gonum.Dgesvd(job, job, rows, cols, a, cols, m.s, m.u, k, m.vt, cols, m.work, len(m.work))
}

// byGram takes the eigenvectors of the smaller Gram matrix as the singular vectors of the shorter side. X maps them to the singular
// vectors of the longer side, times the singular values. Where these are small, errors matter; so the vectors are orthonormalized in
// order.
func (m *svd) byGram(a []float64, rows, cols int, vectors bool) error {
	k, tall := min(rows, cols), rows > cols
	m.gram = scratch.Grow(m.gram, k*k)
	gemm.Syrk(true, tall, k, max(rows, cols), 1, a, cols, 0, m.gram, k)
	if m.wide == nil {
		m.wide = new(Workspace[float64])
	}
	e, err := m.wide.Eigen(m.gram, k)
	if err != nil {
		return err
	}
	slices.Reverse(e.Values)
	for i, v := range e.Values {
		m.s[i] = math.Sqrt(max(v, 0))
	}
	if !vectors {
		return nil
	}
	for i := range k {
		slices.Reverse(e.Vectors[i*k:][:k])
	}
	if tall {
		gemm.Mul(false, false, rows, k, k, 1, a, cols, e.Vectors, k, 0, m.u, k)
		gemm.Transpose(m.vt, k, e.Vectors, k, k, k)
		return m.wide.QR(m.u, rows, k)
	}
	m.long = scratch.Grow(m.long, cols*k)
	gemm.Mul(true, false, cols, k, k, 1, a, cols, e.Vectors, k, 0, m.long, k)
	copy(m.u, e.Vectors)
	err = m.wide.QR(m.long, cols, k)
	gemm.Transpose(m.vt, cols, m.long, k, cols, k)
	return err
}

// exact replaces x by its polar factor U_rV_rᵀ, where r is the numerical rank. In singular directions of 0 the polar factor is
// not unique; there the result is 0, which a linear minimization oracle may choose. A singular value counts as 0 up to
// max(rows, cols)·ε·σ₁, the error that rounding can make of a 0, with ε = 2⁻²³ for float32 and 2⁻⁵² for float64.
func (w *Workspace[T]) exact(x []T, rows, cols int) error {
	d, _, err := w.decompose(x, rows, cols, true)
	if err != nil || len(x) == 0 {
		return err
	}
	k := len(d.S)
	gemm.Mul(false, false, rows, cols, rescale.Rank[T](d.S, rows, cols), 1, d.U, k, d.VT, cols, 0, w.svd.a, cols)
	convert(x, w.svd.a)
	return nil
}

// clearZeros sets elements of the singular vectors to 0 where a row or a column of x is 0 and they are only rounding errors. It skips the
// vectors of singular values that count as 0.
func clearZeros[T simd.Float](d SVD, x []T, rows, cols int) {
	k, r := len(d.S), rescale.Rank[T](d.S, rows, cols)
	for i := range rows {
		if !slices.ContainsFunc(x[i*cols:][:cols], func(v T) bool { return v != 0 }) {
			clear(d.U[i*k:][:r])
		}
	}
	for j := range cols {
		at := j
		for at < len(x) && x[at] == 0 {
			at += cols
		}
		for i := 0; at >= len(x) && i < r; i++ {
			d.VT[i*cols+j] = 0
		}
	}
}
