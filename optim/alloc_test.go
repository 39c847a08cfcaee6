//go:build !race

package optim_test

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"

	"steepest/optim"
	"steepest/param"
)

// The race detector empties the pools of matrix products on purpose, so they allocate.
func TestStepAllocatesNothing(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // as AllocsPerRun does; a helper that falls asleep may need memory
	models := [][]param.Param{network}
	for _, n := range []int{0, 1, 1000, 40000} {
		models = append(models, tensors(n/2, n-n/2))
	}
	for _, params := range models {
		n := size(params)
		for name, rule := range everyRule(t, params) {
			if whole(rule) && longest(params) > 100 {
				continue
			}
			allocations(t, fmt.Sprint(name, n), newOptimizer[float32](rule, params), n)
			allocations(t, fmt.Sprint(name, n), newOptimizer[float64](rule, params), n)
		}
	}
}

func allocations[T param.Float](t *testing.T, name string, o *optim.Optimizer[T], n int) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection empties the pools of matrix products
	x, g := make([]T, n), slices.Repeat([]T{1}, n)
	steps := func() { // SOAP changes its bases in one of these steps
		for range 10 {
			o.Step(x, g)
		}
	}
	steps()
	for range 3 { // since the runtime itself allocates now and then
		if testing.AllocsPerRun(1, steps) == 0 {
			return
		}
	}
	t.Errorf("%s: allocations in each ten steps of %T", name, x)
}

// TestHeadsAllocateNothing makes steps on a tensor of fused matrices that are cut into heads.
func TestHeadsAllocateNothing(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	params := []param.Param{{Name: "qkv", Shape: []int{12, 4}, Role: param.Hidden, Fused: 3}}
	allocations(t, "heads", newOptimizer[float64](parse(t, "normuon:heads=2"), params), 48)
}
