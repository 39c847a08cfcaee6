package gpt

// judgedBack stores the losses of all tokens of the pass. It stores scale times their gradient with respect to the output of forward in
// dstream, and adds to the gradient of the head.
func (w *workspace[T]) judgedBack(losses []float64, scale float64) {
	c, v, keep := w.Width, w.Vocab, w.keep
	head, dhead := byRows(inT(w.weights.head), c), byRows(inT(w.gradient.head), c)
	for lo := 0; lo < w.rows(); lo += w.headRowsBack() {
		hi := min(lo+w.headRowsBack(), w.rows())
		scores, final := w.score(lo, hi)
		w.judge.run(hi-lo, judge[T]{losses[lo:hi], w.scores, w.scoresStride(), v, w.targets[lo:hi], scale, T(w.Softcap), w.buffers})
		product(w.bf16, v, c, hi-lo, 1, scores.t(), final, keep, dhead)
		product(w.bf16, hi-lo, c, v, 1, scores, head, 0, byRows(inT(w.dnarrow[lo*c:]), c))
		keep = 1
	}
	clear(w.dstream)
	w.normedBack(w.dnarrow, w.stream(w.Layers), w.weights.norm, w.gradient.norm, w.mean, w.r)
}

// backward propagates the gradient in dstream back through the blocks to the embeddings, and adds the gradients of the parameters to
// gradient.
func (w *workspace[T]) backward() {
	m, g := w.weights, w.gradient
	dattended, dnarrow, dstream, dqkv := w.dnarrow, inT(w.dnarrow), inT(w.dstream), w.dwide.part(3*w.rows()*w.Width)
	for l := w.Layers - 1; l >= 0; l-- {
		if w.recompute && l < w.Layers-1 { // the activations of the last block are still there
			w.inside(l)
		}
		b, db, a := &m.blocks[l], &g.blocks[l], w.block(l)
		w.activated(a)
		w.linearBack(w.dwide, dstream, w.active, b.down, db.down) // (B, T, 4C)
		w.activatedBack(a)
		w.linearBack(dnarrow, w.dwide, a.norm2, b.up, db.up) // (B, T, C)
		w.normedBack(w.dnarrow, a.middle, b.norm2, db.norm2, a.mean2, a.r2)
		w.linearBack(dnarrow, dstream, a.attended, b.proj, db.proj)                       // (B, T, C)
		w.attendBack.run(w.batch*w.Heads, attendBack[T]{w.attention(a), dqkv, dattended}) // (B, T, 3C)
		if w.QKNorm || w.Rotary {
			w.turnBack.run(w.pieces(), turnBack[T]{w.heading(a), dqkv})
		}
		w.linearBack(dnarrow, dqkv, a.norm1, b.qkv, db.qkv) // (B, T, C)
		w.normedBack(w.dnarrow, w.stream(l), b.norm1, db.norm1, a.mean1, a.r1)
	}
	w.embedBack.run(pieces(w.Width, pieceCols), embedBack[T]{w.dstream, g.wte, g.wpe, w.inputs, w.length, w.Width})
}

// activatedBack is the backward pass of activated, for the gradient in dwide.
func (w *workspace[T]) activatedBack(a *activations[T]) {
	w.activate.run(w.pieces(), activate[T]{w.dwide, a.up, 4 * w.Width, w.activationBack, true, w.buffers})
}

// linearBack is the backward pass of linear: dx ← dy·W, dW ← keep·dW + dyᵀx, db ← db + the sum of the rows of dy.
func (w *workspace[T]) linearBack(dx, dy, x stored[T], l, dl linear[T]) {
	rows, out := w.rows(), len(l.b)
	in := x.len() / rows
	w.sumRows.run(pieces(out, pieceCols), sumRows[T]{dl.b, dy, rows})
	product(w.bf16, out, in, rows, 1, byRows(dy, out).t(), byRows(x, in), w.keep, byRows(inT(dl.w), in))
	product(w.bf16, rows, in, out, 1, byRows(dy, out), byRows(inT(l.w), in), 0, byRows(dx, in))
}

// normedBack is the backward pass of normed. It adds to the gradient of the stream, and destroys dy.
func (w *workspace[T]) normedBack(dy, x []T, n, dn norm[T], mean, r []T) {
	if w.RMSNorm {
		w.rmsBack.run(w.pieces(), rmsBack[T]{w.dstream, dy, x, r, w.Width})
		return
	}
	w.normalizeBack.run(w.pieces(), normalizeBack[T]{w.dstream, dy, x, n.gain, mean, r, w.dnormals})
	w.sumParts.run(pieces(w.Width, pieceCols), sumParts[T]{dn, w.dnormals})
}
