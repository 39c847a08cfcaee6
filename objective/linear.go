package objective

import (
	"errors"
	"fmt"
	"math"
	"sync"

	"steepest/data"
	"steepest/param"
)

// Linear is the problem of a linear model: a loss ℓ on the scores ⟨aᵢ, x⟩ of the rows aᵢ of an n×d matrix,
//
//	F(x) = (1/n) Σᵢ [ℓ(⟨aᵢ, x⟩, yᵢ) + (λ₂/2)‖x‖²] + λ₁‖x‖₁,
//
// with h(x) = λ₁‖x‖₁ as the term of Composite. A model of softmax or with several targets has C scores a row, and x is a C×d
// matrix, row-major: a row of weights for each class or target. There is no hidden intercept: a column of ones in the data
// makes one.
//
// A batch large enough for several processors is cut into chunks, as many as its work calls for and whatever GOMAXPROCS
// is, so that the bits of a result depend on the problem, x and the batch alone. A smaller batch runs on the caller's
// goroutine and allocates nothing.
type Linear struct {
	rows
	n, d      int
	labels    []float64
	loss      loss
	penalty   penalty
	scratch   sync.Pool // of *scratch
	constants func() Constants
}

var (
	_ Composite[float64] = (*Linear)(nil)
	_ Analytic           = (*Linear)(nil)
	_ Certified          = (*Linear)(nil)
)

// LeastSquares returns the problem with the loss ½(⟨aᵢ, x⟩ − yᵢ)². The constructors keep x and y, which must not change
// while the problem is in use, and return an error that names the first element they cannot take, by indices from 0.
func LeastSquares(x data.Matrix, y []float64, opts ...Option) (*Linear, error) {
	return NewLinear(x, y, SquaredLoss{}, opts...)
}

// Huber returns the problem with HuberLoss of the given delta > 0.
func Huber(x data.Matrix, y []float64, delta float64, opts ...Option) (*Linear, error) {
	if !(delta > 0) || math.IsInf(delta, 1) {
		return nil, fmt.Errorf("objective: Huber's delta is %v, want a finite number > 0", delta)
	}
	return NewLinear(x, y, HuberLoss{Delta: delta}, opts...)
}

// Logistic returns the problem with LogisticLoss; labels are ±1.
func Logistic(x data.Matrix, y []float64, opts ...Option) (*Linear, error) {
	return NewLinear(x, y, LogisticLoss{}, opts...)
}

// Hinge returns the linear support vector machine, with HingeLoss; labels are ±1.
func Hinge(x data.Matrix, y []float64, opts ...Option) (*Linear, error) {
	return NewLinear(x, y, HingeLoss{}, opts...)
}

// SquaredHinge returns the problem with SquaredHingeLoss; labels are ±1.
func SquaredHinge(x data.Matrix, y []float64, opts ...Option) (*Linear, error) {
	return NewLinear(x, y, SquaredHingeLoss{}, opts...)
}

// Softmax returns multinomial logistic regression, with the cross entropy −log p_y of p_c ∝ exp⟨a, x_c⟩; labels are
// 0, 1, …, classes−1, as data.ClassIndices gives them.
func Softmax(x data.Matrix, y []int, classes int, opts ...Option) (*Linear, error) {
	if classes < 2 {
		return nil, fmt.Errorf("objective: softmax over %d classes, want at least 2", classes)
	}
	labels := make([]float64, len(y))
	for i, class := range y {
		labels[i] = float64(class)
	}
	return newLinear(x, labels, softmax{classes}, opts)
}

// NewLinear returns the problem with the given loss.
func NewLinear(x data.Matrix, y []float64, loss Loss, opts ...Option) (*Linear, error) {
	return newLinear(x, y, scalar{loss}, opts)
}

func newLinear(x data.Matrix, y []float64, loss loss, opts []Option) (*Linear, error) {
	p := &Linear{labels: y, loss: loss}
	for _, add := range opts {
		add(&p.penalty)
	}
	if err := p.penalty.check(); err != nil {
		return nil, err
	}
	p.n, p.d = x.Dims()
	p.rows = open(x)
	if err := checkData(p.rows, p.n, p.d, y, loss); err != nil {
		return nil, fmt.Errorf("objective: %w", err)
	}
	p.scratch.New = func() any { return new(scratch) }
	p.constants = sync.OnceValue(p.computeConstants)
	return p, nil
}

func checkData(m rows, n, d int, y []float64, loss loss) error {
	if n == 0 || d == 0 {
		return fmt.Errorf("the data matrix is %d×%d, want at least one row and one column", n, d)
	}
	if len(y) != n {
		return fmt.Errorf("%d labels for %d rows", len(y), n)
	}
	if err := m.checkShape(); err != nil {
		return err
	}
	for i, label := range y {
		if label-label != 0 { // NaN or ±Inf
			return fmt.Errorf("y[%d] = %v: not a finite number", i, label)
		}
		if err := loss.checkLabel(label); err != nil {
			return fmt.Errorf("y[%d] = %v: %w", i, label, err)
		}
		indices, values := m.Row(i)
		for _, j := range indices {
			if int(j) >= d {
				return fmt.Errorf("x[%d, %d]: the matrix has %d columns", i, j, d)
			}
		}
		for k, v := range values {
			if v-v != 0 {
				return fmt.Errorf("x[%d, %d] = %v: not a finite number; drop or impute it", i, column(indices, k), v)
			}
		}
	}
	return nil
}

// checkShape reports storage that does not fit the dimensions.
func (m rows) checkShape() error {
	switch {
	case m.dense != nil:
		if a := m.dense; len(a.Data) != a.Rows*a.Cols {
			return fmt.Errorf("%d values stored for a dense %d×%d matrix", len(a.Data), a.Rows, a.Cols)
		}
	case m.sparse != nil:
		a := m.sparse
		nnz := len(a.Values)
		if len(a.Indices) != nnz || len(a.Indptr) != a.Rows+1 || a.Indptr[0] != 0 || a.Indptr[a.Rows] != nnz {
			return errors.New("the row pointers of the CSR matrix do not fit its values")
		}
		for i := range a.Rows {
			if a.Indptr[i] > a.Indptr[i+1] {
				return fmt.Errorf("the row pointers of the CSR matrix descend at row %d", i)
			}
		}
	default:
		return errors.New("the data matrix is neither a *data.Dense nor a *data.CSR")
	}
	return nil
}

// Len returns n, the number of rows.
func (p *Linear) Len() int { return p.n }

// Params returns the one tensor "weight", of shape [d], or [C, d] for a model of C scores, which methods for matrices then take
// for a matrix: it has no role, so that its shape decides.
func (p *Linear) Params() []param.Param {
	if c := p.loss.outputs(); c > 1 {
		return []param.Param{{Name: "weight", Shape: []int{c, p.d}}}
	}
	return []param.Param{{Name: "weight", Shape: []int{p.d}}}
}

// Data returns the matrix and the labels of the problem.
func (p *Linear) Data() (x data.Matrix, y []float64) {
	if p.dense != nil {
		return p.dense, p.labels
	}
	return p.sparse, p.labels
}

// ScalarLoss returns ℓ, or nil for a model of several scores.
func (p *Linear) ScalarLoss() Loss {
	s, _ := p.loss.(scalar)
	return s.Loss
}

// Penalties returns λ₁ and λ₂.
func (p *Linear) Penalties() (l1, l2 float64) { return p.penalty.l1, p.penalty.l2 }

// dim returns the length of x.
func (p *Linear) dim() int { return p.loss.outputs() * p.d }

// Loss returns the mean of ℓ over the batch, plus (λ₂/2)‖x‖².
func (p *Linear) Loss(x []float64, batch []uint32) float64 {
	checkLen("x", x, p.dim())
	b := checkBatch(batch, p.n)
	return p.sum(nil, x, batch, b)/float64(b) + p.penalty.l2/2*dot(x, x)
}

// Grad stores the mean of ∇ℓ over the batch, plus λ₂x, in dst and returns Loss.
func (p *Linear) Grad(dst, x []float64, batch []uint32) float64 {
	checkLen("dst", dst, p.dim())
	checkLen("x", x, p.dim())
	b := checkBatch(batch, p.n)
	loss := p.sum(dst, x, batch, b)/float64(b) + p.penalty.l2/2*dot(x, x)
	share, l2 := 1/float64(b), p.penalty.l2
	dst = dst[:len(x)]
	for j, w := range x {
		dst[j] = share*dst[j] + l2*w
	}
	return loss
}

// Scores returns the scores that x gives to each row of a matrix with d columns, one row after the other.
func (p *Linear) Scores(x []float64, a data.Matrix) []float64 {
	checkLen("x", x, p.dim())
	n, d := a.Dims()
	if d != p.d {
		panic(fmt.Sprintf("objective: the rows have %d columns, want %d", d, p.d))
	}
	m, c := open(a), p.loss.outputs()
	scores := make([]float64, n*c)
	for k := range scores {
		scores[k] = m.RowDot(k/c, x[k%c*d:][:d])
	}
	return scores
}

// FLOPs returns the cost of Grad: a row costs two multiply-adds per stored value and score, one for the score and one for
// the gradient, and there is one for each weight.
func (p *Linear) FLOPs(batch int) float64 {
	return 2*p.rowWork()*float64(batch) + float64(p.dim())
}

// Penalty returns λ₁‖x‖₁.
func (p *Linear) Penalty(x []float64) float64 {
	if p.penalty.l1 == 0 {
		return 0
	}
	sum := 0.0
	for _, w := range x {
		sum += math.Abs(w)
	}
	return p.penalty.l1 * sum
}

// Prox moves each weight toward zero by λ₁·step, and not past it.
func (p *Linear) Prox(x []float64, step float64) {
	if p.penalty.l1 == 0 {
		return
	}
	for j, w := range x {
		x[j] = softThreshold(w, p.penalty.l1*step)
	}
}

// AddSubgradient adds λ₁·sign(x) to dst, with sign(0) = 0.
func (p *Linear) AddSubgradient(dst, x []float64) {
	checkLen("dst", dst, len(x))
	if p.penalty.l1 == 0 {
		return
	}
	for j, w := range x {
		if w != 0 {
			dst[j] += math.Copysign(p.penalty.l1, w)
		}
	}
}

func checkLen(name string, v []float64, want int) {
	if len(v) != want {
		panic(fmt.Sprintf("objective: len(%s) = %d, want %d", name, len(v), want))
	}
}

// checkBatch returns the number of terms that batch stands for, out of n.
func checkBatch(batch []uint32, n int) int {
	if batch == nil {
		return n
	}
	if len(batch) == 0 {
		panic("objective: the mean over an empty batch; nil stands for all terms")
	}
	for _, i := range batch {
		if int(i) >= n {
			panic(fmt.Sprintf("objective: batch index %d, want less than %d", i, n))
		}
	}
	return len(batch)
}
