package gonumopt

import (
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"

	"steepest/objective"
)

// Problem returns p as a gonum problem: one function of all n terms. Func is objective.Value. Grad is the gradient over the
// nil batch, plus a subgradient of the term h if p has one. Hess is set if p has a method
// Hess(dst *mat.SymDense, x []float64), as objective.Linear has. Func and Grad at the same x pass over the data twice. Gonum
// calls them in its own goroutines; Minimize of this package passes their panics to the caller.
func Problem(p objective.FiniteSum[float64]) optimize.Problem {
	problem := optimize.Problem{
		Func: func(x []float64) float64 { return objective.Value(p, x) },
		Grad: func(grad, x []float64) { p.Grad(grad, x, nil) },
	}
	if c, ok := p.(objective.Composite[float64]); ok {
		problem.Grad = func(grad, x []float64) {
			c.Grad(grad, x, nil)
			c.AddSubgradient(grad, x)
		}
	}
	if h, ok := p.(interface {
		Hess(dst *mat.SymDense, x []float64)
	}); ok {
		problem.Hess = h.Hess
	}
	return problem
}
