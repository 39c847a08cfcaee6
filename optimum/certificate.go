package optimum

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"steepest/objective"
)

// bound returns the smallest upper bound on F(X) − F* that is known, o.Gap among them. The gradient of a linear model counts with the
// bound on its own rounding, so that the inequality of Polyak and Łojasiewicz certifies in real arithmetic and not only in float64.
func bound(p objective.FiniteSum[float64], o Optimum) float64 {
	least := o.Gap
	if c, ok := p.(objective.Certified); ok {
		least = min(least, c.Gap(o.X))
	}
	lin, ok := p.(*objective.Linear[float64])
	if ok { // 0 is a dual point of any linear model: it says that no loss is negative
		x, _ := lin.Data()
		_, d := x.Dims()
		zero := make([]float64, lin.Len()*len(o.X)/d)
		least = min(least, o.Value-lin.Dual(zero))
	}
	if _, h := composite(p); h {
		return least
	}
	grad := make([]float64, len(o.X))
	p.Grad(grad, o.X, nil)
	length := floats.Norm(grad, 2)
	if ok {
		length += lin.GradRounding(o.X)
	}
	if a, ok := p.(objective.Analytic); ok && a.Constants().PL > 0 {
		least = min(least, length*length/(2*a.Constants().PL))
	}
	if ok && logistic(lin) && least > precision(p, o.Value) && len(o.X) <= maxNewtonOrder {
		least = min(least, selfConcordantBound(lin, o.X, grad))
	}
	return least
}

// selfConcordantBound certifies logistic and softmax models without a penalty. Along any v, f decreases no faster than
//
//	f(x+v) ≥ f(x) + ⟨∇f, v⟩ + ‖v‖²_H (e^{−s} + s − 1)/s²,   s = R‖v‖
//
// (Bach, Self-concordant analysis for logistic regression, 2010, Proposition 1), with R = max‖aᵢ‖ for two classes and √2
// of that for more. For s ≤ 1 the last factor is at least 1/e. Let ν² = ∇fᵀH⁻¹∇f. If ν ≤ √λmin(H)/(eR), then f ≥ f(x) on
// the sphere s = 1, so that the minimizer lies inside, and there f ≥ f(x) − (e/4)ν².
func selfConcordantBound(p *objective.Linear[float64], x, grad []float64) float64 {
	hess := mat.NewSymDense(len(x), nil)
	p.Hess(hess, x)
	var eigen mat.EigenSym
	if !eigen.Factorize(hess, true) {
		return math.Inf(1)
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	var rotated mat.VecDense
	rotated.MulVec(vectors.T(), mat.NewVecDense(len(x), grad))
	decrement := 0.0 // ν²
	for j, lambda := range eigen.Values(nil) {
		decrement += rotated.AtVec(j) * rotated.AtVec(j) / lambda
	}
	_, l2 := p.Penalties()
	radius := 2 * math.Sqrt(p.Constants().LMax-l2) // LMax − λ₂ is R²/4 in both cases
	if smallest := eigen.Values(nil)[0]; !(math.Sqrt(decrement)*math.E*radius <= math.Sqrt(smallest)) {
		return math.Inf(1)
	}
	return math.E / 4 * decrement
}
