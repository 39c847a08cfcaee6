package optim

import (
	"steepest/optim/schedule"
	"steepest/param"
)

// Anchor pulls x back to where it was at a step, x ← x − u − λ(x − a), with λ that may be a schedule and is 0 outside of the steps From to To. It stands behind
// LearningRate. From the start with λ = 1/(k+2) it is that of SODA, and in the last step alone an interpolation with earlier weights (the third track of the modded-nanogpt
// speedrun, results 32 and 42, 2026).
type Anchor struct {
	Lambda schedule.Schedule `help:"part λ of the way back"`
	At     int               `range:"0," help:"step that x goes back to"`
	From   int               `range:"0," help:"step from which on it does"`
	To     int               `range:"0," help:"step up to which it does; 0 for all"`
}

// Transform keeps a.
func (r Anchor) Transform() Transform {
	return Transform{
		Name:  "anchor",
		Slots: []Slot{{Name: "x", FromX: true}},
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			if s.K >= r.From && (r.To == 0 || s.K < r.To) {
				c[0] = min(1, r.Lambda.At(s.K))
			}
			if s.K == r.At {
				c[1] = 1
			}
		},
		Tile32: anchor[float32], Tile64: anchor[float64],
	}
}

func anchor[T param.Float](c *Coeffs, t *Tile[T]) {
	lambda, a := T(c[0]), t.S[0]
	if c[1] == 1 {
		copy(a, t.X)
	}
	for i, x := range t.X {
		t.U[i] = t.In[i] + T(lambda*(x-a[i]))
	}
}
