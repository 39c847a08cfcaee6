package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// sumOperation is a sum as the tests see it.
type sumOperation[T Float] struct {
	name            string
	vectors, coeffs int
	run             func(c []float64, v [][]T) float64
	term            func(c []float64, v []float64) float64 // of one element, by the formula
}

func sumOperations[T Float]() []sumOperation[T] {
	return []sumOperation[T]{
		{"CountAgreeing", 2, 0, func(_ []float64, v [][]T) float64 { return CountAgreeing(v[0], v[1]) },
			func(_, v []float64) float64 {
				if v[0]*v[1] > 0 {
					return 1
				}
				return 0
			}},
		{"DistanceSquared", 2, 0, func(_ []float64, v [][]T) float64 { return DistanceSquared(v[0], v[1]) },
			func(_, v []float64) float64 { return (v[0] - v[1]) * (v[0] - v[1]) }},
		{"DotDifference", 3, 0, func(_ []float64, v [][]T) float64 { return DotDifference(v[0], v[1], v[2]) },
			func(_, v []float64) float64 { return v[0] * (v[1] - v[2]) }},
		{"DotRatio", 3, 1, func(c []float64, v [][]T) float64 { return DotRatio(c, v[0], v[1], v[2]) },
			func(c, v []float64) float64 { return v[0] * v[1] / (math.Sqrt(v[2]) + c[0]) }},
		{"SumAbsLinear", 2, 2, func(c []float64, v [][]T) float64 { return SumAbsLinear(c, v[0], v[1]) },
			func(c, v []float64) float64 { return math.Abs(c[0]*v[0] + c[1]*v[1]) }},
		{"SumSquareRatios", 2, 4, func(c []float64, v [][]T) float64 { return SumSquareRatios(c, v[0], v[1]) },
			func(c, v []float64) float64 {
				r := v[0] / math.Max(math.Sqrt(c[2]*(c[0]*v[1]+c[1]*v[0]*v[0])), c[3])
				return r * r
			}},
	}
}

// TestSums compares each sum with its formula, term by term in float64.
func TestSums(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		sumsOf[float32](t, 1e-5)
		sumsOf[float64](t, 1e-13)
	})
}

func sumsOf[T Float](t *testing.T, tolerance float64) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, op := range sumOperations[T]() {
		for _, n := range []int{0, 1, 15, 16, 17, 100, 1000} {
			v, c := make([][]T, op.vectors), []float64{0.25, 0.5, 2, 0.125}[:op.coeffs]
			for i := range v {
				for range n {
					e := r.NormFloat64()
					if i == 2 && op.name == "DotRatio" || i == 1 && op.name == "SumSquareRatios" {
						e *= e // a second moment
					}
					v[i] = append(v[i], T(e))
				}
			}
			var want, magnitude float64
			for i := range n {
				at := make([]float64, op.vectors)
				for j := range v {
					at[j] = float64(v[j][i])
				}
				term := op.term(c, at)
				want, magnitude = want+term, magnitude+math.Abs(term)
			}
			if got := op.run(c, v); math.Abs(got-want) > tolerance*magnitude {
				t.Errorf("%s[%T] of %d elements is %v, want %v", op.name, T(0), n, got, want)
			}
		}
	}
}

// TestSumsSameBits compares the implementations of the sums with portable Go.
func TestSumsSameBits(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, n := range sizes() {
			sumsSameBits[float32](t, n, n%16, uint64(n))
			sumsSameBits[float64](t, n, n%16, uint64(n))
		}
	})
}

func sumsSameBits[T Float](t *testing.T, n, offset int, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, uint64(offset)))
	for _, op := range sumOperations[T]() {
		for _, any := range []bool{false, true} { // special numbers soon make the sum NaN
			number := func() T { return T(r.NormFloat64()) }
			if any {
				number = func() T { return anyNumber[T](r) }
			}
			c := make([]float64, op.coeffs)
			for i := range c {
				c[i] = math.Abs(float64(number()))
			}
			v := make([][]T, op.vectors)
			for i := range v {
				for range offset + n {
					v[i] = append(v[i], number())
				}
				v[i] = v[i][offset:]
			}
			before := slices.Clone(v[0])
			got := op.run(c, v)
			restore := Select(Portable)
			want := op.run(c, v)
			restore()
			if d := difference([][]float64{{got}}, [][]float64{{want}}); d != "" {
				t.Fatalf("%s[%T] of %d elements from %d, c = %v: %s", op.name, T(0), n, offset, c, d)
			}
			if d := difference([][]T{v[0]}, [][]T{before}); d != "" {
				t.Fatalf("%s[%T] changes its first vector: %s", op.name, T(0), d)
			}
		}
	}
}

func TestSumOfShortVectorPanics(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, op := range sumOperations[float32]() {
			for short := 1; short < op.vectors; short++ {
				v := slices.Repeat([][]float32{make([]float32, 40)}, op.vectors)
				v[short] = make([]float32, 39)[:39:39]
				if !panics(func() { op.run(make([]float64, op.coeffs), v) }) {
					t.Errorf("%s accepts a short vector %d", op.name, short)
				}
			}
		}
	})
}

// BenchmarkSums reports the bytes that a sum reads per second, on a tile.
func BenchmarkSums(b *testing.B) {
	const n = 1024
	for _, name := range Implementations() {
		for _, op := range sumOperations[float32]() {
			b.Run(fmt.Sprintf("%s/%s", name, op.name), func(b *testing.B) {
				defer Select(name)()
				v := slices.Repeat([][]float32{slices.Repeat([]float32{1}, n)}, op.vectors)
				b.SetBytes(int64(4 * n * op.vectors))
				for b.Loop() {
					op.run([]float64{0.5, 0.5, 0.5, 0.5}, v)
				}
			})
		}
	}
}
