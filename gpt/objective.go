package gpt

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"unsafe"

	"gonum.org/v1/gonum/floats"

	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/internal/subnormal"
	"steepest/internal/terms"
	"steepest/objective"
	"steepest/param"
)

// NextToken is the problem of a language model,
//
//	f(x) = (1/n) Σᵢ (1/T) Σₜ −ln p(the token after t | the tokens of window i up to t),
//
// where p is the softmax of the scores of the model x. A term is a window.
type NextToken[T param.Float] struct {
	Config
	// Recompute stores only the input of each block and recomputes its activations in the backward pass (Chen et al., Training Deep Nets
	// with Sublinear Memory Cost, 2016). The bits are the same; it takes less memory and about a fifth more time. Set it before the first
	// Grad.
	Recompute bool

	// BF16 rounds the operands of all products of matrices to bfloat16, forward and backward, and so the scores and most activations inside a
	// block, like PyTorch's autocast (Micikevicius et al., Mixed Precision Training, 2018). Parameters, the stream between blocks, sums, norms and
	// softmax stay in float32; T must be float32. This is faster if the processor multiplies bfloat16, and slower otherwise. Set it before the first
	// Grad.
	BF16 bool

	windows Windows
	length  int // T
	params  []param.Param
	size    int

	mutex sync.Mutex
	spare []*workspace[T] // not a sync.Pool, which the garbage collector empties
	err   error
}

var (
	_ objective.FiniteSum[float32] = (*NextToken[float32])(nil)
	_ objective.FiniteSum[float64] = (*NextToken[float64])(nil)
	_ objective.Fallible           = (*NextToken[float32])(nil)
)

// New returns the problem of a model over windows of T = length tokens. It fails if the shape is invalid, a window is longer than the
// context, or the text has no window.
func New[T param.Float](c Config, w Windows, length int) (*NextToken[T], error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if w == nil {
		return nil, errors.New("gpt: there are no windows of a text")
	}
	switch n := w.Len(); {
	case length < 1 || length > c.Context:
		return nil, fmt.Errorf("gpt: windows of %d tokens for a context of %d, want from 1 to %d", length, c.Context, c.Context)
	case n < 1:
		return nil, fmt.Errorf("gpt: the text has no window of %d tokens and the one before them; give more text, or shorter windows", length)
	case n > math.MaxUint32:
		return nil, fmt.Errorf("gpt: %d windows are more than a run can draw from, %d; make them longer", n, uint32(math.MaxUint32))
	}
	params := c.Params()
	return &NextToken[T]{Config: c, windows: w, length: length, params: params, size: c.size()}, nil
}

// Len returns n, the number of windows.
func (p *NextToken[T]) Len() int { return p.windows.Len() }

// Params returns Config.Params.
func (p *NextToken[T]) Params() []param.Param { return p.params }

// FLOPs returns the cost of Grad. For each token, every weight of a product takes one multiply-add forward and two backward. So does, in
// attention, every element of each key and each value that the token sees. One more is counted for each parameter.
func (p *NextToken[T]) FLOPs(batch int) float64 {
	c, t := float64(p.Width), float64(p.length)
	token := 3 * (float64(p.Layers)*(12*c*c+c*(t+1)) + float64(p.Vocab)*c)
	return float64(batch)*t*token + float64(p.size)
}

// Memory returns the bytes that Grad takes for a batch of this many windows, besides x and the gradient.
func (p *NextToken[T]) Memory(batch int) float64 {
	elements := 0
	w := newWorkspace[T](p.Config)
	w.recompute, w.bf16, w.planned = p.Recompute, p.BF16, &elements
	w.reserve(min(batch, p.Together()), p.length, true)
	if p.BF16 && !simd.HasBF16Products() { // gemm widens the rounded operands of the largest product
		rows, c := w.rows(), p.Width
		elements += max(min(rows, w.headRowsBack())*w.scoresStride()+p.Vocab*c, 4*c*(rows+c))
	}
	return float64(elements)*float64(unsafe.Sizeof(T(0))) + 8*float64(w.rows()) + 8*float64(batch)*float64(p.length)
}

// Err returns the first error of reading the text, or nil. After an error Loss and Grad return NaN and the gradient is NaN, with which no
// step is made.
func (p *NextToken[T]) Err() error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.err
}

// Loss returns the mean cross entropy over the windows of the batch, in natural units.
func (p *NextToken[T]) Loss(x []T, batch []uint32) float64 { return p.mean(nil, x, batch) }

// Grad stores the gradient of Loss in dst and returns Loss.
func (p *NextToken[T]) Grad(dst, x []T, batch []uint32) float64 {
	if len(dst) != p.size {
		panic(fmt.Sprintf("gpt: len(dst) = %d, want %d", len(dst), p.size))
	}
	return p.mean(dst, x, batch)
}

// passTokens is about the number of tokens of a pass: enough for matrix products near the processor's peak.
const passTokens = 1024

// Together returns the number of windows of a pass. A larger batch takes several passes.
func (p *NextToken[T]) Together() int { return max(1, passTokens/p.length) }

// mean returns Loss and, unless dst is nil, stores its gradient there. It cuts the batch into passes.
func (p *NextToken[T]) mean(dst, x []T, batch []uint32) float64 {
	if len(x) != p.size {
		panic(fmt.Sprintf("gpt: len(x) = %d, want %d", len(x), p.size))
	}
	if _, single := any(x).([]float32); p.BF16 && !single {
		panic("gpt: products of operands rounded to bfloat16 are for x of float32")
	}
	defer subnormal.Flush().Restore()
	n := terms.Count(batch, p.Len(), "gpt", "windows")
	w := p.take()
	defer p.keep(w)
	w.recompute, w.bf16 = p.Recompute, p.BF16
	w.weights.of(x)
	if dst != nil {
		w.gradient.of(dst)
		w.gradient.begin()
	}
	tokens := n * p.length
	w.losses, w.keep = scratch.Grow(w.losses, tokens), 0
	for lo := 0; lo < n; lo += p.Together() {
		hi := min(lo+p.Together(), n)
		w.reserve(hi-lo, p.length, dst != nil)
		if err := p.gather(w, batch, lo, hi); err != nil {
			return p.fail(dst, err)
		}
		losses := w.losses[lo*p.length : hi*p.length]
		w.forward()
		if dst == nil {
			w.judged(losses)
		} else {
			w.judgedBack(losses, 1/float64(tokens))
			w.backward()
		}
		w.keep = 1
	}
	return floats.SumCompensated(w.losses) / float64(tokens)
}

// gather reads the windows at the indices [lo, hi) of a batch.
func (p *NextToken[T]) gather(w *workspace[T], batch []uint32, lo, hi int) error {
	for k := lo; k < hi; k++ {
		i := terms.At(batch, k)
		if err := p.windows.At(w.window, i); err != nil {
			return err
		}
		for j, token := range w.window {
			if int(token) >= p.Vocab {
				return fmt.Errorf("gpt: token %d of window %d is %d, and the vocabulary has %d; the text was made for another one", j, i, token, p.Vocab)
			}
		}
		copy(w.inputs[(k-lo)*p.length:], w.window[:p.length])
		copy(w.targets[(k-lo)*p.length:], w.window[1:])
	}
	return nil
}

// fail keeps the first error, and sets the gradient to NaN.
func (p *NextToken[T]) fail(dst []T, err error) float64 {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.err == nil {
		p.err = err
	}
	for i := range dst {
		dst[i] = T(math.NaN())
	}
	return math.NaN()
}

// take returns an unused workspace, and keep gives it back.
func (p *NextToken[T]) take() *workspace[T] {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if n := len(p.spare); n > 0 {
		w := p.spare[n-1]
		p.spare = p.spare[:n-1]
		return w
	}
	return newWorkspace[T](p.Config)
}

func (p *NextToken[T]) keep(w *workspace[T]) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.spare = append(p.spare, w)
}

// Logits returns, for each of the given tokens, the scores of the token after it, (T, V). There are 1 to Context tokens, all below V.
func Logits[T param.Float](c Config, x []T, tokens []uint32) []T {
	if n := len(tokens); n < 1 || n > c.Context {
		panic(fmt.Sprintf("gpt: %d tokens for a context of %d", n, c.Context))
	}
	w := newWorkspace[T](c)
	w.weights.of(x)
	w.reserve(1, len(tokens), false)
	copy(w.inputs, tokens)
	w.forward()
	logits := make([]T, len(tokens)*c.Vocab)
	for lo := 0; lo < len(tokens); lo += headRows {
		hi := min(lo+headRows, len(tokens))
		w.score(lo, hi)
		for r := lo; r < hi; r++ {
			row := logits[r*c.Vocab:][:c.Vocab]
			copy(row, w.scores.values[(r-lo)*w.scoresStride():])
			if c.Softcap != 0 {
				softcap(row, T(c.Softcap))
			}
		}
	}
	return logits
}
