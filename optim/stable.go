package optim

import (
	"math"

	"steepest/internal/simd"
	"steepest/param"
)

// StableMoments is the T of StableAdamW (Wortsman et al. 2023, arXiv:2304.13013, algorithm 2): Adam's update plus decay, divided by max(1, RMS) for each
// parameter. RMS² is the mean of u²/max(v̂, ε²). So gradients that are much larger than those before do not lead to long steps.
type StableMoments struct {
	Beta1  float64 `range:"0,1"`
	Beta2  float64 `range:"0,1"`
	Eps    float64 `range:"0,"`
	Lambda float64 `range:"0,"`
}

// Transform implements Transformer. Its state is m and v.
func (r StableMoments) Transform() Transform {
	return Transform{
		Name:  "stable-adam",
		Slots: []Slot{{Name: "m"}, {Name: "v"}},
		Begin: func(s *Step, scalars []float64, c *Coeffs) {
			AdaptiveMoments{Beta1: r.Beta1, Beta2: r.Beta2, Eps: r.Eps}.Begin(s, scalars, c)
		},
		Sums: []Sum{{Tile32: squareRatios[float32], Tile64: squareRatios[float64]}},
		Fit: func(p param.Param, sums, _ []float64, _ float64, c *Coeffs) {
			c[9] = 1 / math.Sqrt(max(1, sums[0]/float64(max(1, p.Size()))))
			c[10] = r.Lambda * c[9]
		},
		Tile32: stableMoments[float32], Tile64: stableMoments[float64], kernel: true,
		Plan: planLambda(r.Lambda),
	}
}

// squareRatios returns the sum of u²/max(v̂, ε²).
func squareRatios[T param.Float](c *Coeffs, t *Tile[T]) float64 {
	return simd.SumSquareRatios([]float64{c[1], c[3], c[6], c[8]}, t.In, t.S[1])
}

func stableMoments[T param.Float](c *Coeffs, t *Tile[T]) {
	m := t.mixed(c[9], c[10])
	simd.AdaptiveMoments(c[:9], t.U, t.In, t.S[0], t.S[1], m)
	if m == nil {
		simd.CombineX(c[9:11], t.U, t.U, t.X, t.take())
	}
}
