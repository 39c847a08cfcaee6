package lab

import (
	"context"
	"fmt"
	"math"
	"net/url"

	"steepest/optim/norm"
)

// rimPoints is the number of points on the boundary of a ball. They include the corners of the ℓ1 and ℓ∞ balls.
const rimPoints = 360

// descent is the direction of steepest descent for a norm at a point.
type descent struct {
	Gradient [2]float64 `json:"gradient"`
	// Step is lmo(∇f), the point of the unit ball that minimizes ⟨∇f, ·⟩, and Dual is ‖∇f‖*.
	Step [2]float64 `json:"step"`
	Dual float64    `json:"dual"`
	// Rim is the unit sphere as a closed line from the first axis on.
	Rim [][2]float64 `json:"rim"`
}

// descent answers with the ball of a norm of vectors and the direction of steepest descent at a point.
func (p *playground) descent(_ context.Context, q url.Values) (any, error) {
	f, err := functionOf(q)
	if err != nil {
		return nil, err
	}
	at, err := numbersOf(q, "start", 2)
	if err != nil {
		return nil, err
	}
	o, known := map[string]*norm.Oracle[float64]{"l1": {Norm: norm.L1}, "l2": {Norm: norm.L2}, "linf": {Norm: norm.LInf}}[q.Get("norm")]
	if !known {
		return nil, fmt.Errorf("norm is %q, want l1, l2 or linf", shortened(q.Get("norm")))
	}
	var d descent
	f.Grad(d.Gradient[:], at, nil)
	if d.Dual, err = o.LMO(d.Step[:], d.Gradient[:], 2, 1); err != nil {
		return nil, err
	}
	for i := range rimPoints {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / rimPoints)
		length, err := o.Value([]float64{cos, sin}, 2, 1)
		if err != nil {
			return nil, err
		}
		d.Rim = append(d.Rim, [2]float64{cos / length, sin / length})
	}
	return d, nil
}
