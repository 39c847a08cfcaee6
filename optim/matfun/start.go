package matfun

import (
	"math"

	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim/internal/rescale"
)

// start sets dst, which may be x, to X₀ = X/‖X‖ in the iteration's norm, and reports whether X = 0. For all norms but Frobenius
// it also computes A = X₀X₀ᵀ. It fails, and leaves x unchanged, if x is not finite.
func (w *Workspace[T]) start(dst, x []T, rows, cols int, it *Iteration) (zero bool, err error) {
	x, square, unit, err := rescale.Matrix(x, cols, &dst)
	if square == 0 || err != nil {
		return err == nil, err
	}
	norm := math.Sqrt(square)
	by := norm
	if it.Norm == Frobenius {
		by = it.divisor(norm, unit)
	}
	simd.Scale([]float64{1 / by}, dst, x, nil)
	switch unit *= norm; it.Norm {
	case Schatten4:
		w.product(dst, rows, cols)
		s := 1 / it.divisor(math.Sqrt(math.Sqrt(simd.SumSquares(w.gram))), unit)
		simd.Scal(T(s), dst)
		simd.Scal(T(s*s), w.gram)
	case AOL:
		w.product(dst, rows, cols)
		w.almostOrthogonal(dst, rows, cols, it, unit)
	}
	return false, nil
}

// almostOrthogonal divides X and A by AOL's norms of the rows, or of the columns if there are fewer. Zeros stay 0.
func (w *Workspace[T]) almostOrthogonal(x []T, rows, cols int, it *Iteration, unit float64) {
	m := min(rows, cols)
	w.scales = scratch.Grow(w.scales, m)
	for i := range m {
		w.scales[i] = 0
		if d := it.divisor(math.Sqrt(float64(simd.Asum(w.gram[i*m:][:m]))), unit); d > 0 {
			w.scales[i] = T(1 / d)
		}
	}
	if rows <= cols {
		scaleRows(w.scales, x, cols)
	} else {
		scaleColumns(w.scales, x)
	}
	scaleRows(w.scales, w.gram, m)
	scaleColumns(w.scales, w.gram)
}

// scaleRows multiplies row i by s[i].
func scaleRows[T simd.Float](s, x []T, cols int) {
	for i, e := range s {
		simd.Scal(e, x[i*cols:][:cols])
	}
}

// scaleColumns multiplies column j by s[j].
func scaleColumns[T simd.Float](s, x []T) {
	for i := 0; i < len(x); i += len(s) {
		row := x[i:][:len(s)]
		for j, e := range s {
			row[j] *= e
		}
	}
}
