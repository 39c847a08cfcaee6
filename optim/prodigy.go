package optim

import (
	"math"

	"steepest/internal/simd"
	"steepest/optim/schedule"
	"steepest/param"
)

// Prodigy is Adam with a step size that it finds by itself, an estimate d of the distance ‖x₀ − x*‖∞ (Mishchenko and Defazio 2024,
// arXiv:2306.06101, algorithm 4): with a = αd, times Adam's correction of bias if Corrected,
//
//	r ← β₃r + (d/d₀)a⟨u, x₀ − x⟩,  s ← β₃s + (d/d₀)au,  m ← β₁m + (1−β₁)du,  v ← β₂v + (1−β₂)(du)²,
//	d ← max(d, κr/‖s‖₁),  x ← x − a(m/(√v + dε) + λx)
//
// where a uses the old d. The sums are over all parameters of the route. It replaces LearningRate; start with the step size α = 1. If s
// is 0, d does not change.
type Prodigy struct {
	LR      schedule.Schedule `help:"factor α of the step size"`
	Beta1   float64           `range:"0,1"`
	Beta2   float64           `range:"0,1"`
	Beta3   float64           `range:"0,1"`
	Eps     float64           `range:"0,"`
	Lambda  float64           `range:"0,"`
	D0      float64           `range:"(0,"`
	DFactor float64           `range:"(0,"`
	// Corrected multiplies a by √(1−β₂ᵗ)/(1−β₁ᵗ).
	Corrected bool
	// SafeguardWarmup uses d in place of a in the formula of s, for a schedule that begins with small steps.
	SafeguardWarmup bool
}

// Transform implements Transformer. Its state is m, v, s, x₀, d and r.
func (r Prodigy) Transform() Transform {
	return Transform{
		Name:    "prodigy",
		Slots:   []Slot{{Name: "m"}, {Name: "v"}, {Name: "s"}, {Name: "start", FromX: true}},
		Scalars: []float64{r.D0, 0},
		// The first ten coefficients are those of simd.MixedMoments. Then come the factors of ⟨u, x₀ − x⟩ and of the decay.
		Begin: func(s *Step, scalars []float64, c *Coeffs) {
			d := scalars[0]
			s.LR = d * r.LR.At(s.K)
			if r.Corrected {
				s.LR *= Debias(r.Beta1, s.Age) / math.Sqrt(Debias(r.Beta2, s.Age))
			}
			along := d / r.D0 * s.LR
			*c = Coeffs{r.Beta1, r.Beta2, (1 - r.Beta1) * d, (1 - r.Beta2) * d * d, s.LR, 0, 1, 0, r.Beta3, along, along, s.LR * r.Lambda}
			if r.SafeguardWarmup {
				c[9] = d / r.D0 * d
			}
		},
		Sums: []Sum{
			{Tile32: progress[float32], Tile64: progress[float64], Global: true},
			{Tile32: lengthOfProdigySum[float32], Tile64: lengthOfProdigySum[float64], Global: true},
		},
		Fit: func(_ param.Param, sums, scalars []float64, _ float64, c *Coeffs) {
			scalars[1] = float64(r.Beta3*scalars[1]) + float64(c[10]*sums[0])
			if sums[1] > 0 {
				scalars[0] = max(scalars[0], r.DFactor*scalars[1]/sums[1])
			}
			c[7] = scalars[0] * r.Eps
		},
		Tile32: prodigy[float32], Tile64: prodigy[float64], kernel: true,
		Plan: planLambda(r.Lambda),
	}
}

// progress returns ⟨u, x₀ − x⟩.
func progress[T param.Float](_ *Coeffs, t *Tile[T]) float64 {
	return simd.DotDifference(t.In, t.S[3], t.X)
}

// lengthOfProdigySum returns ‖s‖₁ for the new s.
func lengthOfProdigySum[T param.Float](c *Coeffs, t *Tile[T]) float64 {
	return simd.SumAbsLinear(c[8:10], t.S[2], t.In)
}

func prodigy[T param.Float](c *Coeffs, t *Tile[T]) {
	m := t.mixed(1, c[11])
	simd.MixedMoments(c[:10], t.U, t.In, t.S[0], t.S[1], t.S[2], m)
	if m == nil {
		simd.CombineX([]float64{1, c[11]}, t.U, t.U, t.X, t.take())
	}
}
