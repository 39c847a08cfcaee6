package solver

import (
	"errors"
	"math"

	"steepest/data"
	"steepest/internal/parallel"
	"steepest/internal/simd"
	"steepest/objective"
)

// problem is a linear model of one score as the methods see it: F(x) = (1/n) Σ ℓ(⟨aᵢ, x⟩, yᵢ) + λ₁‖x‖₁ + (λ₂/2)‖x‖².
type problem struct {
	whole  *objective.Linear[float64]
	n, d   int
	rows   *data.CSR   // nil for a dense matrix
	dense  *data.Dense // nil for a sparse one
	labels []float64
	loss   objective.Loss
	l1, l2 float64
	blocks int         // that the rows are cut into where each writes its own part of a result
	shares int         // that they are cut into where each makes a vector of length d
	parts  [][]float64 // the vectors of shares but the first
}

const (
	blockWork = 1 << 15 // stored values of a block
	shareWork = 1 << 17 // stored values of a share, at least
	maxShares = 8
)

func open(p *objective.Linear[float64]) (problem, error) {
	m, labels := p.Data()
	l1, l2 := p.Penalties()
	v := problem{whole: p, n: p.Len(), labels: labels, loss: p.ScalarLoss(), l1: l1, l2: l2}
	switch m := m.(type) {
	case *data.CSR:
		v.rows, v.d = m, m.Cols
	case *data.Dense:
		v.dense, v.d = m, m.Cols
	case *data.Bytes:
		v.dense = m.Dense()
		v.d = v.dense.Cols
	default:
		return v, errors.New("solver: the rows are neither dense nor sparse")
	}
	v.d *= p.Outputs()
	work := m.NNZ()
	v.blocks = max(1, min(v.n, work/blockWork))
	v.shares = max(1, min(v.n, maxShares, work/max(shareWork, 8*v.d)))
	return v, nil
}

// nnz returns the number of stored values.
func (p *problem) nnz() int {
	if p.dense != nil {
		return len(p.dense.Data)
	}
	return len(p.rows.Values)
}

// row returns what row i stores; the columns are nil for a dense row.
func (p *problem) row(i int) (columns []uint32, values []float64) {
	if p.dense != nil {
		return nil, p.dense.Row(i)
	}
	return p.rows.Row(i)
}

// dot returns ⟨aᵢ, x⟩.
func (p *problem) dot(i int, x []float64) float64 {
	if p.dense != nil {
		return simd.Dot(p.dense.Row(i), x)
	}
	columns, values := p.rows.Row(i)
	return simd.GatherDot(columns, values, x)
}

// add adds s·aᵢ to x.
func (p *problem) add(x []float64, s float64, i int) {
	if p.dense != nil {
		simd.Axpy(s, p.dense.Row(i), x)
		return
	}
	columns, values := p.rows.Row(i)
	simd.ScatterAxpy(s, columns, values, x)
}

// span returns the rows of piece i of some.
func (p *problem) span(i, pieces int) (lo, hi int) { return i * p.n / pieces, (i + 1) * p.n / pieces }

// scores stores the scores ⟨aᵢ, x⟩ of all rows in z.
func (p *problem) scores(z, x []float64) {
	parallel.For(p.blocks, func(_, b int) {
		lo, hi := p.span(b, p.blocks)
		for i := lo; i < hi; i++ {
			z[i] = p.dot(i, x)
		}
	})
}

// combine stores Σ sᵢaᵢ in g.
func (p *problem) combine(g, s []float64) {
	p.share(g, &p.parts, func(g []float64, lo, hi int) {
		for i := lo; i < hi; i++ {
			if s[i] != 0 {
				p.add(g, s[i], i)
			}
		}
	})
}

// share stores in g the sum of what add adds to it for each share of the rows. The parts are kept for the next call.
func (p *problem) share(g []float64, parts *[][]float64, add func(g []float64, lo, hi int)) {
	for len(*parts) < p.shares-1 {
		*parts = append(*parts, make([]float64, len(g)))
	}
	part := func(s int) []float64 {
		if s == 0 {
			return g
		}
		return (*parts)[s-1]
	}
	parallel.For(p.shares, func(_, s int) {
		lo, hi := p.span(s, p.shares)
		clear(part(s))
		add(part(s), lo, hi)
	})
	parallel.Reduce(p.shares, func(into, from int) { simd.Axpy(1, part(from), part(into)) })
}

// rowsum returns Σ f(lo, hi) over blocks of rows.
func (p *problem) rowsum(f func(lo, hi int) float64) float64 {
	blocks := (p.n + lossBlock - 1) / lossBlock
	sums := make([]float64, blocks)
	parallel.For(blocks, func(_, b int) { sums[b] = f(b*lossBlock, min((b+1)*lossBlock, p.n)) })
	total := 0.0
	for _, s := range sums {
		total += s
	}
	return total
}

const lossBlock = 1 << 12 // rows

// losses returns (1/n) Σ ℓ(zᵢ) and stores ℓ′ and ℓ″ in slopes and curvatures.
func (p *problem) losses(z, slopes, curvatures []float64) float64 {
	return p.rowsum(func(lo, hi int) float64 {
		z, y, slopes, curvatures := z[lo:hi], p.labels[lo:hi], slopes[lo:hi], curvatures[lo:hi]
		sum := 0.0
		if p.loss != (objective.LogisticLoss{}) {
			for i, z := range z {
				value, slope := p.loss.Eval(z, y[i])
				slopes[i], curvatures[i] = slope, p.loss.Second(z, y[i])
				sum += value
			}
			return sum
		}
		for i, z := range z {
			slopes[i] = -y[i] * z
		}
		simd.Softplus(curvatures, slopes)
		for _, value := range curvatures {
			sum += value
		}
		simd.Sigmoid(slopes, slopes)
		for i, q := range slopes {
			slopes[i], curvatures[i] = -y[i]*q, q*(1-q)
		}
		return sum
	}) / float64(p.n)
}

// fenchel returns (1/n) Σ ℓ(zᵢ) + ℓ*(uᵢ) − uᵢzᵢ, what Fenchel's inequality leaves in the losses.
func (p *problem) fenchel(z, u []float64) float64 {
	return p.rowsum(func(lo, hi int) float64 {
		sum := 0.0
		for i := lo; i < hi; i++ {
			value, _ := p.loss.Eval(z[i], p.labels[i])
			sum += max(0, value+p.loss.Conjugate(u[i], p.labels[i])-float64(u[i]*z[i]))
		}
		return sum
	}) / float64(p.n)
}

// penalty returns λ₁‖x‖₁ + (λ₂/2)‖x‖².
func (p *problem) penalty(x []float64) float64 {
	value := objective.HalfSquare(p.l2, x)
	if p.l1 > 0 {
		value += p.l1 * simd.Asum(x)
	}
	return value
}

// penaltyGap returns g(x) + g*(v) − ⟨x, v⟩ for v = −Aᵀu/n, what Fenchel's inequality leaves in the penalty.
func (p *problem) penaltyGap(x, v []float64) float64 {
	sum := 0.0
	for j, w := range x {
		s := math.Copysign(max(math.Abs(v[j])-p.l1, 0), v[j])
		sum += float64(p.l1*math.Abs(w)) - float64(w*(v[j]-s))
		if p.l2 > 0 {
			r := w - s/p.l2
			sum += float64(p.l2 / 2 * r * r)
		} else {
			sum += math.Abs(s) * reach * max(1, math.Abs(w))
		}
	}
	return sum
}

// reach bounds the coordinates that no ℓ2 penalty holds, as a multiple of those found: there the conjugate of the penalty is a multiple of
// |v|, where without a bound it is infinite.
const reach = 1e3
