package objective

import (
	"math"
	"sync"

	"steepest/internal/parallel"
	"steepest/internal/simd"
	"steepest/internal/terms"
	"steepest/param"
)

// How a batch is cut. A chunk has enough work to pay for a goroutine, and for clearing and adding its own copy of the gradient. The
// number of chunks bounds the memory of these copies: wide gradients, of data that may be larger than memory, have few copies.
const (
	maxChunks    = 32
	minChunkWork = 1 << 16 // multiply-adds, for scores or gradient
	maxCopied    = 1 << 24 // elements of all copies, unless there are fewer than 4 copies
)

// scratch is the working memory of one call.
type scratch[T param.Float] struct {
	scores []float64 // a run of C+scorePad for each chunk
	parts  [][]T     // the gradient of each chunk but the first, which uses dst
	losses []total
}

// scorePad keeps the scores of different chunks, which change with every row, on different cache lines.
const scorePad = 8

// working returns memory for the chunks from the pool. The caller must put it back.
func working[T param.Float](pool *sync.Pool, chunks, outputs int) *scratch[T] {
	s, _ := pool.Get().(*scratch[T])
	if s == nil {
		s = new(scratch[T])
	}
	if need := chunks * (outputs + scorePad); len(s.scores) < need {
		s.scores = make([]float64, need)
		s.losses = make([]total, chunks)
		s.parts = append(s.parts, make([][]T, chunks-len(s.parts))...)
	}
	return s
}

func (s *scratch[T]) chunkScores(chunk, outputs int) []float64 {
	return s.scores[chunk*(outputs+scorePad):][:outputs]
}

// part returns a vector of d elements for a chunk. Its content is undefined.
func (s *scratch[T]) part(chunk, d int) []T {
	if s.parts[chunk] == nil {
		s.parts[chunk] = make([]T, d)
	}
	return s.parts[chunk]
}

// sum calls add for each chunk and returns the sum of the results. Unless dst is nil, add also adds a gradient to g, and sum stores the
// sum of the gradients in dst, added along a tree. If dst is nil, g is nil.
func (s *scratch[T]) sum(dst []T, chunks int, add func(g []T, chunk int) total) float64 {
	part := func(chunk int) []T {
		if dst == nil || chunk == 0 {
			return dst
		}
		return s.part(chunk, len(dst))
	}
	parallel.For(chunks, func(_, c int) {
		g := part(c)
		clear(g)
		s.losses[c] = add(g, c)
	})
	parallel.Reduce(chunks, func(into, from int) {
		s.losses[into].merge(s.losses[from])
		if dst != nil {
			axpy(part(into), 1, part(from))
		}
	})
	return s.losses[0].value()
}

// rowWork returns the multiply-adds that the scores of one row take, on average.
func (p *Linear[T]) rowWork() float64 {
	return float64(p.loss.outputs()) * float64(len(p.values)) / float64(p.n)
}

// chunks returns the number of chunks that a batch of b rows is cut into.
func (p *Linear[T]) chunks(b int) int { return chunksOf(b, p.dim(), p.rowWork()*float64(b)) }

// chunksOf returns the number of chunks for b rows that take work multiply-adds, with a gradient of d elements.
func chunksOf(b, d int, work float64) int {
	least := max(minChunkWork, 4*float64(d))
	return max(1, min(maxChunks, max(4, maxCopied/d), b, int(work/least)))
}

// sum returns Σ ℓ over a batch of b rows and, unless dst is nil, stores Σ ∇ℓ there.
func (p *Linear[T]) sum(dst, x []T, batch []uint32, b int) float64 {
	chunks, outputs := p.chunks(b), p.loss.outputs()
	s := working[T](&p.scratch, chunks, outputs)
	defer p.scratch.Put(s)
	if chunks == 1 {
		clear(dst)
		losses := p.add(dst, x, batch, 0, b, s.chunkScores(0, outputs))
		return losses.value()
	}
	return p.sumChunks(dst, x, batch, b, chunks, s)
}

// sumChunks is a separate function because its closure makes parameters escape, which would cost small batches an allocation.
func (p *Linear[T]) sumChunks(dst, x []T, batch []uint32, b, chunks int, s *scratch[T]) float64 {
	return s.sum(dst, chunks, func(g []T, c int) total {
		return p.add(g, x, batch, c*b/chunks, (c+1)*b/chunks, s.chunkScores(c, p.loss.outputs()))
	})
}

// add returns Σ ℓ over the indices lo to hi of the batch, and adds Σ ∇ℓ to dst unless dst is nil. A row is read from memory
// only once: its second use finds it in the cache. z is memory for the scores, which become the slopes.
func (p *Linear[T]) add(dst, x []T, batch []uint32, lo, hi int, z []float64) (losses total) {
	for k := lo; k < hi; k++ {
		if batch == nil && k%passRows == 0 && p.scattered.Load() {
			p.Preload(k, min(k+2*passRows, p.n))
		}
		i := terms.At(batch, k)
		p.scores(z, x, i)
		p.prefetch(batch, k, hi)
		losses.add(p.eval(z, i))
		if dst != nil {
			addRow(p, dst, z, i)
		}
	}
	return losses
}

// Prefetch distances, in rows. Row pointers are fetched further ahead, since the address of a row is known only after them.
const (
	rowsAhead     = 4
	pointersAhead = 12
)

// prefetch prefetches the memory that the batch, up to index hi, needs soon after index k. Sparse rows in random order are
// limited by the latency of memory. Dense rows, and rows in order, are prefetched by the processor itself.
func (p *Linear[T]) prefetch(batch []uint32, k, hi int) {
	if p.indptr == nil || batch == nil {
		return
	}
	if k+pointersAhead < hi {
		p.prefetchPointers(batch[k+pointersAhead])
	}
	if k+rowsAhead < hi {
		p.prefetchRow(batch[k+rowsAhead])
	}
}

func (p *Linear[T]) prefetchPointers(i uint32) { simd.Prefetch(p.indptr[i:][:2]) }

func (p *Linear[T]) prefetchRow(i uint32) {
	indices, values := p.Row(int(i))
	simd.Prefetch(indices)
	simd.Prefetch(values)
	simd.Prefetch(p.labels[i : i+1])
}

// Prefetch prefetches sparse rows that will be used soon after the k-th one of a batch, and returns at once. ahead(n) returns the row that is used
// n rows after the first one, if known.
func (p *Linear[T]) Prefetch(k int, ahead func(places int) (row uint32, known bool)) {
	if i, ok := ahead(k + pointersAhead); ok {
		p.prefetchPointers(i)
	}
	if i, ok := ahead(k + rowsAhead); ok {
		p.prefetchRow(i)
	}
}

// scores stores the scores of row i in z.
func (p *Linear[T]) scores(z []float64, x []T, i int) {
	for c := range z {
		z[c] = float64(p.RowDot(i, x[c*p.d:(c+1)*p.d]))
	}
}

// total is a compensated sum (Neumaier 1974): its error does not grow with the number of terms, so a loss over millions of
// rows can still distinguish two points near the minimum.
type total struct{ sum, lost float64 }

func (t *total) add(v float64) {
	v = float64(v) // a product is rounded before it is added
	sum := t.sum + v
	if math.Abs(t.sum) >= math.Abs(v) {
		t.lost += (t.sum - sum) + v
	} else {
		t.lost += (v - sum) + t.sum
	}
	t.sum = sum
}

func (t *total) merge(u total) {
	t.add(u.sum)
	t.lost += u.lost
}

func (t *total) value() float64 {
	if math.IsInf(t.sum, 0) {
		return t.sum // lost is NaN
	}
	return t.sum + t.lost
}
