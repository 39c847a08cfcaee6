package theory

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"pgregory.net/rapid"

	"steepest/objective"
)

// TestProgress checks the lecture's inequality for random errors at random points of functions with a Lipschitz gradient. On (L/2)‖x‖² it is an
// equality.
func TestProgress(t *testing.T) {
	ridge := instances(t)["ridge logistic"].problem.(*objective.Linear[float64])
	check := func(p objective.FiniteSum[float64], l float64, equal bool) func(t *rapid.T) {
		return func(t *rapid.T) {
			d := objective.Dim(p)
			vector := rapid.SliceOfN(rapid.Float64Range(-3, 3), d, d)
			x, e := vector.Draw(t, "x"), vector.Draw(t, "e")
			g := make([]float64, d)
			f := p.Grad(g, x, nil)
			bound := Progress(f, floats.Dot(g, g), floats.Dot(e, e), l)
			floats.Add(g, e)
			floats.AddScaled(x, -1/l, g)
			after := p.Loss(x, nil)
			if after > bound+1e-12*(1+math.Abs(f)) || equal && math.Abs(after-bound) > 1e-12*(1+math.Abs(f)) {
				t.Fatalf("f falls from %v to %v, and the bound is %v", f, after, bound)
			}
		}
	}
	rapid.Check(t, check(ridge, ridge.Constants().L, false))
	rapid.Check(t, check(objective.Ripple(), 8, false))
	rapid.Check(t, check(objective.NoisyQuadratic([]float64{3, 3}, []float64{0, 0}), 3, true))
}

// TestBatchVariance compares with the mean over all batches of 2 out of 5 gradients.
func TestBatchVariance(t *testing.T) {
	g := []float64{1, -2, 4, 0.5, 7}
	mean, variance := floats.Sum(g)/5, 0.0
	for _, v := range g {
		variance += (v - mean) * (v - mean) / 5
	}
	var with, without, pairs float64
	for i, a := range g {
		for j, b := range g {
			e := (a+b)/2 - mean
			with += e * e / 25
			if i != j {
				without += e * e
				pairs++
			}
		}
	}
	if got := BatchVariance(variance, 2, 5, true); math.Abs(got-with) > 1e-14 {
		t.Errorf("with replacement %v, want %v", got, with)
	}
	if got := BatchVariance(variance, 2, 5, false); math.Abs(got-without/pairs) > 1e-14 {
		t.Errorf("without replacement %v, want %v", got, without/pairs)
	}
	if got := BatchVariance(variance, 5, 5, false); got != 0 {
		t.Errorf("all of them: %v", got)
	}
}
