//go:build !race

// The race detector makes sync.Pool drop memory at random, so scratch memory would be allocated again.

package train

import (
	"testing"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
)

// TestLazyStepsDoNotAllocate makes steps of a few coordinates out of many, once the lists have grown.
func TestLazyStepsDoNotAllocate(t *testing.T) {
	p := rare(t, 15000)
	for _, rule := range []optim.Rule{sgd(0.1), rules.Adam{LR: schedule.Constant(0.1)}} {
		r, err := New[float64](p, make([]float64, 15000), rule, Settings{Batch: 2, Steps: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		step := func() {
			if err := r.Step(); err != nil {
				t.Fatal(err)
			}
		}
		for range 5000 {
			step()
		}
		if allocs := testing.AllocsPerRun(200, step); allocs != 0 || r.lazy == nil {
			t.Errorf("%T: %v allocations a step", rule, allocs)
		}
	}
}

// TestEstimatorsDoNotAllocate makes steps of estimators, including snapshots.
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
