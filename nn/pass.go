package nn

import (
	"steepest/data"
	"steepest/internal/scratch"
	"steepest/internal/terms"
	"steepest/param"
)

// blockRows is the number of examples that go through the layers together: enough for matrix products near the processor's peak,
// and few enough that the activations of a layer stay in the cache.
const blockRows = 256

// workspace holds the memory of one call of an MLP: the activations of a block of examples.
type workspace[T param.Float] struct {
	inputs  []T
	layers  []activations[T]
	delta   [2][]T // gradients of activations, in the backward pass
	losses  []float64
	classes []int
}

// activations holds the results of one layer.
type activations[T param.Float] struct {
	sums, normed []T // Wh + b, before and after the norm; nil for the head
	mean, r      []T // of the norm
	out          []T // the result of φ; for the head, the scores and then their gradient
}

// reserve makes room for a block of rows.
func (w *workspace[T]) reserve(p *MLP[T], rows int) {
	if w.layers == nil {
		w.layers = make([]activations[T], len(p.layers))
	}
	w.inputs = scratch.Grow(w.inputs, rows*p.d)
	w.classes = scratch.Grow(w.classes, rows)
	widest := 0
	for i, l := range p.layers {
		a := &w.layers[i]
		widest = max(widest, l.out)
		a.out = scratch.Grow(a.out, rows*l.out)
		if i < len(p.layers)-1 {
			a.sums = scratch.Grow(a.sums, rows*l.out)
		}
		if l.normed() {
			a.normed = scratch.Grow(a.normed, rows*l.out)
			a.mean, a.r = scratch.Grow(a.mean, rows), scratch.Grow(a.r, rows)
		}
	}
	for i := range w.delta {
		w.delta[i] = scratch.Grow(w.delta[i], rows*widest)
	}
}

// gather copies the rows of m at the indices lo to hi of a batch.
func (p *MLP[T]) gather(w *workspace[T], m data.Matrix, batch []uint32, lo, hi int) {
	w.reserve(p, hi-lo)
	for k := lo; k < hi; k++ {
		to := w.inputs[(k-lo)*p.d:][:p.d]
		switch m := m.(type) {
		case *data.Dense:
			for j, v := range m.Row(terms.At(batch, k)) {
				to[j] = T(v)
			}
		case *data.CSR:
			clear(to)
			indices, values := m.Row(terms.At(batch, k))
			for j, v := range values {
				to[indices[j]] = T(v)
			}
		case *data.Bytes:
			row := m.Data[terms.At(batch, k)*m.Cols:][:len(to)]
			if m.Divisors == nil {
				for j, v := range row {
					to[j] = T(v)
				}
				continue
			}
			for j, divisor := range m.Divisors[:len(to)] {
				to[j] = T(float64(row[j]) / divisor)
			}
		}
	}
}

// forward takes the inputs through the layers, and returns the scores.
func (p *MLP[T]) forward(w *workspace[T], x []T) []T {
	h, last := w.inputs, len(p.layers)-1
	for i, l := range p.layers[:last] {
		a := &w.layers[i]
		Linear(a.sums, h, part(x, l.weight), part(x, l.bias), l.in, l.out)
		before := a.sums
		if l.normed() {
			LayerNorm(a.normed, a.sums, part(x, l.gain), part(x, l.shift), a.mean, a.r)
			before = a.normed
		}
		Activate(p.Activation, a.out, before)
		h = a.out
	}
	head := p.layers[last]
	scores := w.layers[last].out
	Linear(scores, h, part(x, head.weight), part(x, head.bias), head.in, head.out)
	return scores
}

// judge stores the losses of the scores of a block, which starts at index lo of the batch. If share is not 0, it replaces the
// scores by share times the gradient.
func (p *MLP[T]) judge(w *workspace[T], losses []float64, scores []T, batch []uint32, lo int, share float64) {
	if p.loss != nil {
		for i, z := range scores {
			value, slope := p.loss.Eval(float64(z), p.labels[terms.At(batch, lo+i)])
			losses[i], scores[i] = value, T(share*slope)
		}
		return
	}
	for i := range w.classes {
		w.classes[i] = p.classes[terms.At(batch, lo+i)]
	}
	if share == 0 {
		CrossEntropy(losses, scores, w.classes)
	} else {
		CrossEntropyGradient(losses, scores, w.classes, share)
	}
}

// backward propagates the gradient of the scores back through the layers, and adds the gradients of the parameters to dst.
func (p *MLP[T]) backward(w *workspace[T], dst, x, delta []T) {
	rows := len(w.inputs) / p.d
	for i := len(p.layers) - 1; i >= 0; i-- {
		l := p.layers[i]
		if i == 0 {
			LinearGradient(nil, part(dst, l.weight), part(dst, l.bias), delta, w.inputs, part(x, l.weight), l.in, l.out)
			return
		}
		a, below := &w.layers[i-1], p.layers[i-1]
		dh := w.delta[i%2][:rows*l.in]
		LinearGradient(dh, part(dst, l.weight), part(dst, l.bias), delta, a.out, part(x, l.weight), l.in, l.out)
		if below.normed() {
			ActivateGradient(p.Activation, dh, dh, a.out, a.normed)
			LayerNormGradient(dh, part(dst, below.gain), part(dst, below.shift), dh, a.sums, part(x, below.gain), a.mean, a.r)
		} else {
			ActivateGradient(p.Activation, dh, dh, a.out, a.sums)
		}
		delta = dh
	}
}
