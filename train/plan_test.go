package train

import (
	"math"
	"strings"
	"testing"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
)

// TestPlan: the plan has the step size of the run, and all that the estimator carries.
func TestPlan(t *testing.T) {
	p := logistic(t) // 200 × 10; a table or a snapshot counts one number more, whether it is there
	l, r2 := p.Constants().LMax, p.SquaredRadius()
	s := Settings{Batch: 1, Steps: 100}
	for _, test := range []struct {
		p          objective.FiniteSum[float64]
		rule       optim.Rule
		transforms string
		lr         float64
		numbers    int
	}{
		{p, rules.Adam{}, "adam → lr", 0.001, 20},
		{p, SAG{}, "sag → lr", 1 / (16 * l), 211},
		{p, SAGA{}, "saga → lr", 1 / (3 * l), 211},
		{unaware{p}, SAGA{schedule.Constant(2)}, "saga → lr", 2, 2011},
		{p, SVRG{}, "svrg → lr", 1 / (10 * l), 21},
		{p, LSVRG{}, "lsvrg → lr", 1 / (6 * l), 21},
		{p, NewtonSGD{}, "newton → lr", 1 / (2 * r2), 0},
		{p, NewtonSGD{TwoPhase: true}, "newton → lr", 1 / r2 / (2 * math.Sqrt(50)), 10},
	} {
		plan, err := NewPlan(test.p, test.rule, s)
		if err != nil {
			t.Fatal(err)
		}
		a := plan[0]
		got := strings.Join(a.Transforms, " → ")
		if got != test.transforms || math.Abs(a.LR/test.lr-1) > 1e-14 || a.StateBytes != 8*test.numbers {
			t.Errorf("%T%+v: %s, step size %v, %d bytes; want %+v", test.rule, test.rule, got, a.LR, a.StateBytes, test)
		}
	}
	if _, err := NewPlan(logistic(t, objective.L1(1)), SAG{}, s); err == nil {
		t.Error("a plan of what cannot run")
	}
}
