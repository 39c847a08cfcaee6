package gemm

import (
	"math"
	"math/rand/v2"
	"testing"

	"steepest/internal/simd"
)

// TestZeroTimesNaN: an element of C is NaN if one of its terms is NaN or 0·∞, and only then, for all layouts, sizes and ways to compute
// the product.
func TestZeroTimesNaN(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		zeroTimesNaN[float32](t)
		zeroTimesNaN[float64](t)
	})
}

func zeroTimesNaN[T simd.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(20, 21))
	sizes := [][3]int{{1, 1, 1}, {1, 9, 5}, {9, 1, 5}, {5, 10, 7}, {33, 17, 40}, {70, 90, 60}, {131, 59, 157}, {9, 700, 300}, {300, 600, 256}}
	if simd.Lanes[T]() == 1 || testing.Short() {
		sizes = sizes[:7]
	}
	for trans := range 4 {
		for _, s := range sizes {
			p := newProblem[T](r, trans&2 != 0, trans&1 != 0, s[0], s[1], s[2])
			p.alpha = 2
			special := []T{0, T(math.NaN()), T(math.Inf(1)), T(math.Inf(-1))}
			for range 3 { // a NaN or infinity meets a whole row or column, which contains zeros
				p.a[r.IntN(len(p.a))] = special[r.IntN(4)]
				p.b[r.IntN(len(p.b))] = special[r.IntN(4)]
			}
			want := p.reference()
			if p.beta == 0 {
				for i := range p.c {
					p.c[i] = T(math.NaN())
				}
			}
			p.mul(p.c)
			for i := range p.m {
				for j := range p.n {
					got, want := p.c[i*p.ldc+j], want[i*p.ldc+j]
					if got != want && (got == got || want == want) {
						t.Fatalf("%v: element (%d, %d) is %v, want %v", p, i, j, got, want)
					}
				}
			}
		}
	}
}
