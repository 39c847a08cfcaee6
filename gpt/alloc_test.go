//go:build !race

// The race detector makes the sync.Pool of package gemm forget at random.

package gpt

import "testing"

func TestGradDoesNotAllocate(t *testing.T) {
	c := Config{Vocab: 50, Context: 130, Layers: 2, Heads: 2, Width: 16}
	p, x := problem[float32](t, c, 10, 130), exact[float32](c)
	grad := make([]float32, p.size)
	for _, p.BF16 = range []bool{false, true} {
		for _, batch := range [][]uint32{nil, {1, 2}} {
			if allocs := testing.AllocsPerRun(2, func() { p.Grad(grad, x, batch); p.Loss(x, batch) }); allocs != 0 {
				t.Errorf("Grad and Loss make %v allocations", allocs)
			}
		}
	}
}
