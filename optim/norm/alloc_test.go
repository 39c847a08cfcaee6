//go:build !race

package norm_test

import (
	"runtime/debug"
	"testing"

	"steepest/optim/matfun"
	"steepest/optim/norm"
)

// The race detector empties pools on purpose, so they allocate.
func TestNoAllocations(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection empties the pools of matrix products
	g := gaussian(20, 30, false)
	g.data[7] *= 1e200 // so that norms are computed in another unit
	x, d := make([]float64, len(g.data)), make([]float64, len(g.data))
	for _, n := range everyNorm() {
		for _, preset := range []matfun.Preset{matfun.Exact, matfun.Keller} {
			o := norm.Oracle[float64]{Norm: n, Iteration: preset.Iteration()}
			if got := testing.AllocsPerRun(5, func() {
				o.LMO(d, g.data, 20, 30)
				o.Normalized(x, g.data, 20, 30, 1e-200)
				o.Regularized(x, g.data, 20, 30, 1e-200)
			}); got != 0 {
				t.Errorf("%v, %v: %v allocations", n, preset, got)
			}
		}
	}
}
