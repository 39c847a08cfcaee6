//go:build !race

// The race detector makes sync.Pool drop memory at random, so scratch memory would be allocated again.

package objective

import "testing"

func TestSmallBatchDoesNotAllocate(t *testing.T) {
	p := randomProblem(15, 200, 40, 0.5)
	forModels(t, p, []Option{L2(0.3)}, func(t *testing.T, lin *Linear[float64]) {
		x := randomVector(16, lin.dim(), 1)
		grad, batch := make([]float64, len(x)), randomBatch(17, 200, 32)
		if allocs := testing.AllocsPerRun(100, func() { lin.Grad(grad, x, batch) }); allocs != 0 {
			t.Errorf("Grad makes %v allocations", allocs)
		}
		slopes := make([]float64, len(batch)*lin.Outputs())
		if allocs := testing.AllocsPerRun(100, func() {
			lin.ModelSlopes(slopes, x, grad, batch)
			lin.Slopes(slopes, x, batch)
			lin.AddSlopes(grad, slopes, batch)
		}); allocs != 0 {
			t.Errorf("slopes make %v allocations", allocs)
		}
	})
}

func TestSmallBatchDoesNotAllocateInFloat32(t *testing.T) {
	p := randomProblem(18, 200, 40, 0.5)
	forSingles(t, p, func(t *testing.T, single *Linear[float32], _ *Linear[float64]) {
		x, _ := randomSingle(19, single.dim(), 1)
		grad, batch := make([]float32, len(x)), randomBatch(20, 200, 32)
		if allocs := testing.AllocsPerRun(100, func() { single.Grad(grad, x, batch) }); allocs != 0 {
			t.Errorf("Grad makes %v allocations", allocs)
		}
	})
}
