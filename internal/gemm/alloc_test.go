//go:build !race

package gemm

import (
	"math/rand/v2"
	"testing"

	"steepest/internal/simd"
)

// The race detector empties pools on purpose, so they allocate.
func TestNoAllocations(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, s := range [][3]int{{8, 8, 8}, {30, 40, 50}, {60, 10, 90}, {200, 210, 220}} {
		for trans := range 4 {
			p := newProblem[float32](r, trans&2 != 0, trans&1 != 0, s[0], s[1], s[2])
			if n := testing.AllocsPerRun(20, func() { p.mul(p.c) }); n > 0 {
				t.Errorf("%v allocates %v times", p, n)
			}
		}
	}
	x, y, z := make([]simd.BF16, 100*100), make([]simd.BF16, 100*100), make([]float32, 100*100)
	if n := testing.AllocsPerRun(20, func() { MulBF16(false, true, 100, 100, 100, 1, x, 100, y, 100, 0, z, 100) }); n > 0 {
		t.Errorf("MulBF16 allocates %v times", n)
	}
	a32, half := Rounded{Single: make([]float32, 100*100), Stride: 100}, Rounded{Half: x, Stride: 100, Transposed: true}
	if n := testing.AllocsPerRun(20, func() { MulRounded(100, 100, 100, 1, a32, half, 0, z, 100) }); n > 0 {
		t.Errorf("MulRounded allocates %v times", n)
	}
	if n := testing.AllocsPerRun(20, func() { MulBiasRounded(100, 100, 100, half, a32, z[:100], y, 100) }); n > 0 {
		t.Errorf("MulBiasRounded allocates %v times", n)
	}
	if n := testing.AllocsPerRun(20, func() { SyrkBF16(true, false, 100, 100, 1, x, 100, 0, z, 100) }); n > 0 {
		t.Errorf("SyrkBF16 allocates %v times", n)
	}
	a, c := make([]float64, 150*90), make([]float64, 150*150)
	if n := testing.AllocsPerRun(20, func() { Syrk(true, false, 150, 90, 1, a, 90, 0, c, 150) }); n > 0 {
		t.Errorf("Syrk allocates %v times", n)
	}
	if n := testing.AllocsPerRun(20, func() { Mirror(150, c, 150) }); n > 0 {
		t.Errorf("Mirror allocates %v times", n)
	}
}
