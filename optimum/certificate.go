package optimum

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"steepest/objective"
)

// bounds are upper bounds on F(X) − F*. dual and curvature hold for real numbers: they include the rounding of the gradient. float was
// computed in float64 and does not.
type bounds struct{ dual, curvature, float float64 }

// bound returns the smallest known bounds. Those in float64 include o.Gap. change bounds the rounding errors of the gradient, or is infinite:
// a gradient that is smaller than its rounding errors certifies nothing.
func bound(p objective.FiniteSum[float64], o Optimum, change []float64) bounds {
	b := bounds{math.Inf(1), math.Inf(1), o.Gap}
	lin, ok := p.(*objective.Linear[float64])
	if ok { // 0 is a dual point of any linear model: no loss is negative
		b.dual = o.Value - lin.Dual(make([]float64, lin.Len()*lin.Outputs()))
	}
	_, h := composite(p)
	if c, dual := p.(objective.Certified); dual && (h || !ok || lin.Intercept() || math.IsInf(change[0], 1)) {
		b.float = min(b.float, c.Gap(o.X))
	}
	if h {
		return b
	}
	grad := make([]float64, len(o.X))
	p.Grad(grad, o.X, nil)
	if !ok {
		if a, ok := p.(objective.Analytic); ok && a.Constants().PL > 0 {
			b.float = min(b.float, floats.Dot(grad, grad)/(2*a.Constants().PL))
		}
		return b
	}
	for j, g := range grad {
		grad[j] = math.Abs(g) + change[j]
	}
	square, limit := floats.Dot(grad, grad), precision(p, o.Value)
	if _, l2 := lin.Penalties(); l2 > 0 && !lin.Intercept() { // the gap at the slopes of x, which are a dual point
		b.dual = min(b.dual, square/(2*l2))
	}
	if b.dual+o.rounding <= limit {
		return b
	}
	if pl := lin.Constants().PL; pl > 0 {
		b.curvature = square / (2 * pl)
	}
	if b.curvature+o.rounding > limit && len(o.X) <= maxNewtonOrder {
		b.curvature = min(b.curvature, scaledBound(lin, o.X, grad))
	}
	return b
}

// scaledBound certifies least squares and logistic models by the Hessian H at x, with columns scaled to one size, so that its least
// eigenvalue μ is far from 0 for any units of the columns. For other models it returns +Inf: without a penalty, the weights of several
// classes are determined only up to a shift. μ is rounded down, like objective's constants. grad bounds the magnitudes of ∇f. Let
// ν² = ∇fᵀH⁻¹∇f ≤ ‖∇f‖²/μ. For least squares, f ≥ f(x) − ν²/2. For logistic models, along any v, f decreases no faster than
//
//	f(x+v) ≥ f(x) + ⟨∇f, v⟩ + ‖v‖²_H (e^{−s} + s − 1)/s²,   s = R‖v‖
//
// (Bach, Self-concordant analysis for logistic regression, 2010, Proposition 1), with R = max‖aᵢ‖. For s ≤ 1 the last factor is at
// least 1/e. If ν ≤ √μ/(eR), then f ≥ f(x) on the sphere s = 1. So the minimizer is inside, and there f ≥ f(x) − (e/4)ν².
func scaledBound(p *objective.Linear[float64], x, grad []float64) float64 {
	squared := p.ScalarLoss() == (objective.SquaredLoss{})
	if !squared && p.ScalarLoss() != (objective.LogisticLoss{}) {
		return math.Inf(1)
	}
	hess := mat.NewSymDense(len(x), nil)
	p.Hess(hess, x)
	units, kept := make([]float64, len(x)), 0
	for j := range x {
		switch h := hess.At(j, j); {
		case h >= 0x1p-960:
			units[j] = math.Sqrt(h)
			kept++
		case h > 0 || grad[j] > 0: // squares may have underflowed
			return math.Inf(1)
		}
	}
	var eigen mat.EigenSym
	if kept == 0 || !eigen.Factorize(inHessianUnits(hess, units, kept), false) {
		return math.Inf(1)
	}
	square := 0.0
	for j, u := range units {
		if u > 0 {
			square += grad[j] / u * (grad[j] / u)
		}
	}
	rounding := float64(max(p.Len(), len(x))+10*len(x)+16) * 0x1p-53
	if !squared {
		score := p.Rounding(make([]float64, len(x)), x)
		rounding += math.Expm1(score) // the relative change of ℓ″, since |ℓ‴| ≤ ℓ″
	}
	least := eigen.Values(nil)[0] - rounding*float64(kept)
	decrement := square / least // ν²
	switch {
	case !(least > 0):
		return math.Inf(1)
	case squared:
		return decrement / 2
	case !(math.Sqrt(decrement)*math.E*longestRow(p, units) <= math.Sqrt(least)):
		return math.Inf(1)
	}
	return math.E / 4 * decrement
}

// inHessianUnits returns the Hessian without the columns whose unit is 0, with each of the kept ones divided by its unit.
func inHessianUnits(hess *mat.SymDense, units []float64, kept int) *mat.SymDense {
	scaled, row := mat.NewSymDense(kept, nil), 0
	for i, u := range units {
		if u == 0 {
			continue
		}
		col := 0
		for j, v := range units[:i+1] {
			if v != 0 {
				scaled.SetSym(row, col, hess.At(i, j)/u/v)
				col++
			}
		}
		row++
	}
	return scaled
}

// longestRow returns max ‖aᵢ‖ in the units, without the columns whose unit is 0.
func longestRow(p *objective.Linear[float64], units []float64) (longest float64) {
	for i := range p.Len() {
		norm := 0.0
		for j, v := range entries(p, i) {
			if u := units[j]; u > 0 {
				norm = math.Hypot(norm, v/u)
			}
		}
		longest = max(longest, norm)
	}
	return longest
}
