//go:build !race

// The race detector makes sync.Pool forget at random, so that scratch memory is allocated anew.

package train

import (
	"testing"

	"steepest/objective"
)

// TestEstimatorsDoNotAllocate makes steps, and snapshots among them.
func TestEstimatorsDoNotAllocate(t *testing.T) {
	p := logistic(t, objective.L2(0.01))
	for _, rule := range append(estimating(0.1), sgd(0.1)) {
		r, err := New(p, make([]float64, 10), rule, Settings{Batch: 8, Steps: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		step := func() {
			if err := r.Step(); err != nil {
				t.Fatal(err)
			}
		}
		step()
		if allocs := testing.AllocsPerRun(200, step); allocs != 0 {
			t.Errorf("%T%+v: %v allocations a step", rule, rule, allocs)
		}
	}
}
