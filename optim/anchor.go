package optim

import (
	"steepest/internal/simd"
	"steepest/optim/schedule"
	"steepest/param"
)

// Anchor pulls x back to a, its value at the step At: x ← x − u − λ(x − a) or, with After, x ← x − u − λ(x − u − a). λ may be a schedule. It is 0
// before the steps From and At, and from the step To on. In the last Fade steps before To it falls to 0 along half a cosine. Anchor belongs after
// LearningRate. With λ = 1/(k+2) and the start as a it is the anchor of SODA (third track of the modded-nanogpt speedrun, result 32, 2026). With
// After, in the last step alone, it interpolates with earlier weights (results 38 and 42).
type Anchor struct {
	Lambda schedule.Schedule `help:"part λ of the way back to the anchor, a number or a schedule"`
	At     int               `range:"0," help:"step whose x is the anchor"`
	From   int               `range:"0," help:"first step with the pull"`
	To     int               `range:"0," help:"first step without the pull again; 0 for never"`
	Fade   int               `range:"0," help:"steps before that one in which the pull falls to 0"`
	After  bool              `help:"pull x as it is after the step"`
}

// Transform implements Transformer. Its state is a.
func (r Anchor) Transform() Transform {
	from := max(r.From, r.At) // the anchor is not known before
	return Transform{
		Name:  "anchor",
		fault: span(from, r.To),
		Slots: []Slot{{Name: "x", FromX: true}},
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			c[0] = 1
			if within(s.K, from, r.To) {
				c[1] = min(1, r.Lambda.At(s.K)) * r.faded(s.K)
			}
			if r.After {
				c[0] -= c[1]
			}
			if s.K == r.At {
				c[2] = 1
			}
		},
		Tile32: anchor[float32], Tile64: anchor[float64], kernel: true,
	}
}

// faded returns what is left of λ at step k.
func (r Anchor) faded(k int) float64 {
	start := r.To - r.Fade
	if r.To == 0 || r.Fade == 0 || k < start {
		return 1
	}
	return schedule.Cosine{Initial: 1, Steps: r.Fade}.At(k - start)
}

func anchor[T param.Float](c *Coeffs, t *Tile[T]) {
	if c[2] == 1 {
		copy(t.S[0], t.X)
	}
	simd.CombineDifference(c[:], t.U, t.In, t.X, t.S[0], t.take())
}
