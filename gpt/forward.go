package gpt

import "steepest/internal/gemm"

// forward takes the inputs through the blocks and the last norm.
func (w *workspace[T]) forward() {
	m := w.weights
	w.embed.run(w.pieces(), embed[T]{w.stream(0), m.wte, m.wteHalf, m.wpe, w.inputs, w.past, w.length, w.Width}) // (B, T, C)
	for l := range w.Layers {
		a := w.inside(l)
		w.activate(a)                                                 // (B, T, 4C)
		w.linear(w.stream(l+1), a.middle, w.active, m.blocks[l].down) // (B, T, C)
	}
	w.normed(w.final, w.stream(w.Layers), m.norm, w.mean, w.r) // (B, T, C)
}

// inside computes the activations of block l that are kept, from its input.
func (w *workspace[T]) inside(l int) *activations[T] {
	b, a, in := &w.weights.blocks[l], w.block(l), w.stream(l)
	w.normed(a.norm1, in, b.norm1, a.mean1, a.r1) // (B, T, C)
	w.linear(a.qkv, nil, a.norm1, b.qkv)          // (B, T, 3C)
	if w.QKNorm || w.Rotary {
		w.turn.run(w.pieces(), turn[T]{w.heading(a)})
	}
	w.attend.run(w.batch*w.Heads, attend[T]{w.attention(a), w.kept(l)}) // (B, T, C)
	w.linear(a.middle, in, a.attended, b.proj)                          // (B, T, C)
	w.normed(a.norm2, a.middle, b.norm2, a.mean2, a.r2)                 // (B, T, C)
	w.linear(a.up, nil, a.norm2, b.up)                                  // (B, T, 4C)
	return a
}

// activate computes the input of the last product of a block: active ← GELU(up), or max(up, 0)².
func (w *workspace[T]) activate(a *activations[T]) {
	if w.SquaredReLU {
		w.square.run(w.pieces(), square[T]{w.active, a.up, 4 * w.Width})
	} else {
		w.gelu.run(w.pieces(), gelu[T]{w.active, a.up, 4 * w.Width})
	}
}

// pieces returns the number of pieces of a loop over the rows.
func (w *workspace[T]) pieces() int { return pieces(w.rows(), pieceRows) }

// normed computes y ← norm(x).
func (w *workspace[T]) normed(y, x []T, n norm[T], mean, r []T) {
	if w.RMSNorm {
		w.rms.run(w.pieces(), rms[T]{y, x, r, w.Width})
		return
	}
	w.normalize.run(w.pieces(), normalize[T]{n, y, x, mean, r})
}

// linear computes y ← xWᵀ + b, or y ← to + xWᵀ + b.
func (w *workspace[T]) linear(y, to, x []T, l linear[T]) {
	rows, out := w.rows(), len(l.b)
	in := len(x) / rows
	w.fill.run(w.pieces(), fill[T]{y, to, l.b})
	switch {
	case rows == 1 && !w.bf16:
		w.multiply.run(pieces(out, pieceCols), multiply[T]{y, l.w, l.half, x})
	case l.half != nil:
		gemm.MulByBF16(false, true, rows, out, in, 1, single(x), in, l.half, in, 1, single(y), out)
	default:
		w.product(byRows(y, out), byRows(x, in), byRows(l.w, in).t(), 1)
	}
}

// kept returns the keys and values of earlier tokens in block l, or nil.
func (w *workspace[T]) kept(l int) *keysValues[T] {
	if w.caches == nil {
		return nil
	}
	return &w.caches[l]
}

// product computes C ← AB + keep·C for products with weights. If bf16 is set, it rounds the operands to bfloat16.
func (w *workspace[T]) product(c, a, b matrix[T], keep T) {
	m, n := c.size()
	_, k := a.size()
	if !w.bf16 {
		gemm.Mul(a.transposed, b.transposed, m, n, k, 1, a.values, a.stride, b.values, b.stride, keep, c.values, c.stride)
		return
	}
	gemm.MulRounded(a.transposed, b.transposed, m, n, k, 1, single(a.values), a.stride, single(b.values), b.stride, float32(keep), single(c.values), c.stride)
}

// attention returns the attention of a block.
func (w *workspace[T]) attention(a *activations[T]) attention[T] {
	return attention[T]{w.Config, w.past, w.length, a.qkv, a.attended, w.heads, w.bf16}
}

// heading returns the new queries and keys of a block, with the data to norm and rotate them.
func (w *workspace[T]) heading(a *activations[T]) heading[T] {
	return heading[T]{w.Config, w.past, w.length, a.qkv, a.rqk, w.cos, w.sin}
}

// headRows is the number of tokens whose scores are stored at a time. With a backward pass it is headRowsBack, since each time the gradient of the
// head is read and written, too.
const (
	headRows     = 256
	headRowsBack = 512
)

// scoresStride returns the distance between rows of scores: V rounded up to whole cache lines.
func (w *workspace[T]) scoresStride() int { return pieces(w.Vocab, 16) * 16 }

// score stores the scores of the rows [lo, hi), (hi−lo, V), before the soft cap. It returns them, and the part of final that they come from.
func (w *workspace[T]) score(lo, hi int) (scores, final matrix[T]) {
	c, stride := w.Width, w.scoresStride()
	scores = matrix[T]{values: w.scores[:(hi-lo)*stride], cols: w.Vocab, stride: stride}
	final = byRows(w.final[lo*c:hi*c], c)
	switch half := w.weights.headHalf; {
	case hi-lo == 1 && !w.bf16:
		y := w.scores[:w.Vocab]
		clear(y)
		w.multiply.run(pieces(w.Vocab, pieceCols), multiply[T]{y, w.weights.head, half, final.values})
	case half != nil:
		gemm.MulByBF16(false, true, hi-lo, w.Vocab, c, 1, single(final.values), c, half, c, 0, single(scores.values), stride)
	default:
		w.product(scores, final, byRows(w.weights.head, c).t(), 0)
	}
	return scores, final
}

// judged stores the losses of all tokens of the pass.
func (w *workspace[T]) judged(losses []float64) {
	for lo := 0; lo < w.rows(); lo += headRows {
		hi := min(lo+headRows, w.rows())
		w.score(lo, hi)
		w.judge.run(hi-lo, judge[T]{losses[lo:hi], w.scores, w.scoresStride(), w.Vocab, w.targets[lo:hi], 0, T(w.Softcap), w.capped})
	}
}
