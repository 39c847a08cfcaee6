package norm

import (
	"fmt"
	"math"

	"steepest/optim/internal/rescale"
)

// Certify checks that d = lmo(g). The proof is that gap = 1 + ⟨g, d⟩/‖g‖* and excess = ‖d‖ − 1 are 0, since ⟨g, d⟩ ≥ −‖g‖*
// for all ‖d‖ ≤ 1. For g = 0, d must be 0, and excess = ‖d‖.
//
// It fails if gap or excess is larger than rounding allows, or if g or d is not finite. With ε = 2⁻²³ for float32 and 2⁻⁵²
// for float64, rounding allows
//
//	4ε + rows·cols·2⁻⁵³                                               for entries, rows and columns,
//	plus √min(rows, cols)·ε + max(rows, cols)·2⁻⁵⁰ + Σσᵢ/‖g‖*         for singular values; the sum is over those that count as 0.
func (o *Oracle[T]) Certify(g, d []T, rows, cols int) (gap, excess float64, err error) {
	o.Norm.check(rows, cols, len(g), len(d))
	norm, err := o.Value(d, rows, cols)
	if err != nil {
		return math.NaN(), math.NaN(), err
	}
	small, square, _, err := rescale.Matrix(g, cols, &o.scaled)
	if err != nil {
		return math.NaN(), math.NaN(), err
	}
	if square == 0 {
		if norm != 0 {
			err = fmt.Errorf("norm: the step for g = 0 has the norm %v", norm)
		}
		return 0, norm, err
	}
	dual, err := o.Dual(small, rows, cols)
	if err != nil {
		return math.NaN(), math.NaN(), err
	}
	limit, err := o.rounding(small, dual, rows, cols)
	gap, excess = 1+dot(small, d)/dual, norm-1
	if err == nil && !(math.Abs(gap) <= limit && math.Abs(excess) <= limit) {
		err = fmt.Errorf("norm: 1 + ⟨g, d⟩/‖g‖* = %.3g and ‖d‖ − 1 = %.3g in the norm %v, beyond the %.3g of rounding",
			gap, excess, o.Norm, limit)
	}
	return gap, excess, err
}

// rounding returns the error that Certify allows.
func (o *Oracle[T]) rounding(g []T, dual float64, rows, cols int) (float64, error) {
	ε := rescale.Epsilon[T]()
	sum := float64(4*ε) + float64(float64(rows*cols)*0x1p-53)
	if o.Norm.of != ofSingularValues {
		return sum, nil
	}
	var lost float64
	σ, err := o.work.SingularValues(g, rows, cols)
	for _, s := range σ[rescale.Rank[T](σ, rows, cols):] {
		lost += s
	}
	return sum + float64(math.Sqrt(float64(min(rows, cols)))*ε) + float64(float64(max(rows, cols))*0x1p-50) + lost/dual, err
}
