package optim

import "steepest/param"

// TrustRatio scales the update of each parameter in proportion to the parameter's norm, u ← κ‖x‖/‖u‖·u: LARS (You, Gitman and Ginsburg
// 2017, arXiv:1708.03888) and, with κ = 1 after Adam and decay, LAMB (You et al. 2019, arXiv:1904.00962). If a norm is 0, the ratio is 1,
// as in optax and Keras.
type TrustRatio struct {
	Coefficient float64 `range:"(0," help:"factor κ of the ratio"`
}

// Transform implements Transformer. It has no state.
func (r TrustRatio) Transform() Transform {
	return Transform{
		Name: "trust",
		Sums: []Sum{NormOfUpdate(false), NormOfX(false)},
		Fit: func(_ param.Param, sums, _ []float64, unit float64, c *Coeffs) {
			if c[0] = unit; sums[0] > 0 && sums[1] > 0 {
				c[0] = r.Coefficient * sums[1] / sums[0]
			}
		},
		Scales: true,
	}
}
