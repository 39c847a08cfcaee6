package optim

import (
	"math"

	"steepest/internal/simd"
	"steepest/param"
)

// DistanceOverGradients is DoG's step size (Ivgi, Hinder and Carmon 2023, arXiv:2302.12022, equation 1): u ← r/√(G + ε)·u. r is the
// largest distance max(ρ(1 + ‖x₀‖), ‖x − x₀‖) so far, and G is the sum of all ‖u‖². Both are over all parameters together, or, if
// Layered, for each parameter as in L-DoG.
type DistanceOverGradients struct {
	Initial float64 `range:"(0,"`
	Eps     float64 `range:"0,"`
	Layered bool
}

// Transform implements Transformer. Its state is x₀, r and √G.
func (r DistanceOverGradients) Transform() Transform {
	return Transform{
		Name:    "dog",
		Slots:   []Slot{{Name: "start", FromX: true}},
		Scalars: []float64{0, 0},
		Begin: func(s *Step, scalars []float64, c *Coeffs) {
			if s.Age == 0 {
				clear(scalars)
				c[1] = 1 // for ‖x₀‖
			}
		},
		Sums: []Sum{NormOfUpdate(!r.Layered), {Tile32: distance[float32], Tile64: distance[float64], Global: !r.Layered, Norm: true}},
		Fit: func(_ param.Param, sums, scalars []float64, unit float64, c *Coeffs) {
			if c[1] == 1 {
				sums[1] = r.Initial * (1 + sums[1])
			}
			scalars[0], scalars[1] = max(scalars[0], sums[1]), math.Hypot(scalars[1], sums[0]*unit)
			if c[0] = 0; scalars[1] > 0 {
				c[0] = scalars[0] / math.Hypot(scalars[1]/unit, math.Sqrt(r.Eps)/unit)
			}
		},
		Scales: true,
	}
}

// distance returns ‖x − x₀‖, or ‖x‖ in the first step.
func distance[T param.Float](c *Coeffs, t *Tile[T]) float64 {
	if c[1] == 1 {
		return simd.Norm(t.X)
	}
	return math.Sqrt(simd.DistanceSquared(t.X, t.S[0]))
}
