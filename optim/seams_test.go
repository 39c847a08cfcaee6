package optim_test

import (
	"slices"
	"testing"

	"steepest/optim"
	"steepest/optim/schedule"
	"steepest/param"
)

// TestGradientBesideUpdate: a transform and its sums see the prepared gradient of the chain, after any transforms and any number of passes.
func TestGradientBesideUpdate(t *testing.T) {
	own := optim.Transform{
		Name:   "gradient",
		Sums:   []optim.Sum{{Tile32: sumOfGradient[float32], Tile64: sumOfGradient[float64], Global: true}},
		Fit:    func(_ param.Param, sums, _ []float64, _ float64, c *optim.Coeffs) { c[0] = sums[0] },
		Tile32: gradientTimes[float32], Tile64: gradientTimes[float64],
	}
	chain := optim.Chain{optim.Signs{}, optim.Normalize{}, optim.LearningRate{LR: schedule.Constant(0.25)}, own}
	rule := optim.Preparation{ClipValue: optim.Set(2.0), Accumulate: optim.Set(2)}.Of(chain)
	o, x := newOptimizer[float64](rule, tensors(1, 2)), []float64{0, 0, 0}
	o.Step(x, []float64{1, -1, 9})
	o.Step(x, []float64{3, -1, 9})
	if want := []float64{-2 * 3, 1 * 3, -2 * 3}; !slices.Equal(x, want) { // 3 times the means 2, −1 and 9, with the last one clipped
		t.Errorf("x = %v, want %v", x, want)
	}
}

func sumOfGradient[T param.Float](_ *optim.Coeffs, t *optim.Tile[T]) (sum float64) {
	for _, g := range t.G {
		sum += float64(g)
	}
	return sum
}

func gradientTimes[T param.Float](c *optim.Coeffs, t *optim.Tile[T]) {
	for i, g := range t.G {
		t.U[i] = T(c[0]) * g
	}
}

// TestFitMovesScalars: each parameter keeps the scalars that Fit computes. If a sum is over all parameters, all parameters share the
// scalars, even a parameter that begins late.
func TestFitMovesScalars(t *testing.T) {
	for _, c := range []struct {
		global bool
		want   []float64
	}{{false, []float64{3, 6, 4}}, {true, []float64{13, 13, 13}}} {
		o := newOptimizer[float64](optim.Chain{optim.Transform{
			Name:    "total",
			Scalars: []float64{0},
			Sums:    []optim.Sum{{Tile32: sumOfGradient[float32], Tile64: sumOfGradient[float64], Global: c.global}},
			Fit: func(_ param.Param, sums, scalars []float64, _ float64, c *optim.Coeffs) {
				scalars[0] += sums[0]
				c[0] = scalars[0]
			},
			Tile32: constant[float32], Tile64: constant[float64],
		}}, tensors(1, 1, 1))
		x := []float64{0, 0, 0}
		o.Step(x, []float64{1, 2, 0})
		o.Step(x, []float64{2, 4, 4})
		for i, s := range []string{"total/p0", "total/p1", "total/p2"} {
			if got := o.State().Scalars[s]; got[0] != c.want[i] {
				t.Errorf("global %v: %s = %v, want %v", c.global, s, got, c.want[i])
			}
		}
	}
}

func constant[T param.Float](c *optim.Coeffs, t *optim.Tile[T]) {
	for i := range t.U {
		t.U[i] = T(c[0])
	}
}
