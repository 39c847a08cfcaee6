package gpt

import (
	"math"

	"steepest/internal/simd"
	"steepest/param"
)

// The loops of the parts with which the speedrun replaces GPT-2's.

// rms computes y ← rx with the inverse r of the root of the mean square of each row.
type rms[T param.Float] struct {
	y       stored[T]
	x, r    []T
	width   int
	buffers []buffers[T]
}

func (o *rms[T]) piece(worker, i int) {
	n := o.width
	lo, hi := span(i, pieceRows, len(o.x)/n)
	for row := lo; row < hi; row++ {
		y := o.y.room(row*n, n, o.buffers[worker][0])
		copy(y, o.x[row*n:])
		o.r[row] = unit(y)
		o.y.store(row*n, y)
	}
}

// rmsBack is the backward pass of rms: dx ← dx + r(dy − rx·mean(dy ⊙ rx)). It destroys dy.
type rmsBack[T param.Float] struct {
	dx, dy, x, r []T
	width        int
}

func (o *rmsBack[T]) piece(_, i int) {
	lo, hi := span(i, pieceRows, len(o.x)/o.width)
	for row := lo; row < hi; row++ {
		x, dy, r := o.x[row*o.width:][:o.width], o.dy[row*o.width:][:o.width], o.r[row]
		simd.Axpy(-r*r*simd.Dot(dy, x)/T(o.width), x, dy)
		simd.Axpy(r, dy, o.dx[row*o.width:][:o.width])
	}
}

// rmsEps is added to a mean square, so that its root is never 0.
const rmsEps = 0x1p-23

// unit divides x by the root of its mean square, and returns the inverse of the root.
func unit[T param.Float](x []T) T {
	r := T(1 / math.Sqrt(float64(simd.Dot(x, x))/float64(len(x))+rmsEps))
	simd.Scal(r, x)
	return r
}

// heading holds the queries and keys of a pass. Each has d = C/H elements. Rotary positions rotate the pairs of elements i and d/2 + i.
type heading[T param.Float] struct {
	Config
	past, length int
	qkv          stored[T] // (B, T, 3, H, d)
	r            []T       // (B, T, 2, H), the inverses of the norms of queries and keys
	cos, sin     []T       // (Context, d/2)
	buffers      []buffers[T]
}

// each calls f for each query and key in the rows of a piece, with the index of its first element, its number among all, and its position.
func (o *heading[T]) each(i int, f func(at, number, position int)) {
	lo, hi := span(i, pieceRows, o.qkv.len()/(3*o.Width))
	for row := lo; row < hi; row++ {
		for h := range 2 * o.Heads {
			f(row*3*o.Width+h*o.headWidth(), row*2*o.Heads+h, o.past+row%o.length)
		}
	}
}

// rotate rotates a query or key by the angles of its position, backwards if sign is −1.
func (o *heading[T]) rotate(x []T, position int, sign T) {
	half := len(x) / 2
	cos, sin := o.cos[position*half:][:half], o.sin[position*half:][:half]
	first, second := x[:half], x[half:]
	for i, a := range first {
		b, s := second[i], sign*sin[i]
		first[i] = T(a*cos[i]) + T(b*s)
		second[i] = T(b*cos[i]) - T(a*s)
	}
}

// turn norms and rotates queries and keys.
type turn[T param.Float] struct{ heading[T] }

func (o *turn[T]) piece(worker, i int) {
	o.each(i, func(at, number, position int) {
		x := o.qkv.load(at, o.headWidth(), o.buffers[worker][0])
		if o.QKNorm {
			o.r[number] = unit(x)
		}
		if o.Rotary {
			o.rotate(x, position, 1)
		}
		o.qkv.store(at, x)
	})
}

// turnBack is the backward pass of turn. Rotations preserve inner products, so the norm's backward pass may come before the rotation's.
type turnBack[T param.Float] struct {
	heading[T]
	dqkv stored[T]
}

func (o *turnBack[T]) piece(worker, i int) {
	o.each(i, func(at, number, position int) {
		y, dy := o.qkv.load(at, o.headWidth(), o.buffers[worker][0]), o.dqkv.load(at, o.headWidth(), o.buffers[worker][1])
		if o.QKNorm {
			simd.Axpy(-simd.Dot(dy, y)/T(len(y)), y, dy)
			simd.Scal(o.r[number], dy)
		}
		if o.Rotary {
			o.rotate(dy, position, -1)
		}
		o.dqkv.store(at, dy)
	})
}

// angles returns the cosines and sines of the rotations, (Context, d/2).
func angles[T param.Float](c Config) (cos, sin []T) {
	half := c.headWidth() / 2
	for t := range c.Context {
		for i := range half {
			s, c := math.Sincos(float64(t) * math.Pow(10000, -float64(i)/float64(half)))
			cos, sin = append(cos, T(c)), append(sin, T(s))
		}
	}
	return cos, sin
}

// square computes y ← max(x, 0)².
func square[T param.Float](y, x []T) {
	for i, v := range x {
		v = max(v, 0)
		y[i] = v * v
	}
}

// squareBack computes dx ← 2dx ⊙ max(x, 0).
func squareBack[T param.Float](dx, x []T) {
	for i, v := range x {
		dx[i] *= 2 * max(v, 0)
	}
}
