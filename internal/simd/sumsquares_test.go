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

// strided sums in the order of SumSquares, written as a tree: the sum over a stride is the sum of two sums over twice the stride. At
// stride 16 the terms are added from left to right.
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

// TestNormOfOneNumber puts a number whose square under- or overflows, or a pair that would cancel, among zeros of either sign, at every
// position of vectors of every length.
func TestNormOfOneNumber(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, v := range []float64{math.SmallestNonzeroFloat64, 0x1p-1000, 1, 0x1p1000} {
			for n := range 80 {
				x := make([]float64, n)
				for i := range x {
					x[i] = math.Copysign(0, float64(i%2)-1)
				}
				if got := Norm(x); got != 0 {
					t.Fatalf("Norm of %d zeros = %g", n, got)
				}
				for i, was := range x {
					if x[i] = -v; Norm(x) != v {
						t.Fatalf("Norm of %g at %d of %d = %g", -v, i, n, Norm(x))
					}
					if j := (i + 16) % n; j != i {
						before := x[j]
						if x[j] = v; math.Abs(Norm(x)/v-math.Sqrt2) > 1e-15 && v > 0x1p-1022 || Norm(x) == 0 {
							t.Fatalf("Norm of %g at %d and %g at %d of %d = %g", -v, i, v, j, n, Norm(x))
						}
						x[j] = before
					}
					x[i] = was
				}
			}
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
