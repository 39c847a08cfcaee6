package gpt

import (
	"steepest/internal/simd"
	"steepest/param"
)

// The loops over rows and columns of activations. A row is a token of a pass. Sums over rows, for the gradients of biases, gains and
// embeddings, are loops over columns, or have a fixed number of parts.

// normEps is added to the variance in a layer norm.
const normEps = 1e-5

// embed computes x ← wte[token] + wpe[past + t], without wpe if there is none.
type embed[T param.Float] struct {
	x, wte       []T
	half         []simd.BF16 // instead of wte
	wpe          []T
	tokens       []uint32
	past, length int // T is the length
	width        int
}

func (o *embed[T]) piece(_, i int) {
	lo, hi := span(i, pieceRows, len(o.tokens))
	for r := lo; r < hi; r++ {
		x := o.x[r*o.width:][:o.width]
		at := int(o.tokens[r]) * o.width
		if o.half != nil {
			simd.WidenBF16(single(x), o.half[at:])
		} else {
			copy(x, o.wte[at:])
		}
		if o.wpe != nil {
			simd.Axpy(1, o.wpe[(o.past+r%o.length)*o.width:][:o.width], x)
		}
	}
}

// embedBack is dwte[token] ← dwte[token] + dx, dwpe[t] ← dwpe[t] + dx, for some columns.
type embedBack[T param.Float] struct {
	dx, dwte, dwpe []T
	tokens         []uint32
	length         int
	width          int
}

func (o *embedBack[T]) piece(_, i int) {
	lo, hi := span(i, pieceCols, o.width)
	for r, token := range o.tokens {
		dx := o.dx[r*o.width+lo : r*o.width+hi]
		simd.Axpy(1, dx, o.dwte[int(token)*o.width+lo:])
		if o.dwpe != nil {
			simd.Axpy(1, dx, o.dwpe[r%o.length*o.width+lo:])
		}
	}
}

// fill computes y ← bias in each row, or y ← x + bias.
type fill[T param.Float] struct{ y, x, bias []T }

func (o *fill[T]) piece(_, i int) {
	n := len(o.bias)
	lo, hi := span(i, pieceRows, len(o.y)/n)
	for r := lo; r < hi; r++ {
		y := o.y[r*n:][:n]
		copy(y, o.bias)
		if o.x != nil {
			simd.Axpy(1, o.x[r*n:][:n], y)
		}
	}
}

// multiply computes y ← y + Wx, for some rows of W.
type multiply[T param.Float] struct {
	y, w []T
	half []simd.BF16 // instead of w
	x    []T
}

func (o *multiply[T]) piece(_, i int) {
	lo, hi := span(i, pieceCols, len(o.y))
	at, n := lo*len(o.x), len(o.x)
	if o.half != nil {
		simd.GemvNBF16(1, o.half[at:], n, single(o.x), single(o.y[lo:hi]))
	} else {
		simd.GemvN(1, o.w[at:], n, o.x, o.y[lo:hi])
	}
}

// sumRows computes db ← db + the sum of the rows of dy, for some columns.
type sumRows[T param.Float] struct {
	db   []T
	dy   stored[T]
	rows int
}

func (o *sumRows[T]) piece(_, i int) {
	n := len(o.db)
	lo, hi := span(i, pieceCols, n)
	if o.dy.half != nil {
		simd.AddRowsBF16(single(o.db[lo:hi]), o.dy.half[lo:], n, o.rows)
		return
	}
	for r := range o.rows {
		simd.Axpy(1, o.dy.values[r*n+lo:][:hi-lo], o.db[lo:hi])
	}
}

// normalize is layer norm. It stores the mean of each row and the inverse r of its deviation.
type normalize[T param.Float] struct {
	norm[T]
	y          stored[T]
	x, mean, r []T
	buffers    []buffers[T]
}

func (o *normalize[T]) piece(worker, i int) {
	n := len(o.gain)
	lo, hi := span(i, pieceRows, len(o.mean))
	for r := lo; r < hi; r++ {
		y := o.y.room(r*n, n, o.buffers[worker][0])
		o.mean[r], o.r[r] = simd.LayerNorm(y, o.x[r*n:][:n], o.gain, o.bias, normEps)
		o.y.store(r*n, y)
	}
}

// normalizeBack is the backward pass of layer norm: it adds the gradient to dx and destroys dy. The gradients of gain and bias, summed
// over the rows of a piece, go to the part of the piece.
type normalizeBack[T param.Float] struct {
	dx, dy, x, gain, mean, r []T
	parts                    []T // (pieces, 2, C)
}

func (o *normalizeBack[T]) piece(_, i int) {
	n := len(o.gain)
	part := o.parts[i*2*n:][:2*n]
	clear(part)
	lo, hi := span(i, pieceRows, len(o.mean))
	for r := lo; r < hi; r++ {
		dy := o.dy[r*n:][:n]
		simd.LayerNormGradient(dy, part[:n], part[n:], dy, o.x[r*n:][:n], o.gain, o.mean[r], o.r[r])
		simd.Axpy(1, dy, o.dx[r*n:][:n])
	}
}

// sumParts adds the parts from normalizeBack to the gradients of gain and bias, for some columns.
type sumParts[T param.Float] struct {
	norm[T]
	parts []T // (pieces, 2, C)
}

func (o *sumParts[T]) piece(_, i int) {
	n := len(o.gain)
	lo, hi := span(i, pieceCols, n)
	for part := o.parts; len(part) > 0; part = part[2*n:] {
		simd.Axpy(1, part[lo:hi], o.gain[lo:hi])
		simd.Axpy(1, part[n+lo:n+hi], o.bias[lo:hi])
	}
}

// activate computes y ← f(x) in each row, or for a backward pass, where f reads y, too, y ← f(y, x).
type activate[T param.Float] struct {
	y, x    stored[T]
	width   int
	f       func(y, x []T)
	back    bool
	buffers []buffers[T]
}

func (o *activate[T]) piece(worker, i int) {
	n, buffers := o.width, &o.buffers[worker]
	lo, hi := span(i, pieceRows, o.x.len()/n)
	for r := lo; r < hi; r++ {
		y := o.y.room(r*n, n, buffers[0])
		if o.back {
			y = o.y.load(r*n, n, buffers[0])
		}
		o.f(y, o.x.load(r*n, n, buffers[1]))
		o.y.store(r*n, y)
	}
}

// geluBack computes dx ← dx ⊙ GELU′(x).
func geluBack[T param.Float](dx, x []T) { simd.GELUGradient(dx, dx, x) }

// judge stores the cross entropy of each row of scores and its target. If scale is not 0, it replaces the scores by scale times the
// gradient.
type judge[T param.Float] struct {
	losses  []float64
	scores  stored[T]
	stride  int // from one row of scores to the next
	vocab   int // scores in a row
	target  []uint32
	scale   float64
	softcap T // 0 for none
	buffers []buffers[T]
}

func (o *judge[T]) piece(worker, r int) {
	row, t := o.scores.load(r*o.stride, o.vocab, o.buffers[worker][0]), int(o.target[r])
	if o.softcap != 0 {
		softcap(row, o.softcap)
	}
	if o.scale == 0 {
		o.losses[r] = simd.CrossEntropy(row, t)
		return
	}
	if o.softcap == 0 {
		o.losses[r] = simd.CrossEntropyGradient(row, t, o.scale)
		o.scores.store(r*o.stride, row)
		return
	}
	capped := o.buffers[worker][1][:o.vocab]
	copy(capped, row)
	o.losses[r] = simd.CrossEntropyGradient(row, t, o.scale)
	for i, z := range capped { // the derivative of s·tanh(z/s) is 1 − tanh²
		tanh := z / o.softcap
		row[i] *= 1 - T(tanh*tanh)
	}
	o.scores.store(r*o.stride, row)
}

// softcap computes z ← s·tanh(z/s).
func softcap[T param.Float](z []T, s T) {
	simd.Scal(1/s, z)
	simd.Tanh(z, z)
	simd.Scal(s, z)
}
