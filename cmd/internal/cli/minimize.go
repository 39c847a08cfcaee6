package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"steepest/compare"
	"steepest/data"
	"steepest/model"
	"steepest/objective"
	"steepest/optim"
	"steepest/optimum"
	"steepest/param"
	"steepest/theory"
	"steepest/train"
)

type minimizeCmd struct {
	Spec string `arg:"" name:"method" placeholder:"SPEC" help:"Method and options, such as adam or sgd:lr=invsqrt(0.5),batch=10."`
	configArg
	problemFlags
	cacheFlag
	runFlags
	localFlags
	rankFlags

	checkpointFlags `set:"interval=DURATION|STEPS"`
	keepFlags

	Progressive bool `group:"run" help:"Measure the mean loss of the rows, each before the step that learns from it, as online learners do, instead of f, which takes a pass over all rows each time. Each pass then takes each row once, unless --sampling is given."`

	Patience int     `group:"run" placeholder:"N" help:"Stop after this number of evaluations in a row without a better loss on the rows that --validation holds out, and keep the best point."`
	Best     bool    `group:"run" help:"Keep the point with the best loss on the rows that --validation holds out, not the last point."`
	Target   float64 `group:"run" placeholder:"NUMBER" help:"Stop when f − f*, or the duality gap above it, is at most this."`
	Model    string  `group:"output" short:"o" aliases:"out" placeholder:"FILE" help:"Save the weights and all that predictions need, as JSON."`
	Record   string  `group:"output" placeholder:"FILE" help:"Save every measured point, one line of JSON each."`
	Plan     bool    `group:"output" help:"Print what the method does to each parameter, and stop."`
	Quiet    bool    `group:"output" short:"q" help:"Show no progress."`
	JSON     bool    `group:"output" name:"json" help:"The summary as JSON."`
}

// Help shows how minimize is used.
func (minimizeCmd) Help() string {
	return `The step size is the one given, or the method's default: steepest compare tunes it. Ctrl-C ends the run and saves what there
is; --resume goes on from there. Examples:

    steepest minimize adam:lr=0.02 --data digits --model digits.json
    steepest minimize 'sgd:lr=invsqrt(1)' --data mails.svm --average uniform --record mails.jsonl
    steepest minimize muon --data digits --hidden 64,64 --plan
    steepest minimize adam --data mails.csv --validation 0.2 --patience 10 --model best.json
    steepest minimize adam --data mnist --hidden 256 --checkpoint run --resume
    steepest minimize ftrl --data 'day-*.vw' --cache days --l2 0 --batch 1 --epochs 1 --progressive
    steepest minimize gd:lr=0.001 --function rosenbrock --start -1.2,1 --steps 100000`
}

// Validate returns an error if no method is given.
func (c *minimizeCmd) Validate() error {
	if c.Spec == "" {
		return usage("steepest methods lists the methods", "minimize needs a method, such as adam:lr=0.01")
	}
	if strings.HasSuffix(c.Spec, ".toml") {
		return usage("write steepest minimize METHOD "+c.Spec, "%s holds settings, and no method stands before it", c.Spec)
	}
	return nil
}

// job is a run with everything that the flags decide.
type job struct {
	problem  problem
	entrant  compare.Entrant
	settings train.Settings
	x0       []float64
	start    string // the name of the starting point
}

// Run minimizes.
func (c *minimizeCmd) Run(w *world) error {
	err := w.join(&c.rankFlags)
	if err != nil {
		return err
	}
	j, err := c.layOut(w)
	if err = w.agree(err); err != nil || j == nil {
		return err
	}
	if w.Err() != nil {
		return w.interruption("", "interrupted before the first step; nothing is written")
	}
	if c.Precision == "float32" {
		single, err := j.problem.single()
		if err != nil {
			return modelError(err)
		}
		return minimize(w, c, j, single)
	}
	return minimize(w, c, j, j.problem.sum())
}

// layOut reads the flags. It returns nil if the command has nothing more to do, as after --plan.
func (c *minimizeCmd) layOut(w *world) (*job, error) {
	var j job
	var err error
	if j.entrant, err = parseOne(c.Spec, &c.problemFlags); err != nil {
		return nil, err
	}
	if err = c.refuse(w, j.entrant); err != nil {
		return nil, err
	}
	c.cache = c.Cache
	if c.Progressive && !w.given["sampling"] { // a row that is drawn again has been learnt before
		if c.Sampling = train.Reshuffle.String(); c.isCached() {
			c.Sampling = train.Blocks.String()
		}
	}
	if j.problem, err = c.load(w, c.Seed); err != nil {
		return nil, err
	}
	if err = sayReading(w, j.problem); err != nil {
		return nil, err
	}
	if s := j.problem.sample(); s != nil && s.cache != nil && c.Precision == "float32" {
		if _, ok := j.problem.(linear); !ok {
			return nil, usage("drop it", "--precision float32 copies the rows for a network, and those of %s stay on the disk", c.Data)
		}
		if err = s.round(w); err != nil {
			return nil, err
		}
	}
	if j.settings, err = c.runSettings(w, j.problem, j.entrant); err != nil {
		return nil, err
	}
	if c.Plan {
		return nil, printPlan(w, j.problem.sum(), j.entrant, j.settings)
	}
	if j.x0, j.start, err = startOf(j.problem, c.Start, c.Seed); err != nil {
		return nil, err
	}
	return &j, c.advise(w, &j)
}

// refuse returns an error for flags that have no effect or contradict each other.
func (c *minimizeCmd) refuse(w *world, e compare.Entrant) error {
	outputs := []flagPath{{"model", c.Model}, {"record", c.Record}}
	if err := c.refuseOutputs(append(c.inputs(), c.input()), outputs...); err != nil {
		return err
	}
	return cmp.Or(c.refuseFolders(outputs...), w.refuse(c.silences(w, e)...))
}

// minimize makes the run of a job in a precision. It writes the results once: at the end of the run, or earlier if an interruption cannot wait.
func minimize[T param.Float](w *world, c *minimizeCmd, j *job, p objective.FiniteSum[T]) error {
	share(w, &c.rankFlags, p, &j.settings)
	if w.follows() {
		c.Model, c.Record, c.keepFlags = "", "", keepFlags{}
		if !c.Shard { // otherwise each rank saves its part of the state
			c.Checkpoint = ""
		}
	}
	var made atomic.Int64 // steps
	bar := w.progress(func(int64, int64, time.Duration) string { return fmt.Sprintf("step %d", made.Load()) })
	defer bar.end()
	table := c.table(w, j, bar)
	var record *record
	var kept keeping
	least := leastLoss{Loss: real(math.Inf(1))}
	s := j.settings
	s.Recorder = train.RecorderFunc(func(point train.Point) error {
		table.show(point)
		least.add(point)
		kept.add(point)
		return record.add(point)
	})
	run, err := train.New(p, param.As[T](j.x0), j.entrant.Method.Rule, s)
	if err != nil {
		return usage("", "%s", inFlags(err.Error()))
	}
	if !run.Lazy() {
		j.sayEager(w)
	}
	keeper, err := newKeeper(w, &c.checkpointFlags, func() any { return c.identity(j) }, run)
	if err != nil {
		return err
	}
	if record, err = openRecord(w, c.Record, c.Spec, run.K(), run.Evaluated()); err != nil {
		return err
	}
	if kept, err = c.keepRun(w, j, standOf(run)); err != nil {
		return errors.Join(err, kept.close(w, w.endingOf(err)))
	}
	if run.Evaluated() >= 0 {
		least.Loss = real(math.NaN()) // the losses before the checkpoint are unknown
	}
	var once sync.Once
	var failed error
	end := func(result *train.Result[float64], runErr error, measure bool) error {
		bar.end()
		told := w.notice("measuring the result")
		outcome := c.outcome(j, result, runErr, measure)
		told()
		least.tell(&outcome)
		once.Do(func() {
			if measure {
				table.last(result.Point)
			}
			lost := errors.Join(keeper.end(runErr), record.close(w), kept.ended(w, runErr))
			if run.K() == 0 && w.interrupted(runErr) {
				failed = w.interruption("", "interrupted before the first step was made; no model is written")
				return
			}
			failed = c.finish(w, j, result, outcome, runErr, lost)
		})
		return failed
	}
	w.salvages(lastStep(c.saves()), func() error {
		result := widened(run.Halt())
		err := context.Cause(w)
		if result.Status == train.Diverged || slices.ContainsFunc(result.X, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }) {
			result.Status, err = train.Diverged, train.ErrDiverged
		}
		return end(result, err, false)
	})
	ranks := newStraggler(&s)
	const budget = 1e9
	result, err := run.Finish(w, func() error {
		made.Store(int64(run.K()))
		if spent := run.Spent(); spent >= 0.01 { // until then the evaluations at steps 1, 2, 4, … take most of the time
			bar.set(int64(budget*spent), budget)
		}
		ranks.stepped(w, run.Took())
		return keeper.between()
	})
	if errors.Is(err, train.ErrHalted) {
		return err // the process ends without waiting for it
	}
	return end(widened(result), err, true)
}

// keepRun opens the folder of the run.
func (c *minimizeCmd) keepRun(w *world, j *job, from *stand) (keeping, error) {
	if c.keepFlags == (keepFlags{}) {
		return nil, nil
	}
	config := struct {
		identity
		budget
	}{c.identity(j), budgetOf(c.Spec, &j.settings)}
	return c.keep(w, c.Spec, "", c.Seed, &c.checkpointFlags, config, from)
}

// saves reports whether the run leaves anything behind.
func (c *minimizeCmd) saves() bool {
	return c.Model != "" || c.Record != "" || c.Checkpoint != "" || c.keepFlags != keepFlags{}
}

// sayEager warns if a penalty makes steps many times more expensive: without it, a step would cost only the stored values of its batch.
func (j *job) sayEager(w *world) {
	const many = 20
	p, ok := j.problem.(linear)
	if !ok || p.data.flags.l2() == 0 {
		return
	}
	x, sparse := p.data.x.(*data.CSR)
	if !sparse {
		return
	}
	d := objective.Dim(p.sum())
	stored := float64(j.settings.Batch) * float64(x.NNZ()) / float64(x.Rows)
	if stored == 0 || float64(d) <= many*stored {
		return
	}
	o, err := optim.New[float64](j.entrant.Method.Rule, p.Params())
	if err != nil {
		return // estimators have their own costs
	}
	if _, lazy := o.Lazy(0, p.data.flags.L1, nil); lazy {
		w.say("each step passes over all %d weights, for the penalty λ₂; with --l2 0 it takes those that its rows store\n", d)
	}
}

// outcome returns the end of the run. If the run keeps its best point, that is the result.
func (c *minimizeCmd) outcome(j *job, result *train.Result[float64], runErr error, measure bool) outcome {
	if result.Best != nil && !errors.Is(runErr, train.ErrDiverged) {
		result.X, result.Point = result.Best.X, result.Best.Point
	}
	end := newOutcome(j.problem, j.start, c.Spec, result, measure)
	if plan, err := optim.NewPlan[float64](j.entrant.Method.Rule, j.problem.sum().Params()); err == nil {
		end.Coverage = plan.Coverage()
	}
	if result.Best != nil {
		end.BestStep = &result.Best.Step
	}
	return end
}

// table returns the progress table that the flags ask for.
func (c *minimizeCmd) table(w *world, j *job, bar *progress) *progressTable {
	if c.Quiet {
		return nil
	}
	t := &progressTable{w: w.stderr, bar: bar, progressive: c.Progressive}
	if s := j.problem.sample(); s != nil {
		t.held = s.held
	}
	switch {
	case j.settings.Optimum != nil:
		t.excess = "f − f*"
	case j.settings.Target > 0:
		t.excess = "gap"
	}
	return t
}

// runSettings reads the flags for a run of the entrant.
func (c *minimizeCmd) runSettings(w *world, p problem, entrant compare.Entrant) (train.Settings, error) {
	s, err := c.settings(p)
	if err != nil {
		return s, err
	}
	if s.Target = c.Target; s.Target > 0 && p.traits().unsolvable {
		return s, usage("limit --epochs, --steps or --time instead",
			"--target needs a known optimum or a duality gap, and a network has neither")
	}
	if c.Best || c.Patience > 0 {
		if c.Validation == 0 {
			return s, usage("give --validation 0.2", "--patience and --best go by the loss on rows that --validation holds out")
		}
		s.Watch, s.Patience = "validation", c.Patience
	}
	if entrant.Batch >= 0 && !p.traits().whole {
		s.Batch = entrant.Batch
	}
	if entrant.Average != nil {
		s.Average = *entrant.Average
	}
	s.Compress = c.Compress
	if s.Local, err = c.local(w); err != nil {
		return s, err
	}
	if p.traits().closed {
		best, err := optimum.Find(w, p.sum())
		if err != nil {
			return s, err
		}
		s.Optimum = &train.Optimum{X: best.X, F: best.Value}
	}
	s.Evaluate, err = p.measures(c.Precision == "float32")
	if c.Progressive {
		whole := func(m train.Measure) bool { return m == train.Whole() }
		s.Evaluate = append(slices.DeleteFunc(s.Evaluate, whole), train.Progressive())
	}
	return s, err
}

// advise sets the step size and the average that a theorem recommends, if the method or --step asks for that. The command then first solves
// for x*, since most theorems need it.
func (c *minimizeCmd) advise(w *world, j *job) error {
	e, s, p := j.entrant, &j.settings, j.problem
	e.Theory = e.Theory || c.Step != "" && e.Given["lr"] == ""
	if !e.Theory {
		return nil
	}
	if s.Local != nil {
		return usage("give lr=…", "no theorem here speaks of local steps")
	}
	if p.traits().unsolvable {
		return usage("give lr=…", "no theorem knows the constants of a network")
	}
	best, err := w.solve(p, "lr=… with a number needs no f*")
	if err != nil {
		return err
	}
	if best.Certified {
		s.Optimum = reference(p, best)
	}
	e, err = e.Advised(theory.New(p.sum(), j.x0, s.Optimum), *s)
	if err != nil {
		return usage("give lr=…", "%s", inFlags(err.Error()))
	}
	if e.Average != nil {
		s.Average = *e.Average
	}
	fmt.Fprintf(w.stderr, "theorem %s recommends lr=%s, average=%v\n", e.Theorem.Name, e.Given["lr"], s.Average.Form)
	c.Spec, j.entrant = e.Spec(), e
	return nil
}

// finish prints the summary, and saves the model unless the run diverged. Failures to write the checkpoint or the record are reported last.
func (c *minimizeCmd) finish(w *world, j *job, result *train.Result[float64], end outcome, runErr, lost error) error {
	if err := w.print(end, c.JSON); err != nil {
		return err
	}
	switch {
	case errors.Is(runErr, train.ErrDiverged):
		return &failure{exitDiverged, fmt.Errorf("%s diverged at step %d%s; no model is saved", c.Spec, result.Step, cause(runErr)),
			advice(j.problem, j.entrant, result.Point, runErr)}
	case runErr != nil && !w.interrupted(runErr):
		return &failure{exitFailure, reworded(runErr), ""}
	}
	if c.Model != "" {
		m := j.problem.saved(result.X)
		m.Float32 = c.Precision == "float32"
		about, err := json.Marshal(end)
		if err != nil {
			return err
		}
		m.About = about
		if err := w.save(c.Model, func(out io.Writer) error { return model.Save(out, m) }); err != nil {
			return err
		}
	}
	return w.ended(result.Step, c.saves(), runErr, lost)
}

// cause describes how a run diverged.
func cause(err error) string {
	var bad *optim.NonfiniteError
	if errors.As(err, &bad) {
		return ", where " + bad.Finding()
	}
	if _, what, ok := strings.Cut(err.Error(), train.ErrDiverged.Error()+": "); ok {
		return ", where " + what
	}
	return ""
}

// advice returns a hint for a run that diverged at a point.
func advice(p problem, e compare.Entrant, at train.Point, err error) string {
	name := e.Method.Name
	var bad *optim.NonfiniteError
	switch atStart := at.Step == 0 || errors.As(err, &bad) && bad.Step == 0; {
	case atStart && p.sample() != nil:
		return "no step was made, so the numbers of the data, or of --start, are too large; --scale standard brings data to one scale"
	case atStart:
		return "no step was made, so the function has no finite value and gradient at --start"
	case at.LR < 0:
		return fmt.Sprintf("the step size was %v, and ascends; it must not be negative", at.LR)
	}
	hint := fmt.Sprintf("take a smaller step size, as in %s:lr=…", name)
	if a, ok := p.sum().(objective.Analytic); ok {
		if l := a.Constants().LMax; (name == "sgd" || name == "gd") && l > 0 && !math.IsInf(l, 1) {
			hint = fmt.Sprintf("take a smaller step size, as in %s:lr=%.2g, which is 1/L_max", name, 1/l)
		}
	}
	if e.Given["clip-norm"] == "" {
		hint += ", or clip the gradient, as clip-norm=1 does"
	}
	return hint + "; or steepest compare, which tunes the step size"
}

// printPlan prints what a method does to each parameter of a problem.
func printPlan(w *world, p objective.FiniteSum[float64], e compare.Entrant, s train.Settings) error {
	plan, err := train.NewPlan(p, e.Method.Rule, s)
	if err != nil {
		return usage("", "%s", inFlags(err.Error()))
	}
	_, err = fmt.Fprintf(w.stdout, "%s\n\n%v", e.Spec(), plan)
	return err
}

// widened returns the result of a run in float64.
func widened[T param.Float](r *train.Result[T]) *train.Result[float64] {
	out := &train.Result[float64]{X: param.As[float64](r.X), Point: r.Point, Skipped: r.Skipped, Status: r.Status}
	if r.Best != nil {
		out.Best = &train.Best[float64]{X: param.As[float64](r.Best.X), Point: r.Best.Point}
	}
	return out
}
