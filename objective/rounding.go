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
	const u = roundoff
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
	const u = roundoff
	p := m.exact
	checkLen("x", x, p.dim())
	outputs := p.loss.outputs()
	e := &enclosure{Linear: p, x: x, z: make([]float64, outputs), low: make([]float64, outputs), moved: make([]float64, outputs)}
	e.least, e.curvature = p.loss.curvature()
	for i := range p.n {
		e.enclose(i)
	}
	var squares, magnitudes total
	origin := true
	for j, w := range x {
		origin = origin && w == 0
		if p.penalty.takes(j) {
			squares.addProduct(w, w)
			magnitudes.add(math.Abs(w))
		}
	}
	n := float64(p.n)
	value = e.losses.value()/n + float64(p.penalty.l2/2*squares.value())
	if p.penalty.l1 > 0 {
		value += float64(p.penalty.l1 * magnitudes.value())
	}
	if !origin {
		e.left += n * tiny
	}
	if rounding = 1.01 * (e.left/n + 16*u*value); rounding-rounding != 0 {
		return Value(p, x), math.Inf(1)
	}
	return value, rounding
}

const (
	roundoff = 0x1p-53   // the unit roundoff u of float64
	tiny     = 0x1p-1060 // bounds what a row can lose to underflow
)

// enclosure sums the losses of rows for Enclosed, and bounds their rounding errors.
type enclosure struct {
	*Linear[float64]
	x                []float64
	least, curvature float64   // bounds of ℓ″
	z, low, moved    []float64 // the scores h of a row, their low parts l, and scores near h
	losses           total
	left             float64 // rounding errors of the losses
}

// enclose adds the loss of row i.
func (e *enclosure) enclose(i int) {
	const u = roundoff
	off, apart := e.score(i)
	s := e.weight(i)
	e.losses.add(s * e.least / 2 * apart * apart)
	jump := s * ((e.curvature-e.least)/2*apart*apart + e.curvature*off*(apart+off/2))
	if math.IsInf(e.curvature, 1) {
		jump = e.slopeChange(e.moved, e.z, 2*(apart+off), i) * (apart + off)
	}
	spread := 0.0
	if _, ok := e.loss.(softmax); ok {
		spread = slices.Max(e.z) - slices.Min(e.z)
	}
	loss := e.eval(e.z, i) // z now holds the slopes
	e.losses.add(loss)
	own := (8 + 2*float64(len(e.z)) + spread) * u
	for c, slope := range e.z {
		e.losses.addProduct(slope, e.low[c])
		jump += math.Abs(slope) * (off + own*math.Abs(e.low[c]))
	}
	if e.left += own*math.Abs(loss) + jump; slices.Max(e.z) > 0 || slices.Min(e.z) < 0 {
		e.left += tiny
	}
}

// score computes the scores of row i in two parts. It returns ε and |l| over all scores.
func (e *enclosure) score(i int) (off, apart float64) {
	const u = roundoff
	columns, values := e.Row(i)
	terms := float64(4*len(values) + 8)
	for c := range e.z {
		var score total
		size := 0.0
		for k, v := range values {
			w := e.x[c*e.d+column(columns, k)]
			if score.addProduct(v, w); v != 0 && w != 0 {
				size += math.Abs(v*w) + tiny/(u*u)
			}
		}
		e.z[c], e.low[c] = score.parts()
		off += terms * u * (terms * u * size)
		apart = math.Hypot(apart, e.low[c])
	}
	return off, apart
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
