package dist

import (
	"math/rand/v2"
	"slices"
	"testing"

	"steepest/train/dist/disttest"
)

// TestExchange: all ranks get every element from the rank that owns it, for ranges of any lengths, and rank 0 joins parts in their order.
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
			var ordered []float32
			for _, ranges := range owned {
				for _, at := range ranges {
					ordered = append(ordered, want[at[0]:at[1]]...)
				}
			}
			disttest.Together(size, func(g *disttest.Group) {
				v := make([]float32, n)
				var part []float32
				for i, r := range owner {
					if r == g.Rank() {
						v[i] = want[i]
					}
				}
				for _, at := range owned[g.Rank()] {
					part = append(part, want[at[0]:at[1]]...)
				}
				if err := Exchange(g, v, owned); err != nil || !slices.Equal(v, want) {
					t.Errorf("rank %d of %d has other numbers of %d, or an error: %v", g.Rank(), size, n, err)
				}
				joined, err := Concat(g, nil, part)
				if err != nil || g.Rank() == 0 && !slices.Equal(joined, ordered) || g.Rank() > 0 && joined != nil {
					t.Errorf("rank %d of %d joins parts to other numbers of %d, or there is an error: %v", g.Rank(), size, n, err)
				}
			})
		}
	}
}
