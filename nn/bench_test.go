package nn

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkGrad reports billions of operations per second of the matrix products. A multiply-add counts as two.
func BenchmarkGrad(b *testing.B) {
	for _, c := range []struct {
		inputs, batch int
		hidden        []int
	}{{64, 32, []int{64}}, {64, 1797, []int{64}}, {784, 256, []int{1024, 1024}}} {
		b.Run(fmt.Sprintf("batch=%d/%d,%v", c.batch, c.inputs, c.hidden), func(b *testing.B) {
			examples, labels := randomData(rand.New(rand.NewPCG(1, 0)), c.batch, c.inputs)
			p := network[float32](b, examples, labels, "softmax", Config{Hidden: c.hidden, Activation: GELU})
			x, grad := p.Start(1), make([]float32, p.size)
			for b.Loop() {
				p.Grad(grad, x, nil)
			}
			work := 2 * (p.FLOPs(c.batch) - float64(p.size))
			b.ReportMetric(work*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
