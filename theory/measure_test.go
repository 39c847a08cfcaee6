package theory

import (
	"context"
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/stat"

	"steepest/data"
	"steepest/data/datatest"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/optimum"
	"steepest/train"
)

// instance is a problem with a start, and with all its constants.
type instance struct {
	problem objective.FiniteSum[float64]
	start   []float64
	best    train.Optimum
}

func (i instance) facts() Problem { return New(i.problem, i.start, &i.best) }

func known(f *objective.Function, start ...float64) instance {
	best := f.Minimizers[0]
	for _, x := range f.Minimizers { // choose the nearest minimizer
		if math.Abs(x[0]-start[0]) < math.Abs(best[0]-start[0]) {
			best = x
		}
	}
	return instance{f, start, train.Optimum{X: best, F: f.Min}}
}

func solved(t testing.TB, p *objective.Linear[float64], err error) instance {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	o, err := optimum.Find(t.Context(), p)
	if err != nil || !o.Certified {
		t.Fatalf("no optimum: %v, %s", err, o.Status)
	}
	return instance{p, make([]float64, len(o.X)), train.Optimum{X: o.X, F: o.Value}}
}

// instances are the problems of the tests by name.
func instances(t testing.TB) map[string]instance {
	set := datatest.Load(t, "lecture-logistic")
	signs, _, err := data.Binary(set.Y)
	if err != nil {
		t.Fatal(err)
	}
	logistic, err := objective.Logistic(set.X, signs, objective.L2(0.1))
	all := map[string]instance{
		"quadratic κ=1":   known(objective.NoisyQuadratic([]float64{1}, []float64{1}), 1),
		"quadratic κ=1.5": known(objective.NoisyQuadratic([]float64{1, 1.5}, []float64{0.6, 0.8}), 1, 1),
		"quadratic κ=5":   known(objective.NoisyQuadratic([]float64{1, 5}, []float64{0.6, 0.8}), 1, 1),
		"quadratic κ=20":  known(objective.NoisyQuadratic([]float64{1, 4, 20}, []float64{0.5, 0.5, 0.1}), 1, 1, 1),
		"ε|x|±x, ε=.2":    known(objective.NoisyAbs(0.2), 1),
		"ε|x|±x, ε=.05":   known(objective.NoisyAbs(0.05), 1),
		"Huber, δ=1/129":  known(objective.NoisyHuber(1./129, 0), 1),
		"two kinks":       known(objective.TwoKinks(), 5),
		"two logistic":    known(objective.TwoLogistic(), 4),
		"ripple":          known(objective.Ripple(), 5),
		"ridge logistic":  solved(t, logistic, err),
	}
	s, w := make([]float64, 10), make([]float64, 10)
	for j := range s {
		s[j], w[j] = 0.1*float64(j+1), 1
	}
	oneHot := func(s []float64) instance {
		return instance{objective.OneHot(s, w[:len(s)], 0.5), make([]float64, len(s)), train.Optimum{X: w[:len(s)], F: 0.125}}
	}
	all["one-hot"] = oneHot(s)
	all["one-hot, two"] = oneHot([]float64{0.8, 1})
	all["one-hot, flat"] = oneHot([]float64{0, 0.5, 1})
	rows := &data.Dense{Rows: 12, Cols: 3, Data: make([]float64, 36)}
	targets := make([]float64, 12)
	for i := range targets { // arbitrary numbers
		for j := range 3 {
			rows.Row(i)[j] = math.Sin(float64(5*i + 7*j + i*j))
		}
		targets[i] = rows.Row(i)[0] - rows.Row(i)[2] + 0.5*math.Cos(float64(11*i))
	}
	regression, err := objective.LeastSquares(rows, targets)
	all["least squares"] = solved(t, regression, err)
	ridge, err := objective.LeastSquares(rows, targets, objective.L2(0.2))
	all["ridge"] = solved(t, ridge, err)
	return all
}

// measured holds means over runs of each quantity, with their standard errors, at some steps.
type measured struct {
	steps []int
	of    map[Quantity][]estimate
	trace Trace
}

type estimate struct{ mean, error float64 }

// sample holds the values of a quantity, [step][run].
type sample [][]float64

func (s sample) estimates() (all []estimate) {
	for _, values := range s {
		mean, deviation := stat.MeanStdDev(values, nil)
		if len(values) == 1 {
			deviation = 0
		}
		all = append(all, estimate{mean, deviation / math.Sqrt(float64(len(values)))})
	}
	return all
}

// measure runs a rule with several seeds, or with a tenth of them under -short.
func measure(t testing.TB, i instance, r Run, seeds int) measured {
	t.Helper()
	if testing.Short() {
		seeds = max(min(seeds, 10), seeds/10)
	}
	var steps []int
	var excess, distance sample
	var traces []Trace
	for seed := range seeds {
		s := r.Settings
		s.Seed, s.Optimum, s.EvaluateEvery = uint64(seed), &i.best, max(1, s.Steps/8)
		at := 0
		s.Recorder = train.RecorderFunc(func(p train.Point) error {
			if seed == 0 {
				steps, excess, distance = append(steps, p.Step), append(excess, nil), append(distance, nil)
			}
			excess[at], distance[at] = append(excess[at], p.Excess), append(distance[at], p.Distance*p.Distance)
			at++
			return nil
		})
		p, trace := i.problem, new(Trace)
		switch n := Gradients(r.Rule, s.Steps); {
		case n == s.Steps:
			p, trace, _ = Watch(p, r.Settings.Batch, s.Steps)
		case n > s.Steps: // needs a longer run
			var q objective.FiniteSum[float64]
			if dog, ok := r.Rule.(rules.DoG); ok {
				q, trace = WatchDoG(p, dog, i.best.X)
			} else {
				q, trace, _ = Watch(p, r.Settings.Batch, n)
			}
			longer := s
			longer.Steps, longer.EvaluateEvery, longer.Recorder = n, math.MaxInt, nil
			if _, err := train.Minimize(context.Background(), q, i.start, r.Rule, longer); err != nil && !errors.Is(err, train.ErrDiverged) {
				t.Fatal(err)
			}
		}
		// a start at the solution itself counts as a divergence
		if _, err := train.Minimize(context.Background(), p, i.start, r.Rule, s); err != nil && !errors.Is(err, train.ErrDiverged) {
			t.Fatal(err)
		}
		traces = append(traces, *trace)
	}
	m := measured{steps: steps, trace: Mean(traces...)}
	m.of = map[Quantity][]estimate{
		Excess: excess.estimates(), AverageExcess: excess.estimates(), SquaredDistance: distance.estimates(),
		SquaredGradient: gradients(i, r, m.trace, steps),
	}
	return m
}

// gradients returns (1/k) Σ E‖∇f(x_t)‖² for a problem with the same noise everywhere: the trace minus the noise.
func gradients(i instance, r Run, trace Trace, steps []int) (all []estimate) {
	noise, sum, made := share(r.Settings.Batch)*i.facts().Variance, 0.0, 0
	for _, k := range steps {
		for ; made < min(k, len(trace)); made++ {
			sum += trace[made] - noise
		}
		all = append(all, estimate{mean: sum / float64(k)})
	}
	return all
}

// exact returns what measure estimates, computed exactly, for SGD on a quadratic with additive noise.
func exact(q *Quadratic, r Run) measured {
	lr := r.schedule()
	weight := lr.At
	if r.Settings.Average.Form == train.UniformAverage {
		weight = func(int) float64 { return 1 }
	}
	e := q.SGD(lr, weight, r.Settings.Batch, r.Settings.Steps)
	m := measured{trace: e.Trace, of: map[Quantity][]estimate{}}
	for k := 1; k <= r.Settings.Steps; k *= 2 {
		m.steps = append(m.steps, k)
		for of, curve := range map[Quantity][]float64{
			Excess: e.Excess, AverageExcess: e.AverageExcess, SquaredDistance: e.SquaredDistance,
		} {
			m.of[of] = append(m.of[of], estimate{mean: curve[k]})
		}
	}
	return m
}

func sgd(s schedule.Schedule) optim.Rule { return rules.SGD{LR: s} }

// setup returns a run with batches of one term.
func setup(rule optim.Rule, steps int, average train.AverageForm) Run {
	return Run{Rule: rule, Settings: train.Settings{Batch: 1, Steps: steps, Average: train.Average{Form: average}}}
}

// full returns a run with the whole sum at each step.
func full(rule optim.Rule, steps int) Run {
	return Run{Rule: rule, Settings: train.Settings{Steps: steps}}
}
