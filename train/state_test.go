package train_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"steepest/data"
	"steepest/data/datatest"
	"steepest/methods"
	"steepest/nn"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
	"steepest/train"
)

// problem returns logistic regression on embedded data.
func problem(t testing.TB, opts ...objective.Option) *objective.Linear[float64] {
	t.Helper()
	set := datatest.Load(t, "lecture-logistic")
	signs, _, err := data.Binary(set.Y)
	if err != nil {
		t.Fatal(err)
	}
	p, err := objective.Logistic(set.X, signs, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// suited returns a problem with a parameter that the method updates by its own rule, and a start: for methods for matrices, a network.
func suited(t testing.TB, m methods.Method) (objective.FiniteSum[float64], []float64) {
	t.Helper()
	if m.Family != methods.Matrix {
		return problem(t, objective.L2(0.01)), slices.Repeat([]float64{0.1}, 10)
	}
	set := datatest.Load(t, "lecture-logistic")
	classes, _ := data.ClassIndices(set.Y)
	p, err := nn.NewClassifier[float64](set.X, classes, 2, nn.Config{Hidden: []int{3}, L2: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	return p, p.Start(1)
}

// ways lists the samplings and averages of the tests.
func ways() (list []train.Settings) {
	for sampling := range train.Sequential + 1 {
		for form := range train.ExponentialAverage + 1 {
			list = append(list, train.Settings{
				Batch: 7, Sampling: sampling, Seed: 5, Steps: 40, EvaluateEvery: 6, Average: train.Average{Form: form},
			})
		}
	}
	return list
}

// end holds the results of a run, without times.
type end[T param.Float] struct {
	result *train.Result[T]
	err    error
	points []train.Point
}

func (e end[T]) String() string {
	r := *e.result
	r.Seconds = 0
	if r.Best != nil {
		best := *r.Best
		best.Seconds = 0
		return fmt.Sprint(r.X, r.Point, best, r.Status, e.err, e.points)
	}
	return fmt.Sprint(r.X, r.Point, r.Status, e.err, e.points)
}

// recorded returns the settings with a recorder that keeps the points of a run, without times.
func (e *end[T]) recorded(s train.Settings) train.Settings {
	s.Recorder = train.RecorderFunc(func(p train.Point) error {
		p.Seconds = 0
		e.points = append(e.points, p)
		return nil
	})
	return s
}

// untouched makes a run without interruptions.
func untouched[T param.Float](t *testing.T, p objective.FiniteSum[T], x0 []T, rule optim.Rule, s train.Settings) (e end[T]) {
	t.Helper()
	e.result, e.err = train.Minimize(context.Background(), p, x0, rule, e.recorded(s))
	return e
}

// held makes a run step by step, and gives its State to a new Run after every step.
func held[T param.Float](t *testing.T, p objective.FiniteSum[T], x0 []T, rule optim.Rule, s train.Settings) (e end[T]) {
	t.Helper()
	s = e.recorded(s)
	r, err := train.New(p, x0, rule, s)
	if err != nil {
		t.Fatal(err)
	}
	for {
		if r.Due() {
			if err := r.Evaluate(); err != nil {
				t.Fatal(err)
			}
		}
		next, err := train.New(p, x0, rule, s)
		if err != nil {
			t.Fatal(err)
		}
		if err := next.Restore(r.State()); err != nil {
			t.Fatal(err)
		}
		r = next
		if r.Status(context.Background()) != 0 {
			e.result, e.err = r.Finish(context.Background(), nil)
			return e
		}
		if err := r.Step(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestResume: a run that continues in a new Run after every step ends like an uninterrupted one, for every method, sampling and average.
func TestResume(t *testing.T) {
	same := func(m methods.Method, s train.Settings, name string) {
		p, x0 := suited(t, m)
		rule := m.Rule
		if _, err := train.New(p, x0, rule, s); err != nil {
			if _, newton := rule.(train.NewtonSGD); !newton || s.Average.Form == train.LastIterate { // NewtonSGD accepts only its own average
				t.Fatalf("%s: %v", name, err)
			}
			return
		}
		want := untouched(t, p, x0, rule, s)
		if got := held(t, p, x0, rule, s); got.String() != want.String() {
			t.Errorf("%s, %v, %v:\n%v\nwant\n%v", name, s.Sampling, s.Average.Form, got, want)
		}
	}
	for i, m := range methods.All() {
		for j, s := range ways() {
			if testing.Short() && (i+j)%7 > 0 {
				continue // each way meets some of the methods
			}
			same(m, s, m.Name)
		}
	}
	for _, spec := range []string{
		"svrg:inner=9,random-snapshot=true", "lsvrg:p=0.2", "newton-sgd:two-phase=true", "nadam:preset=torch", "amsgrad",
		"rmsprop:centered=true,momentum=0.5", "nesterov:form=ahead", "shampoo:root-interval=3,graft=adam", "soap:basis-interval=2",
	} {
		m, _, err := methods.Parse(spec)
		if err != nil {
			t.Fatal(err)
		}
		same(m, train.Settings{Batch: 7, Steps: 40, EvaluateEvery: 6}, spec)
	}
	accumulate := optim.Preparation{Accumulate: optim.Set(3), ClipNorm: optim.Set(0.1), SkipNonfinite: optim.Set(1)}.Of(rules.Adam{})
	same(methods.Method{Rule: accumulate}, train.Settings{Batch: 7, Steps: 40, Average: train.Average{Form: train.UniformAverage}}, "accumulate")
}

// TestInterruptedRunGoesOn: the state of a cancelled run is that of an uninterrupted run after as many steps. So the points are the same
// too, except for the point at which the run was cancelled.
func TestInterruptedRunGoesOn(t *testing.T) {
	p, x0 := problem(t), make([]float64, 10)
	rule := rules.Adam{LR: schedule.Constant(0.3)}
	s := train.Settings{Batch: 7, Steps: 60, EvaluateEvery: 8, Watch: "test", Patience: 5,
		Evaluate: []train.Measure{train.Whole(), train.HeldOut("test", p)}}
	want := untouched(t, p, x0, rule, s)
	for stop := 1; stop < want.result.Step; stop++ {
		var got end[float64]
		r, err := train.New(p, x0, rule, got.recorded(s))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		res, err := r.Finish(ctx, func() error {
			if r.K() == stop {
				cancel()
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) || res.Status != train.Interrupted || res.Step != stop {
			t.Fatalf("%v, %v at step %d, want an interruption at %d", res.Status, err, res.Step, stop)
		}
		state := r.State()
		if evaluated := state.Counts["evaluated"]; evaluated != stop {
			got.points = got.points[:len(got.points)-1]
		}
		next, err := train.New(p, x0, rule, got.recorded(s))
		if err != nil {
			t.Fatal(err)
		}
		if err := next.Restore(state); err != nil {
			t.Fatal(err)
		}
		if got.result, got.err = next.Finish(context.Background(), nil); got.String() != want.String() {
			t.Fatalf("interrupted at %d:\n%v\nwant\n%v", stop, got, want)
		}
	}
}

// TestInterruptionIsNoDivergence: a run that is interrupted while its loss is above the first loss has not diverged, since the loss may
// fall again.
func TestInterruptionIsNoDivergence(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r, err := train.New(objective.Quadratic(1, 1), []float64{1}, rules.SGD{LR: schedule.Constant(3)}, train.Settings{Steps: 50, EvaluateEvery: 50})
	if err != nil {
		t.Fatal(err)
	}
	res, err := r.Finish(ctx, func() error {
		if r.K() == 5 {
			cancel()
		}
		return nil
	})
	if res.Status != train.Interrupted || !errors.Is(err, context.Canceled) || res.Loss < 100 {
		t.Errorf("%v, %v at a loss of %v", res.Status, err, res.Loss)
	}
}

// TestResumeWithOtherLimits: a run that ended by a target or a patience may be resumed with other limits, which then decide.
func TestResumeWithOtherLimits(t *testing.T) {
	p := problem(t, objective.L2(0.1))
	for _, c := range []struct{ first, second train.Settings }{
		{train.Settings{Steps: 300, Target: 0.1}, train.Settings{Steps: 300, Target: 1e-3}},
		{
			train.Settings{Steps: 300, Watch: "bad", Patience: 1, Evaluate: []train.Measure{train.Whole(), bad()}},
			train.Settings{Steps: 300, Watch: "bad", Patience: 9, Evaluate: []train.Measure{train.Whole(), bad()}},
		},
	} {
		rule := rules.SGD{LR: schedule.Constant(0.5)}
		first, err := train.New(p, make([]float64, 10), rule, c.first)
		if err != nil {
			t.Fatal(err)
		}
		early, err := first.Finish(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		second, err := train.New(p, make([]float64, 10), rule, c.second)
		if err != nil {
			t.Fatal(err)
		}
		if err := second.Restore(first.State()); err != nil {
			t.Fatal(err)
		}
		late, err := second.Finish(context.Background(), nil)
		if err != nil || late.Step <= early.Step || late.Status != early.Status {
			t.Errorf("%v at step %d, and then %v at %d, %v", early.Status, early.Step, late.Status, late.Step, err)
		}
	}
}

// bad is a measurement that becomes worse with every evaluation.
func bad() train.Measure {
	k := 0.0
	return train.Quantity("bad", func([]float64) float64 { k++; return k })
}

// TestResumeOfOtherEnds: the target, the patience and the best point are restored too, in float32 and with a nonsmooth term.
func TestResumeOfOtherEnds(t *testing.T) {
	p, test := problem(t, objective.L1(0.01)), problem(t)
	s := train.Settings{
		Batch: 7, Steps: 400, EvaluateEvery: 3, Watch: "test", Patience: 4,
		Evaluate: []train.Measure{train.HeldOut("test", test), train.Sample(50, 1)},
	}
	rule := rules.SGD{LR: schedule.Constant(0.9)}
	want := untouched(t, p, make([]float64, 10), rule, s)
	if want.result.Status != train.PatienceSpent || want.result.Best == nil {
		t.Fatalf("status %v, best %v", want.result.Status, want.result.Best)
	}
	if got := held(t, p, make([]float64, 10), rule, s); got.String() != want.String() {
		t.Errorf("%v\nwant\n%v", got, want)
	}
	s = train.Settings{Steps: 400, EvaluateEvery: 5, Target: 1e-2}
	want = untouched(t, problem(t, objective.L2(0.1)), make([]float64, 10), rule, s)
	got := held(t, problem(t, objective.L2(0.1)), make([]float64, 10), rule, s)
	if got.String() != want.String() || want.result.Status != train.TargetReached {
		t.Errorf("%v\nwant\n%v", got, want)
	}
}

// TestRestoreRefuses: a state of another run is refused; the error names the first difference, and the run does not change.
func TestRestoreRefuses(t *testing.T) {
	p := problem(t, objective.L2(0.01))
	run := func(rule optim.Rule, s train.Settings) *train.Run[float64] {
		r, err := train.New(p, make([]float64, 10), rule, s)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	s := train.Settings{Batch: 7, Steps: 40}
	adam := run(rules.Adam{}, s)
	if err := adam.Step(); err != nil {
		t.Fatal(err)
	}
	before := adam.State()
	broken := adam.State()
	broken.Counts["step"] = -1
	fewer := adam.State()
	delete(fewer.Vectors, "x")
	turned := adam.State()
	turned.Shapes = map[string][]int{"weight": {2, 5}}
	counted := adam.State()
	delete(counted.Counts, "waited")
	for _, test := range []struct {
		state train.State[float64]
		want  string
	}{
		{run(rules.SGD{}, s).State(), `train: the saved state has no "optimizer/adam.m/weight"; it comes from another rule or model`},
		{run(rules.Adam{}, train.Settings{Average: train.Average{Form: train.UniformAverage}}).State(), `"average/mean", which`},
		{run(train.SAGA{LR: schedule.Constant(1)}, s).State(), `has no "optimizer/adam.m/weight"`},
		{broken, `train: the saved state counts -1 of "step"`},
		{counted, `train: the saved state counts 0 of "waited"`},
		{turned, `the saved state is of a parameter "weight" of shape [2 5], and here it has the shape [10]`},
		{fewer, `train: the saved state has no "x"; it comes`},
		{train.State[float64]{}, `the saved state has no`},
	} {
		if err := adam.Restore(test.state); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %s", err, test.want)
		}
		if after := adam.State(); !reflect.DeepEqual(after.Vectors, before.Vectors) || after.Counts["step"] != before.Counts["step"] {
			t.Errorf("after the error %v the state is %v, want %v", test.want, after, before)
		}
	}
}

// TestStateIsACopy: later steps of a run do not change a state that was taken before.
func TestStateIsACopy(t *testing.T) {
	r, err := train.New(problem(t), make([]float64, 10), rules.Adam{}, train.Settings{Batch: 7, Steps: 40})
	if err != nil {
		t.Fatal(err)
	}
	s := r.State()
	if err := r.Step(); err != nil {
		t.Fatal(err)
	}
	if s.Vectors["x"][0] != 0 || s.Vectors["optimizer/adam.m/weight"][0] != 0 || s.Counts["step"] != 0 {
		t.Errorf("state %v has changed", s)
	}
}
