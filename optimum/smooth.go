package optimum

import (
	"context"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"

	"steepest/gonumopt"
	"steepest/objective"
)

const (
	maxNewtonOrder = 500
	maxNewtonSteps = 200
	maxLBFGSSteps  = 20000
	maxPolishSteps = 10
)

// smooth minimizes a problem without a term h by one of gonum's methods, with scaled columns, and ends with Newton steps if possible.
func smooth(ctx context.Context, p objective.FiniteSum[float64]) Optimum {
	units := columnUnits(p)
	problem := inUnits(gonumopt.Problem(p), units)
	problem.Status = func() (optimize.Status, error) {
		if ctx.Err() != nil {
			return optimize.Failure, context.Cause(ctx)
		}
		return optimize.NotTerminated, nil
	}
	x := make([]float64, objective.Dim(p))
	settings := &optimize.Settings{Converger: &enough{problem: p, units: units}, MajorIterations: maxLBFGSSteps}
	var method optimize.Method = &optimize.LBFGS{GradStopThreshold: math.NaN()}
	name := "L-BFGS"
	newton := problem.Hess != nil && len(x) <= maxNewtonOrder
	if newton {
		method, name = &optimize.Newton{GradStopThreshold: math.NaN()}, "Newton"
		settings.MajorIterations = maxNewtonSteps
	}
	result, err := gonumopt.Minimize(problem, x, settings, method)
	if ctx.Err() != nil {
		return Optimum{}
	}
	o := Optimum{X: result.X, Gap: math.Inf(1), Method: name, Iterations: result.MajorIterations}
	o.Status = result.Status.String()
	if err != nil { // the line search failed, usually because of rounding: the certificate decides
		o.Status = err.Error()
	}
	if newton {
		o.Iterations += polish(problem, o.X)
	}
	o.X = divided(o.X, units)
	return o
}

// enough stops a run in scaled units when ‖∇f‖²/(2·PL) is well below the tolerance, or when f has not changed for a while.
type enough struct {
	problem objective.FiniteSum[float64]
	units   []float64
	pl      float64
	stalled optimize.FunctionConverge
}

func (c *enough) Init(dim int) {
	if a, ok := c.problem.(objective.Analytic); ok {
		c.pl = a.Constants().PL
	}
	c.stalled = optimize.FunctionConverge{Relative: 1e-16, Iterations: 20}
	c.stalled.Init(dim)
}

func (c *enough) Converged(at *optimize.Location) optimize.Status {
	square := 0.0
	for j, g := range at.Gradient {
		square += g * c.units[j] * (g * c.units[j])
	}
	if at.Gradient != nil && c.pl > 0 && square <= Tolerance/2*math.Abs(at.F)*c.pl {
		return optimize.GradientThreshold
	}
	return c.stalled.Converged(at)
}

// polish takes full Newton steps from x while they make the gradient smaller, and returns their number. The gradient still
// changes when f no longer does, so x gains twice as many digits.
func polish(p optimize.Problem, x []float64) (steps int) {
	d := len(x)
	grad, next, nextGrad, hess := make([]float64, d), make([]float64, d), make([]float64, d), mat.NewSymDense(d, nil)
	p.Grad(grad, x)
	for ; steps < maxPolishSteps; steps++ {
		p.Hess(hess, x)
		var factor mat.Cholesky
		if !factor.Factorize(hess) {
			break
		}
		if err := factor.SolveVecTo(mat.NewVecDense(d, next), mat.NewVecDense(d, grad)); err != nil {
			break
		}
		floats.SubTo(next, x, next)
		p.Grad(nextGrad, next)
		if !(floats.Norm(nextGrad, 2) < floats.Norm(grad, 2)) {
			break
		}
		copy(x, next)
		copy(grad, nextGrad)
	}
	return steps
}
