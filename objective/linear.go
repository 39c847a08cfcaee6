package objective

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"steepest/data"
	"steepest/internal/simd"
	"steepest/internal/terms"
	"steepest/param"
)

// Linear is the problem of a linear model: a loss ℓ on the scores ⟨aᵢ, x⟩ of the rows aᵢ of an n×d matrix,
//
//	F(x) = (1/n) Σᵢ [sᵢℓ(⟨aᵢ, x⟩, yᵢ) + (λ₂/2)‖x‖²] + λ₁‖x‖₁,
//
// with h(x) = λ₁‖x‖₁ as the term of Composite. The sᵢ are 1, or Weights divided by their mean. Softmax and models with several targets
// have C scores per row. Then x is a C×d matrix, row-major, with a row of weights for each class or target. There is no hidden intercept:
// a column of ones in the data makes one, and the option Intercept exempts it from the penalties.
//
// A batch large enough for several processors is cut into chunks. Their number depends on the work, not on GOMAXPROCS, so the bits
// of a result depend only on the problem, x and the batch. A smaller batch runs on the caller's goroutine and allocates nothing.
//
// The constructors return the problem in float64. Single returns it in float32, with a copy of the rows; x and gradients are then
// float32. Losses are float64 in both, and Constants, Gap, Dual and Hess are those of the problem in float64.
type Linear[T param.Float] struct {
	rows[T]
	model
	scratch   sync.Pool   // of *scratch[T]
	scattered atomic.Bool // whether Scatter has been called
}

// model is the part of a problem that does not depend on the precision.
type model struct {
	x         data.Matrix
	labels    []float64
	weights   []float64 // sᵢ; nil where all are 1
	loss      loss
	penalty   penalty
	exact     *Linear[float64] // the problem in float64
	constants func() Constants
}

var (
	_ Composite[float32] = (*Linear[float32])(nil)
	_ Composite[float64] = (*Linear[float64])(nil)
	_ Analytic           = (*Linear[float32])(nil)
	_ Certified          = (*Linear[float32])(nil)
)

// LeastSquares returns the problem with the loss ½(⟨aᵢ, x⟩ − yᵢ)². The constructors keep x and y, which must not change while
// the problem is in use. Their error names the first invalid element, with indices from 0.
func LeastSquares(x data.Matrix, y []float64, options ...Option) (*Linear[float64], error) {
	return NewLinear(x, y, SquaredLoss{}, options...)
}

// Huber returns the problem with HuberLoss of the given delta > 0.
func Huber(x data.Matrix, y []float64, delta float64, options ...Option) (*Linear[float64], error) {
	return NewLinear(x, y, HuberLoss{Delta: delta}, options...)
}

// Logistic returns the problem with LogisticLoss; labels are ±1.
func Logistic(x data.Matrix, y []float64, options ...Option) (*Linear[float64], error) {
	return NewLinear(x, y, LogisticLoss{}, options...)
}

// Hinge returns the linear support vector machine, with HingeLoss; labels are ±1.
func Hinge(x data.Matrix, y []float64, options ...Option) (*Linear[float64], error) {
	return NewLinear(x, y, HingeLoss{}, options...)
}

// SquaredHinge returns the problem with SquaredHingeLoss; labels are ±1.
func SquaredHinge(x data.Matrix, y []float64, options ...Option) (*Linear[float64], error) {
	return NewLinear(x, y, SquaredHingeLoss{}, options...)
}

// Softmax returns multinomial logistic regression, with the cross entropy −log p_y of p_c ∝ exp⟨a, x_c⟩; labels are
// 0, 1, …, classes−1, as data.ClassIndices gives them.
func Softmax(x data.Matrix, y []int, classes int, options ...Option) (*Linear[float64], error) {
	if classes < 2 {
		return nil, fmt.Errorf("objective: softmax over %d classes, want at least 2", classes)
	}
	labels := make([]float64, len(y))
	for i, class := range y {
		labels[i] = float64(class)
	}
	return newLinear(x, labels, softmax{classes}, options)
}

// NewLinear returns the problem with the given loss.
func NewLinear(x data.Matrix, y []float64, loss Loss, options ...Option) (*Linear[float64], error) {
	if h, ok := loss.(HuberLoss); ok && (!(h.Delta > 0) || math.IsInf(h.Delta, 1)) {
		return nil, fmt.Errorf("objective: Huber's delta is %v, want a finite number > 0", h.Delta)
	}
	return newLinear(x, y, scalar{loss}, options)
}

func newLinear(x data.Matrix, y []float64, loss loss, list []Option) (*Linear[float64], error) {
	var o options
	for i, add := range list {
		if add == nil {
			panic(fmt.Sprintf("objective: option %d is nil", i))
		}
		add(&o)
	}
	if err := o.penalty.check(); err != nil {
		return nil, err
	}
	p := &Linear[float64]{model: model{x: x, labels: y, loss: loss, penalty: o.penalty}}
	var err error
	if p.rows, err = open(x); err == nil {
		err = p.check()
	}
	if p.penalty.width, p.penalty.kept = p.dim(), p.dim(); err == nil && o.intercept {
		p.penalty.width, p.penalty.kept = p.d, p.d-1
		err = p.checkOnes()
	}
	if err == nil && o.weights != nil {
		p.weights, err = shares(o.weights, p.n)
	}
	if err != nil {
		return nil, fmt.Errorf("objective: %w", err)
	}
	p.exact = p
	p.constants = sync.OnceValue(func() Constants { return computeConstants(p) })
	return p, nil
}

// check returns an error for invalid data.
func (p *Linear[T]) check() error {
	if p.n == 0 || p.d == 0 {
		return fmt.Errorf("the data matrix is %d×%d, want at least one row and one column", p.n, p.d)
	}
	if len(p.labels) != p.n {
		return fmt.Errorf("%d labels for %d rows", len(p.labels), p.n)
	}
	for i, label := range p.labels {
		if label-label != 0 { // NaN or ±Inf
			return fmt.Errorf("y[%d] = %v: not a finite number", i, label)
		}
		if err := p.loss.checkLabel(label); err != nil {
			return fmt.Errorf("y[%d] = %v: %w", i, label, err)
		}
		if err := p.checkRow(i); err != nil {
			return err
		}
	}
	return nil
}

// checkOnes returns an error if the last element of a row is not the 1 of an intercept.
func (p *Linear[T]) checkOnes() error {
	for i := range p.n {
		indices, values := p.Row(i)
		if k := len(values) - 1; k < 0 || column(indices, k) != p.d-1 || values[k] != 1 {
			return fmt.Errorf("the last element of row %d is not the 1 of an intercept; data.AppendOnes appends a column of them", i)
		}
	}
	return nil
}

// single returns the problem in float32.
func (p *Linear[T]) single() (FiniteSum[float32], error) {
	rows, err := p.rows.single()
	if err != nil {
		return nil, fmt.Errorf("objective: %w", err)
	}
	return &Linear[float32]{rows: rows, model: p.model}, nil
}

// SingleOf is Single with the values of the matrix in float32, such as those of a file, which it does not copy. It panics if their number is
// not that of the values that p stores.
func SingleOf(p *Linear[float64], values []float32) (*Linear[float32], error) {
	if len(values) != len(p.values) {
		panic(fmt.Sprintf("objective: SingleOf: %d values for %d", len(values), len(p.values)))
	}
	rows, err := p.rows.rounded(values)
	if err != nil {
		return nil, fmt.Errorf("objective: %w", err)
	}
	return &Linear[float32]{rows: rows, model: p.model}, nil
}

// Len returns n, the number of rows.
func (p *Linear[T]) Len() int { return p.n }

// Params returns the one tensor "weight", of shape [d], or [C, d] for a model of C scores. It has no role, so methods for matrices
// decide by its shape.
func (p *Linear[T]) Params() []param.Param {
	if c := p.loss.outputs(); c > 1 {
		return []param.Param{{Name: "weight", Shape: []int{c, p.d}}}
	}
	return []param.Param{{Name: "weight", Shape: []int{p.d}}}
}

// Data returns the matrix and the labels of the problem.
func (m *model) Data() (x data.Matrix, y []float64) { return m.x, m.labels }

// ScalarLoss returns ℓ, or nil for a model of several scores.
func (m *model) ScalarLoss() Loss {
	s, _ := m.loss.(scalar)
	return s.Loss
}

// Penalties returns λ₁ and λ₂.
func (m *model) Penalties() (l1, l2 float64) { return m.penalty.l1, m.penalty.l2 }

// Intercept reports whether the last weight of each score is an intercept, which no penalty takes.
func (m *model) Intercept() bool { return m.penalty.kept < m.penalty.width }

// RowWeights returns the factors of the losses of the rows, with mean 1, or nil if all are 1.
func (m *model) RowWeights() []float64 { return m.weights }

// dim returns the length of x.
func (p *Linear[T]) dim() int { return p.loss.outputs() * p.d }

// Loss returns the mean of ℓ over the batch, plus (λ₂/2)‖x‖².
func (p *Linear[T]) Loss(x []T, batch []uint32) float64 {
	checkLen("x", x, p.dim())
	b := checkBatch(batch, p.n)
	return p.sum(nil, x, batch, b)/float64(b) + halfSquare(p.penalty, x)
}

// Grad stores the mean of ∇ℓ over the batch, plus λ₂x, in dst and returns Loss.
func (p *Linear[T]) Grad(dst, x []T, batch []uint32) float64 {
	checkLen("dst", dst, p.dim())
	checkLen("x", x, p.dim())
	b := checkBatch(batch, p.n)
	loss := p.sum(dst, x, batch, b)/float64(b) + halfSquare(p.penalty, x)
	scale(dst, T(1/float64(b)))
	p.AddRidge(dst, 1, x)
	return loss
}

// Scores returns the scores that x gives to each row of a matrix with d columns, one row after the other.
func (p *Linear[T]) Scores(x []T, a data.Matrix) []float64 {
	checkLen("x", x, p.dim())
	wide := make([]float64, len(x))
	convert(wide, x)
	return Scores(wide, p.loss.outputs(), a)
}

// Scores returns the scores ⟨aᵢ, x_c⟩ that each row of x, which is outputs × d, gives to each row aᵢ of a matrix with d columns, one
// row of the matrix after the other. It panics if the columns differ.
func Scores(x []float64, outputs int, a data.Matrix) []float64 {
	_, d := a.Dims()
	if len(x) != outputs*d {
		panic(fmt.Sprintf("objective: the rows have %d columns, want %d", d, len(x)/outputs))
	}
	m, err := open(a)
	if err != nil {
		panic(fmt.Sprint("objective: ", err))
	}
	scores := make([]float64, m.n*outputs)
	for k := range scores {
		scores[k] = m.RowDot(k/outputs, x[k%outputs*d:][:d])
	}
	return scores
}

// FLOPs returns the cost of Grad: two multiply-adds per stored value and score, one for the score and one for the gradient,
// and one for each weight.
func (p *Linear[T]) FLOPs(batch int) float64 {
	return float64(2*p.rowWork()*float64(batch)) + float64(p.dim())
}

// Penalty returns λ₁‖x‖₁.
func (p *Linear[T]) Penalty(x []T) float64 {
	if p.penalty.l1 == 0 {
		return 0
	}
	sum := 0.0
	for j, w := range x {
		if p.penalty.takes(j) {
			sum += math.Abs(float64(w))
		}
	}
	return p.penalty.l1 * sum
}

// Prox moves each weight toward zero by λ₁·step, but not past zero.
func (p *Linear[T]) Prox(x []T, step float64) {
	if p.penalty.l1 == 0 {
		return
	}
	for j, w := range x {
		if p.penalty.takes(j) {
			x[j] = T(simd.SoftThreshold(float64(w), float64(p.penalty.l1*step)))
		}
	}
}

// AddRidge adds s·λ₂x to dst, s times the gradient of the ℓ2 penalty.
func (p *Linear[T]) AddRidge(dst []T, s T, x []T) { addRidge(p.penalty, dst, s, x) }

// AddSubgradient adds λ₁·sign(x) to dst, with sign(0) = 0.
func (p *Linear[T]) AddSubgradient(dst, x []T) {
	checkLen("dst", dst, len(x))
	if p.penalty.l1 == 0 {
		return
	}
	for j, w := range x {
		if w != 0 && p.penalty.takes(j) {
			dst[j] += T(math.Copysign(p.penalty.l1, float64(w)))
		}
	}
}

func checkLen[T param.Float](name string, v []T, want int) {
	if len(v) != want {
		panic(fmt.Sprintf("objective: len(%s) = %d, want %d", name, len(v), want))
	}
}

// checkBatch returns the number of terms in the batch; nil means all n.
func checkBatch(batch []uint32, n int) int { return terms.Count(batch, n, "objective", "terms") }
