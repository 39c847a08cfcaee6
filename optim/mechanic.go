package optim

import (
	"math"

	"steepest/internal/simd"
	"steepest/param"
)

// Mechanic finds the factor s of the steps u before it (Cutkosky, Defazio and Mehta 2023, arXiv:2306.00144, algorithm 1): x = x₀ − s·Δ, where Δ is
// the sum of all u. As in optax.contrib.mechanize, which computes the old Δ as (x₀ − x)/(s + ε), the old Δ shrinks a little in each step:
//
//	κ = s₋/(s₋ + ε),  Δ ← κΔ₋ + u,  x ← x − (sΔ − s₋Δ₋)
//
// The sign ₋ marks old values. s is the sum of the bets b of six bettors on h = ⟨g + λs₋‖g‖/(‖x‖ + ε)·x, κΔ₋⟩. Bettor i has the decay
// β = 1 − 10⁻ⁱ:
//
//	m ← max(βm, |h| + ε),  v ← β²v + h²,  r ← βr + clip(h, ±m₋)b₋,  b ← (s₀m/6 + max(0, r))/(√v + ε)
//
// s also grows while the steps vanish beside x in rounding, because Δ is stored and not computed from x. Mechanic belongs after LearningRate; use a
// step size of 1. The sums are over all parameters of the route.
type Mechanic struct {
	Initial float64 `range:"(0," help:"factor s₀ at the start"`
	Lambda  float64 `range:"0," help:"decay λ in units of the gradient"`
	Eps     float64 `range:"(0," help:"ε"`
}

// bettors is the number of bettors.
const bettors = 6

// Transform implements Transformer. Its state is Δ, and b, m, v and r of each bettor.
func (r Mechanic) Transform() Transform {
	scalars := make([]float64, 4*bettors)
	for i := range bettors {
		scalars[i] = r.Initial
	}
	return Transform{
		Name:    "mechanic",
		Slots:   []Slot{{Name: "sum"}},
		Scalars: scalars,
		Sums: []Sum{
			{Tile32: gradientAlongSum32, Tile64: gradientAlongSum64, Global: true},
			{Tile32: xAlongSum32, Tile64: xAlongSum64, Global: true},
			{Tile32: lengthOfG[float32], Tile64: lengthOfG[float64], Global: true, Norm: true},
			NormOfX(true),
		},
		Fit: func(_ param.Param, sums, scalars []float64, _ float64, c *Coeffs) {
			before := total(scalars[:bettors])
			keep := before / (before + r.Eps)
			decay := r.Lambda * before * sums[2] / (sums[3] + r.Eps)
			r.bet(keep*(sums[0]+float64(decay*sums[1])), scalars)
			after := total(scalars[:bettors])
			// Δ₋ = (Δ − u)/κ, so sΔ − s₋Δ₋ is the following combination of Δ and u.
			*c = Coeffs{keep, 1, after - before - r.Eps, before + r.Eps}
		},
		Tile32: linear[float32], Tile64: linear[float64], kernel: true,
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

// gradientAlongSum32 and gradientAlongSum64 return ⟨g, Δ⟩, and xAlongSum32 and xAlongSum64 return ⟨x, Δ⟩, both with the old Δ.
func gradientAlongSum32(_ *Coeffs, t *Tile[float32]) float64 { return simd.DotWide(t.G, t.S[0]) }
func gradientAlongSum64(_ *Coeffs, t *Tile[float64]) float64 { return simd.Dot(t.G, t.S[0]) }
func xAlongSum32(_ *Coeffs, t *Tile[float32]) float64        { return simd.DotWide(t.X, t.S[0]) }
func xAlongSum64(_ *Coeffs, t *Tile[float64]) float64        { return simd.Dot(t.X, t.S[0]) }
