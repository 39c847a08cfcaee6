package gonumopt_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/optimize"

	"steepest/gonumopt"
	"steepest/methods"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
)

// A rule under optimize.Minimize makes exactly the steps that it makes without it.
func TestMethodStepsAsTheRule(t *testing.T) {
	p := objective.Booth()
	for _, m := range methods.All() {
		rule := m.Rule
		o, err := optim.New[float64](rule, p.Params())
		if err != nil || o.LooksAhead() {
			continue // a method for matrices, or one that gonum cannot give its gradients
		}
		const steps = 25
		result, err := optimize.Minimize(gonumopt.Problem(p), []float64{-1, 1}, &optimize.Settings{
			MajorIterations: steps, Converger: optimize.NeverTerminate{},
		}, &gonumopt.Method{Rule: rule})
		if err != nil || result.Status != optimize.IterationLimit {
			t.Fatalf("%s: status %v, error %v", m.Name, result.Status, err)
		}
		x, g := []float64{-1, 1}, make([]float64, 2)
		for range steps - 1 { // the first major iteration is the start
			p.Grad(g, x, nil)
			o.Step(x, g)
		}
		if !slices.Equal(result.X, x) || result.Stats.GradEvaluations != steps {
			t.Errorf("%s: x = %v in %d gradients, want %v in %d", m.Name, result.X, result.Stats.GradEvaluations, x, steps)
		}
	}
}

func TestMethodStopsAtTheGradient(t *testing.T) {
	p := objective.Quadratic(3, 10)
	m := &gonumopt.Method{Rule: rules.SGD{LR: schedule.Constant(0.1)}, GradStopThreshold: 1e-6}
	result, err := optimize.Minimize(gonumopt.Problem(p), []float64{1, 1, 1}, &optimize.Settings{Converger: optimize.NeverTerminate{}}, m)
	if err != nil || result.Status != optimize.GradientThreshold {
		t.Fatalf("status %v, error %v", result.Status, err)
	}
	for _, g := range result.Gradient {
		if math.Abs(g) >= 1e-6 {
			t.Errorf("gradient %v is not below the threshold", result.Gradient)
		}
	}
}

func TestMethodReportsABadGradient(t *testing.T) {
	problem := optimize.Problem{
		Func: func(x []float64) float64 { return x[0] },
		Grad: func(grad, x []float64) {
			if grad[0] = 1; x[0] < 0.95 {
				grad[0] = math.NaN()
			}
		},
	}
	_, err := optimize.Minimize(problem, []float64{1}, nil, &gonumopt.Method{Rule: rules.SGD{LR: schedule.Constant(0.1)}})
	var bad optimize.ErrGrad
	if !errors.As(err, &bad) {
		t.Errorf("error %v, want optimize.ErrGrad", err)
	}
	if _, err := (&gonumopt.Method{}).Uses(optimize.Available{}); err != optimize.ErrMissingGrad {
		t.Errorf("Uses without a gradient: %v", err)
	}
}

func ExampleMethod() {
	problem := gonumopt.Problem(objective.Booth())
	method := &gonumopt.Method{Rule: rules.Nesterov{LR: schedule.Constant(0.02)}, GradStopThreshold: 1e-8}
	result, err := optimize.Minimize(problem, []float64{0, 0}, &optimize.Settings{Converger: optimize.NeverTerminate{}}, method)
	fmt.Printf("%.4f %v %v\n", result.X, result.Status, err)
	// Output:
	// [1.0000 3.0000] GradientThreshold <nil>
}

// A rule that needs gradients at other points is refused.
func TestMethodRefusesToLookAhead(t *testing.T) {
	_, err := optimize.Minimize(gonumopt.Problem(objective.Booth()), []float64{0, 0}, nil,
		&gonumopt.Method{Rule: rules.Nesterov{Form: rules.NesterovAhead}})
	if err == nil || !strings.Contains(err.Error(), "elsewhere than at x") {
		t.Errorf("error %v", err)
	}
}
