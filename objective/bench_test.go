package objective

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"steepest/data"
	"steepest/param"
)

// BenchmarkGrad reports operations per second, a multiply-add counted as two. For sparse data it also reports stored values per second.
func BenchmarkGrad(b *testing.B) { forBatches(b, benchmarkGrad[float64]) }

func BenchmarkGradFloat32(b *testing.B) {
	forBatches(b, func(b *testing.B, lin *Linear[float64], batch []uint32) {
		benchmarkGrad(b, single(b, lin).(*Linear[float32]), batch)
	})
}

func forBatches(b *testing.B, f func(b *testing.B, lin *Linear[float64], batch []uint32)) {
	p := randomProblem(50, 20000, 300, 0.1)
	for _, m := range []data.Matrix{p.dense, p.sparse} {
		for _, batch := range [][]uint32{randomBatch(51, 20000, 1), randomBatch(52, 20000, 32), nil} {
			lin := must(b)(Logistic(m, p.signs, L2(1e-4)))
			b.Run(fmt.Sprintf("%T/batch=%d", m, checkBatch(batch, 20000)), func(b *testing.B) { f(b, lin, batch) })
		}
	}
}

func benchmarkGrad[T param.Float](b *testing.B, lin *Linear[T], batch []uint32) {
	x, grad, rows := make([]T, 300), make([]T, 300), checkBatch(batch, lin.n)
	convert(x, randomVector(53, 300, 0.1))
	for b.Loop() {
		lin.Grad(grad, x, batch)
	}
	seconds := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(2*lin.FLOPs(rows)/seconds/1e9, "GFLOP/s")
	b.ReportMetric(lin.rowWork()*float64(rows)/seconds/1e6, "Mnnz/s")
}

// BenchmarkGradShuffled reads sparse rows in random order, in batches of 32. The rows take 90 MB, more than the caches hold.
func BenchmarkGradShuffled(b *testing.B) {
	const n, d, entries, size = 100_000, 2000, 75, 32
	r := rand.New(rand.NewPCG(54, 0))
	m := &data.CSR{Rows: n, Cols: d, Indptr: []int{0}}
	labels, order := make([]float64, n), make([]uint32, n)
	for i, place := range r.Perm(n) {
		for k := range entries {
			m.Indices = append(m.Indices, uint32(d*k/entries+r.IntN(d/entries)))
			m.Values = append(m.Values, r.NormFloat64())
		}
		m.Indptr = append(m.Indptr, len(m.Values))
		labels[i], order[i] = float64(2*r.IntN(2)-1), uint32(place)
	}
	lin := must(b)(Logistic(m, labels, L2(1e-4)))
	x, grad := randomVector(55, d, 0.1), make([]float64, d)
	at := 0
	for b.Loop() {
		lin.Grad(grad, x, order[at:at+size])
		at = (at + size) % (n - size)
	}
	b.ReportMetric(entries*size*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mnnz/s")
}
