package optim

import (
	"steepest/internal/simd"
	"steepest/param"
)

// LargestMoment is Adamax's T (Kingma and Ba 2015, arXiv:1412.6980, algorithm 2): m ← β₁m + (1−β₁)u, w ← max(β₂w, |u|), u ← m̂/w with
// m̂ = m/(1−β₁ᵗ). EpsInside takes |u| + ε in the maximum, as torch and optax do; EpsOutside divides by w + ε, as Keras does. Where the
// divisor is 0, the update is 0.
type LargestMoment struct {
	Beta1    float64 `range:"0,1"`
	Beta2    float64 `range:"0,1"`
	Eps      float64 `range:"0,"`
	EpsPlace EpsPlace
}

// Transform implements Transformer. Its state is m and w.
func (r LargestMoment) Transform() Transform {
	return Transform{
		Name:  "adamax",
		Slots: []Slot{{Name: "m"}, {Name: "w"}},
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			inside, outside := r.EpsPlace.split(r.Eps, 1)
			*c = Coeffs{r.Beta1, 1 - r.Beta1, r.Beta2, Debias(r.Beta1, s.Age), inside, outside}
			if s.Age == 0 { // leave out the ε of the steps before the first gradient
				c[2] = 0
			}
		},
		Tile32: largestMoment[float32], Tile64: largestMoment[float64], kernel: true,
	}
}

func largestMoment[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.LargestMoment(c[:], t.U, t.In, t.S[0], t.S[1], t.take())
}
