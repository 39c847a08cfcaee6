package optim

import (
	"math"

	"steepest/internal/simd"
	"steepest/param"
)

// MixedMoments is AdEMAMix's T (Pagliardini, Ablin and Grangier 2024, arXiv:2409.03137, algorithm 1): Adam with a second, slow average of the
// gradient, s ← β₃s + (1−β₃)u, u ← (m̂ + αs)/(√v̂ + ε). Over Warmup steps α rises linearly from 0, and β₃ rises from β₁ so that the half-life of s
// rises linearly; Warmup = 0 means no rise. The bias of s is not corrected.
type MixedMoments struct {
	Beta1  float64 `range:"0,1"`
	Beta2  float64 `range:"0,1"`
	Beta3  float64 `range:"0,1"`
	Alpha  float64 `range:"0,"`
	Warmup float64 `range:"0,"`
	Eps    float64 `range:"0,"`
}

// Transform implements Transformer. Its state is m, v and s.
func (r MixedMoments) Transform() Transform {
	return Transform{
		Name:  "ademamix",
		Slots: []Slot{{Name: "m"}, {Name: "v"}, {Name: "slow"}},
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			beta3, alpha := r.at(float64(s.Age + 1))
			*c = Coeffs{r.Beta1, r.Beta2, 1 - r.Beta1, 1 - r.Beta2, Debias(r.Beta1, s.Age), alpha, Debias(r.Beta2, s.Age), r.Eps, beta3, 1 - beta3}
		},
		Tile32: mixedMoments[float32], Tile64: mixedMoments[float64], kernel: true,
	}
}

// at returns β₃ and α of step t.
func (r MixedMoments) at(t float64) (beta3, alpha float64) {
	if t >= r.Warmup || r.Beta3 == 0 {
		return r.Beta3, min(1, t/max(t, r.Warmup)) * r.Alpha
	}
	part, log1, log3 := t/r.Warmup, math.Log(r.Beta1), math.Log(r.Beta3)
	beta3 = math.Exp(log3 / (float64((1-part)*(log3/log1)) + part))
	return min(beta3, r.Beta3), part * r.Alpha
}

func mixedMoments[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.MixedMoments(c[:], t.U, t.In, t.S[0], t.S[1], t.S[2], t.take())
}
