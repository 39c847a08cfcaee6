package optim

import (
	"fmt"

	"steepest/internal/simd"
	"steepest/optim/schedule"
	"steepest/param"
)

// AverageAhead is EMA-Nesterov (2026, arXiv:2605.25395). The gradient is taken at y = x + βb, and the step starts from y. b ← γb + (1−γ)(x − x₋) is the
// running average of the steps of x. β may be a schedule, such as one that follows the step size. It is 0 before the step From and from the
// step To on. AverageAhead belongs after LearningRate. The transforms before it see x; in the speedrun's code (third track, result 39) the
// rules see y.
type AverageAhead struct {
	Beta  schedule.Schedule `help:"the gradient is taken ahead of x by β times the average move; a number or a schedule"`
	Gamma float64           `range:"0,1" help:"decay γ of the average move"`
	From  int               `range:"0," help:"first step whose gradient is taken ahead"`
	To    int               `range:"0," help:"first step whose gradient is taken at x again; 0 for never"`
}

// Transform implements Transformer. Its state is b, and βb for the next step.
func (r AverageAhead) Transform() Transform {
	at := func(k int) float64 {
		if r.Beta == nil || !within(k, r.From, r.To) {
			return 0
		}
		return r.Beta.At(k)
	}
	return Transform{
		Name:   "ema-nesterov",
		fault:  span(r.From, r.To),
		Slots:  []Slot{{Name: "average"}, {Name: "ahead"}},
		Begin:  func(s *Step, _ []float64, c *Coeffs) { *c = Coeffs{r.Gamma, 1 - r.Gamma, at(s.K + 1)} },
		Tile32: averageAhead[float32], Tile64: averageAhead[float64], kernel: true,
		Point32: byAverage[float32], Point64: byAverage[float64],
	}
}

// span returns an error for a span from ≤ k < to that holds no step; to = 0 stands for no end.
func span(from, to int) error {
	if to != 0 && to <= from {
		return fmt.Errorf("a span from step %d to step %d holds no step; give a larger to, or 0 for no end", from, to)
	}
	return nil
}

// within reports whether from ≤ k < to; to = 0 stands for no end.
func within(k, from, to int) bool { return k >= from && (to == 0 || k < to) }

func averageAhead[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.AverageAhead(c[:], t.U, t.In, t.S[0], t.S[1], t.take())
}

func byAverage[T param.Float](t *Tile[T]) { simd.CombineX([]float64{1, 1}, t.U, t.S[1], t.X, nil) }
