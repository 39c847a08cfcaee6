package matfun

import (
	"math"

	"steepest/internal/gemm"
	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim/internal/rescale"
)

// newton holds the memory of a coupled Newton iteration: matrices of the order of A.
type newton[T simd.Float] struct {
	a, x, m, n, y, other []T
	v, av                []T
}

// newtonSteps is the largest number of steps, as in Distributed Shampoo.
const newtonSteps = 100

// newtonRoot is InverseRoot by the coupled iteration
//
//	N = aI − bM,  X ← XN,  M ← NᵖM,  from X₀ = z^(1/p)·I, M₀ = zA,
//
// which keeps M = XᵖA up to rounding and converges to M = I. With Newton's a = 1 + 1/p and b = 1/p, a small eigenvalue of M grows by a
// factor below e per step. While the eigenvalues lie in a wide interval and p > 1, the a and b of nearestRoot halve the number of
// steps. ok reports whether the iteration converged, to a residual below 1.
func (w *Workspace[T]) newtonRoot(dst, a []T, n int, r Root) (residual float64, ok bool) {
	p, whole := r.whole()
	if !whole || r.Ridge != Shift && r.Ridge != ShiftRelative {
		return 0, false
	}
	k := &w.newton
	unit, err := symmetric(&k.a, a, n)
	if err != nil {
		return 0, false
	}
	ridge := r.Eps / unit
	if r.Ridge == ShiftRelative {
		ridge = r.Eps * k.largest(n)
	}
	if r.Eps > 0 && ridge < float64(n)*rescale.Epsilon[T]()*symmetricNorm(k.a, n) {
		return 0, false // rounding might change it
	}
	addToDiagonal(k.a, n, T(ridge))
	for _, m := range []*[]T{&k.x, &k.m, &k.n, &k.y, &k.other} {
		*m = scratch.Grow(*m, n*n)
	}
	if !k.converge(n, p, ridge) {
		return 0, false
	}
	y, free := power(k.x, k.y, k.other, n, p)
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

// converge sets k.x to A^(−1/p) and reports whether it converged. No eigenvalue of A is below the ridge.
func (k *newton[T]) converge(n, p int, ridge float64) bool {
	norm := symmetricNorm(k.a, n)
	if norm == 0 {
		return n == 0
	}
	const safety = 1.01 // so that rounding cannot make an eigenvalue larger than 1
	z, u, before := 1/(safety*norm), rescale.Epsilon[T](), math.Inf(1)
	low, high := max(z*ridge, u), 1.
	clear(k.x)
	addToDiagonal(k.x, n, T(math.Pow(z, 1/float64(p))))
	copy(k.m, k.a)
	simd.Scal(T(z), k.m)
	for range newtonSteps {
		a, b := 1+1/float64(p), 1/float64(p)
		if e := farFromIdentity(k.m, n); p > 1 && low < 0.9*high {
			a, b, low, high = nearestRoot(float64(p), low, high)
		} else {
			if !(e <= 1.2*before) { // it diverges
				return false
			}
			if e < u || float64(n)*e < 0.1 && e > before/2 { // ‖M − I‖ is small, and rounding stops it from shrinking further
				return e < math.Sqrt(u)
			}
			before = e
		}
		for i, v := range k.m {
			k.n[i] = T(-b) * v
		}
		addToDiagonal(k.n, n, T(a))
		commutingProduct(k.other, k.x, k.n, n)
		k.x, k.other = k.other, k.x
		k.y, k.other = power(k.n, k.y, k.other, n, p)
		commutingProduct(k.other, k.y, k.m, n)
		k.m, k.other = k.other, k.m
	}
	return false
}

// rootCushion keeps nearestRoot from an interval with l < u/5, because a wider interval magnifies rounding errors around u more.
// With the cushion they are three times as large as with Newton's steps. For p = 1 they would be ten times as large, so p = 1 uses
// Newton's steps.
const rootCushion = 0.2

// nearestRoot returns the a and b for which a − bm is nearest to m^(−1/p) on [l, u], after the cushion has narrowed the interval: they
// minimize the maximum of |1 − f| for f(m) = (a − bm)m^(1/p). It also returns the interval to which fᵖ maps [l, u]. By Chebyshev's
// theorem the error alternates: f is equally far below 1 at both ends, and as far above 1 at its maximum m = a/((p+1)b). For p = 2 and
// m = σ² it is the cubic of Polar Express.
func nearestRoot(p, l, u float64) (a, b, low, high float64) {
	c := max(l, rootCushion*u)
	b = (math.Pow(u, 1/p) - math.Pow(c, 1/p)) / (math.Pow(u, 1+1/p) - math.Pow(c, 1+1/p)) // for a = 1
	f := func(m float64) float64 { return float64((1 - float64(b*m)) * math.Pow(m, 1/p)) }
	least, most := f(l), f(1/((p+1)*b))
	a = 2 / (least + most)
	return a, a * b, math.Pow(a*least, p), math.Pow(a*most, p)
}

// largest returns λ_max by the power method.
func (k *newton[T]) largest(n int) (λ float64) {
	k.v, k.av = scratch.Grow(k.v, n), scratch.Grow(k.av, n)
	for i := range k.v {
		k.v[i] = T(2*math.Mod(float64(i+1)*math.Phi, 1) - 1) // a vector that is unlikely to be orthogonal to an eigenvector
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
