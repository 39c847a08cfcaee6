package gpt

import (
	"fmt"

	"steepest/internal/simd"
	"steepest/param"
)

// weights are the parameters of a model, or their gradient, as parts of one vector.
type weights[T param.Float] struct {
	wte, wpe []T // the embeddings of tokens (V, C) and of positions (Context, C); no wpe with rotary positions
	blocks   []block[T]
	norm     norm[T]
	head     []T // (V, C); wte unless the model is untied

	wteHalf, headHalf []simd.BF16 // instead of wte and head, where a Generator keeps bfloat16

	params []param.Param  // the tensors of x, in order
	parts  []*[]T         // the field of each tensor
	halves []*[]simd.BF16 // its field as bfloat16; nil if there is none
}

// block is one of the L blocks.
type block[T param.Float] struct {
	norm1 norm[T]
	qkv   linear[T] // (3C, C): the queries of all heads, their keys, their values
	proj  linear[T] // (C, C)
	norm2 norm[T]
	up    linear[T] // (4C, C)
	down  linear[T] // (C, 4C)
}

// linear computes y = xWᵀ + b, with W (outputs, inputs).
type linear[T param.Float] struct {
	w, b []T
	half []simd.BF16 // instead of w, where a Generator keeps bfloat16
}

// norm is a layer norm over C elements. A root mean square norm has no parameters.
type norm[T param.Float] struct{ gain, bias []T }

// Params returns the layout of x. The names are Hugging Face's. The shapes of weights are [outputs, inputs]; Hugging Face's files store
// the transpose. Queries, keys and values are one tensor of three matrices. The configuration must be valid.
func (c Config) Params() []param.Param { return newWeights[float32](c).params }

// newWeights lists the parameters of a model.
func newWeights[T param.Float](c Config) *weights[T] {
	w := &weights[T]{blocks: make([]block[T], c.Layers)}
	add := func(part *[]T, name string, role param.Role, shape ...int) {
		w.params = append(w.params, param.Param{Name: name, Role: role, Shape: shape})
		w.parts, w.halves = append(w.parts, part), append(w.halves, nil)
	}
	addMatrix := func(part *[]T, half *[]simd.BF16, name string, role param.Role, rows, cols int) {
		add(part, name, role, rows, cols)
		w.halves[len(w.halves)-1] = half
	}
	addNorm := func(n *norm[T], name string) {
		if c.RMSNorm {
			return
		}
		add(&n.gain, name+".weight", param.Gain, c.Width)
		add(&n.bias, name+".bias", param.Bias, c.Width)
	}
	addLinear := func(l *linear[T], name string, out, in int) {
		addMatrix(&l.w, &l.half, name+".weight", param.Hidden, out, in)
		add(&l.b, name+".bias", param.Bias, out)
	}
	addMatrix(&w.wte, &w.wteHalf, "wte.weight", param.Embedding, c.Vocab, c.Width)
	if !c.Rotary {
		add(&w.wpe, "wpe.weight", param.Embedding, c.Context, c.Width)
	}
	for i := range w.blocks {
		b, name := &w.blocks[i], fmt.Sprintf("h.%d.", i)
		addNorm(&b.norm1, name+"ln_1")
		addLinear(&b.qkv, name+"attn.c_attn", 3*c.Width, c.Width)
		w.params[len(w.params)-2].Fused = 3
		addLinear(&b.proj, name+"attn.c_proj", c.Width, c.Width)
		addNorm(&b.norm2, name+"ln_2")
		addLinear(&b.up, name+"mlp.c_fc", 4*c.Width, c.Width)
		addLinear(&b.down, name+"mlp.c_proj", c.Width, 4*c.Width)
	}
	addNorm(&w.norm, "ln_f")
	if c.Untied {
		addMatrix(&w.head, &w.headHalf, "lm_head.weight", param.Head, c.Vocab, c.Width)
	}
	return w
}

// of points the weights at their parts of x.
func (w *weights[T]) of(x []T) {
	for i, p := range w.params {
		*w.parts[i], x = x[:p.Size()], x[p.Size():]
	}
	if len(x) != 0 {
		panic(fmt.Sprintf("gpt: x has %d elements more than the model has parameters", len(x)))
	}
	w.tie()
}

// ofBF16 sets the weights of products and the embeddings of tokens to those of x, rounded to bfloat16, and copies the others from x.
func (w *weights[T]) ofBF16(x []float32) {
	for i, p := range w.params {
		part := x[:p.Size()]
		if x = x[p.Size():]; w.halves[i] == nil {
			*w.parts[i] = append([]T(nil), param.As[T](part)...)
			continue
		}
		*w.halves[i] = simd.LargePages(make([]simd.BF16, len(part)))
		simd.RoundBF16(*w.halves[i], part)
	}
	w.tie()
}

// tie sets the head to the table of embeddings, unless the model is untied.
func (w *weights[T]) tie() {
	if w.parts[len(w.parts)-1] != &w.head {
		w.head, w.headHalf = w.wte, w.wteHalf
	}
}

// begin clears the parts of a gradient to which all passes add. The first pass stores the gradients of the weights of blocks and of the
// head instead of adding.
func (w *weights[T]) begin() {
	for i, p := range w.params {
		if part := *w.parts[i]; p.Role != param.Hidden && &part[0] != &w.head[0] {
			clear(part)
		}
	}
}
