package optim

import (
	"math"

	"steepest/param"
)

// ClipRMS scales the update of each parameter down if its root mean square is larger than Limit: the update clipping of Adafactor
// (Shazeer and Stern 2018, arXiv:1804.04235, algorithm 6).
type ClipRMS struct {
	Limit float64 `range:"(0," help:"largest root mean square"`
}

// Transform implements Transformer. It has no state.
func (r ClipRMS) Transform() Transform {
	return Transform{
		Name: "clip-rms",
		Sums: []Sum{NormOfUpdate(false)},
		Fit: func(p param.Param, sums, _ []float64, unit float64, c *Coeffs) {
			limit := r.Limit * math.Sqrt(float64(p.Size()))
			if c[0] = unit; sums[0] > limit/unit {
				c[0] = limit / sums[0]
			}
		},
		Scales: true,
	}
}

// RelativeToRMS multiplies the update of each parameter by the parameter's root mean square, but at least by Min: the relative step
// size of Adafactor (Shazeer and Stern 2018, arXiv:1804.04235, section 8).
type RelativeToRMS struct {
	Min float64 `range:"(0," help:"least root mean square of a parameter"`
}

// Transform implements Transformer. It has no state.
func (r RelativeToRMS) Transform() Transform {
	return Transform{
		Name: "relative",
		Sums: []Sum{NormOfX(false)},
		Fit: func(p param.Param, sums, _ []float64, _ float64, c *Coeffs) {
			c[0] = max(r.Min, sums[0]/math.Sqrt(float64(max(1, p.Size()))))
		},
		Scales: true,
	}
}
