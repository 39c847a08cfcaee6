package objective

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"steepest/data"
	"steepest/internal/terms"
	"steepest/param"
)

// Factorization is the problem of writing a matrix A as a product UVᵀ of low rank. U has a row for each row of A, V has a row
// for each column:
//
//	f(U, V) = (1/n) Σ ½(⟨uᵢ, vⱼ⟩ − aᵢⱼ)² + (λ₂/2)(‖U‖² + ‖V‖²),
//
// The sum is over the n known entries of A: all entries of a *data.Dense, the stored entries of a *data.CSR. f is not convex, and
// the origin is a saddle point. If (U, V) is a minimizer, so is (UQ, VQ) for every orthogonal Q. x holds U, then V, both
// row-major. MatrixFactorization returns the problem in float64, Single in float32.
type Factorization[T param.Float] struct {
	a                []T      // the known entries
	row, col         []uint32 // their positions
	rows, cols, rank int
	l2               float64
	dense            bool
}

var (
	_ FiniteSum[float32] = (*Factorization[float32])(nil)
	_ FiniteSum[float64] = (*Factorization[float64])(nil)
	_ Analytic           = (*Factorization[float32])(nil)
)

// MatrixFactorization returns the problem for a matrix and a rank of at least 1. It fails if an entry is not finite or if an option
// is not L2.
func MatrixFactorization(a data.Matrix, rank int, list ...Option) (*Factorization[float64], error) {
	var o options
	for _, add := range list {
		add(&o)
	}
	switch err := o.check(); {
	case err != nil:
		return nil, err
	case o.l1 != 0:
		return nil, errors.New("objective: a factorization takes no ℓ1 penalty")
	case o.intercept || o.weights != nil:
		return nil, errors.New("objective: a factorization takes no intercept and no weights")
	}
	p := &Factorization[float64]{rank: rank, l2: o.l2}
	p.rows, p.cols = a.Dims()
	if rank < 1 || a.NNZ() == 0 {
		return nil, fmt.Errorf("objective: a factorization of rank %d of %d known entries, want at least 1 of each",
			rank, a.NNZ())
	}
	m, err := open(a)
	if err != nil {
		return nil, fmt.Errorf("objective: %w", err)
	}
	p.dense = m.indptr == nil
	for i := range p.rows {
		if err := m.checkRow(i); err != nil {
			return nil, fmt.Errorf("objective: %w", err)
		}
		indices, values := m.Row(i)
		for k, v := range values {
			p.a, p.row, p.col = append(p.a, v), append(p.row, uint32(i)), append(p.col, uint32(column(indices, k)))
		}
	}
	return p, nil
}

// single returns the problem in float32, which shares the positions of the entries.
func (p *Factorization[T]) single() (FiniteSum[float32], error) {
	a := make([]float32, len(p.a))
	convert(a, p.a)
	for e, v := range a {
		if v-v != 0 {
			return nil, fmt.Errorf("objective: x[%d, %d] = %v: too large for float32; scale the data", p.row[e], p.col[e], p.a[e])
		}
	}
	return &Factorization[float32]{a, p.row, p.col, p.rows, p.cols, p.rank, p.l2, p.dense}, nil
}

// Len returns n, the number of known entries.
func (p *Factorization[T]) Len() int { return len(p.a) }

// Params returns the tensors "U" and "V", with rank columns each.
func (p *Factorization[T]) Params() []param.Param {
	return []param.Param{{Name: "U", Shape: []int{p.rows, p.rank}}, {Name: "V", Shape: []int{p.cols, p.rank}}}
}

func (p *Factorization[T]) dim() int { return (p.rows + p.cols) * p.rank }

// Loss returns the mean of ½(⟨uᵢ, vⱼ⟩ − aᵢⱼ)² over the batch, plus the penalty.
func (p *Factorization[T]) Loss(x []T, batch []uint32) float64 { return p.mean(nil, x, batch) }

// Grad stores the gradient of Loss in dst and returns Loss.
func (p *Factorization[T]) Grad(dst, x []T, batch []uint32) float64 {
	checkLen("dst", dst, p.dim())
	return p.mean(dst, x, batch)
}

func (p *Factorization[T]) mean(dst, x []T, batch []uint32) float64 {
	checkLen("x", x, p.dim())
	b := checkBatch(batch, p.Len())
	clear(dst)
	share := 1 / float64(b)
	var losses total
	for k := range b {
		e := terms.At(batch, k)
		u, v := p.places(e)
		residual := float64(dot(x[u:u+p.rank], x[v:v+p.rank])) - float64(p.a[e])
		losses.add(residual * residual / 2)
		if dst != nil {
			axpy(dst[u:u+p.rank], T(share*residual), x[v:v+p.rank])
			axpy(dst[v:v+p.rank], T(share*residual), x[u:u+p.rank])
		}
	}
	if dst != nil {
		axpy(dst, T(p.l2), x)
	}
	return float64(losses.value()*share) + HalfSquare(p.l2, x)
}

// places returns the indices in x where the rows of U and V for entry e begin.
func (p *Factorization[T]) places(e int) (u, v int) {
	return int(p.row[e]) * p.rank, (p.rows + int(p.col[e])) * p.rank
}

// FLOPs returns the cost of Grad: 3·rank multiply-adds for each entry, and one for each unknown.
func (p *Factorization[T]) FLOPs(batch int) float64 {
	return float64(3*float64(batch)*float64(p.rank)) + float64(p.dim())
}

// Constants says that nothing is bounded: f is a polynomial of degree four, so its gradient is not Lipschitz.
func (p *Factorization[T]) Constants() Constants {
	c := unbounded()
	c.Variance = math.Inf(1)
	return c
}

// Minimizer returns a minimizer and its value if all entries of A are known. With A = Σ σₖpₖqₖᵀ, the minimizer is uₖ = √sₖ·pₖ,
// vₖ = √sₖ·qₖ with sₖ = max(0, σₖ − nλ₂), for the rank largest σₖ (Eckart and Young 1936; the penalty acts as a nuclear norm, as
// in Srebro, Rennie and Jaakkola 2004).
func (p *Factorization[T]) Minimizer() (x []float64, f float64, ok bool) {
	a := make([]float64, len(p.a))
	convert(a, p.a)
	var svd mat.SVD
	if !p.dense || !svd.Factorize(mat.NewDense(p.rows, p.cols, a), mat.SVDThin) {
		return nil, 0, false
	}
	var left, right mat.Dense
	svd.UTo(&left)
	svd.VTo(&right)
	x = make([]float64, p.dim())
	n := float64(p.Len())
	for k, sigma := range svd.Values(nil) {
		s := 0.0
		if k < p.rank {
			s = max(0, sigma-float64(n*p.l2))
			for i := range p.rows {
				x[i*p.rank+k] = math.Sqrt(s) * left.At(i, k)
			}
			for j := range p.cols {
				x[(p.rows+j)*p.rank+k] = math.Sqrt(s) * right.At(j, k)
			}
		}
		f += float64((s-sigma)*(s-sigma)/2/n) + float64(p.l2*s)
	}
	return x, f, true
}
