package optim_test

import (
	"fmt"
	"slices"
	"testing"

	"steepest/methods"
	"steepest/optim"
	"steepest/param"
)

// BenchmarkStep reports the memory that a step must move, per second: x in and out, g in, and each state vector in and out.
func BenchmarkStep(b *testing.B) {
	for _, m := range methods.All()[1:] {
		if m.Family != methods.Elementwise {
			continue
		}
		rule := parse(b, m.Name+":lr=1e-9") // so small that x stays in the range of numbers after any number of steps
		for _, n := range []int{1e3, 1e6} {
			b.Run(fmt.Sprintf("%s/%d/float32", m.Name, n), func(b *testing.B) { step[float32](b, rule, n, 4) })
			b.Run(fmt.Sprintf("%s/%d/float64", m.Name, n), func(b *testing.B) { step[float64](b, rule, n, 8) })
		}
	}
}

func step[T param.Float](b *testing.B, rule optim.Rule, n, size int) {
	vectors := 3
	for _, t := range transforms(rule) {
		vectors += 2 * len(t.Slots)
	}
	b.SetBytes(int64(vectors * n * size))
	params := tensors(n)
	o, x, g := newOptimizer[T](rule, params), slices.Repeat([]T{1}, n), slices.Repeat([]T{1e-3}, n)
	for b.Loop() {
		o.Step(x, g)
	}
}

// BenchmarkMatrixStep measures a step on the matrices of a block of GPT-2 (124M), with separate queries, keys and values. For Shampoo and
// SOAP it is a step that computes no new roots or bases.
func BenchmarkMatrixStep(b *testing.B) {
	const d = 768
	params := []param.Param{
		{Name: "qkv", Shape: []int{3 * d, d}, Role: param.Hidden, Fused: 3}, {Name: "proj", Shape: []int{d, d}, Role: param.Hidden},
		{Name: "up", Shape: []int{4 * d, d}, Role: param.Hidden}, {Name: "down", Shape: []int{d, 4 * d}, Role: param.Hidden},
	}
	for _, spec := range []string{
		"muon", "muon:gram=true", "muon:bf16=true", "muon:preset=speedrun", "normuon:bf16=true", "dion", "scion", "shampoo:root-interval=1000000", "soap:basis-interval=1000000,max-order=800",
	} {
		b.Run(spec, func(b *testing.B) {
			o, g := newOptimizer[float32](parse(b, spec), params), randoms[float32](2, size(params))
			if err := o.Step(g[0], g[1]); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				o.Step(g[0], g[1])
			}
		})
	}
}
