package compare

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"steepest/objective"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/optimum"
	"steepest/theory"
	"steepest/train"
)

// solved returns logistic regression with what theorems know of it from the origin.
func solved(t testing.TB) (*objective.Linear[float64], *train.Optimum, theory.Problem) {
	t.Helper()
	p := logistic(t)
	best, err := optimum.Find(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	o := &train.Optimum{X: best.X, F: best.Value}
	return p, o, theory.New(p, make([]float64, objective.Dim(p)), o)
}

func TestAdvised(t *testing.T) {
	_, _, facts := solved(t)
	s := train.Settings{Batch: 10, Epochs: 20}
	best, err := theory.Recommend(facts, rules.SGD{}, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		spec, theorem string
		step          schedule.Schedule
		average       train.AverageForm
	}{
		{"sgd:lr=theory", best.Name, best.Step, best.Average.Form},
		{"sgd:lr=theory(noise-constant)", "noise-constant", schedule.Constant(1 / (2 * (facts.LMax/10 + 0.9*facts.L))), train.LastIterate},
		{"sgd:lr=theory(pl-decreasing)", "pl-decreasing", schedule.StronglyConvex{Mu: 1e-2}, train.LastIterate},
		{"gd:lr=theory(gd-convex)", "gd-convex", schedule.Constant(1 / facts.L), train.LastIterate},
		{"saga:lr=theory(saga),batch=1", "saga", schedule.Constant(1 / (3 * facts.LMax)), train.LastIterate},
	} {
		e, err := entrant(t, test.spec).Advised(facts, s)
		if err != nil {
			t.Errorf("%s: %v", test.spec, err)
			continue
		}
		average := train.LastIterate
		if e.Average != nil {
			average = e.Average.Form
		}
		var lr schedule.Schedule
		switch rule := e.Method.Rule.(type) {
		case rules.SGD:
			lr = rule.LR
		case train.SAGA:
			lr = rule.LR
		}
		if e.Theory || e.Theorem == nil || e.Theorem.Name != test.theorem || fmt.Sprintf("%.12v", lr) != fmt.Sprintf("%.12v", test.step) ||
			average != test.average || e.Given["lr"] != fmt.Sprint(lr) {
			t.Errorf("%s: step %v, average %v, given %v, want %v and %v by %s",
				test.spec, lr, average, e.Given, test.step, test.average, test.theorem)
		}
		if again := entrant(t, e.Spec()); !reflect.DeepEqual(again.Method.Rule, e.Method.Rule) || again.Batch != e.Batch {
			t.Errorf("%s reads as %+v", e.Spec(), again)
		}
	}
	plain := entrant(t, "sgd:lr=0.1")
	if e, err := plain.Advised(facts, s); err != nil || e.Theorem != nil || e.Given["lr"] != "0.1" {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestAdvisedErrors(t *testing.T) {
	_, _, facts := solved(t)
	for spec, want := range map[string]string{
		"adam:lr=theory":              "no theorem recommends a step size for this method on this problem",
		"sgd:lr=theory(saga),batch=1": "theorem saga says nothing of this run: SAGA: the rule is SGD",
		"saga:lr=theory(saga)":        "theorem saga says nothing of this run: one term at a time: the batches have 10 terms",
		"sgd:lr=theory(convex-constant)": "theorem convex-constant recommends no step size here: E‖g_k‖² ≤ σ²: the gradients are " +
			"not bounded",
		"sgd:lr=theory(least-squares),batch=1": "theorem least-squares recommends no step size here: f is least squares: " +
			"without a penalty, with a known solution: it is not",
		"sgd:lr=theory(noise-convex),average=none": "the step size of theorem noise-convex goes with the average step-weighted, not none",
	} {
		_, err := entrant(t, spec).Advised(facts, train.Settings{Batch: 10})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", spec, err, want)
		}
	}
}

// TestRaceAdvises: a theorem sets the step size, and the other options are tuned.
func TestRaceAdvises(t *testing.T) {
	p, best, facts := solved(t)
	r := race(t, Race{
		Problem: p, Optimum: best, Entrants: entrants(t, "sgd:lr=theory(noise-convex),name=by theory", "sgd"), Trials: 2, Seeds: 1,
		Settings: train.Settings{Batch: 10, Epochs: 2},
	})
	advised, err := entrant(t, "sgd:lr=theory(noise-convex)").Advised(facts, r.Settings)
	if err != nil {
		t.Fatal(err)
	}
	e := r.Entries[0]
	options := e.Options()
	if e.Rule != advised.Method.Rule || e.Best != -1 || options["lr"] != advised.Given["lr"] || options["average"] != "step-weighted" {
		t.Errorf("rule %v, options %v, want %v", e.Rule, options, advised.Method.Rule)
	}
	if r.Entries[1].Best < 0 {
		t.Error("the other method is not tuned")
	}
	table := r.Table()
	for _, row := range table.Rows {
		settings := row[len(row)-1].Text
		if (row[0].Text == "by theory") != strings.HasSuffix(settings, " by theorem noise-convex") {
			t.Errorf("%s: %s", row[0].Text, settings)
		}
	}
	if _, err := (Race{Problem: p, Optimum: best, Entrants: entrants(t, "adam:lr=theory")}).Run(t.Context()); err == nil {
		t.Error("no error where no theorem speaks of a method")
	}
}
