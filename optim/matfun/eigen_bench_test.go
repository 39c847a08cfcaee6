package matfun

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// The sides of GPT-2's matrices, and one that is small.
var sides = []int{256, 768, 2304}

// BenchmarkEigen is of a matrix without structure. GFLOP/s counts 9n³ operations, as is usual.
func BenchmarkEigen(b *testing.B) {
	for _, n := range sides {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var w Workspace[float32]
			x := to[float32](normal(rand.New(rand.NewPCG(1, 2)), n, n))
			for b.Loop() {
				if _, err := w.Eigen(x, n); err != nil {
					b.Fatal(err)
				}
			}
			reportRate(b, 9*float64(n)*float64(n)*float64(n))
		})
	}
}

// BenchmarkQR is of a square matrix, of 8n³/3 operations.
func BenchmarkQR(b *testing.B) {
	for _, n := range sides {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var w Workspace[float32]
			x := to[float32](normal(rand.New(rand.NewPCG(1, 2)), n, n))
			for b.Loop() {
				if err := w.QR(x, n, n); err != nil {
					b.Fatal(err)
				}
			}
			reportRate(b, 8./3*float64(n)*float64(n)*float64(n))
		})
	}
}

func reportRate(b *testing.B, operations float64) {
	b.ReportMetric(operations*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
