package optim

import (
	"math"

	"steepest/internal/simd"
	"steepest/optim/schedule"
	"steepest/param"
)

// DAdaptMoments is Adam with a step size that it finds by itself, a lower bound d of the distance ‖x₀ − x*‖∞ (Defazio and Mishchenko 2023,
// arXiv:2301.07733, algorithm 5): with a = αd, times Adam's correction of bias if Corrected, and γ = √β₂,
//
//	r ← γr + (1−γ)a⟨u, s/(√v + ε)⟩,  s ← γs + (1−γ)au,  m ← β₁m + (1−β₁)au,  v ← β₂v + (1−β₂)u²,
//	d ← max(d, min(r/((1−γ)‖s‖₁), d·Growth)),  x ← x − m/(√v + ε) − aλx
//
// where a uses the old d. The sums are over all parameters of the route. It replaces LearningRate; start with the step size α = 1. If s
// is 0, d does not change.
type DAdaptMoments struct {
	LR     schedule.Schedule `help:"factor α of the step size"`
	Beta1  float64           `range:"0,1"`
	Beta2  float64           `range:"0,1"`
	Eps    float64           `range:"0,"`
	Lambda float64           `range:"0,"`
	D0     float64           `range:"(0,"`
	// Growth limits the factor by which d grows in a step; 0 means no limit.
	Growth float64 `range:"0,"`
	// Corrected multiplies a by √(1−β₂ᵗ)/(1−β₁ᵗ).
	Corrected bool
}

// Transform implements Transformer. Its state is m, v, s, d and r.
func (r DAdaptMoments) Transform() Transform {
	gamma := math.Sqrt(r.Beta2)
	return Transform{
		Name:    "d-adapt",
		Slots:   []Slot{{Name: "m"}, {Name: "v"}, {Name: "s"}},
		Scalars: []float64{r.D0, 0},
		// The order of the coefficients is that of Prodigy.
		Begin: func(s *Step, scalars []float64, c *Coeffs) {
			s.LR = scalars[0] * r.LR.At(s.K)
			if r.Corrected {
				s.LR *= Debias(r.Beta1, s.Age) / math.Sqrt(Debias(r.Beta2, s.Age))
			}
			*c = Coeffs{r.Beta1, r.Beta2, (1 - r.Beta1) * s.LR, 1 - r.Beta2, 1, 0, 1, r.Eps, gamma, (1 - gamma) * s.LR, s.LR, s.LR * r.Lambda}
		},
		Sums: []Sum{
			{Tile32: alongSum[float32], Tile64: alongSum[float64], Global: true},
			{Tile32: lengthOfProdigySum[float32], Tile64: lengthOfProdigySum[float64], Global: true},
		},
		Fit: func(_ param.Param, sums, scalars []float64, _ float64, c *Coeffs) {
			scalars[1] = float64(gamma*scalars[1]) + float64((1-gamma)*c[10]*sums[0])
			if sums[1] > 0 {
				scalars[0] = grown(scalars[0], scalars[1]/((1-gamma)*sums[1]), r.Growth)
			}
		},
		Tile32: prodigy[float32], Tile64: prodigy[float64], kernel: true,
		Plan: planLambda(r.Lambda),
	}
}

// grown returns the next d of D-Adaptation, given an estimate.
func grown(d, estimate, growth float64) float64 {
	if growth > 0 {
		estimate = min(estimate, d*growth)
	}
	return max(d, estimate)
}

// alongSum returns ⟨u, s/(√v + ε)⟩.
func alongSum[T param.Float](c *Coeffs, t *Tile[T]) float64 {
	return simd.DotRatio(c[7:8], t.In, t.S[2], t.S[1])
}

// over returns a/b, or 0 if b is 0.
func over(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// DAdaptSteps is SGD with a step size that it finds by itself, a lower bound d of the distance ‖x₀ − x*‖₂ (Defazio and Mishchenko 2023,
// arXiv:2301.07733, algorithm 4): with a = αd/‖u₀‖ and the sum s of all au,
//
//	r ← r + a⟨u, s⟩,  s ← s + au,  d ← max(d, min(2r/‖s‖, d·Growth)),  x ← μx + (1−μ)(x₀ − s)
//
// where a uses the old d. The sums are over all parameters of the route. It replaces LearningRate; start with the step size α = 1.
type DAdaptSteps struct {
	LR     schedule.Schedule `help:"factor α of the step size"`
	Mu     float64           `range:"0,1"`
	D0     float64           `range:"(0,"`
	Growth float64           `range:"0,"`
}

// Transform implements Transformer. Its state is s, x₀, d, r and ‖u₀‖.
func (r DAdaptSteps) Transform() Transform {
	return Transform{
		Name:    "d-adapt-sgd",
		Slots:   []Slot{{Name: "s"}, {Name: "start", FromX: true}},
		Scalars: []float64{r.D0, 0, 0},
		Begin: func(s *Step, scalars []float64, c *Coeffs) {
			s.LR = scalars[0] * r.LR.At(s.K)
			c[2] = s.LR
		},
		Sums: []Sum{
			NormOfUpdate(true),
			{Tile32: productSum32, Tile64: productSum64, Global: true},
			{Tile32: lengthOfS[float32], Tile64: lengthOfS[float64], Global: true, Norm: true},
		},
		Fit: func(_ param.Param, sums, scalars []float64, unit float64, c *Coeffs) {
			length := sums[0] * unit
			if scalars[2] == 0 {
				scalars[2] = length
			}
			a := over(c[2], scalars[2])
			along := float64(a * sums[1])
			scalars[1] += along
			after := math.Sqrt(max(0, float64(sums[2]*sums[2])+2*along+float64(a*length*(a*length))))
			if after > 0 {
				scalars[0] = grown(scalars[0], 2*scalars[1]/after, r.Growth)
			}
			c[0], c[1] = a*unit, 1-r.Mu
		},
		Tile32: dAdaptSteps[float32], Tile64: dAdaptSteps[float64], kernel: true,
	}
}

// productSum32 and productSum64 return ⟨u, s⟩.
func productSum32(_ *Coeffs, t *Tile[float32]) float64 { return simd.DotWide(t.In, t.S[0]) }
func productSum64(_ *Coeffs, t *Tile[float64]) float64 { return simd.Dot(t.In, t.S[0]) }

func lengthOfS[T param.Float](_ *Coeffs, t *Tile[T]) float64 { return simd.Norm(t.S[0]) }

func dAdaptSteps[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.DualAverage(c[:], t.U, t.In, t.X, t.S[1], t.S[0], t.take())
}
