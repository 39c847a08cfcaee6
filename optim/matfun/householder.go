package matfun

import (
	"math"

	"steepest/internal/gemm"
	"steepest/internal/simd"
	"steepest/optim/internal/rescale"
)

// reflector replaces x by the v, v₀ = 1, of the reflector H = I − τvvᵀ for which Hx = βe₁ (LAPACK's dlarfg). With τ = 0 it is I.
func reflector[T simd.Float](x []T) (tau, beta T) {
	alpha, rest := float64(x[0]), float64(simd.Nrm2(x[1:]))
	if rest == 0 {
		x[0] = 1
		return 0, T(alpha)
	}
	long := -math.Copysign(math.Hypot(alpha, rest), alpha)
	tiny, up := 0x1p-900, 0x1p+500
	if rescale.Epsilon[T]() > 0x1p-30 {
		tiny, up = 0x1p-100, 0x1p+60
	}
	if math.Abs(long) < tiny { // 1/β might overflow
		simd.Scal(T(up), x)
		tau, beta = reflector(x)
		return tau, beta / T(up)
	}
	simd.Scal(T(1/(alpha-long)), x[1:])
	x[0] = 1
	return T((long - alpha) / long), T(long)
}

// reflectors holds the reflectors H₁ … H_k, given by vectors of length n. Their product is I − VTVᵀ with an upper triangular T
// (Schreiber and Van Loan 1989, A storage-efficient WY representation for products of Householder transformations), and is applied
// by matrix products.
type reflectors[T simd.Float] struct {
	v    []T //  Vᵀ: row i is the vector of Hᵢ
	ld   int // from one row to the next
	k, n int
	t    []T //  T, of order k
}

// compact computes T. Above the diagonal, its column j is −τⱼT·Vᵀvⱼ.
func (r *reflectors[T]) compact(tau, column []T) {
	k, t := r.k, r.t
	clear(t[:k*k])
	gemm.Syrk(true, false, k, r.n, 1, r.v, r.ld, 0, t, k)
	for j, τ := range tau[:k] {
		for i := range j {
			column[i] = t[i*k+j]
		}
		for i := range j {
			t[i*k+j] = -τ * simd.Dot(t[i*k+i:i*k+j], column[i:j])
		}
		t[j*k+j] = τ
	}
}

// apply multiplies the n × m matrix C from the left by the product H₁ … H_k, or, if reverse is set, by its transpose H_k … H₁. work has
// 2mk elements.
func (r *reflectors[T]) apply(reverse bool, c []T, ldc, m int, work []T) {
	w, tw := work[:m*r.k], work[m*r.k:]
	gemm.Mul(false, false, r.k, m, r.n, 1, r.v, r.ld, c, ldc, 0, w, m)
	gemm.Mul(reverse, false, r.k, m, r.k, 1, r.t, r.k, w, m, 0, tw, m)
	gemm.Mul(true, false, r.n, m, r.k, -1, r.v, r.ld, tw, m, 1, c, ldc)
}

// applyRows applies H_k … H₁ to each of the m rows of c, vectors of length n. work has 2mk elements.
func (r *reflectors[T]) applyRows(c []T, m int, work []T) {
	w, wt := work[:m*r.k], work[m*r.k:]
	gemm.Mul(false, true, m, r.k, r.n, 1, c, r.ld, r.v, r.ld, 0, w, r.k)
	gemm.Mul(false, false, m, r.k, r.k, 1, w, r.k, r.t, r.k, 0, wt, r.k)
	gemm.Mul(false, false, m, r.n, r.k, -1, wt, r.k, r.v, r.ld, 1, c, r.ld)
}
