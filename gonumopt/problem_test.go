package gonumopt

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
	"gonum.org/v1/gonum/optimize/functions"

	"steepest/data"
	"steepest/objective"
)

func TestProblemHasHessianOnlyWhereThereIsOne(t *testing.T) {
	if Problem(objective.Rosenbrock()).Hess != nil {
		t.Error("a Hessian for a function without one")
	}
	x := &data.Dense{Rows: 3, Cols: 2, Data: []float64{1, 0, 0, 1, 1, 1}}
	p, err := objective.LeastSquares(x, []float64{1, 2, 3}, objective.L2(0.5))
	if err != nil {
		t.Fatal(err)
	}
	hess := mat.NewSymDense(2, nil)
	Problem(p).Hess(hess, []float64{0, 0})
	want := mat.NewSymDense(2, []float64{2./3 + 0.5, 1. / 3, 1. / 3, 2./3 + 0.5})
	if !mat.EqualApprox(hess, want, 1e-15) {
		t.Errorf("Hessian %v, want AᵀA/3 + I/2", hess)
	}
}

// TestProblemAgreesWithGonum compares with gonum's own statement of the same functions.
func TestProblemAgreesWithGonum(t *testing.T) {
	for _, c := range []struct {
		ours *objective.Function
		want interface {
			Func(x []float64) float64
			Grad(grad, x []float64)
		}
	}{
		{objective.Rosenbrock(), functions.ExtendedRosenbrock{}},
		{objective.Beale(), functions.Beale{}},
	} {
		p := Problem(c.ours)
		got, want := make([]float64, 2), make([]float64, 2)
		for _, x := range [][]float64{{0, 0}, {1.5, -2}, {-0.3, 0.7}} {
			p.Grad(got, x)
			c.want.Grad(want, x)
			f, tol := c.want.Func(x), 1e-12*floats.Norm(want, 2)
			if math.Abs(p.Func(x)-f) > 1e-13*f || !floats.EqualApprox(got, want, tol) {
				t.Errorf("%s at %v: %v, %v; gonum has %v, %v", c.ours.Name, x, p.Func(x), got, f, want)
			}
		}
	}
}

func TestProblemAddsTheTermH(t *testing.T) {
	p, err := objective.LeastSquares(&data.Dense{Rows: 1, Cols: 1, Data: []float64{1}}, []float64{0}, objective.L1(2))
	if err != nil {
		t.Fatal(err)
	}
	grad := make([]float64, 1)
	q := Problem(p)
	q.Grad(grad, []float64{-3})
	if f := q.Func([]float64{-3}); f != 4.5+6 || grad[0] != -3-2 {
		t.Errorf("at −3: ½x² + 2|x| = %v with slope %v, want 10.5 and −5", f, grad[0])
	}
}

func TestMinimizeWithGonum(t *testing.T) {
	f := objective.Rosenbrock()
	result, err := optimize.Minimize(Problem(f), f.Start, nil, &optimize.BFGS{})
	if err != nil || !floats.EqualApprox(result.X, f.Minimizers[0], 1e-6) {
		t.Errorf("BFGS stops at %v with error %v", result.X, err)
	}
}
