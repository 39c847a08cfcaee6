package optim

import (
	"math"

	"steepest/internal/simd"
	"steepest/param"
)

// PastMeanSquare is the division of ADOPT (Taniguchi et al. 2024, arXiv:2411.02853, algorithm 2): it divides by the root of the average of past
// squares, without the current one. With t previous steps, u ← clip(u/max(√v, ε), t^¼), then v ← γv + (1−γ)u² with the old u. The first step sets
// v = u² and makes no update. An Average after it is ADOPT's momentum.
type PastMeanSquare struct {
	Gamma float64 `range:"0,1"`
	Eps   float64 `range:"0,"`
}

// Transform implements Transformer. Its state is v.
func (r PastMeanSquare) Transform() Transform {
	return Transform{
		Name:  "adopt",
		Slots: []Slot{{Name: "v"}},
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			limit := math.Pow(float64(s.Age), 0.25)
			*c = Coeffs{r.Gamma, 1 - r.Gamma, r.Eps, -limit, limit}
			if s.Age == 0 {
				c[0], c[1] = 0, 1
			}
		},
		Tile32: pastMeanSquare[float32], Tile64: pastMeanSquare[float64], kernel: true,
	}
}

func pastMeanSquare[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.PastMeanSquare(c[:], t.U, t.In, t.S[0], t.take())
}
