package matfun

import (
	"fmt"
	"math"

	"steepest/internal/simd"
)

// start sets dst, which may be x, to X₀ = X/‖X‖ in the iteration's norm, and tells if X = 0. For all norms but Frobenius it
// leaves A = X₀X₀ᵀ as well. It fails, and leaves x alone, if x is not finite.
func (w *Workspace[T]) start(dst, x []T, rows, cols int, it *Iteration) (zero bool, err error) {
	norm, unit, err := measure(&x, dst, rows, cols)
	if norm == 0 || err != nil {
		return norm == 0, err
	}
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

// almostOrthogonal divides X and A by AOL's norms of the rows, or of the columns if there are fewer; what is 0 stays 0.
func (w *Workspace[T]) almostOrthogonal(x []T, rows, cols int, it *Iteration, unit float64) {
	m := min(rows, cols)
	w.scales = grow(w.scales, m)
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

// measure returns ‖x‖_F in a unit. If its square is so large or small that products would leave the range of float32 or
// float64, the unit is a power of 2 near the largest element, and x becomes dst with x in that unit; otherwise the unit is
// 1.
func measure[T simd.Float](x *[]T, dst []T, rows, cols int) (norm, unit float64, err error) {
	s := simd.SumSquares(*x)
	if 0x1p-100 < s && s < 0x1p+100 {
		return math.Sqrt(s), 1, nil
	}
	var largest T
	for i, v := range *x {
		if v-v != 0 {
			return 0, 1, fmt.Errorf("matfun: element (%d, %d) of the %d × %d matrix is %v", i/cols, i%cols, rows, cols, v)
		}
		largest = max(largest, v, -v)
	}
	if largest == 0 {
		return 0, 1, nil
	}
	_, e := math.Frexp(float64(largest))
	for i, v := range *x {
		dst[i] = T(math.Ldexp(float64(v), 1-e))
	}
	*x = dst
	return math.Sqrt(simd.SumSquares(dst)), math.Ldexp(1, e-1), nil
}
