package theory

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"steepest/objective"
	"steepest/param"
	"steepest/train"
)

// Problem holds the constants of a problem and of the start of its runs that theorems use. Unknown numbers are NaN.
type Problem struct {
	objective.Constants
	// N is the number of terms, and Dim the number of unknowns.
	N, Dim int
	// Params is the layout of x.
	Params []param.Param
	// Excess is f(x₀) − f*, and Distance is R = ‖x₀ − x*‖.
	Excess, Distance float64
	// MuMin is the strong convexity constant of every fᵢ; 0 if none is known.
	MuMin float64
	// Noise is σ*² = (1/n) Σ ‖∇fᵢ(x*)‖².
	Noise float64
	// Quadratic holds further facts if f is a quadratic; nil otherwise.
	Quadratic *Quadratic
	// Regression holds further facts if f is least squares; nil otherwise.
	Regression *Regression
}

// Regression holds the constants of least squares in the theorem of Bach and Moulines (2013): the smallest known R² with
// E‖a‖²aaᵀ ≼ R²H, and σ² with E r²aaᵀ ≼ σ²H, where H = E aaᵀ and r is the residual at the minimizer.
type Regression struct{ R2, Sigma2 float64 }

// New returns the Problem for runs of p from x0. best is the known solution, or nil. The constants are those of an
// objective.Analytic.
func New(p objective.FiniteSum[float64], x0 []float64, best *train.Optimum) Problem {
	if p == nil {
		panic("theory: the problem is nil")
	}
	f := Problem{
		N: p.Len(), Dim: objective.Dim(p), Params: p.Params(), Excess: math.NaN(), Distance: math.NaN(), Noise: math.NaN(),
		Constants: objective.Constants{
			L: math.NaN(), LMax: math.NaN(), Mu: math.NaN(), PL: math.NaN(), SecondMoment: math.NaN(), Variance: math.NaN(),
		},
	}
	if a, ok := p.(objective.Analytic); ok {
		f.Constants = a.Constants()
	}
	switch p := p.(type) {
	case *objective.Function:
		if p.Spectrum != nil {
			f.MuMin = f.Mu
		}
	case *objective.Linear[float64]:
		if !p.Intercept() {
			_, f.MuMin = p.Penalties()
		}
	}
	if best == nil {
		return f
	}
	f.Excess = objective.Value(p, x0) - best.F
	if best.X == nil {
		return f
	}
	f.Distance = floats.Distance(x0, best.X, 2)
	f.Noise = objective.SecondMoment(p, best.X)
	switch p := p.(type) {
	case *objective.Function:
		f.Quadratic = diagonal(p, x0)
	case *objective.Linear[float64]:
		if p.ScalarLoss() == (objective.SquaredLoss{}) && !f.Composite {
			f.Quadratic, f.Regression = leastSquares(p, x0, best.X)
		}
	}
	return f
}

// diagonal returns the facts of a test function that is a quadratic along the axes, or nil for another function. Its noise is
// known if the noise is the same everywhere as at the minimizer.
func diagonal(p *objective.Function, x0 []float64) *Quadratic {
	if p.Spectrum == nil {
		return nil
	}
	q := &Quadratic{H: p.Spectrum, X0: x0}
	zero, grad, noise := make([]float64, p.D), make([]float64, p.D), make([]float64, p.D)
	for i := range p.Len() {
		p.Grad(grad, zero, []uint32{uint32(i)})
		for j, g := range grad {
			noise[j] += g * g / float64(p.Len())
		}
	}
	if math.Abs(floats.Sum(noise)-p.Known.Variance) <= 1e-12*p.Known.Variance {
		q.Noise = noise
	}
	return q
}

// maxOrder is the largest number of unknowns for which the eigenvectors of least squares are computed.
const maxOrder = 200

// leastSquares returns the facts of least squares with the minimizer best. Its noise is not additive, so Quadratic has no noise.
func leastSquares(p *objective.Linear[float64], x0, best []float64) (*Quadratic, *Regression) {
	_, l2 := p.Penalties()
	_, y := p.Data()
	residual := make([]float64, p.Len())
	r := &Regression{R2: p.Constants().LMax}
	for i := range residual {
		residual[i] = p.RowDot(i, best) - y[i]
		r.Sigma2 = max(r.Sigma2, residual[i]*residual[i])
	}
	if l2 > 0 || p.RowWeights() != nil {
		r = nil
	}
	d := len(best)
	if d > maxOrder {
		return nil, r
	}
	h := mat.NewSymDense(d, nil)
	p.Hess(h, best)
	var eigen mat.EigenSym
	if !eigen.Factorize(h, true) {
		panic("theory: the eigenvalues of the Hessian did not converge")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	var start mat.VecDense
	from := mat.NewVecDense(d, nil)
	from.SubVec(mat.NewVecDense(d, x0), mat.NewVecDense(d, best))
	start.MulVec(vectors.T(), from)
	q := &Quadratic{H: eigen.Values(nil), X0: start.RawVector().Data}
	if r != nil {
		r.Sigma2 = min(r.Sigma2, whitened(p, q.H, &vectors, residual))
	}
	return q, r
}

// whitened returns the largest eigenvalue of H^−½ (E r²aaᵀ) H^−½ on the range of H: the smallest σ² with E r²aaᵀ ≼ σ²H. It is
// rounded up by the eigenvalues' own error.
func whitened(p *objective.Linear[float64], h []float64, vectors *mat.Dense, residual []float64) float64 {
	d := len(h)
	sum := mat.NewSymDense(d, nil)
	row, turned := mat.NewVecDense(d, nil), mat.NewVecDense(d, nil)
	for i, r := range residual {
		row.Zero()
		p.RowAxpy(row.RawVector().Data, r, i)
		turned.MulVec(vectors.T(), row)
		for j, e := range h {
			scale := 0.0
			if e > 1e-12*h[d-1] {
				scale = 1 / math.Sqrt(e)
			}
			turned.SetVec(j, scale*turned.AtVec(j))
		}
		sum.SymRankOne(sum, 1/float64(len(residual)), turned)
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(sum, false) {
		panic("theory: the eigenvalues of the noise did not converge")
	}
	return eigen.Values(nil)[d-1] * (1 + 1e-9)
}
