package gpt

import (
	"iter"
	"math"

	"steepest/internal/simd"
	"steepest/param"
)

// tile is the number of queries whose probabilities are stored at a time, and of keys in a product of float32 with them: small enough that
// all operands are in the first two caches.
const tile = 64

// attention is the attention of one layer. Head h of window b is one piece, with queries, keys and values of C/H elements.
type attention[T param.Float] struct {
	Config
	past, length int       // T is their sum
	qkv          stored[T] // (B, length, 3, H, C/H)
	y            stored[T] // (B, length, H, C/H)
	scratch      [][]T     // (2, tile, T) for each worker, and (T, 3, C/H) behind it for a backward pass in bfloat16
	buffers      []buffers[T]
	bf16         bool // round the operands of products to bfloat16
}

// keysValues holds the keys and values of one layer and window for all positions, (H, Context, C/H). Those of a head are contiguous, so that
// memory is read in order.
type keysValues[T param.Float] struct{ keys, values []T }

// attend computes y ← softmax(QKᵀ/√(C/H))V. A query sees the keys up to its own. If keys and values are kept, those of this pass are
// appended.
type attend[T param.Float] struct {
	attention[T]
	kept *keysValues[T]
}

func (o *attend[T]) piece(worker, i int) {
	q, k, v := o.head(o.qkv, i)
	y := o.heads(o.y, i)
	p := o.scratch[worker]
	d := o.headWidth()
	if o.kept != nil {
		k, v = o.keep(o.kept.keys, k, i), o.keep(o.kept.values, v, i)
	}
	if o.length == 1 && !o.bf16 {
		o.attendOne(y.values[:d], p[:o.past+1], q.values[:d], k, v)
		return
	}
	for lo := 0; lo < o.length; lo += tile {
		hi := min(lo+tile, o.length)
		seen := o.past + hi
		o.probabilities(p, q, k, lo, hi)
		for at, n := range o.keys(0, seen) {
			o.product(hi-lo, d, n, 1, byRows(inT(p[at:]), seen), v.below(at), after[T](at, 0), y.below(lo))
		}
	}
}

// keep appends the keys or values of the pass to the kept ones of head h, and returns all.
func (o *attend[T]) keep(kept []T, of matrix[T], h int) matrix[T] {
	d := o.headWidth()
	kept = kept[h*o.Context*d:]
	for t := range o.length {
		copy(kept[(o.past+t)*d:][:d], of.below(t).values)
	}
	return byRows(inT(kept), d)
}

// attendOne does attend for a single query after the past, with products of matrices and vectors.
func (o *attend[T]) attendOne(y, p, q []T, k, v matrix[T]) {
	clear(p)
	simd.GemvN(T(1/math.Sqrt(float64(len(q)))), k.values, k.stride, q, p)
	simd.Softmax(p, p)
	clear(y)
	simd.GemvT(1, v.values, v.stride, p, y)
}

// attendBack is the backward pass of attend: it computes dqkv from dy and the y of the forward pass. It does not support a past.
type attendBack[T param.Float] struct {
	attention[T]
	dqkv stored[T] // (B, length, 3, H, C/H)
	dy   []T
}

func (o *attendBack[T]) piece(worker, i int) {
	q, k, v := o.head(o.qkv, i)
	y, dy := o.heads(o.y, i), o.heads(inT(o.dy), i)
	d, size := o.headWidth(), tile*o.length
	p, ds, sums := o.scratch[worker][:size], o.scratch[worker][size:2*size], o.scratch[worker][2*size:]
	dq, dk, dv := o.sums(sums, i)
	scale := T(1 / math.Sqrt(float64(d)))
	for lo := 0; lo < o.length; lo += tile {
		hi := min(lo+tile, o.length)
		rows := hi - lo
		o.probabilities(p, q, k, lo, hi)
		for at, n := range o.keys(0, hi) { // dP = dY·Vᵀ
			o.product(rows, n, d, 1, dy.below(lo), v.below(at).t(), 0, byRows(inT(ds[at:]), hi))
		}
		for r := range rows { // dS = P ⊙ (dP − the sum of P ⊙ dP, which is dY·Y)
			mean := simd.Dot(dy.below(lo + r).values[:d], y.load((lo+r)*y.stride, d, o.buffers[worker][0]))
			row := ds[r*hi:][:hi]
			simd.SoftmaxGradient(row, p[r*hi:][:hi], row, mean)
		}
		for at, n := range o.keys(lo, hi) {
			// The keys from lo on are new, so dV and dK begin with them. dQ begins with the first keys.
			later, keep := after[T](lo, at), after[T](at, 0)
			pAt, dsAt := byRows(inT(p[at:]), hi), byRows(inT(ds[at:]), hi)
			o.product(n, d, rows, 1, pAt.t(), dy.below(lo), later, dv.below(at))     // dV += Pᵀ·dY
			o.product(n, d, rows, scale, dsAt.t(), q.below(lo), later, dk.below(at)) // dK += dSᵀ·Q
			o.product(rows, d, n, scale, dsAt, k.below(at), keep, dq.below(lo))      // dQ += dS·K
		}
	}
	o.storeSums(sums, i)
}

// sums returns the matrices in which piece i of dqkv is summed: its own memory, or some of scratch if it is in bfloat16.
func (o *attendBack[T]) sums(scratch []T, i int) (dq, dk, dv matrix[T]) {
	if o.dqkv.half == nil {
		return o.head(o.dqkv, i)
	}
	d := o.headWidth()
	return byRows(inT(scratch), 3*d), byRows(inT(scratch[d:]), 3*d), byRows(inT(scratch[2*d:]), 3*d)
}

// storeSums stores the sums in scratch in bfloat16.
func (o *attendBack[T]) storeSums(scratch []T, i int) {
	if o.dqkv.half == nil {
		return
	}
	d := o.headWidth()
	dq, dk, dv := o.head(o.dqkv, i)
	for t := range o.length {
		for j, m := range [...]matrix[T]{dq, dk, dv} {
			m.store(t*m.stride, scratch[(3*t+j)*d:][:d])
		}
	}
}

// probabilities stores the softmax of the scores of the queries [lo, hi) in p, (hi−lo, past+hi).
func (o *attention[T]) probabilities(p []T, q, k matrix[T], lo, hi int) {
	d, all := o.headWidth(), o.past+hi
	scale := T(1 / math.Sqrt(float64(d)))
	for at, n := range o.keys(0, all) {
		o.product(hi-lo, n, d, scale, q.below(lo), k.below(at).t(), 0, byRows(inT(p[at:]), all))
	}
	for r := range hi - lo {
		row, seen := p[r*all:][:all], o.past+lo+r+1
		simd.Softmax(row[:seen], row[:seen])
		clear(row[seen:])
	}
}

// keys yields the position and the number of the keys of each product, up to hi, those before lo apart from the rest. Products of bfloat16,
// which pack their operands, take as many keys as possible.
func (o *attention[T]) keys(lo, hi int) iter.Seq2[int, int] {
	return func(yield func(at, n int) bool) {
		for at, n := 0, 0; at < hi; at += n {
			if n = hi - at; at < lo {
				n = lo - at
			}
			if !o.bf16 {
				n = min(tile, n)
			}
			if !yield(at, n) {
				return
			}
		}
	}
}

// after returns 1 if i is after j, and 0 otherwise: the factor of C in a product that adds to C or begins it.
func after[T param.Float](i, j int) T {
	if i > j {
		return 1
	}
	return 0
}

// product computes C ← αAB + βC for A of m×k and B of k×n.
func (o *attention[T]) product(m, n, k int, alpha T, a, b matrix[T], beta T, c matrix[T]) {
	product(o.bf16, m, n, k, alpha, a, b, beta, c)
}

// head returns the queries, keys and values of piece i.
func (o *attention[T]) head(qkv stored[T], i int) (q, k, v matrix[T]) {
	b, h := i/o.Heads, i%o.Heads
	part := func(j int) matrix[T] {
		return byRows(qkv.from((b*o.length*3+j)*o.Width+h*o.headWidth()), 3*o.Width)
	}
	return part(0), part(1), part(2)
}

// heads returns the part of piece i of a vector with C elements a token.
func (o *attention[T]) heads(y stored[T], i int) matrix[T] {
	b, h := i/o.Heads, i%o.Heads
	return byRows(y.from(b*o.length*o.Width+h*o.headWidth()), o.Width)
}
