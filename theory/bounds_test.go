package theory

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/train"
)

var update = flag.Bool("update", false, "write testdata/tightness.txt")

// trial is a run with the theorems whose hypotheses hold for it.
type trial struct {
	instance string
	run      Run
	seeds    int // number of runs; 0 for exact expectations, by the recursion of a quadratic
	theorems string
}

func trials(all map[string]instance) []trial {
	last, uniform, weighted, suffix := train.LastIterate, train.UniformAverage, train.StepAverage, train.SuffixAverage
	of := func(name string) Problem { return all[name].facts() }
	logistic, ridge, onehot := of("ridge logistic"), of("ridge"), of("one-hot")
	constant := func(alpha float64) optim.Rule { return sgd(schedule.Constant(alpha)) }
	horizon := func(name string, steps int) optim.Rule {
		p := of(name)
		return constant(p.Distance / math.Sqrt(p.SecondMoment*float64(steps)))
	}
	strongly, inverse := sgd(schedule.StronglyConvex{Mu: 1}), sgd(schedule.Inverse{Initial: 1})
	onePL := "pl-constant pl"
	return []trial{
		{"quadratic κ=1", setup(constant(0.1), 512, last), 0, onePL + " variance-constant variance noise-constant noise strong"},
		{"quadratic κ=5", setup(constant(0.05), 512, last), 0, onePL + " variance-constant variance noise-constant noise strong"},
		{"one-hot, two", setup(constant(0.1), 256, last), 300, onePL + " noise-constant noise strong"},
		{"ridge logistic", setup(constant(1/logistic.LMax), 512, last), 100, onePL + " variance-constant variance strong"},
		{"ridge logistic", setup(constant(0.5/logistic.LMax), 512, last), 100, "noise-constant noise"},

		{"quadratic κ=1", setup(strongly, 512, last), 0, "pl-decreasing pl-decreasing-next pl strong"},
		{"quadratic κ=1.5", setup(strongly, 512, last), 0, "pl-decreasing pl-decreasing-next pl strong"},
		{"quadratic κ=5", setup(strongly, 512, last), 0, "pl-decreasing pl-decreasing-next pl strong"},

		{"quadratic κ=1", setup(constant(1), 64, last), 0, "error variance"},
		{"quadratic κ=5", setup(constant(0.2), 128, last), 0, "error variance"},
		{"ridge logistic", setup(constant(1/logistic.L), 256, last), 100, "error variance"},
		{"quadratic κ=5", setup(sgd(schedule.Inverse{Initial: 0.2, Decay: 0.1}), 512, last), 0, "variance-decreasing variance"},
		{"ridge logistic", setup(sgd(schedule.Inverse{Initial: 1 / logistic.L, Decay: logistic.Mu / (2 * logistic.L)}), 512, last), 100,
			"variance-decreasing variance"},

		{"ε|x|±x, ε=.2", setup(horizon("ε|x|±x, ε=.2", 100), 100, uniform), 150, "convex-constant convex-horizon convex"},
		{"ε|x|±x, ε=.05", setup(horizon("ε|x|±x, ε=.05", 1600), 1600, uniform), 400, "convex-constant convex-horizon convex"},
		{"two kinks", setup(horizon("two kinks", 256), 256, uniform), 150, "convex-constant convex"},
		{"two logistic", setup(constant(1), 256, uniform), 150, "convex-constant convex noise-convex"},
		{"ε|x|±x, ε=.2", setup(sgd(schedule.InvSqrt{Initial: 1}), 400, weighted), 300, "convex-decreasing convex"},
		{"two logistic", setup(sgd(schedule.InvSqrt{Initial: 1}), 100, weighted), 300,
			"convex-decreasing convex noise-convex-decreasing noise-convex"},
		{"two logistic", setup(sgd(schedule.InvSqrt{Initial: 1}), 256, uniform), 300, "convex-decreasing convex-decreasing-uniform"},
		{"ε|x|±x, ε=.05", setup(sgd(schedule.InvSqrt{Initial: 1}), 400, uniform), 300,
			"convex-decreasing convex-decreasing-uniform"},

		{"quadratic κ=1", setup(inverse, 512, last), 0, "strong-inverse strong"},
		{"quadratic κ=5", setup(inverse, 512, last), 0, "strong-inverse strong"},
		{"quadratic κ=5", setup(inverse, 512, uniform), 0, "strong-suffix"},
		{"quadratic κ=1.5", setup(inverse, 512, suffix), 300, "strong-suffix"},
		{"ridge logistic", setup(sgd(schedule.Inverse{Initial: 1 / logistic.Mu}), 1024, suffix), 100, "strong-suffix"},

		{"quadratic κ=20", setup(sgd(schedule.Switch{Mu: 1, L: 20}), 2048, last), 0, "noise-switch noise"},
		{"ridge logistic", setup(sgd(schedule.Switch{Mu: logistic.Mu, L: logistic.LMax}), 2048, last), 50, "noise-switch noise"},
		{"one-hot, flat", setup(sgd(schedule.InvSqrt{Initial: 0.08}), 512, weighted), 150,
			"noise-convex-decreasing noise-convex convex"},

		{"ridge", batch(setup(constant(0.5/(ridge.LMax/3+2*ridge.L/3)), 256, last), 3), 200, "noise-constant noise"},
		{"ridge logistic", batch(setup(constant(1/logistic.L), 256, last), 10), 50, "variance-constant variance pl"},
		{"two logistic", full(constant(4), 256), 1, "gd-convex"},
		{"Huber, δ=1/129", full(constant(1), 64), 1, "gd-convex"},
		{"one-hot, flat", full(constant(1), 256), 1, "gd-convex"},
		{"ripple", full(constant(0.125), 64), 1, "smooth-variance smooth smooth-constant error pl"},
		{"two logistic", setup(constant(0.5), 256, last), 300, "smooth-variance smooth smooth-constant"},
		{"quadratic κ=5", setup(constant(0.1), 256, last), 300, "smooth-variance smooth smooth-constant"},

		{"quadratic κ=5", compressed(setup(constant(0.1), 256, last)), 300, "error-feedback"},
		{"quadratic κ=20", compressed(setup(constant(0.02), 256, last)), 300, "error-feedback"},

		{"one-hot", setup(constant(1/(4*onehot.Regression.R2)), 1024, uniform), 150, "least-squares"},
		{"one-hot, flat", setup(constant(1/(4*of("one-hot, flat").Regression.R2)), 1024, uniform), 150, "least-squares"},
		{"least squares", setup(constant(1/(4*of("least squares").Regression.R2)), 1024, uniform), 150, "least-squares"},

		{"ridge", setup(train.SAGA{}, 512, last), 100, "saga"},
		{"ridge logistic", setup(train.SAGA{}, 2048, last), 20, "saga"},
		{"ridge", setup(train.LSVRG{}, 512, last), 100, "lsvrg"},
		{"ridge logistic", setup(train.LSVRG{}, 2048, last), 20, "lsvrg"},

		{"ε|x|±x, ε=.2", setup(scheduleFree(0.1), 100, last), 150, "schedule-free schedule-free-moments"},
		{"quadratic κ=1", setup(scheduleFree(1.9), 8, last), 300, "schedule-free schedule-free-moments"}, // the last gradient matters here
		{"two kinks", setup(scheduleFree(0.3), 256, last), 150, "schedule-free schedule-free-moments"},
		{"two logistic", setup(scheduleFree(0.5), 256, last), 150, "schedule-free schedule-free-moments"},
		{"ridge logistic", setup(scheduleFree(0.5/logistic.LMax), 256, last), 50, "schedule-free schedule-free-moments"},
		{"quadratic κ=5", full(scheduleFree(0.1), 64), 1, "schedule-free schedule-free-moments"},

		{"two logistic", uniformly(full(rules.DoG{}, 256)), 1, "dog"},
		{"Huber, δ=1/129", uniformly(full(rules.DoG{}, 256)), 1, "dog"},
		{"ridge logistic", uniformly(full(rules.DoG{Initial: optim.Set(1e-2)}, 256)), 1, "dog"},
		{"quadratic κ=20", uniformly(full(rules.DoG{}, 512)), 1, "dog"},

		{"quadratic κ=1", full(normalized(0.08), 64), 1, "normalized normalized-errors"},
		{"ripple", full(normalized(0.1), 64), 1, "normalized normalized-errors"},
		{"quadratic κ=5", setup(normalized(0.05), 128, last), 40, "normalized normalized-errors"},
		{"two logistic", setup(sign(0.02), 128, last), 40, "normalized normalized-errors"},
		{"ridge logistic", batch(setup(sign(0.01), 64, last), 10), 20, "normalized normalized-errors"},
		{"ridge", setup(normalized(0.05), 64, last), 40, "normalized-errors"},

		{"quadratic κ=5", setup(nagGS(0.5, 1, 1), 256, last), 300, "nag-gs"},
		{"quadratic κ=20", setup(nagGS(0.9*NAGGSStep(1, 20, 1), 1, 1), 256, last), 300, "nag-gs"},
		{"least squares", full(nagGS(0.5, 0.2, 1.5), 64), 1, "nag-gs"},
	}
}

// TestBoundsHold runs each trial and compares the measured means with every bound whose hypotheses hold. A mean may exceed its bound by four
// standard errors. The test records the least and the last ratio of each bound to the mean, unless -short leaves too few seeds.
func TestBoundsHold(t *testing.T) {
	all := instances(t)
	var rows []string
	tested := map[string]map[string]bool{}
	hold := func(b Bound, instance string, m measured) {
		least, last := m.tightness(t, fmt.Sprintf("%s on %s", b.Name, instance), &b)
		rows = append(rows, fmt.Sprintf("%s | %s | %.3g | %.3g", b.Name, instance, least, last))
		if tested[b.Name] == nil {
			tested[b.Name] = map[string]bool{}
		}
		tested[b.Name][instance] = true
	}
	for _, trial := range trials(all) {
		i := all[trial.instance]
		var m measured
		switch _, normalized := unitStepsOf(trial.run.Rule, nil); {
		case trial.seeds == 0:
			m = exact(i.facts().Quadratic, trial.run)
		case normalized:
			m = measureNormalized(t, i.problem, i.start, trial.run, trial.seeds)
		default:
			m = measure(t, i, trial.run, trial.seeds)
		}
		trial.run.Trace, trial.run.Regret, trial.run.Errors = m.trace, m.trace, m.trace
		for _, name := range strings.Fields(trial.theorems) {
			theorem, err := Find(name)
			if err != nil {
				t.Fatal(err)
			}
			b := theorem.Apply(i.facts(), trial.run)
			if b.Verdict() != Held {
				t.Errorf("%s on %s is %v: %+v", name, trial.instance, b.Verdict(), b.Hypotheses)
			}
			hold(b, fmt.Sprintf("%s, %s", trial.instance, stepText(trial.run)), m)
		}
	}
	for _, name := range []string{"ridge", "ridge logistic"} {
		for _, b := range sagBounds(all[name]) {
			hold(b, name, runSAG(all[name], 512))
		}
		b, m := runSVRG(all[name], 6)
		hold(b, name, m)
	}
	for _, theorem := range Theorems() {
		if n := len(tested[theorem.Name]); n < 2 {
			t.Errorf("%s is held against %d instances", theorem.Name, n)
		}
	}
	if !testing.Short() {
		compare(t, strings.Join(rows, "\n")+"\n")
	}
}

func batch(r Run, b int) Run {
	r.Settings.Batch = b
	return r
}

// compressed returns r with half of each gradient kept.
func compressed(r Run) Run {
	r.Settings.Compress.TopK = 0.5
	return r
}

func stepText(r Run) string {
	switch s := r.schedule().(type) {
	case nil:
		return fmt.Sprintf("%T", r.Rule)
	case schedule.Constant:
		text := fmt.Sprintf("α = %.3g", float64(s))
		if b := r.Settings.Batch; b > 1 {
			text += fmt.Sprintf(", batch %d", b)
		}
		return text
	default:
		name, _, _ := strings.Cut(fmt.Sprint(s), "(")
		return name
	}
}

// tightness returns the least and the last ratio of a bound to the measured mean, and reports an error where the bound is below the mean. It
// skips values that are only rounding errors of losses near 1.
func (m measured) tightness(t *testing.T, name string, b *Bound) (least, last float64) {
	t.Helper()
	least = math.Inf(1)
	for j, bound := range b.Curve(m.steps) {
		v := m.of[b.Of][j]
		if m.steps[j] == 0 || math.IsNaN(bound) {
			continue
		}
		if !(v.mean-4*v.error <= bound*(1+1e-9)+1e-16) {
			t.Errorf("%s: %v at step %d is %.6g ± %.2g, above the bound %.6g", name, b.Of, m.steps[j], v.mean, v.error, bound)
		}
		if v.mean > 1e-12 {
			last = bound / v.mean
			least = min(least, last)
		}
	}
	return least, last
}

// compare compares the table with the committed one, number by number.
func compare(t *testing.T, table string) {
	const path = "testdata/tightness.txt"
	const head = "theorem | instance, steps | bound over measured: least | at the last step\n"
	if *update {
		if err := os.WriteFile(path, []byte(head+table), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	stored, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimPrefix(string(stored), head), "\n")
	got := strings.Split(table, "\n")
	if len(got) != len(want) {
		t.Fatalf("%d rows of tightness, want %d", len(got), len(want))
	}
	for i := range got {
		if !sameRow(got[i], want[i]) {
			t.Errorf("tightness %s\nwant      %s", got[i], want[i])
		}
	}
}

// sameRow compares two rows. Their numbers may differ by 1 %.
func sameRow(a, b string) bool {
	u, v := strings.Split(a, " | "), strings.Split(b, " | ")
	if len(u) != len(v) {
		return false
	}
	for i := range u {
		var x, y float64
		if i < 2 {
			if u[i] != v[i] {
				return false
			}
			continue
		}
		fmt.Sscan(u[i], &x)
		fmt.Sscan(v[i], &y)
		if !(math.Abs(x-y) <= 0.01*math.Abs(y)) {
			return false
		}
	}
	return true
}

func uniformly(r Run) Run {
	r.Settings.Average.Form = train.UniformAverage
	return r
}

func scheduleFree(alpha float64) optim.Rule {
	return rules.ScheduleFreeSGD{LR: schedule.Constant(alpha)}
}

func normalized(alpha float64) optim.Rule {
	return rules.NormalizedDescent{LR: schedule.Constant(alpha)}
}

func sign(alpha float64) optim.Rule {
	return rules.SignDescent{LR: schedule.Constant(alpha)}
}

func nagGS(alpha, mu, gamma float64) optim.Rule {
	return rules.NAGGS{LR: schedule.Constant(alpha), Mu: optim.Set(mu), Gamma: optim.Set(gamma)}
}
