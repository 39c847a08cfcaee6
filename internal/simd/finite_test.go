package simd

import (
	"math"
	"testing"
)

// TestFinite puts one NaN or infinity at every position of vectors of every length, among the largest and the smallest numbers.
func TestFinite(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		t.Run("float32", func(t *testing.T) { finite[float32](t, math.MaxFloat32, math.SmallestNonzeroFloat32) })
		t.Run("float64", func(t *testing.T) { finite[float64](t, math.MaxFloat64, math.SmallestNonzeroFloat64) })
	})
}

func finite[T Float](t *testing.T, most, least T) {
	for n := range 150 {
		x := make([]T, n)
		for i := range x {
			x[i] = []T{most, least, -most, -1, 0}[i%5]
		}
		if !Finite(x) {
			t.Fatalf("%d finite numbers are not", n)
		}
		for i, v := range x {
			for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				if x[i] = T(bad); Finite(x) {
					t.Fatalf("%v at %d of %d is finite", bad, i, n)
				}
				if x[i] = v; !Finite(x[:i]) || !Finite(x[i+1:]) {
					t.Fatalf("what is beside %d of %d is not finite", i, n)
				}
			}
		}
	}
}

func BenchmarkFinite(b *testing.B) {
	for _, name := range Implementations() {
		b.Run(name, func(b *testing.B) {
			defer Select(name)()
			v := make([]float32, 1024)
			b.SetBytes(int64(4 * len(v)))
			for b.Loop() {
				Finite(v)
			}
		})
	}
}
