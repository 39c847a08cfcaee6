package optimum

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"steepest/objective"
)

const (
	maxStacked     = 2e6 // the largest number of elements of rows that are factorized
	maxRefinements = 3
)

// refine computes a second point from an optimum, by another route. A certificate by duality, which uses no constant of f, does not need it.
// A certificate by curvature is withdrawn if the value of the second point contradicts it. Without a certificate, the second point may be
// better.
func refine(ctx context.Context, p objective.FiniteSum[float64], o Optimum) Optimum {
	for range maxRefinements {
		if o.Certified && o.Proof == Duality || ctx.Err() != nil {
			break
		}
		x := secondRoute(p, o.X)
		if x == nil {
			break
		}
		next := finish(ctx, p, Optimum{X: x, Gap: math.Inf(1), Method: o.Method, Iterations: o.Iterations + 1, Status: o.Status})
		if o.Certified {
			if o.Checked = true; next.Value+next.rounding < o.Value-o.Gap {
				o.Certified, o.Checked, o.Gap, o.Proof = false, false, math.Inf(1), Unproved
				o.Status = "a second route, by an orthogonal factorization, finds a smaller value than the certificate allows"
			}
			break
		}
		if !(next.Value < o.Value) {
			break
		}
		o = next
	}
	return o
}

// secondRoute returns the point after a Newton step from x, computed by an orthogonal factorization of the rows in scaled columns. With
// weights wᵢ = ℓ″ᵢ, the step v is the least squares solution of √(wᵢ/n)·aᵢᵀv = −ℓ′ᵢ/√(nwᵢ) and √λ₂·v = −√λ₂·x (without the intercept).
// This avoids products of columns, which square the condition number. It returns nil if the problem is not a model of one score, or if the
// system is too large or singular.
func secondRoute(p objective.FiniteSum[float64], x []float64) []float64 {
	lin, ok := p.(*objective.Linear[float64])
	if !ok || lin.ScalarLoss() == nil || len(x) > maxNewtonOrder || float64(lin.Len()+len(x))*float64(len(x)) > maxStacked {
		return nil
	}
	_, l2 := lin.Penalties()
	units := columnUnits(lin)
	var kept []int // the nonempty columns
	for j, norm := range columnNorms(lin) {
		if norm+l2 > 0 {
			kept = append(kept, j)
		}
	}
	rows := lin.Len()
	if l2 > 0 {
		rows += len(kept)
	}
	if rows < len(kept) || len(kept) == 0 {
		return nil
	}
	a, b := mat.NewDense(rows, len(kept), nil), mat.NewVecDense(rows, nil)
	stackRows(a, b, lin, x, units, kept)
	if l2 > 0 {
		stackRidge(a, b, lin, x, units, kept)
	}
	var qr mat.QR
	var step mat.VecDense
	qr.Factorize(a)
	if qr.SolveVecTo(&step, false, b) != nil {
		return nil
	}
	next := slices.Clone(x)
	for k, j := range kept {
		next[j] += step.AtVec(k) / units[j]
	}
	return next
}

// stackRows stores the equations of the rows of data in the kept columns, divided by their units. Rows without curvature have none.
func stackRows(a *mat.Dense, b *mat.VecDense, lin *objective.Linear[float64], x, units []float64, kept []int) {
	_, y := lin.Data()
	shares, n := lin.RowWeights(), float64(lin.Len())
	row := make([]float64, len(x))
	for i := range lin.Len() {
		score := lin.RowDot(i, x)
		_, slope := lin.ScalarLoss().Eval(score, y[i])
		weight := lin.ScalarLoss().Second(score, y[i])
		if shares != nil {
			slope, weight = shares[i]*slope, shares[i]*weight
		}
		if weight == 0 {
			continue
		}
		clear(row)
		lin.RowAxpy(row, math.Sqrt(weight/n), i)
		for k, j := range kept {
			a.Set(i, k, row[j]/units[j])
		}
		b.SetVec(i, -slope/math.Sqrt(weight*n))
	}
}

// stackRidge stores the equations of the ℓ2 penalty below those of the rows.
func stackRidge(a *mat.Dense, b *mat.VecDense, lin *objective.Linear[float64], x, units []float64, kept []int) {
	_, l2 := lin.Penalties()
	for k, j := range kept {
		if lin.Intercept() && j == len(x)-1 {
			continue
		}
		a.Set(lin.Len()+k, k, math.Sqrt(l2)/units[j])
		b.SetVec(lin.Len()+k, -math.Sqrt(l2)*x[j])
	}
}
