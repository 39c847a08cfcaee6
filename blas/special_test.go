package blas

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"

	"steepest/internal/simd"
)

// TestZeroTimesNaN: an element is NaN exactly if a NaN or 0·∞ is among its terms, in every layout of a product with a vector, at every
// increment, and in an outer product.
func TestZeroTimesNaN(t *testing.T) {
	for _, name := range simd.Implementations() {
		t.Run(name, func(t *testing.T) {
			defer simd.Select(name)()
			zeroTimesNaN(t, Implementation{}.Sgemv, Implementation{}.Sger)
			zeroTimesNaN(t, Implementation{}.Dgemv, Implementation{}.Dger)
		})
	}
}

func zeroTimesNaN[T simd.Float](t *testing.T,
	gemv func(blas.Transpose, int, int, T, []T, int, []T, int, T, []T, int), ger func(int, int, T, []T, int, []T, int, []T, int)) {
	r := rand.New(rand.NewPCG(22, 23))
	special := []T{0, T(math.NaN()), T(math.Inf(1)), T(math.Inf(-1)), 0}
	fill := func(n int) []T {
		v := make([]T, n)
		for i := range v {
			if v[i] = T(r.IntN(9) - 4); r.IntN(12) == 0 {
				v[i] = special[r.IntN(len(special))]
			}
		}
		return v
	}
	same := func(a, b T) bool { return a == b || a != a && b != b }
	for range 60 {
		m, n, inc := 1+r.IntN(70), 1+r.IntN(70), 1+r.IntN(2)
		a := fill(m * n)
		for _, tA := range []blas.Transpose{blas.NoTrans, blas.Trans} {
			rows, cols, row, col := m, n, n, 1
			if tA == blas.Trans {
				rows, cols, row, col = n, m, 1, n
			}
			x, y := fill(cols*inc), fill(rows*inc)
			for _, beta := range []T{0, 2} {
				got := append([]T(nil), y...)
				gemv(tA, m, n, 1, a, n, x, inc, beta, got, inc)
				for i := range rows {
					var want T
					if beta != 0 {
						want = beta * y[i*inc]
					}
					for j := range cols {
						want += a[i*row+j*col] * x[j*inc]
					}
					if !same(got[i*inc], want) {
						t.Fatalf("%T, trans %v, %d × %d, β = %v: element %d is %v, want %v", want, tA == blas.Trans, m, n, beta, i, got[i*inc], want)
					}
				}
			}
		}
		x, y := fill(m*inc), fill(n*inc)
		got := append([]T(nil), a...)
		ger(m, n, 1, x, inc, y, inc, got, n)
		for i, v := range a {
			if want := v + x[i/n*inc]*y[i%n*inc]; !same(got[i], want) {
				t.Fatalf("%T, outer product of %d × %d: element (%d, %d) is %v, want %v", want, m, n, i/n, i%n, got[i], want)
			}
		}
	}
}
