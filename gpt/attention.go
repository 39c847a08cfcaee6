package gpt

import (
	"math"

	"steepest/internal/gemm"
	"steepest/internal/simd"
	"steepest/param"
)

// tile is the number of queries whose probabilities are there at a time, and of keys in a product with them: so few that all is in
// the first two caches.
const tile = 64

// attention is that of one layer. Head h of window b is one piece, with queries, keys and values of C/H elements. Where tokens have
// gone before, which is so in one window alone, keys and values are there for all, and queries for those after the past.
type attention[T param.Float] struct {
	Config
	past, length int   // T is their sum
	qkv          []T   // (B, T, 3, H, C/H)
	y            []T   // (B, length, H, C/H)
	scratch      [][]T // (2, tile, T) for each worker
}

// attend is y ← softmax(QKᵀ/√(C/H))V with a query seeing the keys up to its own.
type attend[T param.Float] struct{ attention[T] }

func (o *attend[T]) piece(worker, i int) {
	q, k, v := o.head(o.qkv, i)
	y := o.heads(o.y, i)
	p := o.scratch[worker]
	d, c := o.headWidth(), o.Width
	if o.length == 1 {
		o.attendOne(y[:d], p[:o.past+1], q, k, v)
		return
	}
	for lo := o.past; lo < o.past+o.length; lo += tile {
		hi := min(lo+tile, o.past+o.length)
		o.probabilities(p, q, k, lo, hi)
		for at, keep := 0, T(0); at < hi; at, keep = at+tile, 1 {
			n := min(tile, hi-at)
			gemm.Mul(false, false, hi-lo, d, n, 1, p[at:], hi, v[at*3*c:], 3*c, keep, y[(lo-o.past)*c:], c)
		}
	}
}

// attendOne does so for one query after the past, with products of matrices and vectors.
func (o *attend[T]) attendOne(y, p, q, k, v []T) {
	d, c := o.headWidth(), o.Width
	clear(p)
	simd.GemvN(T(1/math.Sqrt(float64(d))), k, 3*c, q[o.past*3*c:][:d], p)
	simd.Softmax(p, p)
	clear(y)
	simd.GemvT(1, v, 3*c, p, y)
}

// attendBack is the way back: dqkv from dy, with y of the way there. It knows no past.
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
		o.probabilities(p, q, k, lo, hi)
		for at := 0; at < hi; at += tile { // dP = dY·Vᵀ
			gemm.Mul(false, true, rows, min(tile, hi-at), d, 1, dy[lo*c:], c, v[at*3*c:], 3*c, 0, ds[at:], hi)
		}
		for r := range rows { // dS = P ⊙ (dP − the sum of P ⊙ dP, which is dY·Y)
			mean := simd.Dot(dy[(lo+r)*c:][:d], y[(lo+r)*c:])
			row := ds[r*hi:][:hi]
			for j, weight := range p[r*hi:][:hi] {
				row[j] = weight * (row[j] - mean)
			}
		}
		for at := 0; at < hi; at += tile {
			n := min(tile, hi-at)
			later, keep := T(0), T(0) // the keys of the last tile are seen for the first time,
			if at < lo {
				later = 1
			}
			if at > 0 { // and dQ begins with the first tile
				keep = 1
			}
			gemm.Mul(true, false, n, d, rows, 1, p[at:], hi, dy[lo*c:], c, later, dv[at*3*c:], 3*c)         // dV += Pᵀ·dY
			gemm.Mul(true, false, n, d, rows, scale, ds[at:], hi, q[lo*3*c:], 3*c, later, dk[at*3*c:], 3*c) // dK += dSᵀ·Q
			gemm.Mul(false, false, rows, d, n, scale, ds[at:], hi, k[at*3*c:], 3*c, keep, dq[lo*3*c:], 3*c) // dQ += dS·K
		}
	}
}

// probabilities stores the softmax of the scores of the queries from lo to below hi in p, (hi−lo, hi).
func (o *attention[T]) probabilities(p, q, k []T, lo, hi int) {
	d, c := o.headWidth(), o.Width
	scale := T(1 / math.Sqrt(float64(d)))
	for at := 0; at < hi; at += tile {
		gemm.Mul(false, true, hi-lo, min(tile, hi-at), d, scale, q[lo*3*c:], 3*c, k[at*3*c:], 3*c, 0, p[at:], hi)
	}
	for r := range hi - lo {
		row, seen := p[r*hi:][:hi], lo+r+1
		simd.Softmax(row[:seen], row[:seen])
		clear(row[seen:])
	}
}

// head returns the queries, keys and values of piece i, from the first of them on. The rows of each are 3C apart.
func (o *attention[T]) head(qkv []T, i int) (q, k, v []T) {
	b, h := i/o.Heads, i%o.Heads
	qkv = qkv[b*(o.past+o.length)*3*o.Width+h*o.headWidth():]
	return qkv, qkv[o.Width:], qkv[2*o.Width:]
}

// heads returns what is C elements a token, of piece i. Its rows are C apart.
func (o *attention[T]) heads(y []T, i int) []T {
	b, h := i/o.Heads, i%o.Heads
	return y[b*o.length*o.Width+h*o.headWidth():]
}
