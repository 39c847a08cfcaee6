package matfun

import (
	"steepest/internal/gemm"
	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim/internal/rescale"
)

const (
	// gramAspect is the ratio of the sides above which an iteration on the small matrix is faster.
	gramAspect = 1.5
	// gramError bounds the rounding error of XXᵀ relative to the largest eigenvalue. Before it is exceeded, X is computed anew.
	gramError = 0.05
)

// onGram reports whether the iteration works on the small matrix alone.
func (it *Iteration) onGram(rows, cols int) bool {
	return it.Gram && it.Products == Full && float64(max(rows, cols)) >= gramAspect*float64(min(rows, cols))
}

// iterateGram makes the steps on R = XXᵀ, or XᵀX, alone (Zhang, Amsel, Chen and Dao, Gram Newton–Schulz, 2026). With P = aI + bR + cR², the
// step X ← PX becomes Q ← QP, R ← PRP, from Q = I; the result is QX. All these matrices are symmetric and commute, so each product needs
// only one triangle.
//
// Near an eigenvalue 0, a step multiplies the rounding error of R by a², but that of X only by a. So before a step that could make the error
// larger than gramError, X ← QX is computed, and R and Q start anew. In float32, five steps of KellerJordan need no restart, and five steps of
// PolarExpress need one, before the last. The authors, who compute in float16, restart before the third.
func (w *Workspace[T]) iterateGram(x []T, rows, cols int, it *Iteration) error {
	if zero, err := w.start(x, x, rows, cols, it); zero || err != nil {
		return err
	}
	steps, m := it.steps(), min(rows, cols)
	w.poly, w.q, w.spare = scratch.Grow(w.poly, m*m), scratch.Grow(w.q, m*m), scratch.Grow(w.spare, m*m)
	if it.Norm == Frobenius {
		w.product(x, rows, cols)
	}
	first, grown := true, rescale.Epsilon[T]()/2
	for k := range steps {
		w.polynomial(it.Table.Step(k), m)
		factor := w.poly
		if first {
			w.q, w.poly, first = w.poly, w.q, false
		} else {
			w.times(&w.q, factor, m)
		}
		if k == steps-1 {
			break
		}
		if grown = it.grown(k, grown); it.restarts(k, grown) {
			w.collect(x, rows, cols)
			w.product(x, rows, cols)
			first, grown = true, rescale.Epsilon[T]()/2
			continue
		}
		w.times(&w.gram, factor, m)
		w.times(&w.gram, factor, m)
	}
	w.collect(x, rows, cols)
	return converged(simd.SumSquares(x), rows, cols)
}

// grown returns the error of R after a step.
func (it *Iteration) grown(k int, before float64) float64 {
	a := it.Table.Step(k)[0]
	return float64(before * float64(a*a))
}

// restarts reports whether X is computed anew after a step.
func (it *Iteration) restarts(k int, grown float64) bool { return it.grown(k+1, grown) > gramError }

// times sets A to AP, which is symmetric.
func (w *Workspace[T]) times(a *[]T, p []T, m int) {
	gemm.MulTriangle(true, false, false, m, m, 1, *a, m, p, m, 0, w.spare, m)
	gemm.Mirror(m, w.spare, m)
	*a, w.spare = w.spare, *a
}

// collect sets X to QX or XQ.
func (w *Workspace[T]) collect(x []T, rows, cols int) {
	w.other = scratch.Grow(w.other, len(x))
	copy(w.other, x)
	w.multiply(w.q, x, w.other, rows, cols)
}
