package theory

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"testing"

	"pgregory.net/rapid"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/matfun"
	"steepest/optim/matrix"
	"steepest/optim/norm"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
	"steepest/train"
)

// shaped is a function of a matrix.
type shaped struct {
	*objective.Function
	rows, cols int
}

func (s shaped) Params() []param.Param {
	return []param.Param{{Name: "x", Shape: []int{s.rows, s.cols}, Role: param.Hidden}}
}

// quadratic returns f(x) = ½ Σ hⱼxⱼ² with the noise ±u, for a matrix x.
func quadratic(h, u []float64, rows, cols int) shaped {
	return shaped{objective.NoisyQuadratic(h, u), rows, cols}
}

// normalizedRules returns all methods with normalized steps.
func normalizedRules(alpha float64) map[string]optim.Rule {
	lr := schedule.Constant(alpha)
	in := func(n norm.Norm) optim.Rule { return matrix.SteepestDescent{LR: lr, Norm: optim.Set(n)} }
	return map[string]optim.Rule{
		"normalized": rules.NormalizedDescent{LR: lr}, "sign": rules.SignDescent{LR: lr}, "spectral": in(norm.Spectral), "rows": in(norm.MaxRow),
		"lp(3)": in(norm.Lp(3)), "nuclear": in(norm.Nuclear),
	}
}

// measureNormalized returns the means over runs of (1/k) Σ ‖∇f(x_t)‖* and of the errors of the gradients.
func measureNormalized(t testing.TB, p objective.FiniteSum[float64], x0 []float64, r Run, seeds int) (m measured) {
	t.Helper()
	var norms sample
	var errors []Trace
	for seed := range seeds {
		q, lengths, errs, ok := WatchGradients(p, r.Rule, r.Settings.Steps)
		if !ok {
			t.Fatalf("the gradients of %v are not measured", r.Rule)
		}
		s := r.Settings
		s.Seed, s.EvaluateEvery = uint64(seed), math.MaxInt
		if _, err := train.Minimize(context.Background(), q, x0, r.Rule, s); err != nil {
			t.Fatal(err)
		}
		errors = append(errors, *errs)
		sum := 0.0
		for j, length := range *lengths {
			if sum += length; seed == 0 {
				m.steps, norms = append(m.steps, j+1), append(norms, nil)
			}
			norms[j] = append(norms[j], sum/float64(j+1))
		}
	}
	m.trace, m.of = Mean(errors...), map[Quantity][]estimate{GradientNorm: norms.estimates()}
	return m
}

// TestNormalizedOnEveryRun: both bounds hold on every run of every method, after every step, whatever the norm, the noise and the batches. The
// noise has the same length at each step, so even the bound on the expectation holds on each run.
func TestNormalizedOnEveryRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 3).Draw(t, "rows"), rapid.IntRange(1, 3).Draw(t, "cols")
		vector := func(name string, low, high float64) []float64 {
			return rapid.SliceOfN(rapid.Float64Range(low, high), rows*cols, rows*cols).Draw(t, name)
		}
		p := quadratic(vector("h", 0.01, 5), vector("noise", -2, 2), rows, cols)
		x0 := vector("x0", -3, 3)
		alpha := math.Exp(rapid.Float64Range(-6, 2).Draw(t, "log α"))
		name := rapid.SampledFrom([]string{"normalized", "sign", "spectral", "rows", "lp(3)", "nuclear"}).Draw(t, "rule")
		run := Run{Rule: normalizedRules(alpha)[name], Settings: train.Settings{
			Batch: rapid.IntRange(0, 1).Draw(t, "batch"), Steps: 20, Seed: rapid.Uint64().Draw(t, "seed"), EvaluateEvery: math.MaxInt,
		}}
		q, norms, errs, ok := WatchGradients(p, run.Rule, run.Settings.Steps)
		if !ok {
			t.Fatal("nothing is measured")
		}
		if _, err := train.Minimize(context.Background(), q, x0, run.Rule, run.Settings); err != nil && !errors.Is(err, train.ErrDiverged) { // the bounds hold for a loss that grows, too
			t.Fatal(err)
		}
		run.Errors = *errs
		facts := New(p, x0, &train.Optimum{X: make([]float64, rows*cols)})
		for _, theorem := range onNormalized {
			b := theorem.Apply(facts, run)
			if b.Verdict() != Held {
				t.Fatalf("%s is %v: %+v", b.Name, b.Verdict(), b.Hypotheses)
			}
			sum := 0.0
			for j, length := range *norms {
				sum += length
				if mean, bound := sum/float64(j+1), b.At(j+1); !(mean <= bound*(1+1e-9)+1e-12) {
					t.Fatalf("%s: the mean of ‖∇f‖* over %d steps is %v, above %v", b.Name, j+1, mean, bound)
				}
			}
		}
	})
}

// TestNormalizedIsTight: on ½‖x‖², from a start along the steps, the bound is an equality in every norm, apart from the f(x_k) − f* that is left.
func TestNormalizedIsTight(t *testing.T) {
	const alpha, steps = 0.08, 200
	p := quadratic([]float64{1, 1, 1, 1}, make([]float64, 4), 2, 2)
	for name, rule := range normalizedRules(alpha) {
		x0 := []float64{1, 1, -1, 1} // a multiple of an orthogonal matrix, with equal rows and entries
		if name == "nuclear" {
			x0 = []float64{1, 1, 1, 1} // of rank one
		}
		run := full(rule, steps)
		m := measureNormalized(t, p, x0, run, 1)
		b := onNormalized[0].Apply(New(p, x0, &train.Optimum{X: make([]float64, 4)}), run)
		if _, last := m.tightness(t, name, &b); !(last < 1.01) {
			t.Errorf("%s: the bound is %v times the mean", name, last)
		}
	}
}

// TestNormalizedGoldens compares with NumPy; see testdata/normalized.py.
func TestNormalizedGoldens(t *testing.T) {
	var golden struct {
		H, X0 []float64
		Noise float64
		Steps int
		Cases map[string]struct{ Alpha, Mean, Quiet, Noisy, Best float64 }
	}
	text, err := os.ReadFile("testdata/normalized.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	noise := make([]float64, 6)
	noise[2] = golden.Noise
	p := quadratic(golden.H, noise, 2, 3)
	facts := New(p, golden.X0, &train.Optimum{X: make([]float64, 6)})
	for name, want := range golden.Cases {
		near := func(what string, got, want float64) {
			if math.Abs(got/want-1) > 1e-12 {
				t.Errorf("%s: %s is %v, want %v", name, what, got, want)
			}
		}
		run := full(normalizedRules(want.Alpha)[name], golden.Steps)
		quiet := onNormalized[0].Apply(facts, run)
		near("the bound", quiet.At(golden.Steps), want.Quiet)
		near("the best step", quiet.Step.At(0), want.Best)
		means := measureNormalized(t, p, golden.X0, run, 1).of[GradientNorm]
		near("the mean", means[golden.Steps-1].mean, want.Mean)
		noisy := onNormalized[0].Apply(facts, batch(run, 1))
		near("the bound with noise", noisy.At(golden.Steps), want.Noisy)
		run = batch(run, 1)
		for range golden.Steps { // errors of the length ρ√V at each step
			run.Errors = append(run.Errors, (want.Noisy-want.Quiet)/2)
		}
		measured := onNormalized[1].Apply(facts, run)
		near("the bound with measured errors", measured.At(golden.Steps), want.Noisy)
	}
}

// TestSignsOfBernstein compares with the bound of Bernstein et al. 2018, theorem 1, for K steps of 1/√(LK) and batches of K terms:
// the square of the mean is at most (√L(f(x₀) − f* + ½) + 2σ)²/K. Here L and σ are those of the norm of the steps.
func TestSignsOfBernstein(t *testing.T) {
	const k = 64
	p := quadratic([]float64{2, 0.5}, []float64{0.3, 0.4}, 2, 1)
	l, sigma := 2*2., math.Sqrt2*0.5
	x0 := []float64{1, 2}
	run := batch(full(rules.SignDescent{LR: schedule.Constant(1 / math.Sqrt(l*k))}, k), k)
	b := onNormalized[0].Apply(New(p, x0, &train.Optimum{X: make([]float64, 2)}), run)
	want := (math.Sqrt(l)*(2+0.5) + 2*sigma) / math.Sqrt(k)
	if got := b.At(k); math.Abs(got/want-1) > 1e-12 {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestStepsWithoutUnitLength: no bound applies to steps of another length than α, and nothing is measured.
func TestStepsWithoutUnitLength(t *testing.T) {
	p := quadratic([]float64{1, 1}, []float64{0, 0}, 2, 1)
	for _, rule := range []optim.Rule{
		matrix.SteepestDescent{Regularized: true}, matrix.SteepestDescent{Polar: optim.Set(matfun.Keller)}, rules.SGD{}, rules.Lion{},
	} {
		for _, theorem := range onNormalized {
			if b := theorem.Apply(New(p, []float64{1, 1}, nil), full(rule, 9)); b.Speaks() {
				t.Errorf("%s speaks of %v", b.Name, optim.NameOf(rule))
			}
		}
		if _, _, _, ok := WatchGradients(p, rule, 9); ok {
			t.Errorf("the gradients of %v are measured", optim.NameOf(rule))
		}
	}
	if _, _, _, ok := WatchGradients(p, rules.SignDescent{}, math.MaxInt); ok {
		t.Error("the gradients of an endless run are measured")
	}
}
