package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"gonum.org/v1/gonum/optimize"

	"steepest/data"
	"steepest/data/datatest"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/optimum"
	"steepest/param"
)

// logistic returns the embedded problem of 200 rows and 10 columns.
func logistic(t testing.TB, opts ...objective.Option) *objective.Linear[float64] {
	t.Helper()
	set := datatest.Load(t, "lecture-logistic")
	p, _, err := objective.FromSet(set, objective.Setup{}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// solved returns the problem of 200 rows and 10 columns with the condition number LMax/λ₂, and its optimum.
func solved(t *testing.T, condition float64) (*objective.Linear[float64], *Optimum) {
	t.Helper()
	l := logistic(t).Constants().LMax
	p := logistic(t, objective.L2(l/(condition-1)))
	return p, solve(t, p)
}

func solve(t *testing.T, p *objective.Linear[float64]) *Optimum {
	t.Helper()
	best, err := optimum.Find(t.Context(), p)
	if err != nil || !best.Certified {
		t.Fatalf("no optimum: %+v, %v", best, err)
	}
	return &Optimum{X: best.X, F: best.Value}
}

// record runs Minimize with a recorder and returns the points as well.
func record[T param.Float](
	t testing.TB, p objective.FiniteSum[T], x0 []T, rule optim.Rule, s Settings,
) (*Result[T], []Point) {
	t.Helper()
	var points []Point
	s.Recorder = RecorderFunc(func(p Point) error { points = append(points, p); return nil })
	res, err := Minimize(context.Background(), p, x0, rule, s)
	if err != nil {
		t.Fatal(err)
	}
	return res, points
}

func sgd(lr float64) optim.Rule { return rules.SGD{LR: schedule.Constant(lr)} }

// TestRunEqualsPlainLoop compares SGD and Adam, bit by bit, with plain loops.
func TestRunEqualsPlainLoop(t *testing.T) {
	p := logistic(t, objective.L2(1e-3))
	for _, rule := range []optim.Rule{sgd(0.5), rules.Adam{LR: schedule.InvSqrt{Initial: 0.1}}} {
		for _, sampling := range samplings {
			res, _ := record(t, p, make([]float64, 10), rule, Settings{Batch: 7, Sampling: sampling, Seed: 5, Steps: 100})

			x, g := make([]float64, 10), make([]float64, 10)
			batches := NewBatches(sampling, 200, 7, 5)
			optimizer, err := optim.New[float64](rule, p.Params())
			if err != nil {
				t.Fatal(err)
			}
			for k := range 100 {
				p.Grad(g, x, batches.At(k))
				optimizer.Step(x, g)
			}
			if !slices.Equal(res.X, x) || res.Loss != p.Loss(x, nil) {
				t.Errorf("%T, %v: F(%v) = %v, the plain loop gives F(%v) = %v", rule, sampling, res.X, res.Loss, x, p.Loss(x, nil))
			}
		}
	}
}

// TestGradientsAhead compares with plain loops of Nesterov's method, whose gradient is taken where the momentum leads.
func TestGradientsAhead(t *testing.T) {
	p := logistic(t, objective.L2(0.1))
	rule := rules.Nesterov{LR: schedule.Constant(0.5), Momentum: optim.Set(0.8), Form: rules.NesterovAhead}
	res, _ := record(t, p, make([]float64, 10), rule, Settings{Steps: 50})
	x, v, ahead, g := make([]float64, 10), make([]float64, 10), make([]float64, 10), make([]float64, 10)
	for range 50 {
		for j := range x {
			ahead[j] = x[j] - 0.8*v[j]
		}
		p.Grad(g, ahead, nil)
		for j := range x {
			v[j] = 0.8*v[j] + 0.5*g[j]
			x[j] -= v[j]
		}
	}
	if d := distance(res.X, x); d > 1e-14 {
		t.Errorf("the run ends %v from the formula", d)
	}
}

// TestSGDEqualsFormula compares with the formulas of the logistic loss's gradient and of the step.
func TestSGDEqualsFormula(t *testing.T) {
	p := logistic(t)
	res, _ := record(t, p, make([]float64, 10), sgd(0.5), Settings{Batch: 1, Seed: 5, Steps: 300})
	matrix, y := p.Data()
	x, batches := make([]float64, 10), NewBatches(WithReplacement, 200, 1, 5)
	for k := range 300 {
		i := batches.At(k)[0]
		a, margin := matrix.(*data.Dense).Row(int(i)), 0.0
		for j := range x {
			margin += y[i] * a[j] * x[j]
		}
		for j := range x {
			x[j] += 0.5 * y[i] * a[j] / (1 + math.Exp(margin))
		}
	}
	if d := distance(res.X, x); d > 1e-12 {
		t.Errorf("the run ends %v from the formula", d)
	}
}

// wide returns logistic regression whose full batches are large enough to be cut into chunks.
func wide(t *testing.T) *objective.Linear[float64] {
	t.Helper()
	const n, d = 10000, 20
	set := &data.Dense{Rows: n, Cols: d, Data: make([]float64, n*d)}
	y := make([]float64, n)
	b := NewBatches(WithReplacement, 1000, d, 1)
	for i := range n {
		for j, v := range b.At(i) {
			set.Data[i*d+j] = float64(v)/500 - 1
		}
		y[i] = math.Copysign(1, set.Data[i*d]+set.Data[i*d+1])
	}
	p, err := objective.Logistic(set, y)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestBitsDoNotDependOnProcessors compares runs bit by bit.
func TestBitsDoNotDependOnProcessors(t *testing.T) {
	p := wide(t)
	run := func(procs int) *Result[float64] {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		res, _ := record(t, p, make([]float64, objective.Dim(p)), rules.Adam{}, Settings{Steps: 5, Average: Average{Form: UniformAverage}})
		return res
	}
	one := run(1)
	for _, procs := range []int{2, 3, 8} {
		if res := run(procs); !slices.Equal(res.X, one.X) || res.Loss != one.Loss {
			t.Errorf("GOMAXPROCS=%d: F(%v) = %v, on one processor F(%v) = %v", procs, res.X, res.Loss, one.X, one.Loss)
		}
	}
}

// TestEvaluations lists the steps that are evaluated.
func TestEvaluations(t *testing.T) {
	p := logistic(t)
	for _, test := range []struct {
		settings Settings
		want     []int
	}{
		{Settings{Steps: 23, EvaluateEvery: 10}, []int{0, 1, 2, 4, 8, 10, 20, 23}},
		{Settings{Steps: 20, EvaluateEvery: 8}, []int{0, 1, 2, 4, 8, 16, 20}},
		{Settings{Steps: 5, EvaluateEvery: math.MaxInt}, []int{0, 1, 2, 4, 5}},
		{Settings{Steps: 4}, []int{0, 1, 2, 3, 4}},                            // a hundredth is less than a step
		{Settings{Epochs: 15, Batch: 10}, append([]int{0, 1, 2}, to300()...)}, // 300 steps
		{Settings{}, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},                 // ten epochs of full batches
	} {
		_, points := record(t, p, make([]float64, 10), sgd(0.1), test.settings)
		var got []int
		for _, p := range points {
			got = append(got, p.Step)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%+v: evaluations at %v, want %v", test.settings, got, test.want)
		}
	}
}

func to300() (steps []int) {
	for k := 3; k <= 300; k += 3 {
		steps = append(steps, k)
	}
	return steps
}

// TestEvaluationsOfATimedRun: a run limited only by time is evaluated once an epoch.
func TestEvaluationsOfATimedRun(t *testing.T) {
	p := logistic(t)
	var steps []int
	stop := errors.New("enough")
	_, err := Minimize(context.Background(), p, make([]float64, 10), sgd(0.1), Settings{
		Batch: 60, Runtime: time.Hour, Recorder: RecorderFunc(func(p Point) error {
			if steps = append(steps, p.Step); len(steps) == 6 {
				return stop
			}
			return nil
		})})
	if want := []int{0, 1, 2, 3, 6, 9}; !slices.Equal(steps, want) || !errors.Is(err, stop) {
		t.Errorf("evaluations at %v, %v; want %v", steps, err, want)
	}
}

// TestCounts follows gradients, epochs and FLOPs through short batches, and asks for the exact loss at each point.
func TestCounts(t *testing.T) {
	p := logistic(t)
	res, points := record(t, p, make([]float64, 10), sgd(0.1),
		Settings{Batch: 60, Sampling: Reshuffle, Steps: 6, EvaluateEvery: 1})
	grads := []int{0, 60, 120, 180, 200, 260, 320}
	flops := 0.0
	for k, point := range points {
		if k > 0 {
			flops += p.FLOPs(grads[k] - grads[k-1])
		}
		if point.Grads != grads[k] || point.Epochs != float64(grads[k])/200 || point.FLOPs != flops {
			t.Errorf("step %d: %d gradients, %v epochs, %v FLOPs; want %d, %v, %v",
				k, point.Grads, point.Epochs, point.FLOPs, grads[k], float64(grads[k])/200, flops)
		}
		if k == 0 != math.IsNaN(point.LR) || k > 0 && point.LR != 0.1 {
			t.Errorf("step %d: step size %v", k, point.LR)
		}
		if !math.IsNaN(point.Excess) || !math.IsNaN(point.Distance) {
			t.Errorf("step %d: excess %v and distance %v with no optimum", k, point.Excess, point.Distance)
		}
	}
	if last := points[6]; fmt.Sprint(res.Point) != fmt.Sprint(last) || points[0].Loss != p.Loss(make([]float64, 10), nil) {
		t.Errorf("the result's point is %+v, the last one %+v", res.Point, last)
	}
}

// TestCountsOfFullBatches counts the gradients of steps with the whole sum.
func TestCountsOfFullBatches(t *testing.T) {
	p := logistic(t)
	res, _ := record(t, p, make([]float64, 10), sgd(0.1), Settings{Steps: 3})
	if res.Grads != 600 || res.Epochs != 3 || res.FLOPs != 3*p.FLOPs(200) {
		t.Errorf("%+v", res.Point)
	}
}

// TestOptimumMeasures compares excess and distance with their definitions.
func TestOptimumMeasures(t *testing.T) {
	f := objective.Booth()
	res, points := record(t, f, f.Start, sgd(0.05),
		Settings{Steps: 3, Optimum: &Optimum{X: []float64{1, 3}, F: 0}})
	if p := points[0]; p.Excess != f.Loss(f.Start, nil) || p.Distance != math.Hypot(9, 3) {
		t.Errorf("at %v: %+v", f.Start, p)
	}
	if res.Excess != f.Loss(res.X, nil) || math.Abs(res.Distance-math.Hypot(res.X[0]-1, res.X[1]-3)) > 1e-15 {
		t.Errorf("at %v: %+v", res.X, res.Point)
	}
	res, _ = record(t, f, f.Start, sgd(0.05), Settings{Steps: 3, Optimum: &Optimum{F: -2}})
	if res.Excess != res.Loss+2 || !math.IsNaN(res.Distance) {
		t.Errorf("with F* alone: %+v", res.Point)
	}
}

// TestMinimizeLeavesX0: the starting point does not change, and the result is not a view of the run's memory.
func TestMinimizeLeavesX0(t *testing.T) {
	f := objective.Booth()
	x0 := slices.Clone(f.Start)
	res, _ := record(t, f, x0, sgd(0.05), Settings{Steps: 3})
	if !slices.Equal(x0, f.Start) || slices.Equal(res.X, x0) {
		t.Errorf("x0 = %v, result %v", x0, res.X)
	}
}

// TestLimits ends runs by each limit.
func TestLimits(t *testing.T) {
	p := logistic(t, objective.L2(0.1))
	known := &Optimum{F: 0.3}
	for _, test := range []struct {
		name     string
		settings Settings
		status   optimize.Status
		steps    int
	}{
		{"ten epochs", Settings{}, EpochLimit, 10},
		{"whole epochs", Settings{Batch: 20, Epochs: 3}, EpochLimit, 30},
		{"half an epoch", Settings{Batch: 30, Epochs: 0.5}, EpochLimit, 4},
		{"less than a step", Settings{Batch: 30, Epochs: 0.01}, EpochLimit, 1},
		{"short batches", Settings{Batch: 150, Epochs: 3, Sampling: Reshuffle}, EpochLimit, 6},
		{"steps", Settings{Batch: 20, Steps: 17}, optimize.IterationLimit, 17},
		{"steps before epochs", Settings{Batch: 20, Steps: 17, Epochs: 2}, optimize.IterationLimit, 17},
		{"epochs before steps", Settings{Batch: 20, Steps: 27, Epochs: 2}, EpochLimit, 20},
		{"no time", Settings{Runtime: 1}, optimize.RuntimeLimit, 1},
		{"target at the start", Settings{Target: 1, Optimum: known}, TargetReached, 0},
	} {
		res, _ := record(t, p, make([]float64, 10), sgd(0.1), test.settings)
		if res.Status != test.status || res.Step != test.steps {
			t.Errorf("%s: %v after %d steps, want %v after %d", test.name, res.Status, res.Step, test.status, test.steps)
		}
	}
	if EpochLimit.String() != "EpochLimit" || TargetReached.Err() != nil || TargetReached.Early() || !EpochLimit.Early() {
		t.Error("the statuses do not say what they are")
	}
}

// TestTargets ends runs at the first evaluation that reaches a target: an excess or a duality gap.
func TestTargets(t *testing.T) {
	f := objective.Quadratic(3, 10)
	res, points := record(t, f, f.Start, sgd(0.1), Settings{Steps: 1000, EvaluateEvery: 1, Target: 1e-3, Optimum: &Optimum{}})
	checkFirstBelow(t, "optimum", res, points, 1e-3)
	if res.Excess != f.Loss(res.X, nil) {
		t.Errorf("excess %v at %v", res.Excess, res.X)
	}

	p := logistic(t, objective.L2(0.1))
	certified, points := record(t, p, make([]float64, 10), sgd(0.5), Settings{Steps: 1000, EvaluateEvery: 1, Target: 1e-6})
	checkFirstBelow(t, "gap", certified, points, 1e-6)
	if certified.Excess != p.Gap(certified.X) {
		t.Errorf("excess %v, the gap is %v", certified.Excess, p.Gap(certified.X))
	}
}

func checkFirstBelow(t *testing.T, name string, res *Result[float64], points []Point, target float64) {
	t.Helper()
	n := len(points)
	if res.Status != TargetReached || n < 3 || points[n-1].Excess > target || points[n-2].Excess <= target {
		t.Errorf("%s: %v after %d points, the last %+v", name, res.Status, n, res.Point)
	}
}

// TestDivergence has losses that grow to infinity, that grow far too large during the run, that end above the start, and that fall
// without limit.
func TestDivergence(t *testing.T) {
	f := objective.Quadratic(1, 1)
	down := &objective.Funcs[float64]{D: 1, Func: func(x []float64, _ int) float64 { return -x[0] * x[0] }}
	nan := &objective.Funcs[float64]{D: 1, FuncGrad: func(dst, x []float64, _ int) float64 {
		dst[0] = math.NaN()
		return x[0]
	}}
	for _, test := range []struct {
		name     string
		problem  objective.FiniteSum[float64]
		lr       float64
		settings Settings
		steps    int
	}{
		// x ← (1 − α)x = −10x: f grows by 100 a step from ½.
		{"on the way", f, 11, Settings{Steps: 50, EvaluateEvery: 1}, 6},
		{"not yet on the way", f, 11, Settings{Steps: 50, EvaluateEvery: 20}, 8},
		{"at the end", f, 3.1, Settings{Steps: 1}, 1}, // to 2.205, more than 1 + ½ above ½
		{"infinite", f, 1e200, Settings{Steps: 50}, 1},
		{"not a number", nan, 1, Settings{Steps: 50}, 0}, // where x stays
		{"minus infinity", down, 1e200, Settings{Steps: 50}, 1},
	} {
		test.settings.Optimum = &Optimum{}
		res, err := Minimize(context.Background(), test.problem, []float64{1}, sgd(test.lr), test.settings)
		if !errors.Is(err, ErrDiverged) || res.Status != Diverged || res.Step != test.steps {
			t.Errorf("%s: %v after %d steps, %v; want %d steps", test.name, res.Status, res.Step, err, test.steps)
		}
	}
	res, err := Minimize(context.Background(), f, []float64{1}, sgd(2.9), Settings{Steps: 1})
	if err != nil || math.Abs(res.Loss-1.805) > 1e-12 {
		t.Errorf("a growth from 0.5 to %v: %v", res.Loss, err)
	}
}

// TestComesBack: a run whose first step sizes are too large moves far away, and still converges.
func TestComesBack(t *testing.T) {
	f := objective.Quadratic(3, 10)
	rule := rules.SGD{LR: schedule.Inverse{Initial: 1}}
	res, points := record(t, f, f.Start, rule, Settings{Steps: 20000, EvaluateEvery: 1})
	largest := 0.0
	for _, p := range points {
		largest = max(largest, p.Loss)
	}
	if largest < 1e3*points[0].Loss || res.Loss > points[0].Loss {
		t.Errorf("from %v over %v to %v", points[0].Loss, largest, res.Loss)
	}
}

// TestCancellation ends runs before the first step and in the middle.
func TestCancellation(t *testing.T) {
	p := logistic(t)
	cause := errors.New("the user left")
	for _, at := range []int{0, 8} {
		ctx, cancel := context.WithCancelCause(context.Background())
		if at == 0 {
			cancel(cause)
		}
		res, err := Minimize(ctx, p, make([]float64, 10), sgd(0.1), Settings{Steps: 100, EvaluateEvery: 4, Batch: 10,
			Recorder: RecorderFunc(func(p Point) error {
				if p.Step == 8 {
					cancel(cause)
				}
				return nil
			})})
		if err != cause || res.Status != Interrupted || res.Step != at || res.Loss != p.Loss(res.X, nil) {
			t.Errorf("cancelled at %d: %v, %v, %+v", at, err, res.Status, res.Point)
		}
	}
}

// TestCancellationBetweenEvaluations evaluates the point where the run stopped.
func TestCancellationBetweenEvaluations(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	f := &objective.Funcs[float64]{D: 1, Func: func(x []float64, _ int) float64 { return x[0] * x[0] },
		FuncGrad: func(dst, x []float64, _ int) float64 {
			if calls++; calls == 21 {
				cancel()
			}
			dst[0] = 2 * x[0]
			return x[0] * x[0]
		}}
	res, err := Minimize(ctx, f, []float64{1}, sgd(0.1), Settings{Steps: 100, EvaluateEvery: 50})
	if err != context.Canceled || res.Step != 21 || res.Loss != res.X[0]*res.X[0] {
		t.Errorf("%v, %+v at %v", err, res.Point, res.X)
	}
}

func TestRecorderError(t *testing.T) {
	full := errors.New("disk full")
	for _, at := range []int{0, 4, 7} {
		res, err := Minimize(context.Background(), logistic(t), make([]float64, 10), sgd(0.1), Settings{Steps: 7, EvaluateEvery: 4,
			Recorder: RecorderFunc(func(p Point) error {
				if p.Step == at {
					return full
				}
				return nil
			})})
		if !errors.Is(err, full) || err.Error() != "train: recorder: disk full" || res.Status != optimize.Failure || res.Step != at {
			t.Errorf("at %d: %v, %v after %d steps", at, err, res.Status, res.Step)
		}
	}
}

// TestRecorderErrorAfterGrowth: the run reports the error of the recorder, which ended it, and not the growth of the loss from ½ to 50
// and 5000.
func TestRecorderErrorAfterGrowth(t *testing.T) {
	full := errors.New("disk full")
	res, err := Minimize(context.Background(), objective.Quadratic(1, 1), []float64{1}, sgd(11), Settings{Steps: 7, EvaluateEvery: 1,
		Recorder: RecorderFunc(func(p Point) error {
			if p.Step == 2 {
				return full
			}
			return nil
		})})
	if !errors.Is(err, full) || res.Status != optimize.Failure || math.Abs(res.Loss-5000) > 1e-9 {
		t.Errorf("%v, %v at a loss of %v", err, res.Status, res.Loss)
	}
}

func TestSettingsErrors(t *testing.T) {
	const sign = "train: the batch, the micro-batches, the limits, the target, the patience and the interval of evaluations must be numbers ≥ 0"
	for _, test := range []struct {
		settings Settings
		want     string
	}{
		{Settings{Batch: -1}, sign},
		{Settings{Steps: -1}, sign},
		{Settings{Epochs: -1}, sign},
		{Settings{Epochs: math.NaN()}, sign},
		{Settings{Runtime: -1}, sign},
		{Settings{EvaluateEvery: -1}, sign},
		{Settings{Target: -1, Optimum: &Optimum{}}, sign},
		{Settings{Target: math.NaN(), Optimum: &Optimum{}}, sign},
		{Settings{Target: 1}, "train: a target needs the optimum or a problem with a duality gap; set Optimum"},
		{Settings{Runtime: 1, Average: Average{Form: SuffixAverage}},
			"train: a suffix average needs to know the end; limit the steps or the epochs"},
		{Settings{Average: Average{Share: 1.5}}, "train: the share of a suffix average is 1.5; want it in (0, 1]"},
		{Settings{Average: Average{Share: -0.5}}, "train: the share of a suffix average is -0.5; want it in (0, 1]"},
		{Settings{Average: Average{Beta: 1}}, "train: the decay of an exponential average is 1; want it in [0, 1)"},
		{Settings{Average: Average{Beta: math.NaN()}}, "train: the decay of an exponential average is NaN; want it in [0, 1)"},
	} {
		res, err := Minimize(context.Background(), objective.Booth(), []float64{0, 0}, sgd(0.1), test.settings)
		checkError(t, err, test.want)
		if res != nil {
			t.Errorf("%+v: a result besides the error %v", test.settings, err)
		}
	}
}

func TestPanics(t *testing.T) {
	minimize := func(x0, optimum []float64) func() {
		return func() {
			_, _ = Minimize(context.Background(), objective.Booth(), x0, sgd(0.1), Settings{Optimum: &Optimum{X: optimum}})
		}
	}
	checkPanic(t, "train: len(x0) = 3, want 2", minimize(make([]float64, 3), nil))
	checkPanic(t, "train: len(Optimum.X) = 1, want 2", minimize(make([]float64, 2), make([]float64, 1)))
}

// TestClockStandsStillDuringEvaluations sleeps in the recorder, far longer than the run takes.
func TestClockStandsStillDuringEvaluations(t *testing.T) {
	const nap, steps = 20 * time.Millisecond, 20
	last := -1.0
	res, err := Minimize(context.Background(), objective.Booth(), []float64{0, 0}, sgd(0.01), Settings{
		Steps: steps, EvaluateEvery: 1, Runtime: nap * steps / 2,
		Recorder: RecorderFunc(func(p Point) error {
			if p.Seconds < last {
				t.Errorf("step %d: the clock went from %v to %v", p.Step, last, p.Seconds)
			}
			last = p.Seconds
			time.Sleep(nap)
			return nil
		})})
	if err != nil || res.Status != optimize.IterationLimit || res.Seconds > (nap*steps/2).Seconds() {
		t.Errorf("%v after %v s, %v", res.Status, res.Seconds, err)
	}
}

// TestRuntimeCountsSteps sleeps in the gradient.
func TestRuntimeCountsSteps(t *testing.T) {
	const nap = 5 * time.Millisecond
	f := &objective.Funcs[float64]{D: 1, Func: func(x []float64, _ int) float64 { return 0 },
		FuncGrad: func(dst, x []float64, _ int) float64 { time.Sleep(nap); dst[0] = 0; return 0 }}
	res, _ := record(t, f, []float64{1}, sgd(0.1), Settings{Runtime: 4 * nap})
	if res.Status != optimize.RuntimeLimit || res.Step < 1 || res.Step > 4 || res.Seconds < (4*nap).Seconds() {
		t.Errorf("%v after %d steps and %v s", res.Status, res.Step, res.Seconds)
	}
}

// singles is the mean of ½(x − cᵢ)² in single precision.
type singles []float32

func (c singles) Len() int                { return len(c) }
func (c singles) Params() []param.Param   { return []param.Param{{Name: "x", Shape: []int{1}}} }
func (c singles) FLOPs(batch int) float64 { return float64(batch) }

func (c singles) Loss(x []float32, batch []uint32) float64 {
	return c.Grad(make([]float32, 1), x, batch)
}

func (c singles) Grad(dst, x []float32, batch []uint32) float64 {
	var loss, slope, terms float64
	for i, center := range c {
		times := float64(len(batch))
		for _, b := range batch {
			if int(b) != i {
				times--
			}
		}
		if batch == nil {
			times = 1
		}
		r := float64(x[0]) - float64(center)
		loss, slope, terms = loss+times*r*r/2, slope+times*r, terms+times
	}
	dst[0] = float32(slope / terms)
	return loss / terms
}

// Gap bounds the suboptimality by strong convexity, as a Certified problem in single precision would.
func (c singles) Gap(x []float64) float64 {
	g := make([]float32, 1)
	c.Grad(g, []float32{float32(x[0])}, nil)
	return float64(g[0]) * float64(g[0]) / 2
}

func TestSinglePrecision(t *testing.T) {
	p := singles{1, 2, 3, 6} // minimum at the mean 3
	res, points := record(t, p, []float32{0}, sgd(0.5), Settings{Steps: 100, EvaluateEvery: 1, Target: 1e-10})
	if res.Status != TargetReached || math.Abs(float64(res.X[0])-3) > 1e-4 {
		t.Errorf("%v at %v", res.Status, res.X)
	}
	for k, point := range points {
		r := 3 * math.Pow(0.5, float64(k)) // x_k = 3 − 3·2^−k is exact
		if want := 1.75 + r*r/2; math.Abs(point.Loss-want) > 1e-12 {
			t.Errorf("step %d: loss %v, want %v", k, point.Loss, want)
		}
	}

	res, _ = record(t, p, []float32{0}, sgd(0.5), Settings{Batch: 2, Seed: 3, Steps: 50, Average: Average{Form: UniformAverage}})
	x, g, mean := []float32{0}, []float32{0}, 0.0
	for k := range 50 {
		mean += float64(x[0]) / 50
		p.Grad(g, x, NewBatches(WithReplacement, 4, 2, 3).At(k))
		x[0] -= 0.5 * g[0]
	}
	if math.Abs(float64(res.X[0])-mean) > 1e-5 {
		t.Errorf("average %v, want %v", res.X[0], mean)
	}
}

// TestInterval lists how often runs are evaluated by default.
func TestInterval(t *testing.T) {
	for _, c := range []struct {
		steps, n, batch int
		pass            float64
		want            int
	}{
		{1120, 1797, 32, 2.3e6, 11},      // a hundred passes cost nothing
		{20, 1797, 1797, 2.3e6, 1},       // no more evaluations than steps
		{1875, 60000, 32, 9.4e8, 187},    // ten evaluations of an epoch of MNIST
		{37500, 60000, 32, 9.4e8, 937},   // two an epoch
		{375000, 60000, 32, 9.4e8, 3750}, // a hundred at the most
		{math.MaxInt, 1000, 32, 1, 31},   // an epoch of a run without an end
		{5, 1, 1, 0, 1},
	} {
		if got := interval(c.steps, c.n, c.batch, c.pass); got != c.want {
			t.Errorf("interval(%d, %d, %d, %g) = %d, want %d", c.steps, c.n, c.batch, c.pass, got, c.want)
		}
	}
}
