package compare

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"steepest/internal/parallel"
	"steepest/methods"
	"steepest/objective"
	"steepest/optim"
	"steepest/param"
	"steepest/train"
)

// Race is a comparison to run. Its zero fields are documented defaults.
type Race struct {
	// Problem is what every method minimizes.
	Problem objective.FiniteSum[float64]
	// Single, if not nil, is the Problem in float32: all runs are made in that precision then, and Settings.Evaluate measures in it.
	Single objective.FiniteSum[float32]
	// Entrants are the methods, of different names.
	Entrants []Entrant
	// X0 is where every run starts; nil is the origin.
	X0 []float64
	// Start, if not nil, returns where the runs with a seed start, in place of X0: run j of every method at the same point, as
	// networks need, whose start is random.
	Start func(seed uint64) []float64
	// Optimum is what is known of the solution; nil if nothing, and then losses are compared and not their excess.
	Optimum *train.Optimum
	// Settings hold the batch, the sampling, the budget and the average of every run. Its Seed, Target and Recorder are
	// not read.
	Settings train.Settings
	// Seeds is the number of runs of each method; 0 stands for 5. Run j of every method has the seed Seed + j and with it
	// the same batches.
	Seeds int
	Seed  uint64
	// Trials is the number of settings that each method is tuned in, on batches that no counted run sees; 0 tunes
	// nothing. TuneBy names the measurement of Settings.Evaluate that trials are judged by and methods ranked, such as the loss on a
	// held-out set; "" stands for the loss. It is needed where Settings.Evaluate leaves the problem itself out, as for a language model,
	// whose text is too long to be measured.
	Trials int
	TuneBy string
	// Target is the excess, or the loss if there is no Optimum, that a run is timed to; TuneBy where the loss is not measured. 0 stands for
	// a hundredth of the excess of the start, of that with the first seed where there are many, and for no target if there is no Optimum.
	Target float64
	// Tokens is the number of tokens of a term, if terms are windows of text. Curves are drawn over them then.
	Tokens int
	// Bounds asks for what theorems say of the entries. It needs the Optimum, and takes the runs of SGD a second time, with the
	// same batches, to measure their gradients: no clock runs then.
	Bounds bool
	// Finished holds runs of an earlier Race like this one, by the name of their job, which are not run again. Save, if not nil, is
	// told of every run that has finished, from several goroutines, so that a later Race may go on from there. Its error ends the
	// race.
	Finished map[string]Run
	Save     func(job string, run Run) error
	// Observe, if not nil, returns who is told of a counted run as it is made, from several goroutines. Its error ends the race.
	Observe func(e *Entry, seed uint64) (Observer, error)
	// Progress, if not nil, is told of every finished run, from several goroutines.
	Progress func(done, total int)
}

// Observer is told each point of a run as it is measured, those of a finished run again, and the end.
type Observer interface {
	train.Recorder
	End(run Run, err error)
}

// Result is a finished race.
type Result struct {
	Race
	// Entries are the entrants in their order, each with its runs.
	Entries []Entry
	// Elapsed is the duration of the whole race, tuning included.
	Elapsed time.Duration
}

// Entry is an entrant with its tuning and its runs.
type Entry struct {
	Entrant
	// Rule is what ran: the method with the options that tuning chose.
	Rule optim.Rule
	// Plan says which parameters the method updates itself, and which it leaves to another.
	Plan optim.Plan
	// Space is what tuning searched, Trials what it found, and Best the index of the trial chosen; −1 without tuning.
	Space  []methods.Axis
	Trials []Trial
	Best   int
	// Runs holds a run for each seed.
	Runs []Run
	// Bounds are what theorems promise of the runs, if the Race asks for them.
	Bounds []Bound
}

// Trial is one setting that tuning tried.
type Trial struct {
	Options map[string]string
	// Loss is what trials are judged by at the end of the budget: the objective, or the measurement Race.TuneBy; +Inf after a
	// divergence.
	Loss float64
	// Grads is the number of gradients of terms that the trial took.
	Grads int
	// Edge says that an option lies at the end of its range, where a wider one might hold a better value.
	Edge bool
}

// Run is what one seed measured.
type Run struct {
	Seed   uint64
	Points []train.Point
	// X is the last iterate, or the average that the race's Settings ask for.
	X []float64
	// Skipped counts the gradients that were skipped because they were not finite.
	Skipped int
	// Diverged says that the run ended in a divergence, and Failed why it ended in another way before its budget was spent; "" if
	// it did not.
	Diverged bool
	Failed   string
}

// Last returns the last point of the run; one of NaN if there is none.
func (r Run) Last() train.Point {
	if len(r.Points) == 0 {
		return train.Point{Loss: math.NaN(), Excess: math.NaN(), Distance: math.NaN(), LR: math.NaN()}
	}
	return r.Points[len(r.Points)-1]
}

// measuresLoss reports whether the runs measure the problem itself.
func (r *Race) measuresLoss() bool {
	of := r.Settings.Evaluate
	return of == nil || slices.ContainsFunc(of, func(m train.Measure) bool { return m.Name == "" })
}

// Loss returns the objective at the end of the budget; +Inf after a divergence or a failure.
func (r Run) Loss() float64 {
	if r.Diverged || r.Failed != "" || math.IsNaN(r.Last().Loss) {
		return math.Inf(1)
	}
	return r.Last().Loss
}

// measured returns a measurement at the end of the budget, the objective for ""; +Inf after a divergence.
func (r Run) measured(name string) float64 {
	if name == "" || r.Diverged || r.Failed != "" {
		return r.Loss()
	}
	if v := measured(r.Last(), name); !math.IsNaN(v) {
		return v
	}
	return math.Inf(1)
}

// measured returns a measurement of a point; NaN if it has none of the name.
func measured(p train.Point, name string) float64 {
	for _, m := range p.Measured {
		if m.Name == name {
			return m.Value
		}
	}
	return math.NaN()
}

// tuningStream is added to the seed of the race for the batches of tuning.
const tuningStream = 1 << 40

// Run tunes every entrant and then runs it with every seed. Several runs go at once, each on one processor as far as its
// batches are small. After a cancellation Run returns the context's error and no result.
func (r Race) Run(ctx context.Context) (*Result, error) {
	if err := CheckNames(r.Entrants); err != nil {
		return nil, err
	}
	if r.Seeds < 0 || r.Trials < 0 || r.Target < 0 {
		return nil, errors.New("compare: the numbers of seeds and trials and the target cannot be negative")
	}
	if !r.measuresLoss() && r.TuneBy == "" {
		return nil, errors.New("compare: runs that do not measure the problem itself need TuneBy to be ranked by")
	}
	if r.Bounds && (r.Optimum == nil || r.Start != nil) {
		return nil, errors.New("compare: bounds are on f − f* from one start; they need the optimum, and no Start")
	}
	if r.Seeds == 0 {
		r.Seeds = 5
	}
	if r.X0 == nil {
		r.X0 = make([]float64, objective.Dim(r.Problem))
	}
	if r.Target == 0 && r.Optimum != nil {
		r.Target = 1e-2 * (objective.Value(r.Problem, r.start(r.Seed)) - r.Optimum.F)
	}
	start := time.Now()
	if err := r.advise(); err != nil {
		return nil, err
	}
	result := &Result{Race: r, Entries: make([]Entry, len(r.Entrants))}
	for i, e := range r.Entrants {
		plan, err := optim.NewPlan[float64](e.Method.Rule, r.Problem.Params())
		if err != nil {
			return nil, fmt.Errorf("compare: %s: %s", e.Name, packages.Replace(err.Error()))
		}
		result.Entries[i] = Entry{Entrant: e, Rule: e.Method.Rule, Plan: plan, Best: -1, Runs: make([]Run, r.Seeds)}
	}
	if err := result.tuneAndRun(ctx); err != nil {
		return nil, err
	}
	if reason := result.failure(); reason != "" {
		return nil, fmt.Errorf("compare: no method could run: %s", reason)
	}
	result.Elapsed = time.Since(start)
	return result, nil
}

// failure returns the reason of the first run that failed, if all runs have; "" otherwise.
func (r *Result) failure() (reason string) {
	for _, e := range r.Entries {
		for _, run := range e.Runs {
			if run.Failed == "" {
				return ""
			}
			reason = cmp.Or(reason, run.Failed)
		}
	}
	return reason
}

// start returns where the runs with a seed start.
func (r *Race) start(seed uint64) []float64 {
	if r.Start != nil {
		return r.Start(seed)
	}
	return r.X0
}

func (r *Result) tuneAndRun(ctx context.Context) error {
	var jobs []func() error
	length, gradient := 1.0, 1.0
	if r.Trials > 0 {
		x0, terms := r.start(r.Seed), r.sample()
		length, gradient = objective.Length(r.Problem, x0, terms), typicalGradient(r.Problem, x0, terms)
	}
	for i := range r.Entries {
		trials, err := r.prepareTrials(&r.Entries[i], length, gradient)
		if err != nil {
			return err
		}
		for j, rule := range trials {
			jobs = append(jobs, func() error { return r.try(ctx, &r.Entries[i], j, rule) })
		}
	}
	total := len(jobs) + len(r.Entries)*r.Seeds
	if r.Race.Bounds {
		total += len(r.Entries) * r.Seeds
	}
	if err := r.runAll(ctx, jobs, 0, total); err != nil {
		return err
	}
	tried := len(jobs)
	jobs = nil
	for j := range r.Seeds {
		for i := range r.Entries {
			if j == 0 {
				if err := r.Entries[i].choose(); err != nil {
					return err
				}
			}
			jobs = append(jobs, func() error { return r.run(ctx, &r.Entries[i], j) })
		}
	}
	if err := r.runAll(ctx, jobs, tried, total); err != nil || !r.Race.Bounds {
		return err
	}
	return r.bound(ctx, total)
}

// runAll does the jobs on all processors and returns the error of the first in their order that failed.
func (r *Result) runAll(ctx context.Context, jobs []func() error, done, total int) error {
	errs := make([]error, len(jobs))
	var finished atomic.Int64
	parallel.For(len(jobs), func(_, i int) {
		if ctx.Err() != nil {
			return
		}
		errs[i] = jobs[i]()
		if n := finished.Add(1); r.Progress != nil {
			r.Progress(done+int(n), total)
		}
	})
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return cmp.Or(errs...)
}

// prepareTrials lays out the search of an entry and returns the rules to try.
func (r *Result) prepareTrials(e *Entry, length, gradient float64) ([]optim.Rule, error) {
	var constants objective.Constants
	if p, ok := r.Problem.(objective.Analytic); ok {
		constants = p.Constants()
	}
	e.Space = space(e, constants, length)
	if r.Trials == 0 || e.Untuned || len(e.Space) == 0 {
		e.Space = nil
		return nil, nil
	}
	points := places(r.Trials, len(e.Space), r.Seed)
	var rules []optim.Rule
	for j := range r.Trials {
		t := Trial{Options: e.smallEps(gradient)}
		for a, axis := range e.Space {
			place := points.At(j, a)
			t.Edge = t.Edge || edge(place)
			for _, name := range axis.Options {
				t.Options[name] = strconv.FormatFloat(axis.At(place), 'g', 4, 64)
			}
		}
		rule, err := optim.Configure(e.Method.Rule, t.Options)
		if err != nil {
			return nil, fmt.Errorf("compare: %s: %w", e.Name, err)
		}
		rules, e.Trials = append(rules, rule), append(e.Trials, t)
	}
	return rules, nil
}

func (r *Result) try(ctx context.Context, e *Entry, j int, rule optim.Rule) error {
	run, err := r.once(fmt.Sprintf("%s, trial %d", e.Name, j), func() (Run, error) {
		return r.minimize(ctx, e, rule, r.Seed+tuningStream, math.MaxInt, nil)
	})
	if err == nil {
		e.Trials[j].Loss, e.Trials[j].Grads = run.measured(r.TuneBy), run.Last().Grads
	}
	return err
}

// choose takes the best trial. The first of equals is taken, so that the choice does not depend on timing.
func (e *Entry) choose() (err error) {
	for j, t := range e.Trials {
		if e.Best < 0 || t.Loss < e.Trials[e.Best].Loss {
			e.Best = j
		}
	}
	if e.Best >= 0 {
		e.Rule, err = optim.Configure(e.Method.Rule, e.Trials[e.Best].Options)
	}
	return err
}

func (r *Result) run(ctx context.Context, e *Entry, j int) (err error) {
	job, seed := fmt.Sprintf("%s, run %d", e.Name, j), r.Seed+uint64(j)
	var observer Observer
	if r.Observe != nil {
		if observer, err = r.Observe(e, seed); err != nil {
			return err
		}
		defer func() { observer.End(e.Runs[j], err) }()
		for _, p := range r.Finished[job].Points {
			if err := observer.Record(p); err != nil {
				return err
			}
		}
	}
	e.Runs[j], err = r.once(job, func() (Run, error) {
		return r.minimize(ctx, e, e.Rule, seed, r.Settings.EvaluateEvery, observer)
	})
	return err
}

// once returns the run of a job that has finished before, or else makes and saves it.
func (r *Result) once(job string, make func() (Run, error)) (Run, error) {
	if run, ok := r.Finished[job]; ok {
		return run, nil
	}
	run, err := make()
	if err == nil && run.Failed == "" && r.Save != nil {
		err = r.Save(job, run)
	}
	return run, err
}

func (r *Result) minimize(ctx context.Context, e *Entry, rule optim.Rule, seed uint64, every int, also train.Recorder) (Run, error) {
	run := Run{Seed: seed}
	s := e.settings(r.Settings)
	s.Seed, s.EvaluateEvery, s.Target, s.Optimum = seed, every, 0, r.Optimum
	s.Recorder = train.RecorderFunc(func(p train.Point) error {
		run.Points = append(run.Points, p)
		if also != nil {
			return also.Record(p)
		}
		return nil
	})
	var err error
	if r.Single != nil {
		run.X, run.Skipped, err = minimize(ctx, r.Single, r.start(seed), rule, s)
	} else {
		run.X, run.Skipped, err = minimize(ctx, r.Problem, r.start(seed), rule, s)
	}
	switch {
	case errors.Is(err, train.ErrDiverged):
		run.Diverged, err = true, nil
	case err != nil && ctx.Err() == nil: // it is this method's, and not the race's
		run.Failed, err = packages.Replace(err.Error()), nil
	}
	return run, err
}

// packages takes the names of packages out of a message.
var packages = strings.NewReplacer("train: ", "", "optim: ", "", "matfun: ", "", "norm: ", "")

// minimize makes a run in the precision of a problem and returns where it ended, and what it skipped; nil if it could not begin.
func minimize[T param.Float](
	ctx context.Context, p objective.FiniteSum[T], x0 []float64, rule optim.Rule, s train.Settings,
) (x []float64, skipped int, err error) {
	result, err := train.Minimize(ctx, p, param.As[T](x0), rule, s)
	if result != nil {
		x, skipped = param.As[float64](result.X), result.Skipped
	}
	return x, skipped, err
}

// Skipped returns how many gradients the runs of the entry skipped because they were not finite.
func (e *Entry) Skipped() (n int) {
	for _, run := range e.Runs {
		n += run.Skipped
	}
	return n
}

// Options returns the options that the entry ran with, given and tuned.
func (e *Entry) Options() map[string]string {
	options := maps.Clone(e.Given)
	if options == nil {
		options = make(map[string]string)
	}
	if e.Average != nil {
		options["average"] = e.Average.Form.String()
	}
	if e.Best >= 0 {
		maps.Copy(options, e.Trials[e.Best].Options)
	}
	return options
}
