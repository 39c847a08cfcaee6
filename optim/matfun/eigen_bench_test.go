package matfun

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"steepest/internal/simd"
)

// The sides of GPT-2's matrices, and a small one. With sides longer than gonumSide, gonum takes a minute or more in float64.
var sides = []int{256, 768, 2304, 3072}

const gonumSide = 768

// BenchmarkEigen decomposes a matrix without structure. GFLOP/s counts 9n³ operations, as is usual.
func BenchmarkEigen(b *testing.B) {
	for _, n := range sides {
		run(b, n, "float32", 9, newEigen[float32](n))
		run(b, n, "float64", 9, newEigen[float64](n))
		if n <= gonumSide {
			x := mat.NewSymDense(n, square[float64](n))
			var e mat.EigenSym
			run(b, n, "gonum", 9, func() bool { return e.Factorize(x, true) })
		}
	}
}

func newEigen[T simd.Float](n int) func() bool {
	x, w := square[T](n), new(Workspace[T])
	return func() bool {
		_, err := w.Eigen(x, n)
		return err == nil
	}
}

// BenchmarkQR factors a square matrix. GFLOP/s counts 8n³/3 operations.
func BenchmarkQR(b *testing.B) {
	for _, n := range sides {
		run(b, n, "float32", 8./3, newQR[float32](n))
		run(b, n, "float64", 8./3, newQR[float64](n))
		if n <= gonumSide {
			x, q := mat.NewDense(n, n, square[float64](n)), new(mat.Dense)
			run(b, n, "gonum", 8./3, func() bool {
				var qr mat.QR
				qr.Factorize(x)
				qr.QTo(q)
				return true
			})
		}
	}
}

func newQR[T simd.Float](n int) func() bool {
	x, w := square[T](n), new(Workspace[T])
	return func() bool { return w.QR(x, n, n) == nil }
}

func square[T simd.Float](n int) []T { return to[T](normal(rand.New(rand.NewPCG(1, 2)), n, n)) }

// run measures f, which takes the given number of operations times n³.
func run(b *testing.B, n int, name string, operations float64, f func() bool) {
	b.Run(fmt.Sprintf("%d/%s", n, name), func(b *testing.B) {
		for b.Loop() {
			if !f() {
				b.Fatal("it fails")
			}
		}
		cube := float64(n) * float64(n) * float64(n)
		b.ReportMetric(operations*cube*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
	})
}
