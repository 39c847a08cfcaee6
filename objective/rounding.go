package objective

import (
	"math"
	"slices"
)

// Rounding bounds the rounding errors in float64 at x. It stores a bound for each element of ∇f(x), as Grad computes it over all terms, in
// grad, and returns a bound for the scores. With u = 2⁻⁵³, the error of a sum of m products is at most (m+2)u times the sum of their
// magnitudes (Higham 2002, equation 3.5). A score is such a sum over the columns. Its error enters ℓ′ times the curvature at most, and the
// loss adds a few u of its own. ∇f is such a sum over the rows of a chunk, and over the chunks along a tree. For the hinge all bounds are
// +Inf.
func (p *Linear[T]) Rounding(grad, x []float64) (score float64) {
	const u = 0x1p-53
	checkLen("grad", grad, p.dim())
	_, curvature := p.loss.curvature()
	if math.IsInf(curvature, 1) {
		for j := range grad {
			grad[j] = curvature
		}
		return curvature
	}
	own := p.loss.slope()
	if math.IsInf(own, 1) {
		own = 0 // ℓ′ is a difference, with a small relative error
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
		off, s := float64(len(values)+2)*u*scores, p.weight(i)
		score = max(score, off)
		for c := range width {
			slope := math.Abs(slopes[i*width+c])
			change := s*curvature*off + float64(terms)*u*slope + 8*u*own*s
			for k, v := range values {
				grad[c*e.d+column(columns, k)] += math.Abs(v) * change / float64(e.n)
			}
		}
	}
	for j := range grad {
		if p.penalty.takes(j) {
			grad[j] += 4 * u * p.penalty.l2 * math.Abs(x[j])
		}
		grad[j] *= 1.01
	}
	return score
}

// Enclosed returns F(x) with a bound on its rounding error, or +Inf if there is no bound. Scores, and sums over rows and columns, are
// computed as if with twice the digits (Ogita, Rump and Oishi, Accurate sum and dot product, 2005, proposition 4.4), so that cancellation in a
// residual does no harm. The score is z = h + l, in two parts, with an error of at most ε. Then ℓ(z) = ℓ(h) + ℓ′(h)·l + r. The remainder r is
// between the smallest and the largest ½ℓ″ times (|l| ± ε)², or at most the change of the slope times |l| + ε.
func (m *model) Enclosed(x []float64) (value, rounding float64) {
	const u, tiny = 0x1p-53, 0x1p-1060 // tiny bounds what a row can lose to underflow
	p := m.exact
	checkLen("x", x, p.dim())
	least, curvature := p.loss.curvature()
	z, low, moved := make([]float64, p.loss.outputs()), make([]float64, p.loss.outputs()), make([]float64, p.loss.outputs())
	var losses, squares, magnitudes total
	left := 0.0 // rounding errors of the losses
	for i := range p.n {
		columns, values := p.Row(i)
		terms := float64(4*len(values) + 8)
		off, apart := 0.0, 0.0 // ε and |l| over all scores
		for c := range z {
			var score total
			size := 0.0
			for k, v := range values {
				w := x[c*p.d+column(columns, k)]
				if score.addProduct(v, w); v != 0 && w != 0 {
					size += math.Abs(v*w) + tiny/(u*u)
				}
			}
			z[c], low[c] = score.parts()
			off += terms * u * (terms * u * size)
			apart = math.Hypot(apart, low[c])
		}
		s := p.weight(i)
		losses.add(s * least / 2 * apart * apart)
		jump := s * ((curvature-least)/2*apart*apart + curvature*off*(apart+off/2))
		if math.IsInf(curvature, 1) {
			jump = p.slopeChange(moved, z, 2*(apart+off), i) * (apart + off)
		}
		spread := 0.0
		if _, ok := p.loss.(softmax); ok {
			spread = slices.Max(z) - slices.Min(z)
		}
		loss := p.eval(z, i)
		losses.add(loss)
		own := (8 + 2*float64(len(z)) + spread) * u
		for c, slope := range z {
			losses.addProduct(slope, low[c])
			jump += math.Abs(slope) * (off + own*math.Abs(low[c]))
		}
		if left += own*math.Abs(loss) + jump; slices.Max(z) > 0 || slices.Min(z) < 0 {
			left += tiny
		}
	}
	origin := true
	for j, w := range x {
		origin = origin && w == 0
		if p.penalty.takes(j) {
			squares.addProduct(w, w)
			magnitudes.add(math.Abs(w))
		}
	}
	n := float64(p.n)
	value = losses.value()/n + float64(p.penalty.l2/2*squares.value())
	if p.penalty.l1 > 0 {
		value += float64(p.penalty.l1 * magnitudes.value())
	}
	if !origin {
		left += n * tiny
	}
	if rounding = 1.01 * (left/n + 16*u*value); rounding-rounding != 0 {
		return Value(p, x), math.Inf(1)
	}
	return value, rounding
}

// slopeChange returns the change of the slope, for a loss of one score, from z − by to z + by.
func (p *Linear[T]) slopeChange(moved, z []float64, by float64, i int) float64 {
	moved[0] = math.Nextafter(z[0]-by, math.Inf(-1))
	p.eval(moved, i)
	change := -moved[0]
	moved[0] = math.Nextafter(z[0]+by, math.Inf(1))
	p.eval(moved, i)
	return change + moved[0]
}

// addProduct adds a·b exactly, as the rounded product and its error, and returns the rounded product.
func (t *total) addProduct(a, b float64) float64 {
	product := float64(a * b)
	t.add(product)
	t.lost += math.FMA(a, b, -product)
	return product
}

// parts returns the sum as two numbers: the rounded sum and the rest.
func (t *total) parts() (high, low float64) {
	high = t.sum + t.lost
	other := high - t.sum
	return high, (t.sum - (high - other)) + (t.lost - other)
}
