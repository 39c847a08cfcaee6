package objective

import (
	"math"

	"steepest/internal/simd"
)

// Rounding bounds what rounding in float64 changes at x: it stores a bound for each element of the ∇f(x) of Grad over all terms in grad, and
// returns one for Loss and one for the scores. With u = 2⁻⁵³, a sum of m products is off by at most (m+2)u times the sum of their magnitudes
// (Higham 2002, equation 3.5). A score is such a sum over the columns. Its error, and a few u of the loss's own, go into ℓ at most times the
// slope of ℓ, and into ℓ′ at most times its curvature; ∇f is such a sum over the rows of a chunk, and over the chunks along a tree, and the
// sum of the losses is compensated. All are +Inf for the hinge.
func (p *Linear[T]) Rounding(grad, x []float64) (loss, score float64) {
	const u = 0x1p-53
	checkLen("grad", grad, p.dim())
	_, curvature := p.loss.curvature()
	if math.IsInf(curvature, 1) {
		for j := range grad {
			grad[j] = curvature
		}
		return curvature, curvature
	}
	own := p.loss.slope()
	if math.IsInf(own, 1) {
		own = 0 // ℓ′ is then a difference, whose error is a share of it
	}
	clear(grad)
	e, width := p.exact, p.loss.outputs()
	terms := e.n/e.chunks(e.n) + 16
	slopes := make([]float64, e.n*width)
	e.Slopes(slopes, x, nil)
	for i := range e.n {
		columns, values := e.Row(i)
		scores := 0.0 // Σ |aᵢ||x| over all scores
		for c := range width {
			for k, v := range values {
				scores += math.Abs(v * x[c*e.d+column(columns, k)])
			}
		}
		off := float64(len(values)+2) * u * scores
		score = max(score, off)
		for c := range width {
			slope := math.Abs(slopes[i*width+c])
			loss += (slope+curvature*off)*off + 8*u*own
			change := curvature*off + float64(terms)*u*slope + 8*u*own
			for k, v := range values {
				grad[c*e.d+column(columns, k)] += math.Abs(v) * change / float64(e.n)
			}
		}
	}
	for j := range grad {
		grad[j] = 1.01 * (grad[j] + 4*u*p.penalty.l2*math.Abs(x[j]))
	}
	loss = 1.01 * (loss/float64(e.n) + 8*u*e.Loss(x, nil) + float64(len(x)+8)*u*p.penalty.l2*simd.SumSquares(x))
	return loss, score
}
