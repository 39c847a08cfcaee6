package optimum

import (
	"iter"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"

	"steepest/objective"
)

// columnUnits returns a unit for each element of x, a power of 2: about the root of the mean square of its column plus λ₂. It is 1 for a
// column of zeros, and for problems that are not linear models. In these units the diagonal of the Hessian is about 1, for any scales of
// the columns.
func columnUnits(p objective.FiniteSum[float64]) []float64 {
	units := make([]float64, objective.Dim(p))
	if lin, ok := p.(*objective.Linear[float64]); ok {
		_, l2 := lin.Penalties()
		for j, norm := range columnNorms(lin) {
			units[j] = math.Hypot(norm/math.Sqrt(float64(lin.Len())), math.Sqrt(l2))
		}
		d := len(units) / lin.Outputs()
		for c := d; c < len(units); c += d {
			copy(units[c:], units[:d])
		}
	}
	for j, u := range units {
		_, e := math.Frexp(u)
		if units[j] = math.Ldexp(1, e); u == 0 {
			units[j] = 1
		}
	}
	return units
}

// columnNorms returns the norm of each column of the data, 0 for empty columns.
func columnNorms(lin *objective.Linear[float64]) []float64 {
	norms := make([]float64, objective.Dim(lin)/lin.Outputs())
	for i := range lin.Len() {
		for j, v := range entries(lin, i) {
			norms[j] = math.Hypot(norms[j], v)
		}
	}
	return norms
}

// entries iterates over the columns and values of a row.
func entries(lin *objective.Linear[float64], i int) iter.Seq2[int, float64] {
	return func(yield func(int, float64) bool) {
		columns, values := lin.Row(i)
		for k, v := range values {
			j := k
			if columns != nil {
				j = int(columns[k])
			}
			if !yield(j, v) {
				return
			}
		}
	}
}

// inUnits returns a problem in the unknowns zⱼ = uⱼxⱼ.
func inUnits(p optimize.Problem, units []float64) optimize.Problem {
	x := func(z []float64) []float64 { return divided(z, units) }
	q := p
	q.Func = func(z []float64) float64 { return p.Func(x(z)) }
	q.Grad = func(grad, z []float64) {
		p.Grad(grad, x(z))
		for j, u := range units {
			grad[j] /= u
		}
	}
	if p.Hess != nil {
		q.Hess = func(hess *mat.SymDense, z []float64) {
			p.Hess(hess, x(z))
			for i, u := range units {
				for j, v := range units[:i+1] {
					hess.SetSym(i, j, hess.At(i, j)/u/v)
				}
			}
		}
	}
	return q
}

// divided returns v with each element divided by its unit.
func divided(v, units []float64) []float64 {
	w := make([]float64, len(v))
	for j, u := range units {
		w[j] = v[j] / u
	}
	return w
}
