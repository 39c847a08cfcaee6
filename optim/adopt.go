package optim

import (
	"math"

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
			*c = Coeffs{r.Gamma, 1 - r.Gamma, r.Eps, math.Pow(float64(s.Age), 0.25)}
			if s.Age == 0 {
				c[0], c[1] = 0, 1
			}
		},
		Tile32: pastMeanSquare[float32], Tile64: pastMeanSquare[float64], kernel: true,
	}
}

func pastMeanSquare[T param.Float](c *Coeffs, t *Tile[T]) {
	keep, add, eps, limit := T(c[0]), T(c[1]), T(c[2]), T(c[3])
	for i, u := range t.In {
		v := &t.S[0][i]
		t.U[i] = max(-limit, min(limit, over(u, max(root(*v), eps))))
		*v = T(keep**v) + T(add*(u*u))
	}
	t.settle()
}
