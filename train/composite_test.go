package train

import (
	"context"
	"math"
	"testing"

	"steepest/data/datatest"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
)

// lasso returns least squares with an ℓ1 penalty that leaves some weights 0.
func lasso(t *testing.T) *objective.Linear[float64] {
	t.Helper()
	set := datatest.Load(t, "lecture-logistic")
	p, err := objective.LeastSquares(set.X, set.Y, objective.L1(0.05))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestProxReachesTheLasso certifies the end of proximal gradient descent, with and without momentum, by its duality gap. Some weights
// must be exactly 0, which only a prox achieves.
func TestProxReachesTheLasso(t *testing.T) {
	long(t)
	p := lasso(t)
	step := 1 / p.Constants().L
	for _, test := range []struct {
		name     string
		rule     optim.Rule
		settings Settings
	}{
		{"full batches", sgd(step), Settings{Epochs: 1000}},
		{"accumulated", optim.Preparation{Accumulate: optim.Set(4)}.Of(sgd(step)),
			Settings{Batch: 50, Sampling: Sequential, Epochs: 1000}},
		{"heavy ball", rules.HeavyBall{LR: schedule.Constant(step / 10)}, Settings{Epochs: 1000}},
		{"damped", rules.HeavyBall{LR: schedule.Constant(step), Dampening: 0.7}, Settings{Epochs: 1000}},
		{"step inside", rules.HeavyBall{LR: schedule.Constant(step / 10), LRPlace: optim.Set(rules.LRInside)}, Settings{Epochs: 1000}},
		{"Nesterov", rules.Nesterov{LR: schedule.Constant(step / 10)}, Settings{Epochs: 1000}},
		{"average", rules.Nesterov{LR: schedule.Constant(step), Form: rules.NesterovDozat}, Settings{Epochs: 1000}},
	} {
		res, _ := record(t, p, make([]float64, 10), test.rule, test.settings)
		zeros := 0
		for _, w := range res.X {
			if w == 0 {
				zeros++
			}
		}
		if gap := p.Gap(res.X); gap > 1e-14 || zeros == 0 || zeros == 10 {
			t.Errorf("%s: gap %v and %d zeros at %v", test.name, gap, zeros, res.X)
		}
		if want := p.Loss(res.X, nil) + p.Penalty(res.X); res.Loss != want {
			t.Errorf("%s: loss %v, want %v with the penalty", test.name, res.Loss, want)
		}
	}
}

// TestEveryRuleReachesTheLasso runs stochastic proximal gradients, and methods that scale coordinates. With the latter, a prox with the
// step size α would converge to another point.
func TestEveryRuleReachesTheLasso(t *testing.T) {
	long(t)
	p := lasso(t)
	best, _ := record(t, p, make([]float64, 10), sgd(1/p.Constants().L), Settings{Epochs: 1000})
	fall := func(initial float64) schedule.Schedule { return schedule.Inverse{Initial: initial, Decay: 1e-2} }
	for _, test := range []struct {
		rule  optim.Rule
		batch int
	}{
		{rules.SGD{LR: fall(0.02)}, 20},
		{rules.Adam{LR: fall(0.1)}, 0},
		{rules.AdaGrad{LR: schedule.Constant(0.05)}, 0},
		{rules.HeavyBall{LR: fall(0.002)}, 20},
	} {
		res, _ := record(t, p, make([]float64, 10), test.rule, Settings{Batch: test.batch, Steps: 2000})
		if excess := res.Loss - best.Loss; !(excess <= 1e-3*best.Loss) {
			t.Errorf("%T: F is %v above its minimum %v at %v", test.rule, excess, best.Loss, res.X)
		}
	}
}

// TestSubgradientEntersTheGradient compares a step of sign descent, which has no prox, with its formula.
func TestSubgradientEntersTheGradient(t *testing.T) {
	p := lasso(t)
	x0 := []float64{1, -1, 0, 2, -2, 0, 1, 1, -1, -1}
	res, err := Minimize(context.Background(), p, x0, rules.NormalizedDescent{LR: schedule.Constant(0.5)}, Settings{Steps: 1})
	if err != nil {
		t.Fatal(err)
	}
	g, norm := make([]float64, 10), 0.0
	p.Grad(g, x0, nil)
	for j, x := range x0 {
		switch {
		case x > 0:
			g[j] += 0.05
		case x < 0:
			g[j] -= 0.05
		}
		norm = math.Hypot(norm, g[j])
	}
	for j, x := range x0 {
		if want := x - 0.5*g[j]/norm; math.Abs(res.X[j]-want) > 1e-14 {
			t.Errorf("coordinate %d: %v, want %v", j, res.X[j], want)
		}
	}
}
