package optim

import (
	"math"

	"steepest/internal/simd"
	"steepest/param"
)

// MoveByAverage adds the running average b of the moves to a move: b ← γb − (1−γ)u, x ← x − u + β·min(1, ρ‖x − u‖/‖b‖)·b. A negative β goes
// back along the last moves, as at the end of result 38 of the third track of the modded-nanogpt speedrun (2026). The norms are those of
// each parameter. β is 0 before the step From and from the step To on. MoveByAverage belongs after LearningRate.
type MoveByAverage struct {
	Beta  float64 `help:"how far β to move along the average move; negative for back"`
	Gamma float64 `range:"0,1" help:"decay γ of the average move"`
	Most  float64 `range:"0," help:"length ρ at which the average move is cut, relative to that of x; 0 for no cut"`
	From  int     `range:"0," help:"first step that moves along the average move"`
	To    int     `range:"0," help:"first step without this move again; 0 for never"`
}

// Transform implements Transformer. Its state is −b, as an update.
func (r MoveByAverage) Transform() Transform {
	t := Transform{
		Name:  "average-move",
		fault: span(r.From, r.To),
		Slots: []Slot{{Name: "b"}},
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			if *c = (Coeffs{r.Gamma, 1 - r.Gamma, 0, 1}); within(s.K, r.From, r.To) {
				c[2] = r.Beta
			}
		},
		Tile32: linear[float32], Tile64: linear[float64], kernel: true,
	}
	if r.Most > 0 {
		t.Sums = []Sum{{Tile32: squareOfAverage[float32], Tile64: squareOfAverage[float64]}, {Tile32: squareMoved[float32], Tile64: squareMoved[float64]}}
		t.Fit = func(_ param.Param, sums, _ []float64, _ float64, c *Coeffs) {
			if average, most := math.Sqrt(sums[0]), r.Most*math.Sqrt(sums[1]); average > most {
				c[2] *= most / average
			}
		}
	}
	return t
}

// squareOfAverage returns ‖b‖² after the step, or 0 in a step without β.
func squareOfAverage[T param.Float](c *Coeffs, t *Tile[T]) (sum float64) {
	if c[2] == 0 {
		return 0
	}
	for i, b := range t.S[0] {
		v := float64(c[0]*float64(b)) + float64(c[1]*float64(t.In[i]))
		sum += float64(v * v)
	}
	return sum
}

// squareMoved returns ‖x − u‖², or 0 in a step without β.
func squareMoved[T param.Float](c *Coeffs, t *Tile[T]) float64 {
	if c[2] == 0 {
		return 0
	}
	return simd.DistanceSquared(t.X, t.In)
}
