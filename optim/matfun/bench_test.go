package matfun

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"steepest/internal/simd"
)

// BenchmarkIterate measures five steps of Jordan's iteration. GFLOP/s counts 5(4m²n + 2m³) operations, those of steps that do not use
// symmetry, so that all precisions can be compared.
func BenchmarkIterate(b *testing.B) {
	for _, s := range [][2]int{{768, 768}, {768, 3072}, {3072, 768}, {2048, 2048}} {
		for _, products := range []Precision{Full, BF16} {
			b.Run(fmt.Sprintf("%dx%d/%v", s[0], s[1], products), func(b *testing.B) {
				it := *Keller.Iteration()
				it.Products = products
				var w Workspace[float32]
				x := to[float32](normal(rand.New(rand.NewPCG(1, 2)), s[0], s[1]))
				for b.Loop() {
					if err := w.Iterate(x, s[0], s[1], &it); err != nil {
						b.Fatal(err)
					}
				}
				m, n := float64(s[0]), float64(s[1])
				b.ReportMetric(5*(4*m*m*n+2*m*m*m)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}

// BenchmarkGram measures five steps of Jordan's iteration on X and on its Gram matrix.
func BenchmarkGram(b *testing.B) {
	for _, s := range [][2]int{{768, 1536}, {768, 3072}, {3072, 768}} {
		for _, gram := range []bool{false, true} {
			b.Run(fmt.Sprintf("%dx%d/gram=%v", s[0], s[1], gram), func(b *testing.B) {
				it := *Keller.Iteration()
				it.Gram = gram
				var w Workspace[float32]
				x := to[float32](normal(rand.New(rand.NewPCG(1, 2)), s[0], s[1]))
				for b.Loop() {
					if err := w.Iterate(x, s[0], s[1], &it); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkExact measures the polar factor by the singular value decomposition.
func BenchmarkExact(b *testing.B) {
	for _, cols := range []int{768, 3072} {
		b.Run(fmt.Sprintf("768x%d/float32", cols), func(b *testing.B) { benchmarkExact[float32](b, 768, cols) })
		b.Run(fmt.Sprintf("768x%d/float64", cols), func(b *testing.B) { benchmarkExact[float64](b, 768, cols) })
	}
}

func benchmarkExact[T simd.Float](b *testing.B, rows, cols int) {
	var w Workspace[T]
	start := to[T](normal(rand.New(rand.NewPCG(1, 2)), rows, cols))
	x := make([]T, len(start))
	for b.Loop() {
		copy(x, start)
		if err := w.Iterate(x, rows, cols, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInverseRoot measures the inverse fourth root of a matrix like Shampoo's, whose condition with its ridge is 10⁴.
func BenchmarkInverseRoot(b *testing.B) {
	for _, method := range []RootMethod{ByEigen, ByNewton} {
		b.Run(method.String(), func(b *testing.B) {
			const n = 768
			g := to[float32](normal(rand.New(rand.NewPCG(1, 2)), n, n))
			var w Workspace[float32]
			a, x := make([]float32, n*n), make([]float32, n*n)
			w.gram = a
			w.product(g, n, n)
			root := Root{P: 4, Method: method, Ridge: ShiftRelative, Eps: 1e-4}
			for b.Loop() {
				if err := w.Root(x, a, n, root); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
