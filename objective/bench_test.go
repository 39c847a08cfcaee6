package objective

import (
	"fmt"
	"testing"

	"steepest/data"
)

// BenchmarkGrad reports the arithmetic rate, with a multiply-add counted as two operations, and for sparse data the stored
// values that it passes over a second.
func BenchmarkGrad(b *testing.B) {
	p := randomProblem(50, 20000, 300, 0.1)
	for _, m := range []data.Matrix{p.dense, p.sparse} {
		for _, batch := range [][]uint32{randomBatch(51, 20000, 1), randomBatch(52, 20000, 32), nil} {
			lin := must(b)(Logistic(m, p.signs, L2(1e-4)))
			rows := len(batch)
			if batch == nil {
				rows = 20000
			}
			b.Run(fmt.Sprintf("%T/batch=%d", m, rows), func(b *testing.B) {
				x, grad := randomVector(53, 300, 0.1), make([]float64, 300)
				for b.Loop() {
					lin.Grad(grad, x, batch)
				}
				seconds := b.Elapsed().Seconds() / float64(b.N)
				b.ReportMetric(2*lin.FLOPs(rows)/seconds/1e9, "GFLOP/s")
				b.ReportMetric(lin.rowWork()*float64(rows)/seconds/1e6, "Mnnz/s")
			})
		}
	}
}
