package optim

import (
	"steepest/internal/simd"
	"steepest/optim/schedule"
	"steepest/param"
)

// FollowLeader is FTRL-Proximal (McMahan et al. 2013, algorithm 1), which minimizes at each step Σ⟨gₛ, x⟩ + Σ (σₛ/2)‖x − xₛ‖² + λ₁‖x‖₁ +
// (λ₂/2)‖x‖² with n ← n + u² from n = Initial, σ₁ + … + σₜ = (β + √n)/α. The sums over the past steps are contained in x itself, except
// at coordinates that are 0. With q = (β + √n)/α + λ₂ and a subgradient v of λ₁|x| (λ₁·sign(x) if x ≠ 0),
//
//	t = qx + v − u,   x ← (t − v)/q,   v ← t cut to [−λ₁, λ₁].
//
// So a coordinate without a gradient does not move, whatever the start. For the paper's start 0, t is the paper's −z. λ₁ and λ₂ are added to
// a sum over the steps, so they matter less with every step.
type FollowLeader struct {
	LR      schedule.Schedule `help:"step size α"`
	Beta    float64           `range:"0,"`
	L1      float64           `range:"0,"`
	L2      float64           `range:"0,"`
	Initial float64           `range:"0,"`
}

// Transform implements Transformer. Its state is n, and v if there is a λ₁.
func (r FollowLeader) Transform() Transform {
	t := Transform{
		Name:  "ftrl",
		Slots: []Slot{{Name: "n", Initial: r.Initial}},
		Begin: func(step *Step, _ []float64, c *Coeffs) {
			step.LR = r.LR.At(step.K)
			*c = Coeffs{step.LR, r.Beta, r.L2, r.L1}
		},
		Tile32: followLeader[float32], Tile64: followLeader[float64], kernel: true,
		Rest: &Rest{Fades: []float64{1, 1}},
	}
	if r.L1 > 0 {
		t.Slots = append(t.Slots, Slot{Name: "v"})
	}
	return t
}

// followLeader makes AdaGrad's step if there is no λ₁. It makes it also for α = 0, where it does not move.
func followLeader[T param.Float](c *Coeffs, t *Tile[T]) {
	if len(t.S) == 2 && c[0] != 0 {
		simd.FollowLeader(c[:], t.U, t.In, t.X, t.S[0], t.S[1], t.take())
		return
	}
	m := t.mixed(c[0], 0)
	simd.DivideByRoot([]float64{1, 1, 1, 0, c[1] + float64(c[0]*c[2])}, t.U, t.In, t.S[0], m)
	if m == nil {
		simd.Scale(c[:], t.U, t.U, t.take())
	}
}
