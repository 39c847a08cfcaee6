package objective

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"steepest/data"
	"steepest/internal/simd"
	"steepest/param"
)

// Factorization is the problem of a matrix A as the product of two factors of low rank, U with a row for each row of A and V
// with a row for each column:
//
//	f(U, V) = (1/n) Σ ½(⟨uᵢ, vⱼ⟩ − aᵢⱼ)² + (λ₂/2)(‖U‖² + ‖V‖²),
//
// the sum being over the n entries of A that are known: all of a *data.Dense, and those that a *data.CSR stores. It is not
// convex, and the origin is a saddle. Every minimizer comes with its rotations UQ, VQ by orthogonal Q. x holds U and then V, both
// row-major.
type Factorization struct {
	a                []float64 // the known entries
	row, col         []uint32  // where they stand
	rows, cols, rank int
	l2               float64
	dense            bool
}

var (
	_ FiniteSum[float64] = (*Factorization)(nil)
	_ Analytic           = (*Factorization)(nil)
)

// MatrixFactorization returns the problem for a matrix and a rank of at least 1. An entry that is not finite is an error, as is
// the penalty L1.
func MatrixFactorization(a data.Matrix, rank int, opts ...Option) (*Factorization, error) {
	var penalty penalty
	for _, add := range opts {
		add(&penalty)
	}
	if err := penalty.check(); err != nil {
		return nil, err
	}
	if penalty.l1 != 0 {
		return nil, errors.New("objective: a factorization takes no ℓ1 penalty")
	}
	p := &Factorization{rank: rank, l2: penalty.l2}
	p.rows, p.cols = a.Dims()
	if rank < 1 || a.NNZ() == 0 {
		return nil, fmt.Errorf("objective: a factorization of rank %d of %d known entries, want at least 1 of each",
			rank, a.NNZ())
	}
	m := open(a)
	if err := m.checkShape(); err != nil {
		return nil, fmt.Errorf("objective: %w", err)
	}
	p.dense = m.dense != nil
	for i := range p.rows {
		indices, values := m.Row(i)
		for k, v := range values {
			j := column(indices, k)
			switch {
			case j >= p.cols:
				return nil, fmt.Errorf("objective: x[%d, %d]: the matrix has %d columns", i, j, p.cols)
			case v-v != 0:
				return nil, fmt.Errorf("objective: x[%d, %d] = %v: not a finite number", i, j, v)
			}
			p.a, p.row, p.col = append(p.a, v), append(p.row, uint32(i)), append(p.col, uint32(j))
		}
	}
	return p, nil
}

// Len returns n, the number of known entries.
func (p *Factorization) Len() int { return len(p.a) }

// Params returns the tensors "U" and "V", with a column for each of the rank.
func (p *Factorization) Params() []param.Param {
	return []param.Param{{Name: "U", Shape: []int{p.rows, p.rank}}, {Name: "V", Shape: []int{p.cols, p.rank}}}
}

func (p *Factorization) dim() int { return (p.rows + p.cols) * p.rank }

// Loss returns the mean of ½(⟨uᵢ, vⱼ⟩ − aᵢⱼ)² over the batch, plus the penalty.
func (p *Factorization) Loss(x []float64, batch []uint32) float64 { return p.mean(nil, x, batch) }

// Grad stores the gradient of Loss in dst and returns Loss.
func (p *Factorization) Grad(dst, x []float64, batch []uint32) float64 {
	checkLen("dst", dst, p.dim())
	return p.mean(dst, x, batch)
}

func (p *Factorization) mean(dst, x []float64, batch []uint32) float64 {
	checkLen("x", x, p.dim())
	b := checkBatch(batch, p.Len())
	clear(dst)
	share := 1 / float64(b)
	var losses total
	for k := range b {
		e := term(batch, k)
		u, v := p.places(e)
		residual := dot(x[u:u+p.rank], x[v:v+p.rank]) - p.a[e]
		losses.add(residual * residual / 2)
		if dst != nil {
			axpy(dst[u:u+p.rank], share*residual, x[v:v+p.rank])
			axpy(dst[v:v+p.rank], share*residual, x[u:u+p.rank])
		}
	}
	if dst != nil {
		axpy(dst, p.l2, x)
	}
	return losses.value()*share + p.l2/2*simd.SumSquares(x)
}

// places returns where in x the rows of U and V that make entry e begin.
func (p *Factorization) places(e int) (u, v int) {
	return int(p.row[e]) * p.rank, (p.rows + int(p.col[e])) * p.rank
}

// FLOPs returns the cost of Grad: three multiply-adds for each of the rank at an entry, and one for each unknown.
func (p *Factorization) FLOPs(batch int) float64 {
	return 3*float64(batch)*float64(p.rank) + float64(p.dim())
}

// Constants returns what is known: no gradient is Lipschitz, for f is a polynomial of degree four.
func (p *Factorization) Constants() Constants {
	c := unbounded()
	c.Variance = math.Inf(1)
	return c
}

// Minimizer returns a minimizer and the value there if all entries of A are known. With A = Σ σₖpₖqₖᵀ, it is uₖ = √sₖ·pₖ and
// vₖ = √sₖ·qₖ with sₖ = max(0, σₖ − nλ₂) for the largest σₖ, as many as the rank (Eckart and Young 1936; the penalty is that of
// the nuclear norm, as in Srebro, Rennie and Jaakkola 2004).
func (p *Factorization) Minimizer() (x []float64, f float64, ok bool) {
	var svd mat.SVD
	if !p.dense || !svd.Factorize(mat.NewDense(p.rows, p.cols, p.a), mat.SVDThin) {
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
			s = max(0, sigma-n*p.l2)
			for i := range p.rows {
				x[i*p.rank+k] = math.Sqrt(s) * left.At(i, k)
			}
			for j := range p.cols {
				x[(p.rows+j)*p.rank+k] = math.Sqrt(s) * right.At(j, k)
			}
		}
		f += (s-sigma)*(s-sigma)/2/n + p.l2*s
	}
	return x, f, true
}
