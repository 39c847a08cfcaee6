package gpt

import (
	"math"

	"steepest/internal/gemm"
	"steepest/internal/simd"
	"steepest/param"
)

// tile is the number of queries whose probabilities are stored at a time, and of keys in a product with them: small enough that all
// operands are in the first two caches.
const tile = 64

// attention is the attention of one layer. Head h of window b is one piece, with queries, keys and values of C/H elements.
type attention[T param.Float] struct {
	Config
	past, length int   // T is their sum
	qkv          []T   // (B, length, 3, H, C/H)
	y            []T   // (B, length, H, C/H)
	scratch      [][]T // (2, tile, T) for each worker
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
		for at, keep := 0, T(0); at < seen; at, keep = at+tile, 1 {
			gemm.Mul(false, false, hi-lo, d, min(tile, seen-at), 1, p[at:], seen, v[at*apart:], apart, keep, y[lo*c:], c)
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
		for at := 0; at < hi; at += tile { // dP = dY·Vᵀ
			gemm.Mul(false, true, rows, min(tile, hi-at), d, 1, dy[lo*c:], c, v[at*3*c:], 3*c, 0, ds[at:], hi)
		}
		for r := range rows { // dS = P ⊙ (dP − the sum of P ⊙ dP, which is dY·Y)
			mean := simd.Dot(dy[(lo+r)*c:][:d], y[(lo+r)*c:])
			row := ds[r*hi:][:hi]
			simd.SoftmaxGradient(row, p[r*hi:][:hi], row, mean)
		}
		for at := 0; at < hi; at += tile {
			n := min(tile, hi-at)
			later, keep := T(0), T(0) // the keys of the last tile are new, so dV and dK begin,
			if at < lo {
				later = 1
			}
			if at > 0 { // and dQ begins with the first tile of keys
				keep = 1
			}
			gemm.Mul(true, false, n, d, rows, 1, p[at:], hi, dy[lo*c:], c, later, dv[at*3*c:], 3*c)         // dV += Pᵀ·dY
			gemm.Mul(true, false, n, d, rows, scale, ds[at:], hi, q[lo*3*c:], 3*c, later, dk[at*3*c:], 3*c) // dK += dSᵀ·Q
			gemm.Mul(false, false, rows, d, n, scale, ds[at:], hi, k[at*3*c:], 3*c, keep, dq[lo*3*c:], 3*c) // dQ += dS·K
		}
	}
}

// probabilities stores the softmax of the scores of the queries [lo, hi) in p, (hi−lo, past+hi). apart is the distance between keys.
func (o *attention[T]) probabilities(p, q, k []T, apart, lo, hi int) {
	d, c, all := o.headWidth(), o.Width, o.past+hi
	scale := T(1 / math.Sqrt(float64(d)))
	for at := 0; at < all; at += tile {
		gemm.Mul(false, true, hi-lo, min(tile, all-at), d, scale, q[lo*3*c:], 3*c, k[at*apart:], apart, 0, p[at:], all)
	}
	for r := range hi - lo {
		row, seen := p[r*all:][:all], o.past+lo+r+1
		simd.Softmax(row[:seen], row[:seen])
		clear(row[seen:])
	}
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
