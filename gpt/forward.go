package gpt

import "steepest/internal/gemm"

// forward takes the inputs through the blocks and the last norm.
func (w *workspace[T]) forward() {
	m := w.weights
	w.embed.run(w.pieces(), embed[T]{w.stream(0), m.wte, m.wteHalf, m.wpe, w.inputs, w.past, w.length, w.Width}) // (B, T, C)
	for l := range w.Layers {
		a := w.inside(l)
		w.activated(a)                                                    // (B, T, 4C)
		w.linearOnto(w.stream(l+1), a.middle, w.active, m.blocks[l].down) // (B, T, C)
	}
	w.normed(w.final, w.stream(w.Layers), m.norm, w.mean, w.r) // (B, T, C)
}

// inside computes the activations of block l that are kept, from its input.
func (w *workspace[T]) inside(l int) *activations[T] {
	b, a, in := &w.weights.blocks[l], w.block(l), w.stream(l)
	w.normed(a.norm1, in, b.norm1, a.mean1, a.r1) // (B, T, C)
	w.linear(a.qkv, a.norm1, b.qkv)               // (B, T, 3C)
	if w.QKNorm || w.Rotary {
		w.turn.run(w.pieces(), turn[T]{w.heading(a)})
	}
	w.attend.run(w.batch*w.Heads, attend[T]{w.attention(a), w.kept(l)}) // (B, T, C)
	w.linearOnto(a.middle, in, a.attended, b.proj)                      // (B, T, C)
	w.normed(a.norm2, a.middle, b.norm2, a.mean2, a.r2)                 // (B, T, C)
	w.linear(a.up, a.norm2, b.up)                                       // (B, T, 4C)
	return a
}

// activated computes the input of the last product of a block: active ← GELU(up), or max(up, 0)².
func (w *workspace[T]) activated(a *activations[T]) {
	w.activate.run(w.pieces(), activate[T]{w.active, a.up, 4 * w.Width, w.activation, false, w.buffers})
}

// pieces returns the number of pieces of a loop over the rows.
func (w *workspace[T]) pieces() int { return pieces(w.rows(), pieceRows) }

// normed computes y ← norm(x).
func (w *workspace[T]) normed(y stored[T], x []T, n norm[T], mean, r []T) {
	if w.RMSNorm {
		w.rms.run(w.pieces(), rms[T]{y, x, r, w.Width, w.buffers})
		return
	}
	w.normalize.run(w.pieces(), normalize[T]{n, y, x, mean, r, w.buffers})
}

// linear computes y ← xWᵀ + b.
func (w *workspace[T]) linear(y, x stored[T], l linear[T]) {
	if y.half == nil {
		w.linearOnto(y.values, nil, x, l)
		return
	}
	rows, out := w.rows(), len(l.b)
	in := x.len() / rows
	gemm.MulBiasRounded(rows, out, in, byRows(x, in).rounded(), byRows(inT(l.w), in).t().rounded(), single(l.b), y.half, out)
}

// linearOnto computes y ← to + xWᵀ + b, where a nil vector is 0.
func (w *workspace[T]) linearOnto(y, to []T, x stored[T], l linear[T]) {
	rows, out := w.rows(), len(l.b)
	in := x.len() / rows
	w.fill.run(w.pieces(), fill[T]{y, to, l.b})
	switch {
	case rows == 1 && !w.bf16:
		w.multiply.run(pieces(out, pieceCols), multiply[T]{y, l.w, l.half, x.values})
	case l.half != nil:
		gemm.MulByBF16(false, true, rows, out, in, 1, single(x.values), in, l.half, in, 1, single(y), out)
	default:
		product(w.bf16, rows, out, in, 1, byRows(x, in), byRows(inT(l.w), in).t(), 1, byRows(inT(y), out))
	}
}

// kept returns the keys and values of earlier tokens in block l, or nil.
func (w *workspace[T]) kept(l int) *keysValues[T] {
	if w.caches == nil {
		return nil
	}
	return &w.caches[l]
}

// attention returns the attention of a block.
func (w *workspace[T]) attention(a *activations[T]) attention[T] {
	return attention[T]{w.Config, w.past, w.length, a.qkv, a.attended, w.heads, w.buffers, w.bf16}
}

// heading returns the new queries and keys of a block, with the data to norm and rotate them.
func (w *workspace[T]) heading(a *activations[T]) heading[T] {
	return heading[T]{w.Config, w.past, w.length, a.qkv, a.rqk, w.cos, w.sin, w.buffers}
}

// headRows is the number of tokens whose scores are stored at a time without a backward pass.
const headRows = 256

// headRowsBack returns the number of tokens whose scores are stored at a time in a backward pass, which reads and writes the gradient of the head
// each time. Twice as many scores in bfloat16 take the same memory.
func (w *workspace[T]) headRowsBack() int {
	if w.bf16 {
		return 4 * headRows
	}
	return 2 * headRows
}

// scoresStride returns the distance between rows of scores: V rounded up to whole cache lines.
func (w *workspace[T]) scoresStride() int { return pieces(w.Vocab, 32) * 32 }

// score stores the scores of the rows [lo, hi), (hi−lo, V), before the soft cap. It returns them, and the part of final that they come from.
func (w *workspace[T]) score(lo, hi int) (scores, final matrix[T]) {
	c := w.Width
	scores, final = byRows(w.scores, w.scoresStride()), byRows(w.final.from(lo*c), c)
	switch half := w.weights.headHalf; {
	case hi-lo == 1 && !w.bf16:
		y := scores.values[:w.Vocab]
		clear(y)
		w.multiply.run(pieces(w.Vocab, pieceCols), multiply[T]{y, w.weights.head, half, final.values[:c]})
	case half != nil:
		gemm.MulByBF16(false, true, hi-lo, w.Vocab, c, 1, single(final.values), c, half, c, 0, single(scores.values), scores.stride)
	default:
		product(w.bf16, hi-lo, w.Vocab, c, 1, final, byRows(inT(w.weights.head), c).t(), 0, scores)
	}
	return scores, final
}

// judged stores the losses of all tokens of the pass.
func (w *workspace[T]) judged(losses []float64) {
	for lo := 0; lo < w.rows(); lo += headRows {
		hi := min(lo+headRows, w.rows())
		w.score(lo, hi)
		w.judge.run(hi-lo, judge[T]{losses[lo:hi], w.scores, w.scoresStride(), w.Vocab, w.targets[lo:hi], 0, T(w.Softcap), w.buffers})
	}
}
