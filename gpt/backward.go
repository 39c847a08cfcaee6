package gpt

// judgedBack stores the losses of all tokens of the pass. It stores scale times their gradient with respect to the output of forward in
// dstream, and adds to the gradient of the head.
func (w *workspace[T]) judgedBack(losses []float64, scale float64) {
	c, keep := w.Width, w.keep
	for lo := 0; lo < w.rows(); lo += headRowsBack {
		hi := min(lo+headRowsBack, w.rows())
		scores, final := w.score(lo, hi)
		w.judge.run(hi-lo, judge[T]{losses[lo:hi], scores.values, scores.stride, w.Vocab, w.targets[lo:hi], scale, T(w.Softcap), w.capped})
		w.product(byRows(w.gradient.head, c), scores.t(), final, keep)
		w.product(byRows(w.dnarrow[lo*c:hi*c], c), scores, byRows(w.weights.head, c), 0)
		keep = 1
	}
	clear(w.dstream)
	w.normedBack(w.dnarrow, w.stream(w.Layers), w.weights.norm, w.gradient.norm, w.mean, w.r)
}

// backward propagates the gradient in dstream back through the blocks to the embeddings, and adds the gradients of the parameters to
// gradient.
func (w *workspace[T]) backward() {
	m, g := w.weights, w.gradient
	dattended, dqkv := w.dnarrow, w.dwide[:w.rows()*3*w.Width]
	for l := w.Layers - 1; l >= 0; l-- {
		if w.recompute && l < w.Layers-1 { // the activations of the last block are still there
			w.inside(l)
		}
		b, db, a := &m.blocks[l], &g.blocks[l], w.block(l)
		w.activate(a)
		w.linearBack(w.dwide, w.dstream, w.active, b.down, db.down) // (B, T, 4C)
		w.activateBack(a)
		w.linearBack(w.dnarrow, w.dwide, a.norm2, b.up, db.up) // (B, T, C)
		w.normedBack(w.dnarrow, a.middle, b.norm2, db.norm2, a.mean2, a.r2)
		w.linearBack(dattended, w.dstream, a.attended, b.proj, db.proj)                   // (B, T, C)
		w.attendBack.run(w.batch*w.Heads, attendBack[T]{w.attention(a), dqkv, dattended}) // (B, T, 3C)
		if w.QKNorm || w.Rotary {
			w.turnBack.run(w.pieces(), turnBack[T]{w.heading(a), dqkv})
		}
		w.linearBack(w.dnarrow, dqkv, a.norm1, b.qkv, db.qkv) // (B, T, C)
		w.normedBack(w.dnarrow, w.stream(l), b.norm1, db.norm1, a.mean1, a.r1)
	}
	w.embedBack.run(pieces(w.Width, pieceCols), embedBack[T]{w.dstream, g.wte, g.wpe, w.inputs, w.length, w.Width})
}

// activateBack is the backward pass of activate, for the gradient in dwide.
func (w *workspace[T]) activateBack(a *activations[T]) {
	if w.SquaredReLU {
		w.squareBack.run(w.pieces(), squareBack[T]{w.dwide, a.up, 4 * w.Width})
	} else {
		w.geluBack.run(w.pieces(), geluBack[T]{w.dwide, a.up, 4 * w.Width})
	}
}

// linearBack is the backward pass of linear: dx ← dy·W, dW ← keep·dW + dyᵀx, db ← db + the sum of the rows of dy.
func (w *workspace[T]) linearBack(dx, dy, x []T, l, dl linear[T]) {
	rows, out := w.rows(), len(l.b)
	in := len(x) / rows
	w.sumRows.run(pieces(out, pieceCols), sumRows[T]{dl.b, dy})
	w.product(byRows(dl.w, in), byRows(dy, out).t(), byRows(x, in), w.keep)
	w.product(byRows(dx, in), byRows(dy, out), byRows(l.w, in), 0)
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
