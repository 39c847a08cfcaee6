package nn

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"sync"
	"unsafe"

	"gonum.org/v1/gonum/floats"

	"steepest/data"
	"steepest/internal/memory"
	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/internal/subnormal"
	"steepest/internal/terms"
	"steepest/objective"
	"steepest/param"
)

// Config is the architecture of a multilayer perceptron. The zero value has no hidden layer: a linear model.
type Config struct {
	// Hidden holds the width of each hidden layer.
	Hidden []int
	// Activation is φ, after each hidden layer.
	Activation Activation
	// LayerNorm normalizes each hidden layer before φ.
	LayerNorm bool
	// NoBias leaves out the biases of the layers.
	NoBias bool
	// L2 is the λ ≥ 0 of a penalty (λ/2)‖x‖² on all parameters.
	L2 float64
}

// MLP is the problem of a multilayer perceptron. An example aᵢ goes through the hidden layers, h ← φ(norm(Wh + b)) from
// h = aᵢ, where norm is the identity or layer norm. The head, one more linear layer, computes the scores for the loss ℓ:
//
//	f(x) = (1/n) Σᵢ ℓ(Wh + b, yᵢ) + (λ/2)‖x‖².
//
// The parameters are hidden1.weight, hidden1.bias, hidden1.norm.gain, hidden1.norm.bias and so on, then head.weight and
// head.bias, each with its role.
type MLP[T param.Float] struct {
	Config
	examples data.Matrix
	n, d     int
	labels   []float64
	loss     objective.Loss // nil for the cross entropy of classes
	classes  []int

	params []param.Param
	layers []layer // the hidden ones and the head
	size   int     // of x
	work   sync.Pool
}

var (
	_ objective.FiniteSum[float32] = (*MLP[float32])(nil)
	_ objective.FiniteSum[float64] = (*MLP[float64])(nil)
)

// NewMLP returns the network with one score for each row of the matrix and the given loss. It keeps the data, which must not
// change while the problem is in use. It fails if a value, a label or the configuration is invalid.
func NewMLP[T param.Float](examples data.Matrix, y []float64, loss objective.Loss, c Config) (*MLP[T], error) {
	for i, label := range y {
		if label-label != 0 { // NaN or ±Inf
			return nil, fmt.Errorf("nn: y[%d] = %v: not a finite number", i, label)
		}
		if err := loss.CheckLabel(label); err != nil {
			return nil, fmt.Errorf("nn: y[%d] = %v: %w", i, label, err)
		}
	}
	p := &MLP[T]{Config: c, examples: examples, labels: y, loss: loss}
	if err := p.init(len(y), 1); err != nil {
		return nil, err
	}
	return p, nil
}

// NewClassifier returns the network with a score for each class and the cross entropy of their softmax as its loss. Labels are
// 0, 1, …, classes−1, as data.ClassIndices gives them.
func NewClassifier[T param.Float](examples data.Matrix, y []int, classes int, c Config) (*MLP[T], error) {
	if classes < 2 {
		return nil, fmt.Errorf("nn: %d classes, want at least 2", classes)
	}
	for i, class := range y {
		if class < 0 || class >= classes {
			return nil, fmt.Errorf("nn: y[%d] = %d: not a class 0, 1, …, %d; data.ClassIndices numbers the labels of a file",
				i, class, classes-1)
		}
	}
	p := &MLP[T]{Config: c, examples: examples, classes: y}
	if err := p.init(len(y), classes); err != nil {
		return nil, err
	}
	return p, nil
}

// init lays out the parameters.
func (p *MLP[T]) init(labels, scores int) error {
	if v := reflect.ValueOf(p.examples); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return errors.New("nn: the data matrix is nil")
	}
	if p.n, p.d = p.examples.Dims(); p.n == 0 || p.d == 0 {
		return fmt.Errorf("nn: the data matrix is %d×%d, want at least one row and one column", p.n, p.d)
	}
	if labels != p.n {
		return fmt.Errorf("nn: %d labels for %d rows", labels, p.n)
	}
	if err := checkFinite(p.examples); err != nil {
		return err
	}
	if !(p.L2 >= 0) || math.IsInf(p.L2, 1) {
		return fmt.Errorf("nn: the L2 penalty is %v, want a finite number that is not negative", p.L2)
	}
	in, need := p.d, 0.0
	for _, width := range append(slices.Clone(p.Hidden), scores) {
		need += float64(unsafe.Sizeof(T(0))) * float64(in) * float64(width)
		in = width
	}
	if free := memory.Available(); need > free {
		return fmt.Errorf("nn: the weights of layers of the widths %v take %s of memory, and %s are there", p.Hidden, memory.Text(need), memory.Text(free))
	}
	in = p.d
	for i, width := range p.Hidden {
		if width < 1 {
			return fmt.Errorf("nn: hidden layer %d has the width %d, want at least 1", i+1, width)
		}
		p.add(fmt.Sprintf("hidden%d", i+1), in, width, param.Hidden)
		in = width
	}
	p.add("head", in, scores, param.Head)
	p.work.New = func() any { return new(workspace[T]) }
	return nil
}

func checkFinite(m data.Matrix) error {
	var values []float64
	switch m := m.(type) {
	case *data.Dense:
		values = m.Data
	case *data.CSR:
		values = m.Values
	case *data.Bytes:
		values = m.Divisors
	default:
		return errors.New("nn: the data matrix is neither a *data.Dense, a *data.CSR nor a *data.Bytes")
	}
	for _, v := range values {
		if v-v != 0 {
			return fmt.Errorf("nn: the data hold %v, which is not a finite number; drop or impute it", v)
		}
	}
	return nil
}

// Len returns n, the number of examples.
func (p *MLP[T]) Len() int { return p.n }

// FLOPs returns the cost of Grad. For each example, every weight takes one multiply-add forward and two backward, but one
// backward in the first layer, whose inputs need no gradient. One more is counted for each parameter.
func (p *MLP[T]) FLOPs(batch int) float64 {
	row := -p.layers[0].in * p.layers[0].out
	for _, l := range p.layers {
		row += 3 * l.in * l.out
	}
	return float64(batch)*float64(row) + float64(p.size)
}

// Loss returns the mean of ℓ over the batch, plus the penalty.
func (p *MLP[T]) Loss(x []T, batch []uint32) float64 { return p.mean(nil, x, batch) }

// Grad stores the gradient of Loss in dst and returns Loss.
func (p *MLP[T]) Grad(dst, x []T, batch []uint32) float64 {
	checkLen("dst", dst, p.size)
	return p.mean(dst, x, batch)
}

// mean returns Loss and, unless dst is nil, stores its gradient there.
func (p *MLP[T]) mean(dst, x []T, batch []uint32) float64 {
	checkLen("x", x, p.size)
	defer subnormal.Flush().Restore()
	b := terms.Count(batch, p.n, "nn", "examples")
	w := p.work.Get().(*workspace[T])
	defer p.work.Put(w)
	w.losses = scratch.Grow(w.losses, b)
	clear(dst)
	share := 0.0
	if dst != nil {
		share = 1 / float64(b)
	}
	for lo := 0; lo < b; lo += blockRows {
		hi := min(lo+blockRows, b)
		p.gather(w, p.examples, batch, lo, hi)
		scores := p.forward(w, x)
		p.judge(w, w.losses[lo:hi], scores, batch, lo, share)
		if dst != nil {
			p.backward(w, dst, x, scores)
		}
	}
	if dst != nil && p.L2 > 0 {
		simd.Axpy(T(p.L2), x, dst)
	}
	return floats.SumCompensated(w.losses)/float64(b) + objective.HalfSquare(p.L2, x)
}

// Scores returns the scores of each row of a matrix with the columns of the examples, row by row.
func (p *MLP[T]) Scores(x []T, rows data.Matrix) []float64 {
	n, d := rows.Dims()
	checkLen("x", x, p.size)
	if d != p.d {
		panic(fmt.Sprintf("nn: the rows have %d columns, want %d", d, p.d))
	}
	defer subnormal.Flush().Restore()
	w := new(workspace[T])
	var scores []float64
	for lo := 0; lo < n; lo += blockRows {
		p.gather(w, rows, nil, lo, min(lo+blockRows, n))
		for _, z := range p.forward(w, x) {
			scores = append(scores, float64(z))
		}
	}
	return scores
}
