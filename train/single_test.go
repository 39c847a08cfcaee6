package train

import (
	"fmt"
	"testing"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// TestSingleReachesTheOptimum makes runs on problems in float32, and compares their ends with the optimum in float64.
func TestSingleReachesTheOptimum(t *testing.T) {
	long(t)
	ridge, best := solved(t, 100)
	sparse := lasso(t)
	step := 1 / ridge.Constants().L
	for _, c := range []struct {
		p    *objective.Linear[float64]
		best *Optimum
		rule optim.Rule
		s    Settings
	}{
		{ridge, best, sgd(step), Settings{Steps: 3000}},
		{ridge, best, rules.Nesterov{LR: schedule.Constant(step)}, Settings{Steps: 1000}},
		{ridge, best, SAGA{}, Settings{Batch: 1, Epochs: 100}},
		{ridge, best, SAG{}, Settings{Batch: 1, Epochs: 200}},
		{ridge, best, SVRG{}, Settings{Batch: 1, Epochs: 200}},
		{ridge, best, LSVRG{}, Settings{Batch: 4, Epochs: 200}},
		{sparse, solve(t, sparse), SAGA{}, Settings{Batch: 1, Epochs: 300}},
	} {
		t.Run(fmt.Sprintf("%T", c.rule), func(t *testing.T) {
			single, err := objective.Single(c.p)
			if err != nil {
				t.Fatal(err)
			}
			res, _ := record(t, single, make([]float32, objective.Dim(single)), c.rule, c.s)
			if f := objective.Value(c.p, param.As[float64](res.X)); f-c.best.F > 1e-5*c.best.F {
				t.Errorf("F = %v in float64, the minimum is %v", f, c.best.F)
			}
		})
	}
}

// TestSingleFollowsDouble compares runs of the same seed: the same method, batches and average, up to rounding.
func TestSingleFollowsDouble(t *testing.T) {
	p, best := solved(t, 100)
	for _, rule := range []optim.Rule{sgd(0.01), rules.Adam{LR: schedule.Constant(0.01)}, SVRG{}, SAGA{}, NewtonSGD{}} {
		t.Run(fmt.Sprintf("%T", rule), func(t *testing.T) {
			s := Settings{Batch: 8, Epochs: 5, Seed: 1, Average: Average{Form: UniformAverage}, Optimum: best}
			single, err := objective.Single(p)
			if err != nil {
				t.Fatal(err)
			}
			d := objective.Dim(p)
			narrow, _ := record(t, single, make([]float32, d), rule, s)
			wide, _ := record(t, p, make([]float64, d), rule, s)
			if off := distance(narrow.X, wide.X); off > 1e-4*distance(wide.X, make([]float64, d)) {
				t.Errorf("ends at %v, in float64 at %v", narrow.X, wide.X)
			}
			if narrow.Step != wide.Step || narrow.Grads != wide.Grads {
				t.Errorf("%d steps and %d gradients, in float64 %d and %d", narrow.Step, narrow.Grads, wide.Step, wide.Grads)
			}
		})
	}
}

// TestSingleStopsAtItsGap: without a known optimum, the duality gap in float64 ends the run.
func TestSingleStopsAtItsGap(t *testing.T) {
	p := logistic(t, objective.L2(0.1))
	single, err := objective.Single(p)
	if err != nil {
		t.Fatal(err)
	}
	step := 1 / p.Constants().L
	res, _ := record(t, single, make([]float32, objective.Dim(p)), sgd(step), Settings{Steps: 5000, EvaluateEvery: 10, Target: 1e-9})
	if gap := p.Gap(param.As[float64](res.X)); res.Status != TargetReached || gap > 1e-9 {
		t.Errorf("%v with a gap of %v", res.Status, gap)
	}
}
