package matfun

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestTransposed goes over the edges of its blocks.
func TestTransposed(t *testing.T) {
	r := rand.New(rand.NewPCG(59, 60))
	for _, s := range [][2]int{{0, 3}, {1, 1}, {3, 70}, {70, 3}, {64, 64}, {67, 131}, {130, 65}} {
		x := normal(r, s[0], s[1])
		dst := slices.Repeat([]float64{7}, len(x)+3)
		transposed(dst, s[0], x, s[1], s[0], s[1])
		if want := append(transpose(x, s[0], s[1]), 7, 7, 7); !slices.Equal(dst, want) {
			t.Errorf("%v: it is not the transpose", s)
		}
	}
}
