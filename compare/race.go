package compare

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"sync/atomic"
	"time"

	"steepest/internal/parallel"
	"steepest/internal/suggest"
	"steepest/methods"
	"steepest/objective"
	"steepest/optim"
	"steepest/param"
	"steepest/theory"
	"steepest/train"
)

// Race is a comparison to run. Zero fields have the documented defaults.
type Race struct {
	// Problem is the problem that every method minimizes.
	Problem objective.FiniteSum[float64]
	// Single, if not nil, is the Problem in float32. Then all runs and Settings.Evaluate use that precision.
	Single objective.FiniteSum[float32]
	// Entrants are the methods, of different names.
	Entrants []Entrant
	// X0 is the start of every run; nil is the origin.
	X0 []float64
	// Start, if not nil, replaces X0: it returns the start of the runs with a seed, for networks, whose start is random. Run j of every
	// method starts at the same point.
	Start func(seed uint64) []float64
	// Optimum is the known solution. If it is nil, losses are compared instead of their excess.
	Optimum *train.Optimum
	// Settings hold the batch, the sampling, the budget and the average of every run. Its Seed, Target and Recorder are
	// not read.
	Settings train.Settings
	// Seeds is the number of runs of each method; 0 stands for 5. Run j of every method has the seed Seed + j, and so the same
	// batches.
	Seeds int
	Seed  uint64
	// Trials is the number of settings that are tried to tune each method, on batches that no counted run sees; 0 means no tuning. The first
	// trial of a method that is meant to run with its defaults (Method.Untuned) is its defaults. The rule of an entrant must have the options
	// that are searched, as the rules of package methods do. A chain of your own has no such options: set Entrant.Untuned for it.
	Trials int
	// TuneBy names the measurement of Settings.Evaluate that judges trials and ranks methods, such as the loss on a held-out set; "" stands
	// for the loss. It is required if Settings.Evaluate does not measure the problem itself, as for a language model, whose text is too long.
	TuneBy string
	// Target is the value at which a run is timed: of the excess, of the loss if there is no Optimum, or of TuneBy if the loss is not
	// measured. 0 stands for a hundredth of the excess at the start (with the first seed), or for no target if there is no Optimum.
	Target float64
	// Tokens is the number of tokens of a term, if terms are windows of text. Curves are then drawn over tokens.
	Tokens int
	// Bounds asks for the bounds of theorems. It needs the Optimum. To measure gradients, it repeats the runs of methods whose theorems need
	// them, with the same batches, without a clock.
	Bounds bool
	// Finished holds runs of an earlier identical Race, by the names of their jobs; they are not run again. Save, if not nil, gets
	// every run at its end, from several goroutines, so that a later Race can continue. It also gets failed runs, which a later Race makes
	// again. Its error ends the race.
	Finished map[string]Run
	Save     func(job string, run Run) error
	// Keep, if not nil, gets every run before its first step, from several goroutines. It may Restore a snapshot that an earlier identical
	// Race has taken of the same job. It returns a function that is called after every step, with the clock stopped, and may take a
	// snapshot; nil for none. The error of Keep ends the race.
	Keep func(job string, run Running) (between func() error, err error)
	// OmitX leaves X out of the runs. X has the size of the model.
	OmitX bool
	// Observe, if not nil, returns an Observer for each counted run; finished says that the run is one of Finished. It is called from several
	// goroutines. Its error ends the race.
	Observe func(e *Entry, seed uint64, finished bool) (Observer, error)
	// Progress, if not nil, is told how many runs are finished: at the start, and after each run, from several goroutines.
	Progress func(done, total int)
}

// Observer gets each point of a run when it is measured, and the end. The points that an earlier Race has measured are repeated.
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
	// Rule is the rule of the runs: the method with the options that tuning chose.
	Rule optim.Rule
	// Plan says which parameters the method updates itself, and which it leaves to another.
	Plan optim.Plan
	// Space is the search space of tuning, Trials are its trials, and Best is the index of the chosen trial; −1 without tuning.
	Space  []methods.Axis
	Trials []Trial
	Best   int
	// Runs holds a run for each seed.
	Runs []Run
	// Bounds are the bounds of theorems on the runs, if the Race asks for them.
	Bounds []Bound

	// gradients holds for each run the means of ‖∇f‖* over its first steps, if bounds are on it. unmeasured says that there are bounds on it,
	// but it is not measured for every run.
	gradients  []theory.Trace
	unmeasured bool
}

// Trial is one setting that tuning tried.
type Trial struct {
	Options map[string]string
	// Loss is the value at the end of the budget that judges the trial: the objective, or the measurement Race.TuneBy. It is +Inf
	// after a divergence.
	Loss float64
	// Grads is the number of gradients of terms that the trial took.
	Grads int
	// Edge says that an option lies at the end of its range. A wider range might contain a better value.
	Edge bool
	// Default says that the trial leaves the searched options at the defaults of the method.
	Default bool
}

// Run is the run with one seed.
type Run struct {
	Seed   uint64
	Points []train.Point
	// X is the last iterate, or the average that the race's Settings ask for; nil where the race omits it.
	X []float64
	// Skipped is the number of gradients that were skipped because they were not finite.
	Skipped int
	// Diverged says that the run diverged. Failed says why it ended early for another reason; "" if it did not.
	Diverged bool
	Failed   string
}

// Last returns the last point of the run, or a point of NaN if there is none.
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

// Loss returns the objective at the end of the budget, or +Inf after a divergence or a failure.
func (r Run) Loss() float64 {
	if r.Diverged || r.Failed != "" || math.IsNaN(r.Last().Loss) {
		return math.Inf(1)
	}
	return r.Last().Loss
}

// measured returns a measurement ("" is the objective) at the end of the budget, or +Inf after a divergence.
func (r Run) measured(name string) float64 {
	if name == "" || r.Diverged || r.Failed != "" {
		return r.Loss()
	}
	if v := measured(r.Last(), name); !math.IsNaN(v) {
		return v
	}
	return math.Inf(1)
}

// measured returns a measurement of a point, or NaN if the point does not have it.
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

// Run tunes every entrant and then runs it with every seed. Several runs go on at once; a run with small batches uses one
// processor. After a cancellation Run returns the context's error and no result.
func (r Race) Run(ctx context.Context) (*Result, error) {
	if err := CheckNames(r.Entrants); err != nil {
		return nil, err
	}
	if r.Problem == nil {
		return nil, errors.New("compare: a race needs a problem")
	}
	if r.Seeds < 0 || r.Trials < 0 || !(r.Target >= 0) {
		return nil, errors.New("compare: the seeds, the trials and the target must be numbers ≥ 0")
	}
	for _, e := range r.Entrants {
		if e.Ranges != nil && (r.Trials == 0 || e.Untuned) {
			return nil, fmt.Errorf("compare: %s: a range is searched by trials, and the method has none", e.Name)
		}
	}
	if !r.measuresLoss() && r.TuneBy == "" {
		return nil, errors.New("compare: runs that do not measure the problem itself need TuneBy to be ranked by")
	}
	if names := r.held(); r.TuneBy != "" && !slices.Contains(names, r.TuneBy) {
		return nil, fmt.Errorf("compare: TuneBy: %w", suggest.Unknown("measurement", r.TuneBy, names))
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
			return nil, fmt.Errorf("compare: %s: %s", e.Name, withoutPackages(err.Error()))
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

// failure returns the reason of the first failed run if all runs have failed, otherwise "".
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

// start returns the start of the runs with a seed.
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
	if r.Progress != nil {
		r.Progress(0, total)
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

// runAll runs the jobs on all processors and returns the error of the first failed job, in their order.
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
	if err := e.checkSpace(); err != nil {
		return nil, err
	}
	points := places(r.Trials, len(e.Space), r.Seed)
	var rules []optim.Rule
	if e.triesDefaults() {
		rules, e.Trials = append(rules, e.Method.Rule), append(e.Trials, Trial{Options: map[string]string{}, Default: true})
	}
	for j := range r.Trials - len(e.Trials) {
		t := Trial{Options: e.smallEps(gradient)}
		for a, axis := range e.Space {
			place := points.At(j, a)
			t.Edge = t.Edge || edge(place)
			for _, name := range axis.Options {
				t.Options[name] = axis.Text(place)
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

// trialJob names a trial by its point of the Halton sequence, for records of races that go on.
func (e *Entry) trialJob(j int) string {
	switch {
	case e.Trials[j].Default:
		return e.Name + ", trial of its defaults"
	case e.Trials[0].Default:
		j--
	}
	return fmt.Sprintf("%s, trial %d", e.Name, j)
}

func (r *Result) try(ctx context.Context, e *Entry, j int, rule optim.Rule) error {
	job := e.trialJob(j)
	run, err := r.once(job, func() (Run, error) {
		return r.minimize(ctx, job, e, rule, r.Seed+tuningStream, math.MaxInt, nil)
	})
	if err == nil {
		e.Trials[j].Loss, e.Trials[j].Grads = run.measured(r.TuneBy), run.Last().Grads
	}
	return err
}

// choose chooses the best trial, and the first among equals, so that the choice does not depend on timing.
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
		earlier, finished := r.Finished[job]
		if observer, err = r.Observe(e, seed, finished); err != nil {
			return err
		}
		defer func() { observer.End(e.Runs[j], err) }()
		for _, p := range earlier.Points {
			if err := observer.Record(p); err != nil {
				return err
			}
		}
	}
	e.Runs[j], err = r.once(job, func() (Run, error) {
		return r.minimize(ctx, job, e, e.Rule, seed, r.Settings.EvaluateEvery, observer)
	})
	return err
}

// once returns the finished run of a job if there is one. Otherwise it makes and saves the run.
func (r *Result) once(job string, make func() (Run, error)) (Run, error) {
	if run, ok := r.Finished[job]; ok {
		return run, nil
	}
	run, err := make()
	if r.OmitX {
		run.X = nil
	}
	if err == nil && r.Save != nil {
		err = r.Save(job, run)
	}
	return run, err
}

func (r *Result) minimize(
	ctx context.Context, job string, e *Entry, rule optim.Rule, seed uint64, every int, also train.Recorder,
) (Run, error) {
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
		err = minimize(ctx, r, job, r.Single, rule, s, &run)
	} else {
		err = minimize(ctx, r, job, r.Problem, rule, s, &run)
	}
	var lost keepError
	switch {
	case errors.As(err, &lost):
		err = lost.error
	case errors.Is(err, train.ErrDiverged):
		run.Diverged, err = true, nil
	case err != nil && ctx.Err() == nil: // the error concerns this method, not the race
		run.Failed, err = withoutPackages(err.Error()), nil
	case errors.Is(err, train.ErrHalted):
		err = context.Cause(ctx)
	}
	return run, err
}

// withoutPackages removes the names of packages in front of a message, and of a message within it. The same words elsewhere stay.
func withoutPackages(message string) string { return packages.ReplaceAllString(message, "$1") }

var packages = regexp.MustCompile(`(^|: )(?:(?:train|optim|matfun|norm): )+`)

// minimize makes a run in the precision of the problem, and stores its last x and the number of skipped gradients. It stores neither if the
// run could not begin.
func minimize[T param.Float](
	ctx context.Context, r *Result, job string, p objective.FiniteSum[T], rule optim.Rule, s train.Settings, run *Run,
) error {
	making, err := train.New(p, param.As[T](r.start(run.Seed)), rule, s)
	if err != nil {
		return err
	}
	var between func() error
	if r.Keep != nil {
		if between, err = r.Keep(job, running[T]{making, s.Recorder, &run.Points, rule}); err != nil {
			return keepError{err}
		}
	}
	result, err := making.Finish(ctx, between)
	run.X, run.Skipped = param.As[float64](result.X), result.Skipped
	return err
}

// keepError is an error of Race.Keep, which ends the race.
type keepError struct{ error }

// Skipped returns the number of gradients that the runs of the entry skipped because they were not finite.
func (e *Entry) Skipped() (n int) {
	for _, run := range e.Runs {
		n += run.Skipped
	}
	return n
}

// Options returns the options of the entry's runs, given and tuned.
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
