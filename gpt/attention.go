package gpt

import (
	"iter"
	"math"

	"steepest/internal/gemm"
	"steepest/internal/simd"
	"steepest/param"
)

// tile is the number of queries whose probabilities are stored at a time, and of keys in a product of float32 with them: small enough that
// all operands are in the first two caches.
const tile = 64

// attention is the attention of one layer. Head h of window b is one piece, with queries, keys and values of C/H elements.
type attention[T param.Float] struct {
	Config
	past, length int   // T is their sum
	qkv          []T   // (B, length, 3, H, C/H)
	y            []T   // (B, length, H, C/H)
	scratch      [][]T // (2, tile, T) for each worker
	bf16         bool  // round the operands of products to bfloat16
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
	d, c, apart := o.headWidth(), o.Width, 3*o.Width // apart: the distance between keys, and between values
	if o.kept != nil {
		k, v, apart = o.keep(o.kept.keys, k, i), o.keep(o.kept.values, v, i), d
	}
	if o.length == 1 {
		o.attendOne(y[:d], p[:o.past+1], q[:d], k, v, apart)
		return
	}
	for lo := 0; lo < o.length; lo += tile {
		hi := min(lo+tile, o.length)
		seen := o.past + hi
		o.probabilities(p, q, k, apart, lo, hi)
		for at, n := range o.keys(0, seen) {
			o.product(false, false, hi-lo, d, n, 1, p[at:], seen, v[at*apart:], apart, after[T](at, 0), y[lo*c:], c)
		}
	}
}

// keep appends the keys or values of the pass to the kept ones of head h, and returns all.
func (o *attend[T]) keep(kept, of []T, h int) []T {
	d := o.headWidth()
	kept = kept[h*o.Context*d:]
	for t := range o.length {
		copy(kept[(o.past+t)*d:][:d], of[t*3*o.Width:])
	}
	return kept
}

// attendOne does attend for a single query after the past, with products of matrices and vectors.
func (o *attend[T]) attendOne(y, p, q, k, v []T, apart int) {
	clear(p)
	simd.GemvN(T(1/math.Sqrt(float64(len(q)))), k, apart, q, p)
	simd.Softmax(p, p)
	clear(y)
	simd.GemvT(1, v, apart, p, y)
}

// attendBack is the backward pass of attend: it computes dqkv from dy and the y of the forward pass. It does not support a past.
type attendBack[T param.Float] struct {
	attention[T]
	dqkv, dy []T
}

func (o *attendBack[T]) piece(worker, i int) {
	q, k, v := o.head(o.qkv, i)
	dq, dk, dv := o.head(o.dqkv, i)
	y, dy := o.heads(o.y, i), o.heads(o.dy, i)
	p, ds := o.scratch[worker][:tile*o.length], o.scratch[worker][tile*o.length:]
	d, c := o.headWidth(), o.Width
	scale := T(1 / math.Sqrt(float64(d)))
	for lo := 0; lo < o.length; lo += tile {
		hi := min(lo+tile, o.length)
		rows := hi - lo
		o.probabilities(p, q, k, 3*c, lo, hi)
		for at, n := range o.keys(0, hi) { // dP = dY·Vᵀ
			o.product(false, true, rows, n, d, 1, dy[lo*c:], c, v[at*3*c:], 3*c, 0, ds[at:], hi)
		}
		for r := range rows { // dS = P ⊙ (dP − the sum of P ⊙ dP, which is dY·Y)
			mean := simd.Dot(dy[(lo+r)*c:][:d], y[(lo+r)*c:])
			row := ds[r*hi:][:hi]
			simd.SoftmaxGradient(row, p[r*hi:][:hi], row, mean)
		}
		for at, n := range o.keys(lo, hi) {
			// The keys from lo on are new, so dV and dK begin with them. dQ begins with the first keys.
			later, keep := after[T](lo, at), after[T](at, 0)
			o.product(true, false, n, d, rows, 1, p[at:], hi, dy[lo*c:], c, later, dv[at*3*c:], 3*c)         // dV += Pᵀ·dY
			o.product(true, false, n, d, rows, scale, ds[at:], hi, q[lo*3*c:], 3*c, later, dk[at*3*c:], 3*c) // dK += dSᵀ·Q
			o.product(false, false, rows, d, n, scale, ds[at:], hi, k[at*3*c:], 3*c, keep, dq[lo*3*c:], 3*c) // dQ += dS·K
		}
	}
}

// probabilities stores the softmax of the scores of the queries [lo, hi) in p, (hi−lo, past+hi). apart is the distance between keys.
func (o *attention[T]) probabilities(p, q, k []T, apart, lo, hi int) {
	d, c, all := o.headWidth(), o.Width, o.past+hi
	scale := T(1 / math.Sqrt(float64(d)))
	for at, n := range o.keys(0, all) {
		o.product(false, true, hi-lo, n, d, scale, q[lo*3*c:], 3*c, k[at*apart:], apart, 0, p[at:], all)
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

// product computes C ← αAB + βC. If bf16 is set, it rounds the operands to bfloat16.
func (o *attention[T]) product(transA, transB bool, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	if o.bf16 {
		gemm.MulRounded(transA, transB, m, n, k, float32(alpha), single(a), lda, single(b), ldb, float32(beta), single(c), ldc)
		return
	}
	gemm.Mul(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// head returns the queries, keys and values of piece i. Their rows are 3C apart.
func (o *attention[T]) head(qkv []T, i int) (q, k, v []T) {
	b, h := i/o.Heads, i%o.Heads
	qkv = qkv[b*o.length*3*o.Width+h*o.headWidth():]
	return qkv, qkv[o.Width:], qkv[2*o.Width:]
}

// heads returns the part of piece i of a vector with C elements a token. Its rows are C apart.
func (o *attention[T]) heads(y []T, i int) []T {
	b, h := i/o.Heads, i%o.Heads
	return y[b*o.length*o.Width+h*o.headWidth():]
}
