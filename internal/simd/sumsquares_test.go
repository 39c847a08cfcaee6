package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestSumSquares(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, n := range sizes() {
			for offset := range 4 {
				sumsSquares[float32](t, n, offset)
				sumsSquares[float64](t, n, offset)
			}
		}
	})
}

func sumsSquares[T Float](t *testing.T, n, offset int) {
	r := rand.New(rand.NewPCG(uint64(n), uint64(offset)))
	finite, special := make([]T, offset+n)[offset:], make([]T, offset+n)[offset:]
	for i := range finite {
		finite[i], special[i] = T(math.Exp(5*r.NormFloat64())), anyNumber[T](r)
	}
	for _, v := range [][]T{finite, special} {
		got, want := SumSquares(v), strided(v, 0, 1)
		if n < few {
			want = 0 // from left to right
			for _, x := range v {
				want += float64(float64(x) * float64(x))
			}
		}
		if d := difference([][]float64{{got}}, [][]float64{{want}}); d != "" {
			t.Fatalf("SumSquares[%T] of %d elements from %d: %s", T(0), n, offset, d)
		}
	}
}

// strided is the order of SumSquares as a tree: the elements from first on by the stride are those of twice the stride
// and those between them, and at the stride 16 a sum from left to right.
func strided[T Float](v []T, first, stride int) float64 {
	if stride < 16 {
		return strided(v, first, 2*stride) + strided(v, first+stride, 2*stride)
	}
	var sum float64
	for i := first; i < len(v); i += stride {
		sum += float64(float64(v[i]) * float64(v[i]))
	}
	return sum
}

func TestSumSquaresHasTheRangeOfFloat64(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		v := make([]float32, 40)
		for i := range v {
			v[i] = 1 << 100
		}
		if got, want := SumSquares(v), math.Ldexp(40, 200); got != want {
			t.Errorf("SumSquares of 40 times 2¹⁰⁰ = %g, want %g", got, want)
		}
	})
}

func BenchmarkSumSquares(b *testing.B) {
	for _, name := range Implementations() {
		b.Run(name, func(b *testing.B) {
			defer Select(name)()
			v := make([]float32, 1024)
			b.SetBytes(int64(4 * len(v)))
			for b.Loop() {
				SumSquares(v)
			}
		})
	}
}
