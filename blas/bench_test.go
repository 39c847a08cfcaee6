package blas_test

import (
	"fmt"
	"testing"

	gonum "gonum.org/v1/gonum/blas"

	"steepest/internal/simd"
)

// BenchmarkVectors reports the bytes of the operands by second, beside gonum's.
func BenchmarkVectors(b *testing.B) {
	for _, n := range []int{1, 3, 8, 16, 100, 1000, 1000000} {
		besides(b, n, 4, func(q routine[float32]) bool { return q.a == nil }, single{ours}, single{theirs})
		besides(b, n, 8, func(q routine[float64]) bool { return q.a == nil }, double{ours}, double{theirs})
	}
}

// BenchmarkMatrices is BenchmarkVectors for square matrices.
func BenchmarkMatrices(b *testing.B) {
	for _, n := range []int{8, 100, 1000} {
		besides(b, n, 4, func(q routine[float32]) bool { return q.a != nil }, single{ours}, single{theirs})
		besides(b, n, 8, func(q routine[float64]) bool { return q.a != nil }, double{ours}, double{theirs})
	}
}

func besides[T simd.Float](b *testing.B, n, size int, wanted func(routine[T]) bool, ours, theirs routines[T]) {
	for _, q := range list[T]() {
		if !wanted(q) {
			continue
		}
		p := arguments[T]{
			m: n, n: n, k: n, alpha: 1, beta: 0.5, incX: 1, incY: 1, tA: gonum.NoTrans, tB: gonum.NoTrans, ul: gonum.Upper,
		}
		p = q.fill(p, func() T { return 0.5 })
		bytes := 0
		for _, v := range p.all() {
			bytes += size * len(v)
		}
		for name, impl := range map[string]routines[T]{"steepest": ours, "gonum": theirs} {
			b.Run(fmt.Sprintf("%s/%T/%d/%s", q.name, T(0), n, name), func(b *testing.B) {
				b.SetBytes(int64(bytes))
				for b.Loop() {
					q.run(impl, p)
				}
			})
		}
	}
}
