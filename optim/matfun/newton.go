package matfun

import (
	"math"

	"steepest/internal/gemm"
	"steepest/internal/simd"
)

// newton is the memory of a coupled Newton iteration: matrices of the order of A.
type newton[T simd.Float] struct {
	a, x, m, n, y, other []T
	v, av                []T
}

// newtonSteps is the largest number of steps, as in Distributed Shampoo. The smallest eigenvalue of M, λ_min/λ_max at first,
// grows by a factor (1 + 1/p)ᵖ < e a step, so no matrix of float64 with a sensible ridge needs more than half of them.
const newtonSteps = 100

// newtonRoot is InverseRoot by the coupled iteration
//
//	N = ((p+1)I − M)/p,  X ← XN,  M ← NᵖM,  from X₀ = z^(1/p)·I, M₀ = zA, z = (p+1)/(2‖A‖_F),
//
// which keeps M = XᵖA, but for rounding, and takes M to I. It tells whether it converged, to a residual below 1.
func (w *Workspace[T]) newtonRoot(dst, a []T, n int, r Root) (residual float64, ok bool) {
	p, whole := r.whole()
	if !whole || r.Ridge != Shift && r.Ridge != ShiftRelative {
		return 0, false
	}
	k := &w.newton
	unit, err := symmetric(&w.mirror, &k.a, a, n)
	if err != nil {
		return 0, false
	}
	ridge := r.Eps / unit
	if r.Ridge == ShiftRelative {
		ridge = r.Eps * max(k.largest(n), 1e-16/unit)
	}
	addToDiagonal(k.a, n, T(ridge))
	for _, m := range []*[]T{&k.x, &k.m, &k.n, &k.y, &k.other} {
		*m = grow(*m, n*n)
	}
	if !k.converge(&w.mirror, n, p) {
		return 0, false
	}
	y, free := w.mirror.power(k.x, k.y, k.other, n, p)
	gemm.MulTriangle(true, false, false, n, n, 1, y, n, k.a, n, 0, free, n)
	addToDiagonal(free, n, -1)
	residual = symmetricNorm(free, n)
	simd.Scal(T(math.Pow(unit, -1/r.P)), k.x)
	if s := simd.SumSquares(k.x); s-s != 0 || !(residual < 1) {
		return 0, false
	}
	copy(dst, k.x)
	return residual, true
}

// converge sets k.x to A^(−1/p), unless it fails.
func (k *newton[T]) converge(m *mirror[T], n, p int) bool {
	norm := symmetricNorm(k.a, n)
	if norm == 0 {
		return n == 0
	}
	z := float64(p+1) / (2 * norm)
	clear(k.x)
	addToDiagonal(k.x, n, T(math.Pow(z, 1/float64(p))))
	copy(k.m, k.a)
	simd.Scal(T(z), k.m)
	u, before := epsilon[T](), math.Inf(1)
	for range newtonSteps {
		e := farFromIdentity(k.m, n)
		if !(e <= 1.2*before) { // it diverges
			return false
		}
		if e < u || float64(n)*e < 0.1 && e > before/2 { // ‖M − I‖ is small, so a step would square it, but for rounding
			return e < math.Sqrt(u)
		}
		before = e
		for i, v := range k.m {
			k.n[i] = -v / T(p)
		}
		addToDiagonal(k.n, n, 1+1/T(p))
		m.product(k.other, k.x, k.n, n)
		k.x, k.other = k.other, k.x
		k.y, k.other = m.power(k.n, k.y, k.other, n, p)
		m.product(k.other, k.y, k.m, n)
		k.m, k.other = k.other, k.m
	}
	return false
}

// largest returns λ_max by the power method.
func (k *newton[T]) largest(n int) (λ float64) {
	k.v, k.av = grow(k.v, n), grow(k.av, n)
	for i := range k.v {
		k.v[i] = T(2*math.Mod(float64(i+1)*math.Phi, 1) - 1) // no eigenvector is likely to be orthogonal to it
	}
	for range newtonSteps {
		norm := simd.Nrm2(k.v)
		if norm == 0 {
			return 0
		}
		simd.Scal(1/norm, k.v)
		clear(k.av)
		simd.GemvN(1, k.a, n, k.v, k.av)
		before := λ
		λ = float64(simd.Dot(k.v, k.av))
		if math.Abs(λ-before) <= 1e-6*λ {
			break
		}
		k.v, k.av = k.av, k.v
	}
	return λ
}

// farFromIdentity returns the largest magnitude in A − I, or NaN if there is one.
func farFromIdentity[T simd.Float](a []T, n int) float64 {
	var largest T
	for i := range n {
		for j, v := range a[i*n : (i+1)*n] {
			if i == j {
				v--
			}
			largest = max(largest, v, -v)
		}
	}
	return float64(largest)
}

func addToDiagonal[T simd.Float](a []T, n int, by T) {
	for i := 0; i < len(a); i += n + 1 {
		a[i] += by
	}
}
