package matfun

import (
	"fmt"
	"math"

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

// Leading returns the largest singular value σ with its singular vectors, X ≈ σuvᵀ, in new memory.
func (d SVD) Leading() (σ float64, u, v []float64) {
	k := len(d.S)
	u = make([]float64, len(d.U)/k)
	for i := range u {
		u[i] = d.U[i*k]
	}
	return d.S[0], u, append(v, d.VT[:len(d.VT)/k]...)
}

// svd is the memory of a decomposition.
type svd struct{ a, u, s, vt, work []float64 }

// SVD returns the singular value decomposition of x, which it leaves alone, by LAPACK's dgesvd in gonum's translation. The
// slices are the workspace's until its next call. It fails if x holds a NaN or an infinity, and if dgesvd does.
func (w *Workspace[T]) SVD(x []T, rows, cols int) (SVD, error) {
	d, unit, err := w.decompose(x, rows, cols, true)
	simd.Scal(unit, d.S)
	return d, err
}

// SingularValues returns the singular values of x in descending order; otherwise it is SVD.
func (w *Workspace[T]) SingularValues(x []T, rows, cols int) ([]float64, error) {
	d, unit, err := w.decompose(x, rows, cols, false)
	simd.Scal(unit, d.S)
	return d.S, err
}

// decompose is SVD with S in a unit, and without U and VT unless they are wanted.
func (w *Workspace[T]) decompose(x []T, rows, cols int, vectors bool) (d SVD, unit float64, err error) {
	k, m := min(rows, cols), &w.svd
	m.a, m.s = scratch.Grow(m.a, len(x)), scratch.Grow(m.s, k)
	convert(m.a, x)
	a, square, unit, err := rescale.Matrix(m.a, cols, &m.a)
	if err != nil || len(x) == 0 {
		return SVD{}, unit, err
	}
	job := lapack.SVDNone
	if vectors {
		job = lapack.SVDStore
		m.u, m.vt = scratch.Grow(m.u, rows*k), scratch.Grow(m.vt, k*cols)
	}
	m.work = scratch.Grow(m.work, 1)
	lapackgonum.Implementation{}.Dgesvd(job, job, rows, cols, a, cols, m.s, m.u, k, m.vt, cols, m.work, -1)
	m.work = scratch.Grow(m.work, int(m.work[0]))
	if !(lapackgonum.Implementation{}).Dgesvd(job, job, rows, cols, a, cols, m.s, m.u, k, m.vt, cols, m.work, len(m.work)) {
		return SVD{}, unit, fmt.Errorf("matfun: the singular values of the %d × %d matrix of norm %v do not converge",
			rows, cols, math.Sqrt(square)*unit)
	}
	return SVD{m.u, m.s, m.vt}, unit, nil
}

// exact replaces x by its polar factor U_rV_rᵀ, r being its numerical rank: the singular directions of 0, on which the polar
// factor is not unique, give 0, as they do in a linear minimization oracle that owes them nothing. A singular value counts
// as 0 up to max(rows, cols)·ε·σ₁, with ε = 2⁻²³ for float32 and 2⁻⁵² for float64, what rounding in the type of x can make
// of a 0.
func (w *Workspace[T]) exact(x []T, rows, cols int) error {
	d, _, err := w.decompose(x, rows, cols, true)
	if err != nil || len(x) == 0 {
		return err
	}
	rank := 0
	for _, σ := range d.S {
		if σ > float64(max(rows, cols))*epsilon[T]()*d.S[0] {
			rank++
		}
	}
	k := len(d.S)
	gemm.Mul(false, false, rows, cols, rank, 1, d.U, k, d.VT, cols, 0, w.svd.a, cols)
	convert(x, w.svd.a)
	return nil
}

// epsilon is the distance from 1 to the next number.
func epsilon[T simd.Float]() float64 {
	if _, ok := any(T(0)).(float32); ok {
		return 0x1p-23
	}
	return 0x1p-52
}
