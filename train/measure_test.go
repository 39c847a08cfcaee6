package train

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/optimize"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
)

// TestMeasures compares the whole sum, a sample of it, a held-out set and a quantity with their definitions at every point.
func TestMeasures(t *testing.T) {
	p, held := logistic(t, objective.L1(0.01), objective.L2(0.1)), logistic(t, objective.L1(5))
	largest := func(x []float64) float64 { return slices.Max(x) }
	var xs [][]float64
	kept := Quantity("kept", func(x []float64) float64 { xs = append(xs, slices.Clone(x)); return 0 })
	_, points := record(t, p, make([]float64, 10), sgd(0.1), Settings{
		Batch: 9, Steps: 12, EvaluateEvery: 3,
		Evaluate: []Measure{HeldOut("held out", held), Whole(), Quantity("largest", largest), kept},
	})
	for i, point := range points {
		x := xs[i]
		want := []Value{{"held out", held.Loss(x, nil)}, {"largest", slices.Max(x)}, {"kept", 0}}
		if point.Loss != objective.Value(p, x) || !slices.Equal(point.Measured, want) {
			t.Errorf("step %d: %+v, want a loss of %v and %v", point.Step, point, objective.Value(p, x), want)
		}
	}
	text, err := json.Marshal(points[0])
	if err != nil || !strings.HasSuffix(string(text), `"measured":{"held out":0.6931471805599453,"kept":0,"largest":0}}`) {
		t.Errorf("%s, %v", text, err)
	}
}

// TestSample: a sample has the given number of terms, each at most once, and is the same at every evaluation. The sample of all terms is the
// whole sum.
func TestSample(t *testing.T) {
	p := logistic(t, objective.L1(0.01))
	settings := Settings{Steps: 3, EvaluateEvery: 1, Evaluate: []Measure{Sample(60, 9)}}
	_, points := record(t, p, slices.Repeat([]float64{0.2}, 10), rules.SGD{LR: schedule.Constant(1e-300)}, settings)
	batch := NewBatches(ShuffleOnce, 200, 60, 9).At(0)
	if seen := slices.Compact(slices.Sorted(slices.Values(batch))); len(seen) != 60 {
		t.Fatalf("%d different terms in a sample of 60", len(seen))
	}
	x := slices.Repeat([]float64{0.2}, 10)
	for _, point := range points {
		if want := p.Loss(x, batch) + p.Penalty(x); point.Loss != want {
			t.Errorf("step %d: %v, want %v", point.Step, point.Loss, want)
		}
	}
	settings.Evaluate = []Measure{Sample(200, 9)}
	if res, _ := record(t, p, x, sgd(0.1), settings); res.Loss != objective.Value(p, res.X) {
		t.Errorf("a sample of all terms: %v, want %v", res.Loss, objective.Value(p, res.X))
	}
}

// TestPatience: the run ends after the given number of evaluations without a better value, and returns the point with the best value.
func TestPatience(t *testing.T) {
	p := logistic(t)
	values, k := []float64{5, 4, 4.5, 3, 3.5, 3, 6, 1, 1, 1}, 0
	script := Quantity("script", func([]float64) float64 { k++; return values[k-1] })
	s := Settings{Steps: 100, EvaluateEvery: 1, Evaluate: []Measure{Whole(), script}, Watch: "script", Patience: 3}
	res, points := record(t, p, make([]float64, 10), sgd(0.1), s)
	if res.Status != PatienceSpent || res.Step != 6 || res.Best.Step != 3 || res.Best.Measured[0].Value != 3 {
		t.Fatalf("%v at step %d, the best at %d with %v; want PatienceSpent at 6, the best at 3 with 3",
			res.Status, res.Step, res.Best.Step, res.Best.Measured)
	}
	if got := objective.Value(p, res.Best.X); got != points[3].Loss || slices.Equal(res.Best.X, res.X) {
		t.Errorf("the loss of the best point is %v, want %v", got, points[3].Loss)
	}
	k, s.Patience = 0, 0
	s.Steps = 9
	if res, _ := record(t, p, make([]float64, 10), sgd(0.1), s); res.Step != 9 || res.Best.Step != 7 {
		t.Errorf("without patience the best is at %d of %d, want 7 of 9", res.Best.Step, res.Step)
	}
}

// TestNothingOfTheProblem: a run that measures only a held-out set has no loss. This does not count as a divergence.
func TestNothingOfTheProblem(t *testing.T) {
	p := logistic(t)
	res, points := record(t, p, make([]float64, 10), sgd(0.1), Settings{Steps: 3, Evaluate: []Measure{HeldOut("test", p)}})
	if !math.IsNaN(points[0].Loss) || res.Status != optimize.IterationLimit || res.Measured[0].Value != p.Loss(res.X, nil) {
		t.Errorf("%v, %+v", res.Status, res.Point)
	}
}

func TestMeasureErrors(t *testing.T) {
	p := logistic(t)
	quantity := func(name string) Measure { return Quantity(name, func([]float64) float64 { return 0 }) }
	for want, s := range map[string]Settings{
		"train: two measurements are of the problem itself":              {Evaluate: []Measure{Whole(), Sample(3, 1)}},
		`train: two measurements are called "a"`:                         {Evaluate: []Measure{quantity("a"), quantity("a")}},
		`train: Watch: unknown measurement "tset"; did you mean "test"?`: {Watch: "tset", Evaluate: []Measure{Whole(), quantity("test")}},
		"train: patience needs a measurement; set Watch":                 {Patience: 3},
		`train: the measurement "a" is of another precision than the run, whose x is a []float64`: {
			Evaluate: []Measure{Quantity("a", func([]float32) float64 { return 0 })},
		},
	} {
		if _, err := Minimize(context.Background(), p, make([]float64, 10), sgd(0.1), s); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// TestSpent: the share of the budget that a run has spent grows from 0 to 1, whether the budget is steps, epochs (including the gradients
// of snapshots) or time.
func TestSpent(t *testing.T) {
	p := logistic(t)
	for _, s := range []Settings{{Batch: 32, Epochs: 4}, {Batch: 7, Epochs: 30, Steps: 50}, {Batch: 7, Steps: 50}, {Batch: 1, Runtime: 20 * time.Millisecond}} {
		for _, rule := range []optim.Rule{sgd(0.01), SVRG{}} {
			run, err := New(p, make([]float64, 10), rule, s)
			if err != nil {
				t.Fatal(err)
			}
			last, steps := run.Spent(), 0
			if last != 0 {
				t.Errorf("%+v: %v is spent before the first step", s, last)
			}
			if _, err := run.Finish(t.Context(), func() error {
				spent := run.Spent()
				if steps++; s.Runtime == 0 && spent <= last || spent < last || spent > 1 {
					t.Errorf("%+v: %v is spent after %d steps, and %v before", s, spent, steps, last)
				}
				last = spent
				return nil
			}); err != nil || last != 1 {
				t.Errorf("%+v: %v is spent in the end, %v", s, last, err)
			}
		}
	}
}

// TestBudget: a run makes the number of steps that its settings promise, for every sampling.
func TestBudget(t *testing.T) {
	p := logistic(t)
	for _, sampling := range samplings {
		for _, s := range []Settings{
			{Batch: 32, Epochs: 10}, {Batch: 32, Epochs: 2.3}, {Batch: 7, Epochs: 3, Steps: 50}, {Epochs: 3.5}, {Batch: 300, Epochs: 4}, {},
		} {
			s.Sampling = sampling
			res, _ := record(t, p, make([]float64, 10), sgd(0.1), s)
			if got := s.Budget(sgd(0.1), 200); got != res.Step {
				t.Errorf("%v, %+v: a budget of %d steps, but %d are made", sampling, s, got, res.Step)
			}
		}
	}
	if got := (Settings{Runtime: 1}).Budget(sgd(0.1), 200); got != math.MaxInt {
		t.Errorf("a budget of %d steps where time alone is limited", got)
	}
}
