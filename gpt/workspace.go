package gpt

import (
	"steepest/internal/parallel"
	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/param"
)

// workspace holds the memory of a pass of some windows of tokens, (B, T), forward and backward. It grows to the largest pass and is
// kept.
type workspace[T param.Float] struct {
	Config
	batch, length     int         // B and T
	past              int         // earlier tokens, whose keys and values are in caches
	recompute         bool        // activations are stored for one block only, and recomputed in the backward pass
	bf16              bool        // round the operands of all products to bfloat16, and store them so
	weights, gradient *weights[T] // parts of x, and of its gradient
	inputs, targets   []uint32    // (B, T)

	streams [][]T            // (B, T, C), the input of each block, and the output of the last
	blocks  []activations[T] // of each block, or of a single one without a backward pass or with recompute
	active  stored[T]        // (B, T, 4C), after the GELU of a block; the backward pass computes it again
	final   stored[T]        // (B, T, C), after the last norm
	mean, r []T              // (B, T), of the last norm
	scores  stored[T]        // (headRows, V), or headRowsBack rows for a backward pass

	caches []keysValues[T] // of each block, for a Generator

	activation, activationBack func(y, x []T) // of the hidden layer of a block

	cos, sin []T          // (Context, C/2H), of rotary positions
	heads    [][]T        // of attention, for each worker: see attention.scratch
	buffers  []buffers[T] // for each worker

	dstream  []T       // (B, T, C), the gradient of the stream between blocks
	dwide    stored[T] // (B, T, 4C), gradients inside a block
	dnarrow  []T       // (B, T, C)
	dnormals []T       // (pieces, 2, C), of gains and biases
	keep     T         // 0 in the first pass of a batch, which stores the gradients of weights, and 1 in others, which add to them

	loops[T]
	planned *int      // if not nil, reserve only counts here the elements that it would allocate
	window  []uint32  // T+1 tokens
	losses  []float64 // of all tokens of a batch
}

// activations holds the activations of a block, which the backward pass needs.
type activations[T param.Float] struct {
	norm1, qkv, attended, norm2, up stored[T] // (B, T, C), but 3C for qkv and 4C for up
	middle                          []T       // (B, T, C)
	mean1, r1, mean2, r2            []T       // (B, T), of the norms
	rqk                             []T       // (B, T, 2, H), of the norms of queries and keys
}

// loops holds the loops of the passes.
type loops[T param.Float] struct {
	embed         *loop[embed[T]]
	embedBack     *loop[embedBack[T]]
	fill          *loop[fill[T]]
	multiply      *loop[multiply[T]]
	sumRows       *loop[sumRows[T]]
	sumParts      *loop[sumParts[T]]
	normalize     *loop[normalize[T]]
	normalizeBack *loop[normalizeBack[T]]
	activate      *loop[activate[T]]
	attend        *loop[attend[T]]
	attendBack    *loop[attendBack[T]]
	judge         *loop[judge[T]]
	rms           *loop[rms[T]]
	rmsBack       *loop[rmsBack[T]]
	turn          *loop[turn[T]]
	turnBack      *loop[turnBack[T]]
}

func newWorkspace[T param.Float](c Config) *workspace[T] {
	w := &workspace[T]{
		Config: c, weights: newWeights[T](c), gradient: newWeights[T](c),
		loops: loops[T]{
			newLoop[embed[T]](), newLoop[embedBack[T]](), newLoop[fill[T]](), newLoop[multiply[T]](), newLoop[sumRows[T]](), newLoop[sumParts[T]](),
			newLoop[normalize[T]](), newLoop[normalizeBack[T]](), newLoop[activate[T]](),
			newLoop[attend[T]](), newLoop[attendBack[T]](), newLoop[judge[T]](),
			newLoop[rms[T]](), newLoop[rmsBack[T]](), newLoop[turn[T]](), newLoop[turnBack[T]](),
		},
	}
	w.activation, w.activationBack = simd.GELU[T], geluBack[T]
	if c.SquaredReLU {
		w.activation, w.activationBack = square[T], squareBack[T]
	}
	if c.Rotary {
		w.cos, w.sin = angles[T](c)
	}
	return w
}

// reserve allocates memory for B windows of T tokens, for the forward pass, and for the backward pass if back is set.
func (w *workspace[T]) reserve(batch, length int, back bool) {
	w.batch, w.length = batch, length
	rows, c := w.rows(), w.Width
	w.inputs, w.targets = scratch.Grow(w.inputs, rows), scratch.Grow(w.targets, rows)
	w.window = scratch.Grow(w.window, length+1)
	w.reserveBlocks(back)
	w.growStored(rows*c, &w.final)
	w.growStored(rows*4*c, &w.active)
	w.grow(rows, &w.mean, &w.r)
	scored := headRows
	if back {
		scored = w.headRowsBack()
	}
	w.growStored(min(rows, scored)*w.scoresStride(), &w.scores)
	for len(w.heads) < parallel.Workers() {
		w.heads, w.buffers = append(w.heads, nil), append(w.buffers, buffers[T]{})
	}
	head := 2 * tile * (w.past + length)
	if w.bf16 && back {
		head += 3 * length * w.headWidth()
	}
	for i := range w.heads {
		w.grow(head, &w.heads[i])
		if w.bf16 {
			w.grow(max(w.Vocab, 4*c), &w.buffers[i][0])
			w.grow(4*c, &w.buffers[i][1])
		}
		if w.Softcap != 0 {
			w.grow(max(w.Vocab, 4*c), &w.buffers[i][1])
		}
	}
	if back {
		w.grow(rows*c, &w.dstream, &w.dnarrow)
		w.growStored(rows*4*c, &w.dwide)
		w.grow(pieces(rows, pieceRows)*2*c, &w.dnormals)
	}
}

// reserveBlocks allocates memory for streams, all of them for a backward pass and otherwise two, and for the activations of one block, or of all
// blocks for a backward pass that does not recompute them.
func (w *workspace[T]) reserveBlocks(back bool) {
	streams, kept := 2, 1
	if back {
		streams = w.Layers + 1
	}
	if back && !w.recompute {
		kept = w.Layers
	}
	for len(w.streams) < streams {
		w.streams = append(w.streams, nil)
	}
	for len(w.blocks) < kept {
		w.blocks = append(w.blocks, activations[T]{})
	}
	rows, c := w.rows(), w.Width
	for i := range w.streams {
		w.grow(rows*c, &w.streams[i])
	}
	for i := range w.blocks {
		a := &w.blocks[i]
		w.grow(rows*c, &a.middle)
		w.growStored(rows*c, &a.norm1, &a.attended, &a.norm2)
		w.growStored(rows*3*c, &a.qkv)
		w.growStored(rows*4*c, &a.up)
		w.grow(rows, &a.mean1, &a.r1, &a.mean2, &a.r2)
		if w.QKNorm {
			w.grow(rows*2*w.Heads, &a.rqk)
		}
	}
}

// grow gives each of the parts n elements, or counts them.
func (w *workspace[T]) grow(n int, parts ...*[]T) {
	for _, p := range parts {
		if w.planned != nil {
			*w.planned += n
		} else {
			*p = scratch.Grow(*p, n)
		}
	}
}

// growStored gives each of the parts n elements, in bfloat16 if products round their operands to it.
func (w *workspace[T]) growStored(n int, parts ...*stored[T]) {
	for _, p := range parts {
		switch {
		case !w.bf16:
			p.half = nil
			w.grow(n, &p.values)
		case w.planned != nil:
			*w.planned += n / 2
		default:
			p.values, p.half = nil, scratch.Grow(p.half, n)
		}
	}
}

// rows returns the number of tokens of the pass, B·T.
func (w *workspace[T]) rows() int { return w.batch * w.length }

// stream returns the input of block l, or the output of the last block for l = L. block returns the activations of block l.
func (w *workspace[T]) stream(l int) []T            { return w.streams[l%len(w.streams)] }
func (w *workspace[T]) block(l int) *activations[T] { return &w.blocks[l%len(w.blocks)] }
