package solver

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"steepest/objective"
)

// mostErrors is the largest number of weights that StandardErrors makes a Hessian for.
const mostErrors = 4096

// HasStandardErrors returns an error that explains why the minimizer of p has no standard errors, or nil if it has.
func HasStandardErrors(p *objective.Linear[float64]) error {
	l1, _ := p.Penalties()
	d := objective.Dim(p)
	switch {
	case p.ScalarLoss() != objective.LogisticLoss{} && p.ScalarLoss() != objective.SquaredLoss{}:
		return errors.New("standard errors are those of a likelihood: logistic loss for two classes, or least squares")
	case l1 > 0:
		return errors.New("weights under an ℓ1 penalty have no standard errors: many of them are 0 with a probability of their own")
	case d > mostErrors:
		return fmt.Errorf("standard errors of %d weights need a Hessian of that order, and %d is the largest", d, mostErrors)
	}
	return nil
}

// StandardErrors returns the standard errors of the minimizer x of p, one for each element of x:
//
//	√ diag (weight·∇²F(x))⁻¹
//
// The argument weight is the sum of the row weights, or the number of rows without weights; a row of weight 2 counts as two rows. For least squares
// the errors are multiplied by the estimated deviation of the residuals, √(Σwᵢ(zᵢ−yᵢ)²/(weight−d)). Without a penalty the matrix is the inverse of
// Fisher's information (McCullagh and Nelder, Generalized Linear Models, 1989, section 4.4). With λ₂ it is the covariance in Laplace's approximation
// to the posterior, for which the penalty is the prior. StandardErrors fails if HasStandardErrors does, if the rows do not determine x, or if there
// is no minimizer, since x separates the classes and there is no penalty.
func StandardErrors(p *objective.Linear[float64], x []float64, weight float64) ([]float64, error) {
	if err := HasStandardErrors(p); err != nil {
		return nil, err
	}
	if separates(p, x) {
		return nil, errors.New("the weights separate the classes perfectly, so larger weights are always more likely, and none have errors; a penalty λ₂ bounds them")
	}
	d := objective.Dim(p)
	h := mat.NewSymDense(d, nil)
	p.Hess(h, x)
	h.ScaleSym(weight, h)
	if p.ScalarLoss() == (objective.SquaredLoss{}) {
		if weight <= float64(d) {
			return nil, fmt.Errorf("%d weights leave no freedom to %v rows, by which the variance of the residuals is estimated", d, weight)
		}
		h.ScaleSym((weight-float64(d))/(weight*meanSquare(p, x)), h)
	}
	units := make([]float64, d) // with which the diagonal is 1, so that the units of columns do not matter
	for j := range units {
		units[j] = 1 / math.Sqrt(h.At(j, j))
	}
	for i := range d {
		for j := i; j < d; j++ {
			h.SetSym(i, j, float64(units[i]*h.At(i, j))*units[j])
		}
	}
	var factor mat.Cholesky
	var inverse mat.SymDense
	if !factor.Factorize(h) || factor.Cond() > 1e14 || factor.InverseTo(&inverse) != nil {
		return nil, errors.New("the rows do not determine the weights: columns depend on one another, or classes are nearly separated; a penalty λ₂ makes them determined")
	}
	deviations := make([]float64, d)
	for j := range deviations {
		deviations[j] = float64(units[j] * math.Sqrt(inverse.At(j, j)))
	}
	return deviations, nil
}

// separates reports whether p has a logistic loss without λ₂, and x scores each row on the side of its class.
func separates(p *objective.Linear[float64], x []float64) bool {
	if _, l2 := p.Penalties(); l2 > 0 || p.ScalarLoss() != (objective.LogisticLoss{}) {
		return false
	}
	rows, y := p.Data()
	weights := p.RowWeights()
	for i, z := range p.Scores(x, rows) {
		if !(z*y[i] > 0) && (weights == nil || weights[i] > 0) {
			return false
		}
	}
	return true
}

// meanSquare returns the weighted mean of the squared residuals.
func meanSquare(p *objective.Linear[float64], x []float64) (mean float64) {
	rows, y := p.Data()
	weights := p.RowWeights()
	for i, z := range p.Scores(x, rows) {
		square := (z - y[i]) * (z - y[i])
		if weights != nil {
			square *= weights[i]
		}
		mean += square / float64(len(y))
	}
	return mean
}
