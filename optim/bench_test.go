package optim_test

import (
	"fmt"
	"slices"
	"testing"

	"steepest/optim"
)

// BenchmarkStep reports the memory that a step must move by second: x in and out, g in, and each state vector in and out.
func BenchmarkStep(b *testing.B) {
	for _, m := range optim.Methods()[1:] {
		for _, n := range []int{1e3, 1e6} {
			b.Run(fmt.Sprintf("%s/%d/float32", m.Name, n), func(b *testing.B) { step[float32](b, m.Rule, n, 4) })
			b.Run(fmt.Sprintf("%s/%d/float64", m.Name, n), func(b *testing.B) { step[float64](b, m.Rule, n, 8) })
		}
	}
}

func step[T optim.Float](b *testing.B, rule optim.Rule, n, size int) {
	vectors := 3
	for _, t := range rule.Chain() {
		vectors += 2 * len(t.Slots)
	}
	b.SetBytes(int64(vectors * n * size))
	params := tensors(n)
	o, x, g := newOptimizer[T](rule, params), slices.Repeat([]T{1}, n), slices.Repeat([]T{1e-3}, n)
	for b.Loop() {
		o.Step(x, g)
	}
}
