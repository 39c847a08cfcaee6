package optim

import (
	"math"

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
		Tile32: followLeader[float32], Tile64: followLeader[float64],
		Rest: &Rest{Fades: []float64{1, 1}},
	}
	if r.L1 > 0 {
		t.Slots = append(t.Slots, Slot{Name: "v"})
	}
	return t
}

func followLeader[T param.Float](c *Coeffs, t *Tile[T]) {
	lr, beta, l2, l1 := c[0], c[1], c[2], float64(T(c[3]))
	for i, g := range t.In {
		g, x, n := float64(g), float64(t.X[i]), &t.S[0][i]
		*n += T(g * g)
		q := (beta+math.Sqrt(float64(*n)))/lr + l2
		switch {
		case q == 0 || lr == 0:
			t.U[i] = 0
		case l1 == 0:
			t.U[i] = T(g / q)
		default:
			t.U[i] = T(truncated(q, x, g, l1, &t.S[1][i]))
		}
	}
}

// truncated returns the update for λ₁ > 0, and updates the subgradient v.
func truncated[T param.Float](q, x, g, l1 float64, v *T) (u float64) {
	before := float64(*v)
	if x != 0 {
		before = math.Copysign(l1, x)
	}
	to := float64(q*x) + before - g
	after := max(-l1, min(to, l1))
	*v = T(after)
	if after == before { // x keeps its sign
		return g / q
	}
	return x - (to-after)/q
}
