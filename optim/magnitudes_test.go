package optim_test

import (
	"math"
	"slices"
	"testing"

	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// TestNormsAtEveryMagnitude: what divides by the norm of the gradient makes the same step at every magnitude that the type has.
func TestNormsAtEveryMagnitude(t *testing.T) {
	t.Run("float32", func(t *testing.T) { normsAtEveryMagnitude[float32](t, -140, 125) })
	t.Run("float64", func(t *testing.T) { normsAtEveryMagnitude[float64](t, -1060, 1021) })
}

func normsAtEveryMagnitude[T param.Float](t *testing.T, least, most int) {
	params := []param.Param{{Name: "a", Shape: []int{3, 2}}, {Name: "b", Shape: []int{2}}, {Name: "zero", Shape: []int{1}}}
	unit, start := []T{3, -1, 2, 0, 1, 4, -2, 5, 0}, []T{1, 2, 3, -4, 5, 6, 7, 8, 9}
	clipped := headed(optim.ClipNorm{Limit: 0.5}, rules.SGD{LR: schedule.Constant(1)})
	for name, rule := range map[string]optim.Rule{
		"normalized": parse(t, "normalized"), "fromage": parse(t, "fromage"), "clip-norm": clipped,
	} {
		var want []T
		for e := 0; e < most-least; e++ { // from ordinary magnitudes on, up and then from the least
			at := e
			if e > most {
				at = most - e
			}
			if at < 0 && name == "clip-norm" {
				break // what is short is not clipped
			}
			g := make([]T, len(unit))
			for i, v := range unit {
				g[i] = T(math.Ldexp(float64(v), at-3))
			}
			x := slices.Clone(start)
			if err := newOptimizer[T](rule, params).Step(x, g); err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = x
			} else if !slices.Equal(x, want) {
				t.Fatalf("%s: a gradient of 2^%d leads to %v, want %v", name, at, x, want)
			}
		}
	}
}
