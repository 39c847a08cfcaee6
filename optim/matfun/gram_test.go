package matfun

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"steepest/internal/simd"
	"steepest/param"
)

// TestGram: steps on the Gram matrix give the result of steps on X, for every preset with steps, for wide and tall matrices with singular
// values from 1 to 1e-3.
func TestGram(t *testing.T) {
	for p := Keller; p < Exact; p++ {
		it := *p.Iteration()
		for _, s := range [][2]int{{16, 40}, {40, 16}, {12, 18}} {
			x := decaying(rand.New(rand.NewPCG(3, uint64(p))), s[0], s[1], 1e-3)
			want := iterated(t, x, s, it)
			it.Gram = true
			if d := largestDifference(iterated(t, x, s, it), want); d > 1e-9 {
				t.Errorf("%v of %d × %d in float64: off by %g", p, s[0], s[1], d)
			}
			d := largestDifference(param.As[float64](iterated(t, to[float32](x), s, it)), want)
			it.Gram = false
			limit := 2e-3
			if p == CANS {
				limit = 8e-3
			}
			if plain := largestDifference(param.As[float64](iterated(t, to[float32](x), s, it)), want); d > limit || plain > 1e-5 {
				t.Errorf("%v of %d × %d in float32: off by %g, and by %g without", p, s[0], s[1], d, plain)
			}
		}
	}
}

// TestGramRestarts: without restarts, many steps in float32 would magnify rounding errors without limit.
func TestGramRestarts(t *testing.T) {
	it := *Schulz.Iteration()
	it.Gram = true
	s := [2]int{16, 40}
	x := decaying(rand.New(rand.NewPCG(5, 6)), s[0], s[1], 1e-3)
	if d := largestDifference(param.As[float64](iterated(t, to[float32](x), s, it)), iterated(t, x, s, it)); d > 1e-3 {
		t.Errorf("off by %g", d)
	}
}

// TestGramSameBits: the result does not depend on the number of workers.
func TestGramSameBits(t *testing.T) {
	it := *Keller.Iteration()
	it.Gram = true
	s := [2]int{140, 300}
	x := to[float32](normal(rand.New(rand.NewPCG(7, 8)), s[0], s[1]))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := iterated(t, x, s, it)
	runtime.GOMAXPROCS(3)
	if !slices.Equal(iterated(t, x, s, it), want) {
		t.Error("three workers make other bits than one")
	}
}

// TestFLOPs: five steps at 768×3072 take 65 halves of products of order 768, and 29 on the Gram matrix.
func TestFLOPs(t *testing.T) {
	const half = 768. * 768 * 768
	it := *Keller.Iteration()
	if got := it.FLOPs(768, 3072) / half; got != 65 {
		t.Errorf("%v products on X, want 65", got)
	}
	it.Gram = true
	if got := it.FLOPs(3072, 768) / half; got != 29 {
		t.Errorf("%v products on the Gram matrix, want 29", got)
	}
	if got, want := it.FLOPs(768, 768), Keller.Iteration().FLOPs(768, 768); got != want {
		t.Errorf("%v operations for a square matrix, want %v", got, want)
	}
}

func iterated[T simd.Float](t *testing.T, x []T, s [2]int, it Iteration) []T {
	t.Helper()
	var w Workspace[T]
	y := append([]T(nil), x...)
	if err := w.Iterate(y, s[0], s[1], &it); err != nil {
		t.Fatal(err)
	}
	return y
}

func largestDifference(x, y []float64) (largest float64) {
	for i, v := range x {
		largest = max(largest, math.Abs(v-y[i]))
	}
	return largest
}

// decaying returns a matrix whose singular values fall from 1 to least by a constant factor.
func decaying(r *rand.Rand, rows, cols int, least float64) []float64 {
	m := min(rows, cols)
	left, right := directions(r, rows, m), directions(r, cols, m)
	x := make([]float64, rows*cols)
	for k := range m {
		sigma := math.Pow(least, float64(k)/float64(m-1))
		for i := range rows {
			for j := range cols {
				x[i*cols+j] += sigma * left[i*m+k] * right[j*m+k]
			}
		}
	}
	return x
}

// directions returns orthonormal columns.
func directions(r *rand.Rand, rows, cols int) []float64 {
	q := normal(r, rows, cols)
	var w Workspace[float64]
	if err := w.QR(q, rows, cols); err != nil {
		panic(err)
	}
	return q
}
