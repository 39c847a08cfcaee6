//go:build !race

// The race detector makes sync.Pool forget at random, so that workspaces are allocated anew.

package nn

import (
	"math/rand/v2"
	"testing"
)

func TestGradDoesNotAllocate(t *testing.T) {
	examples, labels := randomData(rand.New(rand.NewPCG(10, 0)), 600, 20)
	for _, loss := range []string{"softmax", "logistic"} {
		p := network[float64](t, examples, labels, loss, Config{Hidden: []int{64, 32}, LayerNorm: true})
		x, grad, batch := p.Start(1), make([]float64, p.size), []uint32{3, 1, 4, 1, 5}
		for _, b := range [][]uint32{batch, nil} {
			if allocs := testing.AllocsPerRun(20, func() { p.Grad(grad, x, b) }); allocs != 0 {
				t.Errorf("%s, batch %v: Grad makes %v allocations", loss, b, allocs)
			}
		}
	}
}
