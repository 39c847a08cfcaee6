package objective

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"steepest/data"
)

// TestConstantsBoundGradients checks Mu‖x−y‖ ≤ ‖∇f(x) − ∇f(y)‖ ≤ L‖x−y‖ for f, and the upper bound with LMax for one
// term, on random pairs.
func TestConstantsBoundGradients(t *testing.T) {
	p := randomProblem(30, 40, 6, 0.7)
	forModels(t, p, []Option{L2(0.2)}, func(t *testing.T, lin *Linear[float64]) {
		c := lin.Constants()
		if math.IsInf(c.L, 1) {
			if lin.ScalarLoss() != (HingeLoss{}) {
				t.Fatalf("L = %v", c.L)
			}
			return
		}
		rapid.Check(t, func(t *rapid.T) {
			vector := rapid.SliceOfN(rapid.Float64Range(-3, 3), lin.dim(), lin.dim())
			x, y := vector.Draw(t, "x"), vector.Draw(t, "y")
			i := uint32(rapid.IntRange(0, 39).Draw(t, "i"))
			distance := norm(difference(x, y))
			change := norm(gradientChange(lin, x, y, nil))
			if change > c.L*distance*(1+1e-12) || change < c.Mu*distance*(1-1e-12)-1e-13 {
				t.Fatalf("‖∇f(x) − ∇f(y)‖ = %v at a distance %v: L = %v, Mu = %v", change, distance, c.L, c.Mu)
			}
			if change := norm(gradientChange(lin, x, y, []uint32{i})); change > c.LMax*distance*(1+1e-12) {
				t.Fatalf("term %d: change %v at a distance %v, LMax = %v", i, change, distance, c.LMax)
			}
		})
	})
}

// TestConstantsAreTight finds the directions in which the bounds are equalities.
func TestConstantsAreTight(t *testing.T) {
	p := randomProblem(31, 60, 8, 1)
	for _, m := range []data.Matrix{p.dense, p.sparse} {
		lin := must(t)(LeastSquares(m, p.reals, L2(0.25)))
		c := lin.Constants()
		hess := mat.NewSymDense(8, nil)
		lin.Hess(hess, make([]float64, 8))
		var eigen mat.EigenSym
		eigen.Factorize(hess, false)
		values := eigen.Values(nil)
		if !near(c.L, values[7], 1e-11) || !near(c.Mu, values[0], 1e-11) || c.PL != c.Mu || !c.Convex {
			t.Errorf("%T: L = %v, Mu = %v; the Hessian's eigenvalues are %v", m, c.L, c.Mu, values)
		}
		largest := 0.0
		for i := range 60 {
			largest = max(largest, dot(p.dense.Row(i), p.dense.Row(i)))
		}
		if !near(c.LMax, largest+0.25, 1e-14) {
			t.Errorf("%T: LMax = %v, want %v", m, c.LMax, largest+0.25)
		}
		logistic := must(t)(Logistic(m, p.signs, L2(0.25))).Constants()
		if !near(logistic.L, (c.L-0.25)/4+0.25, 1e-12) || logistic.Mu != 0.25 {
			t.Errorf("%T: logistic constants %+v, least squares %+v", m, logistic, c)
		}
	}
}

// TestPLOfFlatLeastSquares has more unknowns than rows. The problem is not strongly convex, but the Polyak–Łojasiewicz inequality holds with the
// smallest positive eigenvalue.
func TestPLOfFlatLeastSquares(t *testing.T) {
	p := randomProblem(32, 5, 12, 1)
	lin := must(t)(LeastSquares(p.sparse, p.reals))
	c := lin.Constants()
	if c.Mu != 0 || !(c.PL > 0) {
		t.Fatalf("Mu = %v, PL = %v", c.Mu, c.PL)
	}
	var svd mat.SVD
	svd.Factorize(mat.NewDense(5, 12, p.dense.Data), mat.SVDNone)
	s := svd.Values(nil)
	if !near(c.PL, s[4]*s[4]/5, 1e-10) || !near(c.L, s[0]*s[0]/5, 1e-11) {
		t.Errorf("PL = %v, L = %v; the singular values are %v", c.PL, c.L, s)
	}
	grad := make([]float64, 12)
	for seed := range uint64(50) { // f* = 0
		x := randomVector(seed, 12, 2)
		if f := lin.Grad(grad, x, nil); dot(grad, grad)/2 < c.PL*f*(1-1e-12) {
			t.Errorf("½‖∇f‖² = %v < PL·f = %v", dot(grad, grad)/2, c.PL*f)
		}
	}
}

// TestLanczosBoundsTheLargestEigenvalue compares with the Gram matrix, below its limit.
func TestLanczosBoundsTheLargestEigenvalue(t *testing.T) {
	for _, shape := range [][2]int{{300, 40}, {20, 300}, {50, 1}, {3, 2}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			p := randomProblem(33, shape[0], shape[1], 0.5)
			lin := must(t)(LeastSquares(p.sparse, p.reals))
			exact := spectrumOf(&lin.rows).max
			if got := lanczos(&lin.rows); got < exact || got > exact*(1+3e-6) {
				t.Errorf("Lanczos gives %v, the Gram matrix %v", got, exact)
			}
		})
	}
}

func TestConstantsOfManyColumns(t *testing.T) {
	p := randomProblem(34, 700, 600, 0.02)
	lin := must(t)(LeastSquares(p.sparse, p.reals, L2(0.1)))
	var svd mat.SVD
	svd.Factorize(mat.NewDense(700, 600, p.dense.Data), mat.SVDNone)
	want := svd.Values(nil)[0]*svd.Values(nil)[0]/700 + 0.1
	if c := lin.Constants(); c.L < want || c.L > want*(1+3e-6) || c.Mu != 0.1 || c.PL != 0.1 {
		t.Errorf("constants %+v, want L = %v", c, want)
	}
}

// TestNoiseOfModels checks the suprema of SecondMoment and Variance on random points, far away as well.
func TestNoiseOfModels(t *testing.T) {
	p := randomProblem(35, 40, 6, 0.7)
	for _, options := range [][]Option{nil, {L2(0.2)}} {
		forModels(t, p, options, func(t *testing.T, lin *Linear[float64]) {
			c, grad := lin.Constants(), make([]float64, lin.dim())
			var moment, variance float64
			for seed := range uint64(100) {
				x := randomVector(seed, lin.dim(), math.Exp(float64(seed%9)))
				m := lin.SecondMoment(x)
				lin.Grad(grad, x, nil)
				moment, variance = max(moment, m), max(variance, m-dot(grad, grad))
			}
			if moment > c.SecondMoment*(1+1e-12) || variance > c.Variance*(1+1e-12)+1e-10*moment {
				t.Errorf("second moment %v and variance %v, constants %+v", moment, variance, c)
			}
			bounded := lin.ScalarLoss() != (SquaredLoss{}) && lin.ScalarLoss() != (SquaredHingeLoss{}) && lin.Targets() == nil
			if bounded == math.IsInf(c.Variance, 1) || (bounded && options == nil) == math.IsInf(c.SecondMoment, 1) {
				t.Errorf("constants %+v", c)
			}
		})
	}
}

func difference(x, y []float64) []float64 {
	d := append([]float64(nil), x...)
	axpy(d, -1, y)
	return d
}

func norm(v []float64) float64 { return math.Sqrt(dot(v, v)) }

func gradientChange(p FiniteSum[float64], x, y []float64, batch []uint32) []float64 {
	g, h := make([]float64, len(x)), make([]float64, len(x))
	p.Grad(g, x, batch)
	p.Grad(h, y, batch)
	return difference(g, h)
}
