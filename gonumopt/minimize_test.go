package gonumopt_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"

	"steepest/gonumopt"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
)

// brittle is a transform that panics at some step.
func brittle(at int) optim.Rule {
	return optim.Chain{optim.Transform{
		Name: "brittle",
		Begin: func(s *optim.Step, _ []float64, c *optim.Coeffs) {
			if s.K == at {
				panic("brittle")
			}
			c[0] = 0.1
		},
		Scales: true,
	}}
}

// TestPanicsReachTheCaller: panics at every evaluation of each function, and in a rule, with every method of gonum and ours.
func TestPanicsReachTheCaller(t *testing.T) {
	all := map[string]func() optimize.Method{
		"default": func() optimize.Method { return nil }, "L-BFGS": func() optimize.Method { return &optimize.LBFGS{} },
		"BFGS": func() optimize.Method { return &optimize.BFGS{} }, "CG": func() optimize.Method { return &optimize.CG{} },
		"Newton": func() optimize.Method { return &optimize.Newton{} }, "descent": func() optimize.Method { return &optimize.GradientDescent{} },
		"Nelder-Mead": func() optimize.Method { return &optimize.NelderMead{} }, "CMA-ES": func() optimize.Method { return &optimize.CmaEsChol{} },
		"ours": func() optimize.Method { return &gonumopt.Method{Rule: rules.SGD{LR: schedule.Constant(0.01)}} },
	}
	for name, method := range all {
		for call := 1; call <= 6; call++ {
			for _, which := range []string{"Func", "Grad", "Hess"} {
				calls := 0
				count := func(what string) {
					if what == which {
						if calls++; calls == call {
							panic(fmt.Sprint(which, call))
						}
					}
				}
				f := objective.Rosenbrock()
				p := optimize.Problem{
					Func: func(x []float64) float64 { count("Func"); return objective.Value(f, x) },
					Grad: func(g, x []float64) { count("Grad"); f.Grad(g, x, nil) },
					Hess: func(h *mat.SymDense, x []float64) {
						count("Hess")
						h.SetSym(0, 0, 2-400*(x[1]-3*x[0]*x[0]))
						h.SetSym(0, 1, -400*x[0])
						h.SetSym(1, 1, 200)
					},
				}
				value := panicOf(func() {
					_, _ = gonumopt.Minimize(p, slices.Clone(f.Start), &optimize.Settings{MajorIterations: 50}, method())
				})
				if want := fmt.Sprint(which, call); calls >= call && value != want || calls < call && value != nil {
					t.Errorf("%s: panic %v after %d calls, want %s", name, value, calls, want)
				}
			}
		}
	}
	for at := range 4 {
		f := objective.Booth()
		if v := panicOf(func() {
			_, _ = gonumopt.Minimize(gonumopt.Problem(f), []float64{1, 2}, nil, &gonumopt.Method{Rule: brittle(at)})
		}); v != "brittle" {
			t.Errorf("a rule that panics at step %d: %v", at, v)
		}
	}
}

func panicOf(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// TestMinimizeIsGonums: if nothing panics, results and errors are those of optimize.Minimize.
func TestMinimizeIsGonums(t *testing.T) {
	f := objective.Rosenbrock()
	want, err := optimize.Minimize(gonumopt.Problem(f), slices.Clone(f.Start), nil, &optimize.LBFGS{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := gonumopt.Minimize(gonumopt.Problem(f), slices.Clone(f.Start), nil, nil)
	if err != nil || !slices.Equal(got.X, want.X) || got.Status != want.Status || got.MajorIterations != want.MajorIterations {
		t.Errorf("%+v (%v), want %+v", got, err, want)
	}
	stop := errors.New("stop")
	p := gonumopt.Problem(f)
	p.Status = func() (optimize.Status, error) { return optimize.Failure, stop }
	if _, err := gonumopt.Minimize(p, slices.Clone(f.Start), nil, nil); !errors.Is(err, stop) {
		t.Errorf("error %v, want %v", err, stop)
	}
	bad := optimize.Problem{Func: func([]float64) float64 { return 0 }, Grad: func(g, _ []float64) { g[0] = math.NaN() }}
	_, want2 := optimize.Minimize(bad, []float64{1}, nil, &gonumopt.Method{Rule: rules.SGD{}})
	if _, got := gonumopt.Minimize(bad, []float64{1}, nil, &gonumopt.Method{Rule: rules.SGD{}}); want2 == nil || got == nil || got.Error() != want2.Error() {
		t.Errorf("error %v, want %v", got, want2)
	}
}
