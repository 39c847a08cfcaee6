package objective

import (
	"math"

	"steepest/internal/simd"
)

// GradRounding bounds the Euclidean norm of what rounding in float64 changes in the ∇f(x) of Grad over all terms. With u = 2⁻⁵³, a sum of m
// products is off by at most (m+2)u times the sum of their magnitudes (Higham 2002, equation 3.5). A score is such a sum over the
// columns. Its error, and a few u of the loss's own, go into ℓ′, at most times the curvature of ℓ; and ∇f is such a sum over the rows. It is +Inf for the hinge.
func (p *Linear[T]) GradRounding(x []float64) float64 {
	const u = 0x1p-53
	_, curvature := p.loss.curvature()
	if math.IsInf(curvature, 1) {
		return curvature
	}
	own := p.loss.slope()
	if math.IsInf(own, 1) {
		own = 0 // ℓ′ is then a difference, whose error is a share of it
	}
	e, width := p.exact, p.loss.outputs()
	slopes, change := make([]float64, e.n*width), make([]float64, len(x))
	e.Slopes(slopes, x, nil)
	for i := range e.n {
		columns, values := e.Row(i)
		scores := 0.0 // Σ |aᵢ||x| over all scores
		for c := range width {
			for k, v := range values {
				scores += math.Abs(v * x[c*e.d+column(columns, k)])
			}
		}
		for c := range width {
			off := curvature*float64(len(values)+2)*u*scores + float64(e.n+8)*u*math.Abs(slopes[i*width+c]) + 8*u*own
			for k, v := range values {
				change[c*e.d+column(columns, k)] += math.Abs(v) * off / float64(e.n)
			}
		}
	}
	return 1.01 * (math.Sqrt(simd.SumSquares(change)) + 4*u*p.penalty.l2*math.Sqrt(simd.SumSquares(x)))
}
