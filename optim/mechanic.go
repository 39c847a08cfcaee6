package optim

import (
	"math"

	"steepest/internal/simd"
	"steepest/param"
)

// Mechanic finds the factor s of the steps u before it (Cutkosky, Defazio and Mehta 2023, arXiv:2306.00144, algorithm 1, as optax.contrib.mechanize has
// it): x ← x₀ − s·Δ, where Δ is the sum of all u. s is the sum of the bets of six bettors on h = ⟨g + λs‖g‖/‖x‖·x, Δ₋⟩, with the decays β = 1 − 10⁻ⁱ:
//
//	m ← max(βm, |h| + ε),  v ← β²v + h²,  r ← βr + clip(h, ±m₋)s,  s ← (s₀m/6 + max(0, r))/(√v + ε)
//
// It belongs after LearningRate; use a step size of 1. The sums are over all parameters of the route.
//
// Δ₋ is computed as (x₀ − x)/(s₋ + ε), so x must move in the first step: s₀u may not vanish beside x in rounding. In float32 the default
// s₀ = 1e-6 is too small for x = 100 and u = 1, or for x = 1 and u = 0.01. No x then ever moves. Choose s₀ above 1e-7·|x|/|u|.
type Mechanic struct {
	Initial float64 `range:"(0," help:"factor s₀ at the start"`
	Lambda  float64 `range:"0," help:"decay λ in units of the gradient"`
	Eps     float64 `range:"0," help:"ε"`
}

// bettors is the number of bettors.
const bettors = 6

// Transform implements Transformer. Its state is x₀, and s, m, v and r of each bettor.
func (r Mechanic) Transform() Transform {
	scalars := make([]float64, 4*bettors)
	for i := range bettors {
		scalars[i] = r.Initial
	}
	return Transform{
		Name:    "mechanic",
		Slots:   []Slot{{Name: "start", FromX: true}},
		Scalars: scalars,
		Sums: []Sum{
			{Tile32: gradientWay[float32], Tile64: gradientWay[float64], Global: true},
			{Tile32: xWay[float32], Tile64: xWay[float64], Global: true},
			{Tile32: lengthOfG[float32], Tile64: lengthOfG[float64], Global: true, Norm: true},
			NormOfX(true),
		},
		Fit: func(_ param.Param, sums, scalars []float64, _ float64, c *Coeffs) {
			before := total(scalars[:bettors])
			decay := r.Lambda * before * sums[2] / (sums[3] + r.Eps)
			r.bet((sums[0]+float64(decay*sums[1]))/(before+r.Eps), scalars)
			c[0] = total(scalars[:bettors])
			c[1] = 1 - c[0]/(before+r.Eps)
		},
		Tile32: mechanic[float32], Tile64: mechanic[float64], kernel: true,
	}
}

// bet updates s, m, v and r of the bettors.
func (r Mechanic) bet(h float64, scalars []float64) {
	s, m, v, reward := scalars[:bettors], scalars[bettors:2*bettors], scalars[2*bettors:3*bettors], scalars[3*bettors:]
	for i := range s {
		beta := 1 - math.Pow(0.1, float64(i+1))
		clipped := max(-m[i], min(h, m[i]))
		m[i] = max(beta*m[i], math.Abs(h)+r.Eps)
		v[i] = float64(beta*beta*v[i]) + float64(h*h)
		reward[i] = float64(beta*reward[i]) + float64(clipped*s[i])
		s[i] = (float64(r.Initial/bettors*m[i]) + max(0, reward[i])) / (math.Sqrt(v[i]) + r.Eps)
	}
}

func total(numbers []float64) (sum float64) {
	for _, v := range numbers {
		sum += v
	}
	return sum
}

// gradientWay returns ⟨g, x₀ − x⟩, and xWay ⟨x, x₀ − x⟩.
func gradientWay[T param.Float](_ *Coeffs, t *Tile[T]) float64 {
	return simd.DotDifference(t.G, t.S[0], t.X)
}
func xWay[T param.Float](_ *Coeffs, t *Tile[T]) float64 { return simd.DotDifference(t.X, t.S[0], t.X) }

func mechanic[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.CombineDifference(c[:], t.U, t.In, t.X, t.S[0], t.take())
}
