package shuffle

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestBijection: every number is an image exactly once, for any n.
func TestBijection(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	sizes := []uint64{1000, 1023, 1024, 1025, 65536, 65537, 1<<20 + 1}
	for n := uint64(1); n <= 300; n++ {
		sizes = append(sizes, n)
	}
	for _, n := range sizes {
		p := New(n, random.Uint64)
		met := make([]bool, n)
		for i := range n {
			j := p.At(i)
			if met[j] {
				t.Fatalf("of %d numbers, %d is met twice", n, j)
			}
			met[j] = true
		}
	}
	p := New(1<<62, random.Uint64)
	if a, b := p.At(0), p.At(1<<62-1); a == b {
		t.Errorf("both ends go to %d", a)
	}
}

// TestMixes: over all keys, the images of a number are uniform, and so are those of a pair of neighbours.
func TestMixes(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	const trials = 5_000
	for _, n := range []uint64{2, 3, 5, 8, 11, 16, 40} {
		single, pair := make([]float64, n*n), make([]float64, n*n*n)
		for range trials {
			p := New(n, random.Uint64)
			for i := range n {
				single[i*n+p.At(i)]++
				if i+1 < n {
					pair[i*n*n+p.At(i)*n+p.At(i+1)]++
				}
			}
		}
		// chi-squared against its mean, by five standard deviations
		check := func(what string, counts []float64, want float64, freedom float64) {
			sum := 0.0
			for _, c := range counts {
				sum += (c - want) * (c - want) / want
			}
			if math.Abs(sum-freedom) > 5*math.Sqrt(2*freedom) {
				t.Errorf("%s of %d: chi-squared %.0f with %.0f degrees of freedom", what, n, sum, freedom)
			}
		}
		f := float64(n)
		check("numbers", single, trials/f, (f-1)*(f-1))
		if n < 3 {
			continue
		}
		for i := range n - 1 {
			var counts []float64
			for j := range n * n {
				if j/n != j%n {
					counts = append(counts, pair[i*n*n+j])
				}
			}
			check("neighbours", counts, trials/(f*(f-1)), f*(f-1)-1)
		}
	}
}

// TestFar: the images of neighbours are on average a third of the range apart, like random numbers.
func TestFar(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, n := range []uint64{1_000_003, 1 << 24, 1<<40 + 7} {
		p := New(n, random.Uint64)
		const pairs = 100_000
		sum := 0.0
		for i := range uint64(pairs) {
			sum += math.Abs(float64(p.At(i+1)) - float64(p.At(i)))
		}
		if mean := sum / pairs / float64(n); math.Abs(mean-1.0/3) > 0.005 {
			t.Errorf("of %d: neighbours are %v of it apart", n, mean)
		}
	}
}
