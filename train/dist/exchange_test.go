package dist

import (
	"math/rand/v2"
	"slices"
	"testing"

	"steepest/train/dist/disttest"
)

// TestExchange: all ranks get every element from the rank that owns it, for ranges of any lengths.
func TestExchange(t *testing.T) {
	shorten(t)
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 10, 5000} {
		for size := 1; size <= 5; size++ {
			owner, want, owned := make([]int, n), make([]float32, n), make([][][2]int, size)
			for lo := 0; lo < n; {
				hi, r := min(n, lo+1+random.IntN(900)), random.IntN(size)
				owned[r] = append(owned[r], [2]int{lo, hi})
				for ; lo < hi; lo++ {
					owner[lo], want[lo] = r, random.Float32()
				}
			}
			disttest.Together(size, func(g *disttest.Group) {
				v := make([]float32, n)
				for i, r := range owner {
					if r == g.Rank() {
						v[i] = want[i]
					}
				}
				if err := Exchange(g, v, owned); err != nil || !slices.Equal(v, want) {
					t.Errorf("rank %d of %d has other numbers of %d, or an error: %v", g.Rank(), size, n, err)
				}
			})
		}
	}
}
