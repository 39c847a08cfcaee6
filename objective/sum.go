package objective

import (
	"math"
	"sync"

	"steepest/internal/parallel"
	"steepest/internal/simd"
	"steepest/param"
)

// How a batch is cut. A chunk has enough work to be worth handing to a goroutine, and so much that zeroing and adding up
// its own copy of the gradient is a small share of it. Their number bounds the memory that the copies take: wide gradients, of data that
// may be larger than memory, have few copies.
const (
	maxChunks    = 32
	minChunkWork = 1 << 16 // multiply-adds, for scores or gradient
	maxCopied    = 1 << 24 // elements of all copies, unless they are fewer than 4
)

// scratch is the working memory of one call.
type scratch[T param.Float] struct {
	scores []float64 // a run of C+scorePad for each chunk
	parts  [][]T     // the gradient of each chunk but the first, which uses dst
	losses []total
}

// scorePad keeps the scores of two chunks, written at every row, on different cache lines.
const scorePad = 8

// working returns the memory for some chunks, or for parts, to be put back into the pool.
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

// part returns a vector of d elements for a chunk, with anything in it.
func (s *scratch[T]) part(chunk, d int) []T {
	if s.parts[chunk] == nil {
		s.parts[chunk] = make([]T, d)
	}
	return s.parts[chunk]
}

// sum returns the sum of what add returns for the chunks and, unless dst is nil, stores there the sum of what it adds to g, along a
// tree. For the nil dst, g is nil.
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

// chunksOf returns the number of chunks for b rows that take so many multiply-adds, with a gradient of d elements.
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

// sumChunks is apart from sum, whose parameters would escape through the closure and cost small batches an allocation.
func (p *Linear[T]) sumChunks(dst, x []T, batch []uint32, b, chunks int, s *scratch[T]) float64 {
	return s.sum(dst, chunks, func(g []T, c int) total {
		return p.add(g, x, batch, c*b/chunks, (c+1)*b/chunks, s.chunkScores(c, p.loss.outputs()))
	})
}

// add returns Σ ℓ over the places lo to hi of the batch, and adds Σ ∇ℓ to dst unless that is nil. A row is read once: its
// second use finds it in cache. z is room for the scores, which become the slopes.
func (p *Linear[T]) add(dst, x []T, batch []uint32, lo, hi int, z []float64) (losses total) {
	for k := lo; k < hi; k++ {
		if batch == nil && k%passRows == 0 && p.scattered.Load() {
			p.Preload(k, min(k+2*passRows, p.n))
		}
		i := term(batch, k)
		p.scores(z, x, i)
		p.prefetch(batch, k, hi)
		losses.add(p.eval(z, i))
		if dst != nil {
			addRow(p, dst, z, i)
		}
	}
	return losses
}

// How many places before its use memory is asked for: enough that memory has answered, and for the pointers of a row more,
// because they say where the row lies.
const (
	rowsAhead     = 4
	pointersAhead = 12
)

// prefetch asks for what the batch, up to its place hi, needs soon after place k. Sparse rows at random places are bound by
// the time that memory takes to answer; dense rows, and rows in their order, the processor foresees by itself.
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

// Prefetch asks for the memory of sparse rows that calls to come will use, and returns at once: ahead gives the row that is used in so many
// places, if that is known.
func (p *Linear[T]) Prefetch(ahead func(places int) (row uint32, known bool)) {
	if i, ok := ahead(pointersAhead); ok {
		p.prefetchPointers(i)
	}
	if i, ok := ahead(rowsAhead); ok {
		p.prefetchRow(i)
	}
}

// term returns the index of the term at place k of a batch.
func term(batch []uint32, k int) int {
	if batch == nil {
		return k
	}
	return int(batch[k])
}

// scores stores the scores of row i in z.
func (p *Linear[T]) scores(z []float64, x []T, i int) {
	for c := range z {
		z[c] = float64(p.RowDot(i, x[c*p.d:(c+1)*p.d]))
	}
}

// total is a compensated sum (Neumaier 1974): its error does not grow with the number of terms, so that a loss over
// millions of rows still tells two points near the minimum apart.
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
