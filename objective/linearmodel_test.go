package objective

import (
	"testing"

	"gonum.org/v1/gonum/mat"
)

// TestSlopesMakeGradients: λ₂x + (1/b) Σ Aᵢᵀ∇ℓᵢ is the gradient over a batch, repetitions included, and over all terms.
func TestSlopesMakeGradients(t *testing.T) {
	p := randomProblem(40, 60, 7, 0.6)
	forModels(t, p, []Option{L2(0.05), L1(0.1)}, func(t *testing.T, lin *Linear[float64]) {
		x := randomVector(41, lin.dim(), 1)
		_, l2 := lin.Penalties()
		for _, batch := range [][]uint32{{3}, {5, 9, 5, 5}, randomBatch(42, 60, 32), nil} {
			b := checkBatch(batch, 60)
			slopes := make([]float64, b*lin.Outputs())
			lin.Slopes(slopes, x, batch)
			scale(slopes, 1/float64(b))
			got, want := make([]float64, len(x)), make([]float64, len(x))
			axpy(got, l2, x)
			lin.AddSlopes(got, slopes, batch)
			lin.Grad(want, x, batch)
			if d := norm(difference(got, want)); d > 1e-14*norm(want) {
				t.Errorf("batch %v: off by %v", batch, d)
			}
		}
	})
}

// TestModelSlopes: the model's gradient is ∇f(c) + ∇²f(c)(x − c), and that of f where x = c.
func TestModelSlopes(t *testing.T) {
	p := randomProblem(43, 50, 5, 0.8)
	forModels(t, p, nil, func(t *testing.T, lin *Linear[float64]) {
		d := lin.dim()
		x, c := randomVector(44, d, 1), randomVector(45, d, 1)
		want, hess := make([]float64, d), mat.NewSymDense(d, nil)
		lin.Grad(want, c, nil)
		lin.Hess(hess, c)
		var product mat.VecDense
		product.MulVec(hess, mat.NewVecDense(d, difference(x, c)))
		axpy(want, 1, product.RawVector().Data)
		slopes, got := make([]float64, 50*lin.Outputs()), make([]float64, d)
		lin.ModelSlopes(slopes, x, c, nil)
		scale(slopes, 1./50)
		lin.AddSlopes(got, slopes, nil)
		if off := norm(difference(got, want)); off > 1e-14*norm(want) {
			t.Errorf("the model's gradient is off by %v", off)
		}
		same := make([]float64, len(slopes))
		lin.ModelSlopes(slopes, c, c, nil)
		lin.Slopes(same, c, nil)
		if off := norm(difference(slopes, same)); off > 1e-15*norm(same) {
			t.Errorf("the slopes at the center are off by %v", off)
		}
	})
}

// TestLMax: LMax comes from the largest row of the data, and agrees with Constants.
func TestLMax(t *testing.T) {
	p := randomProblem(46, 30, 4, 0.5)
	forModels(t, p, []Option{L2(0.25)}, func(t *testing.T, lin *Linear[float64]) {
		want := 0.0
		for i := range 30 {
			want = max(want, norm(p.dense.Row(i)))
		}
		if got := lin.SquaredRadius(); !near(got, want*want, 1e-14) || lin.LMax() != lin.Constants().LMax {
			t.Errorf("R² = %v, want %v; LMax = %v, constants %+v", got, want*want, lin.LMax(), lin.Constants())
		}
	})
}
