package theory

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"steepest/data"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/train"
)

// TestBrokenHypothesesAreFlagged breaks one hypothesis at a time.
func TestBrokenHypothesesAreFlagged(t *testing.T) {
	all := instances(t)
	constant := func(alpha float64) optim.Rule { return sgd(schedule.Constant(alpha)) }
	with := func(r Run, change func(s *train.Settings)) Run {
		change(&r.Settings)
		return r
	}
	last, uniform, weighted := train.LastIterate, train.UniformAverage, train.StepAverage
	for _, c := range []struct {
		theorem, instance string
		run               Run
		broken            string
		setting           bool
	}{
		{"pl-constant", "quadratic κ=5", setup(constant(0.51), 9, last), "α ≤ 1/(2μ)", false},
		{"pl-constant", "quadratic κ=5", setup(sgd(schedule.InvSqrt{Initial: 0.1}), 9, last), "constant α", true},
		{"pl-constant", "quadratic κ=5", setup(rules.Adam{}, 9, last), "constant α", true},
		{"pl-constant", "quadratic κ=5", setup(constant(0.1), 9, uniform), "last iterate", true},
		{"pl-constant", "ε|x|±x, ε=.2", setup(constant(0.1), 9, last), "f is L-smooth", false},
		{"pl-decreasing", "quadratic κ=5", setup(sgd(schedule.StronglyConvex{Mu: 2}), 9, last), "the step's μ ≤ μ", false},
		{"pl-decreasing-next", "quadratic κ=5", setup(sgd(schedule.StronglyConvex{Mu: 2}), 9, last), "the step's μ ≤ μ", false},
		{"pl", "quadratic κ=5", with(setup(constant(0.1), 9, last), func(s *train.Settings) { s.Sampling = train.Reshuffle }),
			"unbiased gradients", false},
		{"convex-constant", "ripple", setup(constant(0.1), 9, uniform), "f is convex", false},
		{"convex-horizon", "two logistic", setup(constant(0.1), 9, uniform), "α = R/(σ√k)", true},
		{"convex-decreasing", "two logistic", setup(sgd(schedule.InvSqrt{Initial: 1}), 9, last), "the step-weighted average", true},
		{"convex-decreasing-uniform", "two logistic", setup(sgd(schedule.InvSqrt{Initial: 1}), 9, weighted),
			"the uniform average", true},
		{"convex", "two logistic", setup(sgd(schedule.InvSqrt{Initial: 1}), 9, uniform), "the step-weighted average", true},
		{"error", "quadratic κ=5", setup(constant(0.1), 9, last), "α = 1/L", true},
		{"variance-constant", "quadratic κ=5", setup(constant(0.21), 9, last), "α ≤ 1/L", false},
		{"variance-decreasing", "quadratic κ=5", setup(sgd(schedule.Inverse{Initial: 0.2, Decay: 0.5}), 9, last), "1/μ < β", false},
		{"variance-decreasing", "quadratic κ=5", setup(sgd(schedule.Inverse{Initial: 2}), 9, last), "β/γ ≤ 1/L", false},
		{"variance", "quadratic κ=5", setup(constant(0.41), 9, last), "α_k ≤ 2/L", false},
		{"strong-inverse", "quadratic κ=5", setup(sgd(schedule.Inverse{Initial: 0.5}), 9, last), "the step's μ ≤ μ", false},
		{"strong-inverse", "quadratic κ=5", setup(sgd(schedule.Inverse{Initial: 1, Decay: 2}), 9, last), "α_k = 1/(μ(k+1))", true},
		{"strong", "two logistic", setup(constant(1), 9, last), "f is strongly convex", false},
		{"strong-suffix", "quadratic κ=5", setup(sgd(schedule.Inverse{Initial: 1}), 9, last), "the suffix average", true},
		{"noise-constant", "ridge logistic", setup(constant(0.1), 9, last), "α ≤ 1/(2ℒ)", false},
		{"noise-constant", "ε|x|±x, ε=.2", setup(constant(0.1), 9, last), "each fᵢ is L_max-smooth", false},
		{"noise-switch", "ridge logistic", setup(sgd(schedule.Switch{Mu: 0.1, L: 1}), 9, last), "ℒ ≤ the step's L", false},
		{"noise-switch", "ridge logistic", setup(sgd(schedule.Switch{Mu: 1, L: 100}), 9, last), "the step's μ ≤ μ", false},
		{"noise", "ripple", setup(constant(0.01), 9, last), "each fᵢ is convex", false},
		{"noise", "ridge logistic", setup(sgd(schedule.StronglyConvex{Mu: 0.1}), 9, last), "α_k ≤ 1/(2ℒ)", false},
		{"noise-convex-decreasing", "two logistic", setup(sgd(schedule.InvSqrt{Initial: 1.01}), 9, weighted), "α₀ ≤ 1/(4ℒ)", false},
		{"noise-convex", "two logistic", setup(constant(2), 9, weighted), "α_k < 1/(2ℒ)", false},
		{"gd-convex", "two logistic", full(constant(4.1), 9), "α ≤ 1/L", false},
		{"gd-convex", "two logistic", setup(constant(1), 9, last), "whole sum at each step", true},
		{"smooth-variance", "two logistic", setup(constant(4.1), 9, last), "α ≤ 1/L", false},
		{"smooth", "two logistic", setup(constant(8), 9, last), "α < 2/L", false},
		{"smooth-constant", "two kinks", setup(constant(1), 9, last), "f is L-smooth", false},
		{"least-squares", "one-hot", setup(constant(0.11), 9, uniform), "γ < 1/R²", false},
		{"least-squares", "two logistic", setup(constant(0.1), 9, uniform), "f is least squares", false},
		{"least-squares", "ridge", setup(constant(0.1), 9, uniform), "f is least squares", false},
		{"least-squares", "one-hot", full(constant(0.1), 9), "one term at a time", true},
		{"schedule-free", "quadratic κ=5", setup(constant(0.1), 9, last), "Schedule-Free SGD", true},
		{"schedule-free", "quadratic κ=5", setup(scheduleFree(0.1), 9, uniform), "last iterate", true},
		{"schedule-free", "ripple", setup(scheduleFree(0.1), 9, last), "f is convex", false},
		{"schedule-free", "quadratic κ=5", setup(rules.ScheduleFreeSGD{LR: schedule.InvSqrt{Initial: 1}}, 9, last), "constant α", true},
		{"schedule-free-moments", "quadratic κ=5", setup(rules.ScheduleFreeSGD{WeightDecay: optim.Set(0.1)}, 9, last), "no decay", true},
		{"schedule-free-moments", "quadratic κ=5", setup(rules.ScheduleFreeSGD{Weights: rules.Weights{WeightStepPower: 1}}, 9, last),
			"one weight for all iterates", true},
		{"dog", "quadratic κ=5", setup(constant(0.1), 9, uniform), "DoG", true},
		{"dog", "quadratic κ=5", setup(rules.DoG{}, 9, last), "the uniform average", true},
		{"dog", "quadratic κ=5", setup(rules.DoG{LR: schedule.Constant(2)}, 9, uniform), "no factor", true},
		{"dog", "quadratic κ=5", setup(rules.DoG{Layered: true}, 9, uniform), "one step size", true},
		{"dog", "ripple", uniformly(full(rules.DoG{}, 9)), "f is convex", false},
		{"normalized", "quadratic κ=5", setup(constant(0.1), 9, last), "x ← x + α·lmo(g)", true},
		{"normalized", "quadratic κ=5", setup(rules.NormalizedDescent{LR: schedule.InvSqrt{Initial: 1}}, 9, last), "constant α", true},
		{"normalized", "two kinks", setup(normalized(0.1), 9, last), "f is L-smooth", false},
		{"normalized", "two logistic", with(setup(sign(0.1), 9, last), func(s *train.Settings) { s.Sampling = train.Reshuffle }),
			"unbiased gradients", false},
		{"normalized-errors", "two logistic", compressed(setup(sign(0.1), 9, last)), "whole gradients", true},
		{"nag-gs", "quadratic κ=20", setup(nagGS(0.6, 1, 1), 9, last), "α < α_max", false},
		{"nag-gs", "one-hot", setup(nagGS(0.1, 0.01, 0.01), 9, last), "the noise is additive", false},
		{"sag", "ridge", setup(train.SAG{LR: schedule.Constant(0.1)}, 9, last), "α = 1/(16L)", true},
		{"sag-convex", "ridge", setup(train.SAG{}, 9, last), "the uniform average", true},
		{"saga", "one-hot", setup(train.SAGA{}, 9, last), "each fᵢ is strongly convex", false},
		{"svrg", "ridge", setup(train.SVRG{Inner: optim.Set(1000)}, 9, last), "random snapshots", false},
		{"svrg", "ridge", setup(train.SVRG{Inner: optim.Set(2), RandomSnapshot: true}, 9, last), "ρ < 1", false},
		{"lsvrg", "ridge", setup(train.LSVRG{LR: schedule.Constant(1)}, 9, last), "α ≤ 1/(6L)", false},
	} {
		theorem, err := Find(c.theorem)
		if err != nil {
			t.Fatal(err)
		}
		b := theorem.Apply(all[c.instance].facts(), c.run)
		i := slices.IndexFunc(b.Hypotheses, func(h Hypothesis) bool { return h.Name == c.broken && h.Verdict == Broken })
		if i < 0 {
			t.Errorf("%s on %s: %q is not flagged: %+v", c.theorem, c.instance, c.broken, b.Hypotheses)
			continue
		}
		if h := b.Hypotheses[i]; h.Setting != c.setting || h.Text == "" || b.Verdict() != Broken || b.Speaks() == c.setting {
			t.Errorf("%s on %s: %+v, %v, speaks %v", c.theorem, c.instance, h, b.Verdict(), b.Speaks())
		}
	}
}

// TestUnknownFacts: an unknown constant makes a bound unknown and its curve NaN.
func TestUnknownFacts(t *testing.T) {
	i := instances(t)["ridge logistic"]
	run := setup(sgd(schedule.Constant(0.01)), 9, train.LastIterate)
	for _, b := range Bounds(New(i.problem, i.start, nil), run) {
		if b.Verdict() != Unknown || !math.IsNaN(b.At(5)) {
			t.Errorf("%s without an optimum: %v, %v", b.Name, b.Verdict(), b.At(5))
		}
	}
	names := map[string]Verdict{}
	for _, b := range Bounds(i.facts(), run) {
		names[b.Name] = b.Verdict()
		if (b.Verdict() == Held) == math.IsNaN(b.At(5)) {
			t.Errorf("%s: %v, %v", b.Name, b.Verdict(), b.At(5))
		}
	}
	// the second moment needs a trace; the variance, the Lipschitz loss bounds
	for name, want := range map[string]Verdict{"pl-constant": Unknown, "strong": Unknown, "noise-constant": Held, "variance": Held} {
		if got := names[name]; got != want {
			t.Errorf("%s before a run: %v, want %v", name, got, want)
		}
	}
	if _, ok := names["convex-constant"]; ok {
		t.Error("a bound on an average speaks of a run that evaluates the last iterate")
	}
	user := New(&objective.Funcs[float64]{D: 1, Func: func(x []float64, _ int) float64 { return x[0] * x[0] }}, []float64{1}, nil)
	for _, b := range Bounds(user, run) {
		if b.Verdict() == Held {
			t.Errorf("%s holds on a problem that tells nothing: %+v", b.Name, b.Hypotheses)
		}
	}
}

// TestTrap runs the lecture's step size on κ = 20. The first steps move x far away, so σ² along the run is huge and the bound useless. The safe
// step size stays near the solution. With κ = 1e4 the gradients overflow, and the hypothesis is broken.
func TestTrap(t *testing.T) {
	p := instances(t)["quadratic κ=20"].facts()
	one := func(int) float64 { return 1 }
	trap := p.Quadratic.SGD(schedule.StronglyConvex{Mu: 1}, one, 1, 1000)
	safe := p.Quadratic.SGD(schedule.Switch{Mu: 1, L: 20}, one, 1, 1000)
	if most := slices.Max(trap.Excess); most < 1e6 {
		t.Errorf("the step 1/(2μ) reaches f = %v only", most)
	}
	if most := slices.Max(safe.Excess); most > safe.Excess[0] {
		t.Errorf("the safe step rises to %v", most)
	}
	run := setup(sgd(schedule.StronglyConvex{Mu: 1}), 1000, train.LastIterate)
	run.Trace = trap.Trace
	b := onPL[1].Apply(p, run)
	if b.Verdict() != Held || b.At(1000) < 1e3*safe.Excess[1000] {
		t.Errorf("the bound %v holds (%v); the safe step is at %v", b.At(1000), b.Verdict(), safe.Excess[1000])
	}
	far := Quadratic{H: []float64{1, 1e16}, X0: []float64{1, 1e300}, Noise: []float64{1, 1}}
	run.Trace = far.SGD(schedule.StronglyConvex{Mu: 1}, one, 1, 100).Trace
	if b := onPL[1].Apply(p, run); b.Verdict() != Broken {
		t.Errorf("gradients that overflow: %v", b.Verdict())
	}
}

// TestWatch: a watched run has the same bits as an unwatched one. Its trace is the mean of ‖g‖² over all batches if that can be computed,
// otherwise ‖g_k‖² of the run's batches.
func TestWatch(t *testing.T) {
	i := instances(t)["ridge"]
	x, y := i.problem.(*objective.Linear[float64]).Data()
	lasso, err := objective.LeastSquares(x, y, objective.L1(0.01))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []objective.FiniteSum[float64]{i.problem, lasso, objective.TwoLogistic()} {
		s := train.Settings{Batch: 2, Steps: 20, Seed: 3}
		start := make([]float64, objective.Dim(p))
		plain, err := train.Minimize(context.Background(), p, start, sgd(schedule.Constant(0.1)), s)
		if err != nil {
			t.Fatal(err)
		}
		g := make([]float64, len(start))
		square := func(batch []uint32) (sum float64) {
			p.Grad(g, start, batch)
			for _, v := range g {
				sum += v * v
			}
			return sum
		}
		mean := 0.0 // over all n² batches of two
		n := p.Len()
		for a := range n {
			for b := range n {
				mean += square([]uint32{uint32(a), uint32(b)}) / float64(n*n)
			}
		}
		own := square(train.NewBatches(train.WithReplacement, n, 2, 3).At(0))
		for steps, want := range map[int]float64{20: mean, math.MaxInt: own} {
			w, trace, drawn := Watch(p, 2, steps)
			watched, err := train.Minimize(context.Background(), w, start, sgd(schedule.Constant(0.1)), s)
			if err != nil || !slices.Equal(plain.X, watched.X) || len(*trace) != 20 || drawn != (steps == math.MaxInt) {
				t.Fatalf("%T: %v, %v and %v, %d steps, drawn: %v", p, err, plain.X, watched.X, len(*trace), drawn)
			}
			if got := (*trace)[0]; math.Abs(got-want) > 1e-12*want {
				t.Errorf("%T: trace %v, want %v", p, got, want)
			}
		}
	}
	if got := Mean(Trace{1, 2, 3}, Trace{3, 4}); !slices.Equal(got, Trace{2, 3}) {
		t.Errorf("mean of traces %v", got)
	}
}

// TestRareGradient: if a run misses a row with a large gradient, the bound on E‖g‖² includes this row, or the hypothesis is unknown.
func TestRareGradient(t *testing.T) {
	const n = 1000
	x, y := &data.Dense{Rows: n, Cols: 1, Data: make([]float64, n)}, make([]float64, n)
	for i := range n - 1 {
		x.Data[i] = 0.1
	}
	x.Data[n-1], y[n-1] = 30, 30
	p, err := objective.LeastSquares(x, y)
	if err != nil {
		t.Fatal(err)
	}
	facts := New(p, []float64{0}, nil)
	for _, steps := range []int{10, math.MaxInt} {
		w, trace, drawn := Watch(p, 1, steps)
		for range 10 {
			w.Grad(make([]float64, 1), []float64{0}, []uint32{0}) // the gradient of this row is 0
		}
		r := setup(sgd(schedule.Constant(1e-3)), 10, train.LastIterate)
		if r.Trace = *trace; drawn {
			r.Drawn = 1
		}
		c := claim{p: facts, r: r}
		got := c.secondMoment()
		if verdict := c.Hypotheses[0].Verdict; drawn && verdict != Unknown || !drawn && (verdict != Held || math.Abs(got-810) > 1e-9) {
			t.Errorf("drawn: %v: σ² = %v is %v", drawn, got, verdict)
		}
	}
}

// TestCompositeIsBroken: the theorems exclude proximal steps.
func TestCompositeIsBroken(t *testing.T) {
	x := &data.Dense{Rows: 2, Cols: 1, Data: []float64{1, 2}}
	lasso, err := objective.LeastSquares(x, []float64{1, 1}, objective.L1(0.1))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range Bounds(New(lasso, []float64{0}, nil), setup(sgd(schedule.Constant(0.1)), 9, train.LastIterate)) {
		if b.Verdict() != Broken {
			t.Errorf("%s: %v", b.Name, b.Verdict())
		}
	}
}

func TestFind(t *testing.T) {
	if _, err := Find("pl-constent"); err == nil || !strings.Contains(err.Error(), `did you mean "pl-constant"?`) {
		t.Errorf("error %v", err)
	}
	seen := map[string]bool{}
	for _, theorem := range Theorems() {
		if seen[theorem.Name] || theorem.Title == "" || theorem.Source == "" || !strings.ContainsAny(theorem.Statement, "≤=") {
			t.Errorf("theorem %+v", theorem)
		}
		seen[theorem.Name] = true
	}
}

func TestCurveWantsAscendingSteps(t *testing.T) {
	defer func() {
		if got := recover(); got != "theory: step 3 after step 5; want ascending steps" {
			t.Errorf("panic %v", got)
		}
	}()
	p := instances(t)["quadratic κ=1"].facts()
	b := onVariance[3].Apply(p, setup(sgd(schedule.Constant(0.1)), 9, train.LastIterate))
	b.Curve([]int{5, 3})
}

// TestRecommend runs SGD with the recommended step size, and finds f − f* below the bound.
func TestRecommend(t *testing.T) {
	all := instances(t)
	for _, c := range []struct {
		instance string
		rule     optim.Rule
		settings train.Settings
		theorem  string
	}{
		{"ε|x|±x, ε=.2", rules.SGD{}, train.Settings{Batch: 1, Steps: 100}, "convex-constant"},
		{"ridge logistic", rules.SGD{}, train.Settings{Batch: 1, Epochs: 20}, "noise-convex"},
		{"quadratic κ=20", rules.SGD{}, train.Settings{Batch: 1, Steps: 5000}, "noise-switch"},
		{"ridge logistic", rules.SGD{}, train.Settings{Steps: 500}, "error"},
		{"one-hot, flat", rules.SGD{}, train.Settings{Batch: 1, Steps: 4000}, "least-squares"},
		{"two logistic", rules.SGD{}, train.Settings{Steps: 20}, "gd-convex"},
		{"quadratic κ=20", nagGS(0.01, 1, 1), train.Settings{Batch: 1, Steps: 100}, "nag-gs"},
		{"ripple", rules.NormalizedDescent{}, train.Settings{Steps: 50}, "normalized"},
		{"ridge logistic", rules.SignDescent{}, train.Settings{Batch: 10, Steps: 50}, "normalized"},
		{"ridge", train.SAGA{}, train.Settings{Batch: 1, Steps: 100}, "saga"},
	} {
		i := all[c.instance]
		b, err := Recommend(i.facts(), c.rule, c.settings)
		if err != nil || b.Name != c.theorem || b.Verdict() != Held {
			t.Errorf("%s: %s (%v), %v, want %s", c.instance, b.Name, b.Verdict(), err, c.theorem)
			continue
		}
		rule, err := optim.Configure(c.rule, map[string]string{"lr": stepString(b.Step)})
		if err != nil {
			t.Fatal(err)
		}
		run := Run{Rule: rule, Settings: c.settings}
		run.Settings.Average = b.Average
		var m measured
		if b.Of == GradientNorm {
			m = measureNormalized(t, i.problem, i.start, run, 8)
		} else {
			m = measure(t, i, run, 8)
		}
		end := len(m.steps) - 1
		if got, bound := m.of[b.Of][end], b.At(m.steps[end]); !(got.mean-4*got.error <= bound) {
			t.Errorf("%s with %v: %v ± %v at the end, above the bound %v", c.instance, b.Step, got.mean, got.error, bound)
		}
	}
	if b, err := Recommend(all["ridge"].facts(), rules.Adam{}, train.Settings{}); err == nil {
		t.Errorf("Adam: %s", b.Name)
	}
	// for a run that ends before the switch another step size is better
	if b, err := Recommend(all["quadratic κ=20"].facts(), rules.SGD{}, train.Settings{Batch: 1, Steps: 60}); err != nil ||
		b.Name == "noise-switch" || b.Verdict() != Held {
		t.Errorf("60 steps: %s, %v, %v", b.Name, b.Verdict(), err)
	}
	// without the solution, the theorem that needs the fewest facts about it
	p := New(all["ridge logistic"].problem, all["ridge logistic"].start, nil)
	if b, err := Recommend(p, rules.SGD{}, train.Settings{Batch: 1}); err != nil || b.Step == nil || b.Verdict() != Unknown {
		t.Errorf("without the solution: %s, %v, %v", b.Name, b.Step, err)
	}
}

func stepString(s schedule.Schedule) string { return s.(interface{ String() string }).String() }

// TestCompressedGradients: one theorem applies to runs with compressed gradients, and none to runs with local steps.
func TestCompressedGradients(t *testing.T) {
	facts, run := instances(t)["quadratic κ=5"].facts(), compressed(setup(sgd(schedule.Constant(0.1)), 9, train.LastIterate))
	if b := Bounds(facts, run); len(b) != 1 || b[0].Name != errorFeedback {
		t.Errorf("%+v", b)
	}
	run.Settings.Local = &train.Local{Replicas: 2, Steps: 2}
	if b := Bounds(facts, run); len(b) > 0 || Silence(run) != "no theorem here speaks of local steps" {
		t.Errorf("%+v, %s", b, Silence(run))
	}
}

// TestPreparedGradients: no theorem applies if a preparation changes the gradients. A preparation that only skips gradients does not matter
// until it has skipped one.
func TestPreparedGradients(t *testing.T) {
	all := instances(t)
	skip := optim.Preparation{SkipNonfinite: optim.Set(3)}
	for _, c := range []struct {
		instance string
		run      Run
	}{
		{"quadratic κ=5", setup(sgd(schedule.Constant(0.1)), 9, train.LastIterate)},
		{"two logistic", setup(sgd(schedule.InvSqrt{Initial: 1}), 9, train.UniformAverage)},
		{"two logistic", full(sgd(schedule.Constant(0.1)), 9)},
		{"one-hot", setup(sgd(schedule.Constant(0.01)), 9, train.UniformAverage)},
		{"quadratic κ=20", setup(nagGS(0.1, 1, 1), 9, train.LastIterate)},
		{"ridge", setup(train.SAG{}, 9, train.LastIterate)},
		{"ridge", setup(train.SAGA{}, 9, train.LastIterate)},
		{"ridge", setup(train.SVRG{RandomSnapshot: true}, 9, train.LastIterate)},
		{"ridge", setup(train.LSVRG{}, 9, train.LastIterate)},
	} {
		facts, rule := all[c.instance].facts(), c.run.Rule
		want := len(Bounds(facts, c.run))
		if want == 0 {
			t.Errorf("%s, %v: no theorem speaks", c.instance, rule)
		}
		for p, want := range map[optim.Preparation]int{
			skip: want, {Accumulate: optim.Set(1)}: want, {Accumulate: optim.Set(2)}: 0, {ClipNorm: optim.Set(1.0)}: 0, {ClipValue: optim.Set(1.0)}: 0,
		} {
			c.run.Rule = p.Of(rule)
			if got := len(Bounds(facts, c.run)); got != want {
				t.Errorf("%s, %v with %v: %d theorems speak, want %d", c.instance, rule, p, got, want)
			}
		}
		c.run.Rule, c.run.Skipped = skip.Of(rule), 1
		if b := Bounds(facts, c.run); len(b) > 0 {
			t.Errorf("%s, %v: %s speaks of a run with a step skipped", c.instance, rule, b[0].Name)
		}
	}
	run := setup(optim.Preparation{ClipNorm: optim.Set(1.0)}.Of(sgd(schedule.Constant(0.1))), 9, train.LastIterate)
	pl, err := Find("pl")
	if err != nil {
		t.Fatal(err)
	}
	b := pl.Apply(all["quadratic κ=5"].facts(), run)
	if !slices.ContainsFunc(b.Hypotheses, func(h Hypothesis) bool { return h.Text == "the rule is SGD with clip-norm=1" }) {
		t.Errorf("no hypothesis names the rule: %+v", b.Hypotheses)
	}
}
