package solver

import (
	"errors"
	"math"
	"math/rand/v2"

	"steepest/data"
	"steepest/internal/parallel"
	"steepest/internal/simd"
	"steepest/objective"
)

// problem is a linear model as the methods see it: F(x) = (1/n) Σ sᵢℓ(Aᵢx, yᵢ) + λ₁‖x‖₁ + (λ₂/2)‖x‖², with C scores ⟨aᵢ, x_c⟩ per row. Scores,
// slopes and other vectors with C numbers per row are stored row by row.
type problem struct {
	whole   *objective.Linear[float64]
	n       int
	d       int         // of x
	columns int         // of the rows: d = columns·outputs
	outputs int         // C
	rows    *data.CSR   // nil for a dense matrix
	dense   *data.Dense // nil for a sparse one
	labels  []float64
	loss    objective.Loss // nil for several scores
	targets *data.Dense    // of least squares with several scores; nil for softmax
	weights []float64      // sᵢ; nil if all are 1
	l1, l2  float64
	// intercept says that the last weight of each score has no penalty.
	intercept bool
	blocks    int         // pieces of the rows for loops in which each piece writes its own part of the result
	shares    int         // pieces of the rows for loops in which each piece needs a vector of length d
	parts     [][]float64 // the vectors of all shares but the first
}

const (
	blockWork = 1 << 15 // stored values of a block
	shareWork = 1 << 17 // stored values of a share, at least
	maxShares = 8
)

func open(p *objective.Linear[float64]) (problem, error) {
	m, labels := p.Data()
	l1, l2 := p.Penalties()
	v := problem{whole: p, n: p.Len(), labels: labels, loss: p.ScalarLoss(), targets: p.Targets(), l1: l1, l2: l2, outputs: p.Outputs(), weights: p.RowWeights(), intercept: p.Intercept()}
	switch m := m.(type) {
	case *data.CSR:
		v.rows, v.columns = m, m.Cols
	case *data.Dense:
		v.dense, v.columns = m, m.Cols
	case *data.Bytes:
		v.dense = m.Dense()
		v.columns = v.dense.Cols
	default:
		return v, errors.New("solver: the rows are neither dense nor sparse")
	}
	v.d = v.columns * v.outputs
	v.cut()
	return v, nil
}

// cut decides the number of pieces.
func (p *problem) cut() {
	p.blocks = max(1, min(p.n, p.nnz()/blockWork))
	p.shares = max(1, min(p.n, maxShares, p.nnz()/max(shareWork, 8*p.d)))
}

// nnz returns the number of stored values.
func (p *problem) nnz() int {
	if p.dense != nil {
		return len(p.dense.Data)
	}
	return len(p.rows.Values)
}

// row returns the stored columns and values of row i. The columns are nil for a dense row.
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

// Prefetch distances, in rows, for rows in random order. Row pointers are fetched further ahead than rows.
const (
	rowsAhead     = 4
	pointersAhead = 12
)

// prefetch prefetches rows after index k of an order.
func (p *problem) prefetch(order []uint32, k int) {
	if p.rows == nil {
		return
	}
	if k+pointersAhead < len(order) {
		simd.Prefetch(p.rows.Indptr[order[k+pointersAhead]:][:2])
	}
	if k+rowsAhead < len(order) {
		columns, values := p.rows.Row(int(order[k+rowsAhead]))
		simd.Prefetch(columns)
		simd.Prefetch(values)
	}
}

// span returns the rows of piece i.
func (p *problem) span(i, pieces int) (lo, hi int) { return i * p.n / pieces, (i + 1) * p.n / pieces }

// scores stores the scores of all rows at x in z.
func (p *problem) scores(z, x []float64) {
	parallel.For(p.blocks, func(_, b int) {
		lo, hi := p.span(b, p.blocks)
		p.scoreRows(z, x, lo, hi)
	})
}

// scoreRows is scores for the rows from lo to below hi.
func (p *problem) scoreRows(z, x []float64, lo, hi int) {
	if p.outputs == 1 && p.rows != nil {
		simd.GatherDots(z[lo:hi], p.rows.Indptr[lo:], p.rows.Indices, p.rows.Values, x)
		return
	}
	for k := lo * p.outputs; k < hi*p.outputs; k++ {
		c := k % p.outputs
		z[k] = p.dot(k/p.outputs, x[c*p.columns:(c+1)*p.columns])
	}
}

// combine stores Σ Aᵢᵀsᵢ in g.
func (p *problem) combine(g, s []float64) {
	p.share(g, &p.parts, func(g []float64, lo, hi int) { p.addRows(g, s, lo, hi) })
}

// addRows adds Σ Aᵢᵀsᵢ to g for the rows from lo to below hi.
func (p *problem) addRows(g, s []float64, lo, hi int) {
	if p.outputs == 1 && p.rows != nil {
		simd.ScatterAxpys(s[lo:hi], p.rows.Indptr[lo:], p.rows.Indices, p.rows.Values, g)
		return
	}
	for k := lo * p.outputs; k < hi*p.outputs; k++ {
		if c := k % p.outputs; s[k] != 0 {
			p.add(g[c*p.columns:(c+1)*p.columns], s[k], k/p.outputs)
		}
	}
}

// share calls add for each share of the rows and stores the sum of the results in g. The memory in parts is reused.
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

// weight returns sᵢ.
func (p *problem) weight(i int) float64 {
	if p.weights == nil {
		return 1
	}
	return p.weights[i]
}

// free reports whether element j of x has no penalty.
func (p *problem) free(j int) bool { return p.intercept && j%p.columns == p.columns-1 }

// penalty returns λ₁‖x‖₁ + (λ₂/2)‖x‖².
func (p *problem) penalty(x []float64) float64 {
	value := p.whole.Penalty(x)
	kept := p.columns
	if p.intercept {
		kept--
	}
	for ; len(x) > 0; x = x[p.columns:] {
		value += objective.HalfSquare(p.l2, x[:kept])
	}
	return value
}

// penaltyGap returns g(x) + g*(v) − ⟨x, v⟩ for v = −Aᵀu/n, the slack of Fenchel's inequality in the penalty. The v of an intercept counts as 0,
// its value for balanced slopes.
func (p *problem) penaltyGap(x, v []float64) float64 {
	sum := 0.0
	for j, w := range x {
		if p.free(j) {
			continue
		}
		s := math.Copysign(max(math.Abs(v[j])-p.l1, 0), v[j])
		sum += float64(p.l1*math.Abs(w)) - float64(w*(v[j]-s))
		if p.l2 > 0 {
			r := w - s/p.l2
			sum += float64(p.l2 / 2 * r * r)
		} else {
			sum += float64(math.Abs(s) * reach * max(1, math.Abs(w)))
		}
	}
	return sum
}

// gap returns the gap between F at x, with the scores z, and the dual at the slopes u. It moves u into the domain of the dual, and stores −Aᵀu/n
// in v.
func (p *problem) gap(x, z, u, v []float64) float64 {
	p.clip(u)
	if p.intercept {
		p.whole.Balance(u)
	}
	p.combine(v, u)
	simd.Scal(-1/float64(p.n), v)
	if p.l1 > 0 && p.l2 == 0 {
		p.shrink(u, v)
	}
	return p.fenchel(z, u) + p.penaltyGap(x, v)
}

// shrink scales a dual point down so that no element of v exceeds λ₁, as the dual with λ₁ alone requires.
func (p *problem) shrink(u, v []float64) {
	largest := 0.0
	for j, e := range v {
		if !p.free(j) {
			largest = max(largest, math.Abs(e))
		}
	}
	if largest <= p.l1 {
		return
	}
	by := p.l1 / largest
	simd.Scal(by, u)
	for j := range v {
		v[j] = max(-p.l1, min(p.l1, by*v[j])) // in spite of rounding
	}
}

// reach bounds the coordinates without an ℓ2 penalty, except intercepts, as a multiple of the values found. With the bound, the conjugate of the penalty
// is a multiple of |v|; without it, it would be infinite.
const reach = 1e3

// sample returns the problem of m random rows, and the indices of these rows.
func (p *problem) sample(random *rand.Rand, m int) (q problem, taken []int) {
	q, taken = *p, make([]int, m)
	q.n, q.parts, q.labels = m, nil, make([]float64, m)
	if p.weights != nil {
		q.weights = make([]float64, m)
	}
	if p.dense != nil {
		q.dense = &data.Dense{Rows: m, Cols: p.dense.Cols, Data: make([]float64, 0, m*p.dense.Cols)}
	} else {
		q.rows = &data.CSR{Rows: m, Cols: p.rows.Cols, Indptr: make([]int, 1, m+1)}
	}
	for k := range m {
		i := k*p.n/m + random.IntN(p.n/m)
		taken[k] = i
		q.labels[k] = p.labels[i] // for several targets, the number of their row
		if p.weights != nil {
			q.weights[k] = p.weights[i]
		}
		columns, values := p.row(i)
		if p.dense != nil {
			q.dense.Data = append(q.dense.Data, values...)
			continue
		}
		q.rows.Indices, q.rows.Values = append(q.rows.Indices, columns...), append(q.rows.Values, values...)
		q.rows.Indptr = append(q.rows.Indptr, len(q.rows.Values))
	}
	q.cut()
	return q, taken
}
