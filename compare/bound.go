package compare

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/report"
	"steepest/theory"
	"steepest/train"
)

// Bound is the bound of a theorem on the runs of an entry, for comparison with their mean.
type Bound struct {
	theory.Bound
	// Values are the bound at the points of the runs, on E f − f* or, if the theorem speaks of gradients, on the mean of ‖∇f‖* over the
	// steps. They are NaN at steps that the theorem does not cover.
	Values []float64
	// Drawn says that plots show the bound. Such a bound has no broken hypothesis.
	Drawn bool
}

// End returns the bound at the end of the budget.
func (b *Bound) End() float64 { return b.Values[len(b.Values)-1] }

// Ratio returns the bound divided by the mean, at the end. It is NaN if a run has diverged or the mean is at the level of rounding.
func (b *Bound) Ratio(mean float64) float64 {
	if mean > 0 && finite(mean) {
		return b.End() / mean
	}
	return math.NaN()
}

// Standing compares a bound with the mean of the runs at the end.
type Standing uint8

const (
	// Above says that the bound is not below the mean, or that one of the two is not known.
	Above Standing = iota
	// BelowByRounding says that the bound is below the mean by no more than the rounding of losses around f*.
	BelowByRounding
	// WithinBand says that the bound is below the mean, but not below its confidence interval: this may be chance.
	WithinBand
	// Untested says that the bound is below the value of a single run, which has no confidence interval.
	Untested
	// BelowBand says that the bound is below the interval. If all hypotheses held, one of the checks, or the bound, is wrong.
	BelowBand
)

// String returns the standing in words.
func (s Standing) String() string {
	return [...]string{"above the mean", "below the mean by rounding only", "below the mean, within its 95 % band", "below the one run, which has no band",
		"below the 95 % band of the mean"}[s]
}

// Standing compares the bound with the mean of the quantity that it bounds. f is f*, which rounds f − f*.
func (b *Bound) Standing(mean report.Band, f float64) Standing {
	end := len(b.Values) - 1
	if b.Of == theory.GradientNorm {
		f = 0
	}
	rounding := 1e-12 * (math.Abs(f) + mean.Mid[0])
	switch {
	case !(b.End() < mean.Mid[end]) || math.IsInf(mean.Mid[end], 1):
		return Above
	case b.End() >= mean.Mid[end]-rounding:
		return BelowByRounding
	case mean.Low == nil:
		return Untested
	case b.End() < mean.Low[end]-rounding:
		return BelowBand
	}
	return WithinBand
}

// Contradicted reports whether the bound lies below the band although all its hypotheses hold. That would be a bug.
func (b *Bound) Contradicted(mean report.Band, f float64) bool {
	return b.Verdict() == theory.Held && b.Standing(mean, f) == BelowBand
}

// confidence is the confidence level of the interval around a mean.
const confidence = 0.95

// Mean returns the mean of f − f* over the seeds at each point, with its 95 % confidence interval, mean ± t·s/√n. It is +Inf once a
// run has diverged. Low and High are nil if there is only one seed.
func (e *Entry) Mean() report.Band {
	return e.mean(func(j, i int) float64 {
		run := &e.Runs[j]
		if last := len(run.Points) - 1; i < last || i == last && !run.Diverged && run.Failed == "" {
			return run.Points[i].Excess
		}
		return math.Inf(1)
	})
}

// MeanGradient is like Mean for the mean of ‖∇f‖* over the steps before each point, which is ‖∇f(x₀)‖* at the start. Only entries with bounds on
// gradients have it.
func (e *Entry) MeanGradient() report.Band {
	steps := e.Steps()
	return e.mean(func(j, i int) float64 {
		if n := max(1, steps[i]); n <= len(e.gradients[j]) {
			return e.gradients[j][n-1]
		}
		return math.Inf(1)
	})
}

// means returns the mean of the first k numbers of each trace, for each k from 1.
func means(traces []theory.Trace) (list []theory.Trace) {
	for _, t := range traces {
		sum, mean := 0.0, make(theory.Trace, len(t))
		for k, v := range t {
			sum += v
			mean[k] = sum / float64(k+1)
		}
		list = append(list, mean)
	}
	return list
}

// Measured returns the mean that the bounds of the entry are compared with, and its axis.
func (e *Entry) Measured() (report.Band, report.Axis) {
	if e.ofGradients() {
		return e.MeanGradient(), gradientAxis
	}
	return e.Mean(), meanAxis
}

// ofGradients reports whether the bounds are on gradients. Those of one method are on the same quantity.
func (e *Entry) ofGradients() bool { return len(e.Bounds) > 0 && e.Bounds[0].Of == theory.GradientNorm }

// mean returns the mean over the runs j of a value at each point i, with its 95 % confidence interval.
func (e *Entry) mean(of func(j, i int) float64) (band report.Band) {
	n := float64(len(e.Runs))
	for i := range e.longest().Points {
		var values []float64
		for j := range e.Runs {
			v := of(j, i)
			if math.IsNaN(v) {
				v = math.Inf(1)
			}
			values = append(values, v)
		}
		mean, deviation := stat.MeanStdDev(values, nil)
		band.Mid = append(band.Mid, mean)
		if n > 1 {
			t := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile((1 + confidence) / 2)
			half := t * deviation / math.Sqrt(n)
			band.Low, band.High = append(band.Low, mean-half), append(band.High, mean+half)
		}
	}
	return band
}

// longest returns the run with the most points. It contains the steps of all runs.
func (e *Entry) longest() Run {
	return slices.MaxFunc(e.Runs, func(a, b Run) int { return cmp.Compare(len(a.Points), len(b.Points)) })
}

// bound applies the theorems to every entry, after the last of total jobs.
func (r *Result) bound(ctx context.Context, total int) error {
	facts := r.known()
	seen := make([][]watched, len(r.Entries))
	var jobs []func() error
	for i := range r.Entries {
		e := &r.Entries[i]
		seen[i] = make([]watched, len(e.Runs))
		for j := range e.Runs {
			jobs = append(jobs, func() (err error) {
				seen[i][j], err = r.watch(ctx, e, e.Runs[j])
				return err
			})
		}
	}
	if err := r.runAll(ctx, jobs, total-len(jobs), total); err != nil {
		return err
	}
	for i := range r.Entries {
		e := &r.Entries[i]
		run := theory.Run{Rule: e.Rule, Settings: e.settings(r.Settings), Skipped: e.Skipped()}
		var moments, regrets, gradients, errors []theory.Trace
		for _, w := range seen[i] {
			moments, regrets = append(moments, w.moments), append(regrets, w.regret)
			gradients, errors = append(gradients, w.gradients), append(errors, w.errors)
			if w.drawn {
				run.Drawn = len(e.Runs)
			}
		}
		run.Trace, run.Regret, run.Errors = theory.Mean(moments...), theory.Mean(regrets...), theory.Mean(errors...)
		if theory.Mean(gradients...) != nil {
			e.gradients = means(gradients)
		}
		e.Bounds = e.hold(facts, run)
	}
	return nil
}

// watched holds the measurements of a run for theorems: the second moments of its gradients, the regret of DoG, or the norms of the gradients
// and of their errors. drawn says that moments or regret are those of the batches that the run drew.
type watched struct {
	moments, regret, gradients, errors theory.Trace
	drawn                              bool
}

// watch repeats a run, if theorems need its gradients.
func (r *Result) watch(ctx context.Context, e *Entry, run Run) (w watched, err error) {
	s := e.settings(r.Settings)
	s.Seed, s.EvaluateEvery, s.Average = run.Seed, math.MaxInt, train.Average{}
	rule, preparation := optim.Unprepared(e.Rule)
	s.Epochs, s.Runtime, s.Steps = 0, 0, theory.Gradients(rule, run.Last().Step)
	if !preparation.Keeps() || run.Last().Step == 0 || s.Steps == 0 || run.Failed != "" {
		return w, nil
	}
	var problem objective.FiniteSum[float64]
	var moments, regret, gradients, errs = new(theory.Trace), new(theory.Trace), new(theory.Trace), new(theory.Trace)
	switch rule := rule.(type) {
	case rules.SGD, rules.ScheduleFreeSGD:
		problem, moments, w.drawn = theory.Watch(r.Problem, s.Batch, s.Steps)
	case rules.DoG:
		if r.Optimum.X == nil {
			return w, nil
		}
		problem, regret = theory.WatchDoG(r.Problem, rule, r.Optimum.X)
		w.drawn = s.Batch > 0
	default:
		var ok bool
		if problem, gradients, errs, ok = theory.WatchGradients(r.Problem, rule, s.Steps); !ok {
			return w, nil
		}
	}
	if _, err = train.Minimize(ctx, problem, r.start(run.Seed), e.Rule, s); errors.Is(err, train.ErrDiverged) {
		err = nil
	}
	return watched{*moments, *regret, *gradients, *errs, w.drawn}, err
}

// Steps returns the steps of the bounds and of the mean.
func (e *Entry) Steps() (steps []int) {
	for _, p := range e.longest().Points {
		steps = append(steps, p.Step)
	}
	return steps
}

// hold applies the theorems on f, on x, and on the norm of the gradient to the runs of the entry, and chooses the bounds to draw.
func (e *Entry) hold(facts theory.Problem, run theory.Run) (bounds []Bound) {
	steps := e.Steps()
	for _, b := range theory.Bounds(facts, run) {
		switch b.Of {
		case theory.SquaredGradient: // not measured
		case theory.GradientNorm:
			if e.unmeasured = e.gradients == nil; e.unmeasured {
				continue
			}
			bounds = append(bounds, Bound{Bound: b, Values: b.Curve(steps)})
		default:
			bounds = append(bounds, Bound{Bound: b, Values: b.ExcessCurve(steps)})
		}
	}
	e.draw(bounds)
	slices.SortStableFunc(bounds, func(a, b Bound) int { return cmp.Compare(a.place(), b.place()) })
	return bounds
}

// place is the rank of a bound in a list: drawn ones first (printed, then sharper), then those that cannot be drawn, then the rest.
func (b *Bound) place() int {
	switch {
	case b.Drawn:
		return int(b.Form)
	case b.Verdict() == theory.Broken || !finite(b.End()):
		return 2
	}
	return 3
}

// draw chooses up to two bounds with a value at the end and no broken hypothesis. It prefers bounds whose hypotheses all hold. The
// first is a printed one: that of the theorem that decided the step size, or else the first in the list. The second is the least of
// the others at the end, if it is below the first.
func (e *Entry) draw(bounds []Bound) {
	var printed, sharper *Bound
	for i := range bounds {
		b := &bounds[i]
		decided := e.Theorem != nil && b.Name == e.Theorem.Name
		if decided && b.Form == theory.Printed && b.Verdict() != theory.Broken && finite(b.End()) {
			printed = b
		}
	}
	for _, verdict := range []theory.Verdict{theory.Held, theory.Unknown} {
		for i := range bounds {
			b := &bounds[i]
			switch {
			case b == printed || b.Verdict() != verdict || !finite(b.End()):
			case b.Form == theory.Printed && printed == nil:
				printed = b
			case sharper == nil || sharper.Verdict() == verdict && b.End() < sharper.End():
				sharper = b
			}
		}
	}
	if printed != nil {
		printed.Drawn = true
	}
	if sharper != nil && (printed == nil || sharper.End() < printed.End()) {
		sharper.Drawn = true
	}
}

func finite(v float64) bool { return v-v == 0 }
