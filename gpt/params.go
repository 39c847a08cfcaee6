package gpt

import (
	"fmt"

	"steepest/param"
)

// weights are the parameters of a model, or their gradient, as parts of one vector.
type weights[T param.Float] struct {
	wte, wpe []T // the embeddings of tokens (V, C) and of positions (Context, C), which rotary positions have not
	blocks   []block[T]
	norm     norm[T]
	head     []T // (V, C); wte unless the model is untied

	params []param.Param // what lies in x, in its order,
	parts  []*[]T        // and where each of them is kept
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

// linear is y = xWᵀ + b, with W (outputs, inputs).
type linear[T param.Float] struct{ w, b []T }

// norm is a layer norm over C elements. That of a root mean square has no parameters.
type norm[T param.Float] struct{ gain, bias []T }

// Params returns the layout of x. The names are Hugging Face's; the shapes of weights are [outputs, inputs], which their files have
// the other way round. Queries, keys and values are one tensor of three matrices. The configuration must be valid.
func (c Config) Params() []param.Param { return newWeights[float32](c).params }

// newWeights lists the parameters of a model.
func newWeights[T param.Float](c Config) *weights[T] {
	w := &weights[T]{blocks: make([]block[T], c.Layers)}
	add := func(part *[]T, name string, role param.Role, shape ...int) {
		w.params = append(w.params, param.Param{Name: name, Role: role, Shape: shape})
		w.parts = append(w.parts, part)
	}
	addNorm := func(n *norm[T], name string) {
		if c.RMSNorm {
			return
		}
		add(&n.gain, name+".weight", param.Gain, c.Width)
		add(&n.bias, name+".bias", param.Bias, c.Width)
	}
	addLinear := func(l *linear[T], name string, out, in int) {
		add(&l.w, name+".weight", param.Hidden, out, in)
		add(&l.b, name+".bias", param.Bias, out)
	}
	add(&w.wte, "wte.weight", param.Embedding, c.Vocab, c.Width)
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
		add(&w.head, "lm_head.weight", param.Head, c.Vocab, c.Width)
	}
	return w
}

// of makes the weights parts of x.
func (w *weights[T]) of(x []T) {
	for i, p := range w.params {
		*w.parts[i], x = x[:p.Size()], x[p.Size():]
	}
	if len(x) != 0 {
		panic(fmt.Sprintf("gpt: x has %d elements more than the model has parameters", len(x)))
	}
	if w.parts[len(w.parts)-1] != &w.head {
		w.head = w.wte
	}
}

// begin makes those parts of a gradient 0 to which passes add. The weights of blocks and the head are stored by the first one.
func (w *weights[T]) begin() {
	for i, p := range w.params {
		if part := *w.parts[i]; p.Role != param.Hidden && &part[0] != &w.head[0] {
			clear(part)
		}
	}
}
