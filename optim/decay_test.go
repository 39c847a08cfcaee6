package optim_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"steepest/optim"
	"steepest/optim/matrix"
	"steepest/optim/schedule"
)

// TestCautiousDecay: coordinates decay if u and x have the same sign, or if u is 0.
func TestCautiousDecay(t *testing.T) {
	chain := optim.Chain{optim.Signs{}, optim.CautiousDecay{Lambda: 0.5}, optim.LearningRate{LR: schedule.Constant(0.5)}}
	x := []float64{4, 4, -4, -4, 4}
	newOptimizer[float64](chain, tensors(5)).Step(x, []float64{7, -7, 7, -7, 0})
	if want := []float64{2.5, 4.5, -4.5, -2.5, 3}; !slices.Equal(x, want) {
		t.Errorf("x = %v, want %v", x, want)
	}
}

// TestHyperball: the norm of each tensor stays that of the start, and a small step is α times as long.
func TestHyperball(t *testing.T) {
	const alpha = 1e-3
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		p.grads = p.grads[:1]
		got := p.run(optim.Chain{matrix.Hyperball{LR: schedule.Constant(alpha)}})
		radius, g := norm(p.x), p.grads[0]
		if radius == 0 || norm(g) == 0 {
			same(t, "0", got, p.x, 0)
			return
		}
		if n := norm(got); math.Abs(n-radius) > 1e-14*radius {
			t.Fatalf("norm %v, want %v", n, radius)
		}
		var tangent, along float64 // squares of the components of g/‖g‖ across x and along x
		for i := range g {
			along += g[i] * p.x[i] / (norm(g) * radius)
		}
		tangent = math.Sqrt(max(0, 1-along*along))
		for i := range got {
			got[i] -= p.x[i]
		}
		if length := norm(got); math.Abs(length-alpha*radius*tangent) > 2*alpha*alpha*radius {
			t.Fatalf("a step of length %v, want %v", length, alpha*radius*tangent)
		}
	})
}
