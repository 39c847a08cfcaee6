package objective

import (
	"steepest/internal/terms"
	"steepest/param"
)

// LinearModel is a FiniteSum whose terms see x through C scores Aᵢx each,
//
//	fᵢ(x) = ℓᵢ(Aᵢx) + (λ₂/2)‖x‖²,   ∇fᵢ(x) = Aᵢᵀ∇ℓᵢ(Aᵢx) + λ₂x,
//
// ℓᵢ includes the weight of the row, and the penalty leaves out intercepts. The C slopes ∇ℓᵢ determine the gradient of a term, so a
// table needs to store only them. The slopes of a batch are stored term by term; the nil batch stands for all n terms.
type LinearModel[T param.Float] interface {
	FiniteSum[T]
	// Outputs returns C, the number of scores of a term.
	Outputs() int
	// Slopes stores ∇ℓᵢ(Aᵢx) for the terms of the batch in dst.
	Slopes(dst, x []T, batch []uint32)
	// ModelSlopes stores the slopes of the second-order Taylor model of each ℓᵢ at center: with c for center, these are
	// ∇ℓᵢ(Aᵢc) + ∇²ℓᵢ(Aᵢc)·Aᵢ(x − c).
	ModelSlopes(dst, x, center []T, batch []uint32)
	// AddSlopes adds Σ Aᵢᵀsᵢ over the batch to dst, for slopes sᵢ.
	AddSlopes(dst, slopes []T, batch []uint32)
	// Penalties returns λ₁ and λ₂, where λ₁‖x‖₁ is the term h of Composite.
	Penalties() (l1, l2 float64)
	// Intercept reports whether the last weight of each score is an intercept, which neither penalty takes.
	Intercept() bool
	// AddRidge adds s·λ₂x to dst, s times the gradient of the ℓ2 penalty.
	AddRidge(dst []T, s T, x []T)
	// SquaredRadius returns R² = max sᵢ‖aᵢ‖² over the rows aᵢ of data and their weights sᵢ.
	SquaredRadius() float64
}

var (
	_ LinearModel[float32] = (*Linear[float32])(nil)
	_ LinearModel[float64] = (*Linear[float64])(nil)
)

// Outputs returns the number of scores of a row: 1, or the number of classes or targets.
func (m *model) Outputs() int { return m.loss.outputs() }

// Slopes stores the derivatives of the loss with respect to the scores of each row of the batch in dst. Gap uses the slopes of
// all rows as its dual point.
func (p *Linear[T]) Slopes(dst, x []T, batch []uint32) { p.ScaledSlopes(dst, 1, x, batch, nil) }

// ScaledSlopes is Slopes at scale·x. If ahead is not nil, it prefetches rows as Prefetch does, while the processor computes the loss.
func (p *Linear[T]) ScaledSlopes(dst []T, scale float64, x []T, batch []uint32, ahead func(places int) (row uint32, known bool)) {
	checkLen("x", x, p.dim())
	b := p.checkSlopes(dst, batch)
	c := p.loss.outputs()
	if wide, ok := any(dst).([]float64); ok { // computed in place
		for k := range b {
			p.slope(wide[k*c:(k+1)*c], scale, x, batch, k, ahead)
		}
		return
	}
	s := working[T](&p.scratch, 1, c)
	defer p.scratch.Put(s)
	z := s.chunkScores(0, c)
	for k := range b {
		p.slope(z, scale, x, batch, k, ahead)
		convert(dst[k*c:(k+1)*c], z)
	}
}

// ScaledLoss returns the mean of ℓ over the batch at scale·x, without the penalties.
func (p *Linear[T]) ScaledLoss(scale float64, x []T, batch []uint32) float64 {
	checkLen("x", x, p.dim())
	b, c := checkBatch(batch, p.n), p.loss.outputs()
	s := working[T](&p.scratch, 1, c)
	defer p.scratch.Put(s)
	var losses total
	for k := range b {
		losses.add(p.slope(s.chunkScores(0, c), scale, x, batch, k, nil))
	}
	return losses.value() / float64(b)
}

// slope stores the slopes at scale·x of term k of the batch in z, and returns its loss. It prefetches rows of the batch, or those ahead of term k.
func (p *Linear[T]) slope(z []float64, scale float64, x []T, batch []uint32, k int, ahead func(places int) (uint32, bool)) (loss float64) {
	i := terms.At(batch, k)
	p.scores(z, x, i)
	for c := range z {
		z[c] *= scale
	}
	if ahead == nil {
		p.prefetch(batch, k, len(batch))
	} else {
		p.Prefetch(k, ahead)
	}
	return p.eval(z, i)
}

// ModelSlopes stores the derivatives at x of the quadratic model around center.
func (p *Linear[T]) ModelSlopes(dst, x, center []T, batch []uint32) {
	checkLen("x", x, p.dim())
	checkLen("center", center, p.dim())
	b := p.checkSlopes(dst, batch)
	c := p.loss.outputs()
	s := working[T](&p.scratch, 2, c)
	defer p.scratch.Put(s)
	z, move := s.chunkScores(0, c), s.chunkScores(1, c)
	for k := range b {
		i := terms.At(batch, k)
		p.scores(z, center, i)
		p.prefetch(batch, k, b)
		p.scores(move, x, i)
		axpy(move, -1, z)
		p.quadratic(z, move, i)
		convert(dst[k*c:(k+1)*c], z)
	}
}

// AddSlopes adds the rows of the batch to dst, each times its slopes.
func (p *Linear[T]) AddSlopes(dst, slopes []T, batch []uint32) {
	checkLen("dst", dst, p.dim())
	b := p.checkSlopes(slopes, batch)
	c := p.loss.outputs()
	for k := range b {
		addRow(p, dst, slopes[k*c:(k+1)*c], terms.At(batch, k))
	}
}

// SquaredRadius returns max sᵢ‖aᵢ‖², in a pass over the data.
func (m *model) SquaredRadius() float64 {
	largest, _ := m.exact.rowSquares(m.weights)
	return largest
}

// LMax returns Constants().LMax without computing the other constants, in a pass over the data.
func (m *model) LMax() float64 {
	_, sup := m.loss.curvature()
	return float64(sup*m.SquaredRadius()) + m.penalty.l2
}

// checkSlopes returns the number of terms in a batch with these slopes.
func (p *Linear[T]) checkSlopes(slopes []T, batch []uint32) int {
	b := checkBatch(batch, p.n)
	checkLen("slopes", slopes, b*p.loss.outputs())
	return b
}

// addRow adds row i to dst, times the slope of each score.
func addRow[T, S param.Float](p *Linear[T], dst []T, slopes []S, i int) {
	for c, slope := range slopes {
		if slope != 0 {
			p.RowAxpy(dst[c*p.d:(c+1)*p.d], T(slope), i)
		}
	}
}
