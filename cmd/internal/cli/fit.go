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
	"sync"
	"time"

	"gonum.org/v1/gonum/floats"

	"steepest/data"
	"steepest/internal/plural"
	"steepest/model"
	"steepest/objective"
	"steepest/report"
	"steepest/solver"
)

type fitCmd struct {
	Data string `arg:"" placeholder:"NAME|PATH" help:"An embedded data set (steepest data lists them), a file (LIBSVM, CSV, VW, IDX; plain, .gz, .bz2, .zst; or Parquet), or the name of a file in a folder of $$STEEPEST_DATA."`
	cacheFlag
	sampleFlags
	OneVsRest bool `group:"problem" help:"Use a separate model for each of several classes against the rest, instead of one softmax model of all classes."`
	penaltyFlags
	pathFlags
	Scale       string        `group:"problem" default:"auto" placeholder:"HOW" set:"choices=none, maxabs, standard (dense data), unit, or auto (standard, or maxabs of sparse data, where the sizes of columns differ a hundredfold, and none elsewhere)" help:"Features, as for minimize: ${choices}. Default: ${default}."`
	NoIntercept bool          `group:"problem" help:"No constant term. By default there is one, without a penalty."`
	Tolerance   float64       `group:"run" default:"1e-6" placeholder:"NUMBER" help:"Stop when F − F* is certified to be at most this share of F* (${default}), or at most the square of this share times F at 0."`
	Passes      float64       `group:"run" default:"10000" placeholder:"N" help:"Stop after this number of passes over the data (${default})."`
	Time        time.Duration `group:"run" placeholder:"DURATION" help:"Stop after this time, such as 30s."`
	Seed        uint64        `group:"run" default:"1" placeholder:"N" help:"Seed of all random numbers (${default})."`
	kernelFlags
	Model  string `group:"output" short:"o" placeholder:"FILE" help:"Save the weights and all that predictions need, as JSON."`
	Errors bool   `group:"output" help:"Save the standard errors of the weights with the model, too, for inspect to show: for logistic loss of two classes and least squares, without an ℓ1 penalty."`
	keepFlags
	Quiet bool `group:"output" short:"q" help:"Show no progress."`
	JSON  bool `group:"output" name:"json" help:"The summary as JSON."`
}

// Help shows how fit is used.
func (fitCmd) Help() string {
	return `Fits a linear model to a certified accuracy. The solver is chosen by the rows, the columns and the penalty, and named. Ctrl-C ends
the run and keeps the best point. Examples:

    steepest fit mails.svm -o model.json
    steepest fit cars.csv --label price --categorical color,maker --alpha 1 --validation 0.2
    steepest fit mails.svm --C 10 --class-weight balanced
    steepest fit genes.csv --l1 0.01
    steepest fit genes.csv --cv 10 --l1-ratio 1 -o lasso.json
    steepest fit genes.csv --l2 0 --errors -o model.json
    steepest predict lasso.json --data new.csv`
}

// Run fits.
func (c *fitCmd) Run(w *world) error {
	if err := c.refuse(w); err != nil {
		return err
	}
	f, err := c.prepare(w)
	if err != nil {
		return err
	}
	if err := sayReading(w, f); err != nil {
		return err
	}
	if c.Path > 0 || c.CV > 0 {
		if err := c.follow(w, f); w.interrupted(err) {
			return w.interruption("", "interrupted along the path of penalties; no model is written")
		} else if err != nil {
			return err
		}
	}
	if f.kept, err = c.keepRun(w, f); err != nil {
		return errors.Join(err, f.kept.close(w, w.endingOf(err)))
	}
	w.salvages(c.salvaged(), func() error { return c.end(w, f, f.best(), context.Cause(w)) })
	table := c.table(w, f)
	bar := w.progress(table.words)
	found, err := c.solve(w, f, table)
	bar.end()
	if err != nil && !w.interrupted(err) {
		return errors.Join(err, f.kept.ended(w, err))
	}
	return c.end(w, f, found, err)
}

// keepRun opens the folder of the run.
func (c *fitCmd) keepRun(w *world, f *fitted) (keeping, error) {
	if c.keepFlags == (keepFlags{}) {
		return nil, nil
	}
	config := struct {
		identity
		Penalty   string  `json:"penalty"`
		Tolerance float64 `json:"tolerance"`
		OneVsRest bool    `json:"one_vs_rest,omitempty"`
	}{identity{Command: "fit", Method: "fit", Problem: f.data.json(len(f.found.x)), Seed: c.Seed, Precision: "float64"}, f.penalties.String(), c.Tolerance, c.OneVsRest}
	config.hash(f.data)
	return c.keep(w, "fit", "", c.Seed, nil, config, nil)
}

// fitLine is a line of the record: the result of the solver so far. With a problem for each class, it is the result for one of them.
type fitLine struct {
	Step    int     `json:"step"` // counts the lines
	Epochs  float64 `json:"epochs"`
	Loss    real    `json:"loss"`
	Gap     real    `json:"gap"`
	Seconds float64 `json:"seconds"`
}

// note adds line number step to the record: the result of the solver so far, for a class if each class has its own problem.
func (f *fitted) note(class, step int, at time.Duration, r solver.Result) {
	line := fitLine{step, r.Passes, real(r.Loss), real(r.Gap), at.Seconds()}
	if len(f.problems) == 1 {
		f.kept.add(line)
		return
	}
	f.kept.add(map[string]any{"step": step, fmt.Sprintf("class %d", class+1): line})
}

// salvaged says what an interruption keeps.
func (c *fitCmd) salvaged() string {
	if c.Model == "" {
		return "the run ends with its best point"
	}
	return "the run ends with its best point, which is saved"
}

// noLasso is the hint for the hinge loss with an ℓ1 penalty.
const noLasso = "leave it out, or give --loss squared-hinge"

// refuse returns an error for flags that have no effect or contradict each other.
func (c *fitCmd) refuse(w *world) error {
	switch {
	case !(c.Tolerance > 0 && c.Tolerance < 1):
		return usage("", "--tolerance: %v is not between 0 and 1", c.Tolerance)
	case !(c.Passes > 0):
		return usage("", "--passes: %v is not a positive number", c.Passes)
	case c.Time < 0:
		return usage("", "--time is not negative")
	case c.Path == 1 || c.CV == 1:
		return usage("", "--path counts penalties, and --cv counts parts; both are at least 2")
	case c.Loss == "hinge" && c.L1 > 0:
		return usage(noLasso, "--l1: no solver here takes the hinge loss with an ℓ1 penalty")
	case c.Loss == "hinge" && c.L1Ratio != nil && *c.L1Ratio > 0:
		return usage(noLasso, "--l1-ratio: no solver here takes the hinge loss with an ℓ1 penalty")
	case c.Path > 0 && c.CV == 0 && c.Validation == 0 && c.Model != "":
		return usage("give --cv 10, or --validation 0.2", "--path alone chooses no penalty, so that there is no model for --model")
	}
	path := c.Path > 0 || c.CV > 0
	if err := c.check(path); err != nil {
		return err
	}
	inputs := append(c.inputs("the data", c.Data), c.inputs("--test", c.Test)...)
	model := flagPath{"model", c.Model}
	if err := cmp.Or(refuseOutputs(inputs, model), c.refuseFolders(model)); err != nil {
		return err
	}
	return w.refuse(
		silence{[]string{"l1", "l2", "alpha", "C"}, path, "has no effect, since --path and --cv try penalties of their own"},
		silence{[]string{"errors"}, c.Model == "", "is for the model that is saved, and there is no --model"},
		silence{[]string{"delta"}, c.Loss != "huber", "is for --loss huber"},
		silence{[]string{"ignore-unknown"}, c.Test == "" && c.Validation == 0 && !data.IsCache(find(c.Data)), "is for rows that the model is not fitted to, and there is neither --test nor --validation"},
	)
}

// fitted is a linear model to be fitted: one problem, or one for each class and the rest.
type fitted struct {
	linear
	weight    float64 // the sum of the weights of the rows; without weights, the number of rows
	penalties penalties
	problems  []*objective.Linear[float64]
	from      []float64   // where the solver starts; nil for 0
	path      []pathPoint // nil for none
	kept      keeping

	mutex sync.Mutex // guards found
	found minimum
}

// minimum holds the best points of all problems, one after the other in x, and sums over the problems.
type minimum struct {
	x         []float64
	loss, gap float64
	passes    float64
	method    string
	converged bool
	status    string
	seconds   float64
}

// prepare reads the data and lays out the problems.
func (c *fitCmd) prepare(w *world) (*fitted, error) {
	flags := problemFlags{Data: c.Data, sampleFlags: c.sampleFlags, Scale: c.Scale, L1: c.L1, L2: new(float64), Intercept: !c.NoIntercept, oneVsRest: c.OneVsRest, cache: c.Cache}
	s, err := flags.newSample(w, c.Seed)
	if err != nil {
		return nil, err
	}
	if c.OneVsRest && s.target.classes == nil {
		return nil, usage("drop it, or give --loss logistic", "--one-vs-rest is for classes, and the loss %s knows none", s.target.name)
	}
	if c.OneVsRest && len(s.target.classes) < 3 {
		return nil, usage("drop it", "--one-vs-rest is for three classes or more")
	}
	if n := len(s.set.Y); c.CV > n {
		return nil, usage("", "--cv: %s cannot be dealt into %d parts; want from 2 to %d", plural.Of(n, "row"), c.CV, n)
	}
	if s.cache != nil && c.CV > 0 {
		if err := s.refuseParts(); err != nil {
			return nil, err
		}
	}
	if s.overflows() {
		return nil, badData("--scale maxabs brings them to one scale", "%s: the squares of the features leave the range of numbers", s.set.Name)
	}
	n := len(s.set.Y)
	weight := float64(n)
	if s.weights != nil {
		weight = floats.Sum(s.weights)
	}
	f := &fitted{linear: linear{data: s}, weight: weight}
	p := c.of(s.target.name, n, weight)
	if err := cmp.Or(c.refusePenalties(p, s.target.name), f.lay(p)); err != nil {
		return nil, err
	}
	return f, c.refuseErrors(f)
}

// accurate is the accuracy that suffices for standard errors, also if --tolerance asks for more: the default of --tolerance.
const accurate = 1e-6

// refuseErrors returns an error if --errors is given and the weights have no standard errors.
func (c *fitCmd) refuseErrors(f *fitted) error {
	if !c.Errors {
		return nil
	}
	if c.ClassWeight != "" {
		return usage("drop one of them", "--errors: weights of classes make the loss that of no likelihood, and its weights have no standard errors")
	}
	if c.OneVsRest {
		return usage("drop one of them", "--errors: a model for each class and the rest is none of all classes, and its weights have no standard errors")
	}
	if err := solver.HasStandardErrors(f.problems[0]); err != nil {
		return usage("drop --errors", "--errors: %w", err)
	}
	return nil
}

// lay makes the problems for some penalties.
func (f *fitted) lay(p penalties) error {
	s := f.data
	f.penalties, f.problems = p, nil
	s.flags.L1, s.flags.L2 = p.l1, &p.l2
	for _, t := range s.target.parts() {
		problem, err := linearOn(s.x, t, s.set, append(s.options(), objective.L1(p.l1), objective.L2(p.l2))...)
		if err != nil {
			return modelError(err)
		}
		f.problems = append(f.problems, problem)
	}
	f.linear = linear{f.problems[0], s}
	f.found = minimum{x: make([]float64, len(f.problems)*objective.Dim(f.problems[0])), loss: math.Inf(1), gap: math.Inf(1), status: "nothing is found yet"}
	return nil
}

// table returns the table of progress that the flags ask for.
func (c *fitCmd) table(w *world, f *fitted) *fitTable {
	if c.Quiet {
		return nil
	}
	return &fitTable{w: w.stderr, classes: len(f.problems), tolerance: c.Tolerance, limit: c.Time, late: w.late}
}

// best returns the best points so far.
func (f *fitted) best() minimum {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	found := f.found
	found.x = slices.Clone(found.x)
	return found
}

// solve minimizes each problem.
func (c *fitCmd) solve(w *world, f *fitted, table *fitTable) (minimum, error) {
	ctx, cancel := context.WithCancel(w)
	if c.Time > 0 {
		ctx, cancel = context.WithTimeout(w, c.Time)
	}
	defer cancel()
	began, step := time.Now(), 0
	before := minimum{converged: true}
	for k, p := range f.problems {
		d := objective.Dim(p)
		take := func(r solver.Result) {
			f.mutex.Lock()
			defer f.mutex.Unlock()
			copy(f.found.x[k*d:], r.X)
			f.found.loss, f.found.gap, f.found.passes = before.loss+r.Loss, before.gap+r.Gap, before.passes+r.Passes
			f.found.method, f.found.status = r.Method, r.Status
			f.found.converged = before.converged && r.Converged
			f.found.seconds = time.Since(began).Seconds()
		}
		options := solver.Options{Tolerance: c.Tolerance, MaxPasses: c.Passes, Seed: c.Seed, Progress: func(r solver.Result) {
			take(r)
			table.show(k, time.Since(began), r)
			f.note(k, step, time.Since(began), r)
			step++
		}}
		if f.from != nil {
			options.Start = f.from[k*d : (k+1)*d]
		}
		r, err := solver.Fit(ctx, p, options)
		if err == nil || ctx.Err() != nil {
			take(r)
		}
		switch {
		case w.Err() != nil:
			return f.best(), context.Cause(w)
		case ctx.Err() != nil:
			f.found.status, f.found.converged = "the time is spent", false
			return f.best(), nil
		case err != nil:
			return minimum{}, usage("", "%s", inFlags(err.Error()))
		case math.IsInf(r.Loss, 1) && f.data.target.name == "hinge" && f.data.flags.Intercept:
			return minimum{}, usage("give --no-intercept, or --loss squared-hinge", "no solver here takes the hinge loss with a constant term that is free of penalty")
		case math.IsInf(r.Loss, 1):
			return minimum{}, badData("give a larger --l2, or --scale standard", "no minimum is found: %s", inFlags(r.Status))
		}
		table.end(k, time.Since(began), r)
		f.note(k, step, time.Since(began), r)
		step++
		before = f.best()
	}
	return f.best(), nil
}

// end prints the summary and saves the model.
func (c *fitCmd) end(w *world, f *fitted, found minimum, interrupted error) error {
	lost := f.kept.ended(w, interrupted)
	if interrupted != nil && math.IsInf(found.loss, 1) {
		return w.interruption("", "interrupted before the first point was found; no model is written")
	}
	told := w.notice("measuring the result")
	out := c.outcome(f, found)
	told()
	if interrupted != nil {
		out.Status = "interrupted"
	}
	if f.path != nil && !c.JSON {
		if err := report.Text(w.stdout, f.table(), w.stdout.width, w.stdout.color); err != nil {
			return err
		}
		fmt.Fprintln(w.stdout)
	}
	err := w.print(out, c.JSON)
	if err != nil {
		return err
	}
	if c.Model != "" {
		m := f.saved(found.x)
		var undetermined error
		switch {
		case !c.Errors || interrupted != nil:
		case !found.converged && !(solver.Share(found.loss, found.gap) <= accurate):
			undetermined = fmt.Errorf("the fit has not reached its accuracy: %s", inFlags(found.status))
		default:
			m.StandardErrors, undetermined = solver.StandardErrors(f.problems[0], found.x, f.weight)
		}
		if m.About, err = json.Marshal(out); err != nil {
			return err
		}
		if err := w.save(c.Model, func(to io.Writer) error { return model.Save(to, m) }); err != nil {
			return err
		}
		if undetermined != nil {
			hint := "the model is saved without them"
			if !c.NoIntercept && hasCategories(f.data.set) {
				hint += "; the features of a column of words add up to the intercept, and with one such column --no-intercept determines the weights"
			}
			return badData(hint, "--errors: %w", undetermined)
		}
	}
	if interrupted == nil {
		return lost
	}
	if lost != nil {
		return w.interruption("", "%s", inFlags(lost.Error()))
	}
	saved := "nothing is saved"
	if c.Model != "" {
		saved = "the best point is saved"
	}
	return w.interruption("", "interrupted after %.4g passes; %s", found.passes, saved)
}

// saved returns the model with the weights x.
func (f *fitted) saved(x []float64) *model.Model {
	m := f.data.model(model.Linear)
	p := f.problems[0].Params()[0]
	shape := p.Shape
	if len(f.problems) > 1 {
		shape = []int{len(f.problems), shape[0]}
	}
	if f.data.target.name == "softmax" && f.data.flags.Intercept {
		x = centered(x, shape[1])
	}
	m.Params = []model.Param{{Name: p.Name, Shape: shape, Values: x}}
	return m
}

// centered shifts the intercepts so that they add up to 0, since softmax determines them only up to a common shift. A row of x has width
// weights; the last one is the intercept.
func centered(x []float64, width int) []float64 {
	x = slices.Clone(x)
	mean := 0.0
	for at := width - 1; at < len(x); at += width {
		mean += x[at] / float64(len(x)/width)
	}
	for at := width - 1; at < len(x); at += width {
		x[at] -= mean
	}
	return x
}

// intercepts returns the number of intercepts.
func (f *fitted) intercepts() int {
	if !f.data.flags.Intercept {
		return 0
	}
	return len(f.problems) * f.problems[0].Outputs()
}

// nonzero returns the number of weights that are not 0. It does not count intercepts.
func (f *fitted) nonzero(x []float64) (n int) {
	_, width := f.data.x.Dims()
	for j, v := range x {
		if v != 0 && !(f.data.flags.Intercept && j%width == width-1) {
			n++
		}
	}
	return n
}

// heldLoss returns the mean loss on held-out rows. If each class has its own model, it adds up their losses.
func (f *fitted) heldLoss(h *heldOut, x []float64) (loss float64) {
	d := objective.Dim(f.problems[0])
	for k, t := range f.data.target.parts() {
		loss += known(linearOn(h.x, t, h.set)).Loss(x[k*d:(k+1)*d], nil)
	}
	return loss
}

// parts returns a target for each class against the rest, or only t if one problem separates all classes.
func (t target) parts() (list []target) {
	if t.loss == nil || len(t.classes) < 3 {
		return []target{t}
	}
	for class := range t.classes {
		part := t
		part.class = class
		list = append(list, part)
	}
	return list
}
