package optim

import (
	"steepest/internal/simd"
	"steepest/param"
)

// Resilient is Rprop's T (Riedmiller and Braun 1993; without weight backtracking, iRprop⁻ of Igel and Hüsken 2000): u ← s·sign(u), with a
// step s for each coordinate. s starts at 1, grows by a factor while the sign stays the same, shrinks when it changes, and stays within
// [Min, Max]. When the sign changes, the update is 0, and the next sign counts as the first.
type Resilient struct {
	Shrink float64 `range:"(0,1"`
	Grow   float64 `range:"1,"`
	Min    float64 `range:"(0,"`
	Max    float64 `range:"(0,"`
}

// Transform implements Transformer. Its state is s and the sign.
func (r Resilient) Transform() Transform {
	return Transform{
		Name:   "rprop",
		Slots:  []Slot{{Name: "step", Initial: 1}, {Name: "sign"}},
		Begin:  func(_ *Step, _ []float64, c *Coeffs) { *c = Coeffs{r.Shrink, r.Grow, r.Min, r.Max} },
		Tile32: resilient[float32], Tile64: resilient[float64], kernel: true,
	}
}

func resilient[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.Resilient(c[:], t.U, t.In, t.S[0], t.S[1], t.take())
}
