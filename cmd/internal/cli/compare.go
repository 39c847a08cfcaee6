package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"steepest/compare"
	"steepest/internal/printable"
	"steepest/internal/suggest"
	"steepest/objective"
	"steepest/optimum"
	"steepest/report"
	"steepest/theory"
)

type compareCmd struct {
	configArg
	Text string `group:"problem" placeholder:"TEXTS" help:"A text instead of data, as for steepest pretrain; opticks is an embedded book. A GPT-2 learns in float32 to predict its next tokens. The methods are ranked by the loss on the end of the text, of which --validation holds out a share (a twentieth, at most 131072 tokens)."`
	corpusFlags
	shapeFlags
	productsFlags
	problemFlags
	runFlags
	checkpointFlags `set:"interval=DURATION"`
	keepFlags

	Method    []string `group:"race" short:"m" aliases:"methods" sep:"none" placeholder:"SPEC" help:"A method such as adam, sgd:lr=0.1,batch=10 or gd:lr=invsqrt(0.5),name=GD; repeat the flag, or separate by semicolons. Default: all (steepest methods lists them), and for --text adamw, muon, shampoo and soap."`
	Trials    int      `group:"race" default:"12" placeholder:"N" help:"Number of settings that are tried to tune each method; 0 tunes nothing (${default})."`
	TuneBy    string   `group:"race" placeholder:"WHAT" set:"choices=loss or validation" help:"What trials are judged by: ${choices}. Default: validation, if --validation holds rows out."`
	Seeds     int      `group:"race" default:"5" placeholder:"N" help:"Runs of each method, with the same batches for the same seed (${default})."`
	Target    float64  `group:"race" placeholder:"NUMBER" help:"The f − f* at which the methods are timed. If f* is unknown it is a loss, and the ends of the runs are tested against it. Default: a hundredth of the f − f* of the start."`
	Untuned   bool     `group:"race" help:"Also race the methods that are meant to run on their defaults, without tuning, such as prodigy, dog and adamw, and say how much tuning gained."`
	Bounds    bool     `group:"race" help:"Compare the bounds of theorems with the mean over the seeds, and check the hypotheses of the theorems."`
	NoOptimum bool     `group:"race" help:"Do not solve for f* first; compare f itself."`

	Report  string `group:"output" short:"o" aliases:"out" default:"report.html" placeholder:"FILE" help:"The report, \"\" for none (${default})."`
	SVG     string `group:"output" name:"svg" placeholder:"FILE" help:"The figure of --panels as SVG."`
	PNG     string `group:"output" name:"png" placeholder:"FILE" help:"The figure of --panels as PNG."`
	Regions string `group:"output" placeholder:"FILE" help:"Picture of how the methods divide the plane, for data with two features and classes, as .svg or .png. The report has it, too."`
	XAxis   string `group:"output" short:"x" placeholder:"AXIS" set:"choices=epochs, steps, grads, flops or seconds" help:"First horizontal axis of the report: ${choices}."`
	YAxis   string `group:"output" short:"y" placeholder:"AXIS" set:"choices=excess, distance or loss" help:"First vertical axis of the report: ${choices}."`
	Panels  string `group:"output" placeholder:"X:Y,…" help:"Panels of the figure, such as steps:excess,steps:distance,flops:excess. Default: one panel, of -x and -y."`
	Title   string `group:"output" placeholder:"TEXT" help:"Title of the report and the figure. Default: the problem."`
	JSONL   string `group:"output" name:"jsonl" placeholder:"FILE" help:"Every measured point of every run, one line of JSON each."`
	JSON    bool   `group:"output" name:"json" help:"A summary as JSON instead of the table."`

	label    string // of the progress bar, if the race is one of several
	matrices bool   // whether matrix methods are allowed: the race leaves out methods that do not run on the problem
}

// Help shows how compare is used.
func (compareCmd) Help() string {
	return `Every method starts at the same point and sees the same batches; its step size is tuned first, in the same number of
trials for each, unless it is given. Examples:

    steepest compare
    steepest compare --data breast-cancer -m sgd -m adam -m 'nesterov:momentum=0.95'
    steepest compare --data mails.libsvm.gz --loss hinge --l2 1e-4 --epochs 10
    steepest compare --data digits --hidden 64 --epochs 10
    steepest compare --data digits --hidden 64 -m sgd -m adamw -m muon --untuned
    steepest compare --function rosenbrock --start -1,1 --steps 2000
    steepest compare --text books/ -m adamw -m muon --steps 1000 --checkpoint race --resume
    steepest compare race.toml --seeds 20 --png race.png --panels steps:excess,seconds:excess`
}

// Run runs the race.
func (c *compareCmd) Run(w *world) error {
	list, err := c.methods(w)
	if err != nil {
		return err
	}
	g, err := c.grid(w, list)
	if err != nil {
		return err
	}
	defer g.close()
	if c.Bounds && g.race.Optimum == nil {
		return usage(withoutOptimum(g.problem, g.best), "--bounds is on f − f*, and f* is not known here")
	}
	figure, err := c.figure(g.race)
	if err != nil {
		return err
	}
	result, lost, err := c.runRace(w, g.race, g.problem, g.start)
	if err != nil {
		return err
	}
	return cmp.Or(c.write(w, g.problem, g.start, g.best, result, figure), verdict(result), w.ended(0, true, nil, lost))
}

// withoutOptimum says how to get f*.
func withoutOptimum(p problem, best *optimum.Optimum) string {
	lin, ok := p.sum().(*objective.Linear[float64])
	switch {
	case math.IsInf(best.Value, 1):
		return "the loss is infinite: divide the numbers of the data, or their labels, by a power of ten"
	case !ok:
		return "drop --bounds"
	}
	if _, l2 := lin.Penalties(); l2 > 0 {
		return fmt.Sprintf("the best point found is not certified (%s); --scale standard, or a larger --l2, may help", inFlags(best.Status))
	}
	return "--l2 1e-4 makes the minimum one that can be certified; --scale standard may help, too"
}

// refuse returns an error for flags that have no effect or contradict each other.
func (c *compareCmd) refuse(w *world, list []compare.Entrant) error {
	outputs := []flagPath{{"report", c.Report}, {"svg", c.SVG}, {"png", c.PNG}, {"regions", c.Regions}, {"jsonl", c.JSONL}}
	read, at := textInputs("--text", c.Text)
	if err := c.refuseOutputs(slices.Concat(c.inputs(), read, []flagPath{{"--choices", c.Choices}, c.input()}), outputs...); err != nil {
		return err
	}
	for _, e := range list {
		if e.Ranges != nil && (c.Trials == 0 || e.Untuned) {
			return usage("--trials 8 makes trials", "%s: a range is searched by trials, and the method has none", e.Name)
		}
		if e.Theory && e.Theorem == nil && c.NoOptimum {
			return usage("drop --no-optimum, or name a theorem, as in lr=theory(noise-constant)",
				"%s: lr=theory compares bounds on f − f*, and --no-optimum does not look for f*", e.Name)
		}
	}
	return cmp.Or(c.refuseFolders(outputs...),
		refuseText(at, append(outputs, flagPath{"checkpoint", c.Checkpoint}, flagPath{"runs", c.Runs}, flagPath{"tensorboard", c.TensorBoard})...),
		w.refuse(c.silences(list)...))
}

// race reads the flags for a race of some methods. It also returns the name of the start.
func (c *compareCmd) race(w *world, list []compare.Entrant) (race compare.Race, p problem, start string, err error) {
	race.Entrants = list
	runs := (float64(c.Seeds) + float64(c.Trials)) * float64(len(race.Entrants))
	if err := refuseSize(fmt.Sprintf("the records of %.3g runs take", runs), recordBytes*runs, "take fewer methods, trials or seeds"); err != nil {
		return race, nil, "", err
	}
	if c.Text != "" {
		p, err = c.languageModel(w)
	} else {
		p, err = c.load(w, c.Seed)
	}
	if err != nil {
		return race, nil, "", err
	}
	if s := p.sample(); s != nil && c.Trials > 0 && s.overflows() {
		return race, nil, "", badData("--scale maxabs brings them to one scale, or --trials 0 tunes nothing",
			"%s: the squares of the features leave the range of numbers, so that step sizes cannot be tuned in units of 1/L", s.set.Name)
	}
	if race.Settings, err = c.settings(p); err != nil {
		return race, nil, "", err
	}
	if race.TuneBy, err = c.tuneBy(); err != nil {
		return race, nil, "", err
	}
	race.Problem, race.Seeds, race.Seed, race.Trials, race.Target = p.sum(), c.Seeds, c.Seed, c.Trials, c.Target
	race.Bounds = c.Bounds
	if t, ok := p.(languageModel); ok {
		if err := t.pose(&race, c.Checkpoint != ""); err != nil {
			t.corpus.close()
			return race, nil, "", err
		}
	}
	if c.Precision == "float32" {
		if race.Single, err = p.single(); err != nil {
			return race, nil, "", modelError(err)
		}
	}
	if race.Settings.Evaluate, err = p.measures(race.Single != nil); err != nil {
		return race, nil, "", err
	}
	if race.X0, start, err = startOf(p, c.Start, c.Seed); err == nil && p.traits().scattered {
		race.Start = func(seed uint64) []float64 {
			x, _, _ := startOf(p, c.Start, seed) // no error: the first seed has checked the flag
			return x
		}
	}
	return race, p, start, err
}

// tuneBy reads --tune-by.
func (c *compareCmd) tuneBy() (string, error) {
	switch {
	case c.TuneBy != "" && c.TuneBy != "loss" && c.TuneBy != "validation":
		return "", usage("", "--tune-by: %w", suggest.Unknown("measurement", c.TuneBy, []string{"loss", "validation"}))
	case c.TuneBy == "loss" && c.Text != "":
		return "", usage("drop it", "--tune-by loss: the loss on all of a text is not measured")
	case c.Text != "":
	case c.TuneBy == "loss" || c.TuneBy == "" && c.Validation == 0:
		return "", nil
	case c.Validation == 0:
		return "", usage("give --validation 0.2", "--tune-by validation needs rows that --validation holds out")
	}
	return "validation", nil
}

// advise sets the step sizes of theorems if --step asks for that. It applies to methods without a step size for which there is a theorem.
func (c *compareCmd) advise(race *compare.Race, p problem) {
	if c.Step == "" || p.traits().unsolvable {
		return
	}
	facts := theory.New(race.Problem, race.X0, race.Optimum)
	for i, e := range race.Entrants {
		if e.Given["lr"] == "" && !e.Theory && !e.Untuned {
			e.Theory = true
			if advised, err := e.Advised(facts, race.Settings); err == nil {
				race.Entrants[i] = advised
			}
		}
	}
}

// entrants reads the specifications of methods for a problem, which may be a network.
func entrants(specs []string, f *problemFlags, network bool) ([]compare.Entrant, error) {
	var list []compare.Entrant
	for _, spec := range strings.Split(strings.Join(specs, ";"), ";") {
		spec = strings.TrimSpace(spec)
		if spec == "" {
			continue
		}
		if spec == "all" {
			list = append(list, compare.Everyone(network)...)
			continue
		}
		if spec == "untuned" {
			list = append(list, compare.Untuned(network)...)
			continue
		}
		e, err := parseEntrant(spec, f)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	if len(specs) > 0 && list == nil {
		return nil, usage("steepest methods lists them", "--method names no method")
	}
	if list == nil {
		return compare.Everyone(network), nil
	}
	if err := compare.CheckNames(list); err != nil {
		return nil, usage("a name is given as in sgd:lr=0.1,name=slow", "%s", inFlags(err.Error()))
	}
	return list, nil
}

// parseEntrant reads the specification of a method for a problem.
func parseEntrant(spec string, f *problemFlags) (compare.Entrant, error) {
	e, err := compare.ParseEntrant(spec)
	if err != nil {
		return e, usage("steepest methods lists the methods, steepest methods NAME the options of one", "%w", err)
	}
	if f.Function != "" && f.Noise == 0 && e.Batch > 0 {
		return e, usage("drop it", "method %q: batch is for sums of many terms, and --function without --noise is one term", spec)
	}
	return e, refuseBatch(e.Batch)
}

// parseOne reads the specification of a method that runs once.
func parseOne(spec string, f *problemFlags) (compare.Entrant, error) {
	e, err := parseEntrant(spec, f)
	if err == nil && e.Ranges != nil {
		err = usage("steepest compare searches ranges", "method %q: a run needs a number in place of the range, %v", spec, e.Ranges[0])
	}
	return e, err
}

// solve computes the minimizer. instead is the hint that tells a user how to do without f*.
func (w *world) solve(p problem, instead string) (*optimum.Optimum, error) {
	defer w.notice("solving for f*; " + instead)()
	best, err := optimum.Find(w, p.sum())
	switch {
	case w.interrupted(err):
		return nil, w.interruption(instead, "interrupted while solving for f*; nothing is written")
	case err != nil:
		return nil, usage(instead, "%s", inFlags(err.Error()))
	}
	return &best, nil
}

// runRace runs the race. If the flags ask for it, it resumes an earlier race. Lost says which checkpoint or run folder could not be written, to
// be reported after the result.
func (c *compareCmd) runRace(w *world, race compare.Race, p problem, start string) (result *compare.Result, lost, err error) {
	keeper, err := newRaceKeeper(w, c, &race, p, start)
	if err != nil {
		return nil, nil, err
	}
	folders, err := newRaceFolders(w, c, &race, p, start, keeper.resumes())
	if err != nil {
		_ = keeper.end() // it has nothing new to save
		return nil, nil, err
	}
	interrupted := func() error {
		lost := folders.interrupted()
		err := keeper.interrupted()
		if lost != nil {
			return w.ended(0, true, context.Cause(w), lost)
		}
		return err
	}
	if keeper.store == nil {
		w.salvages("the race ends, and as one is written when it is over, nothing is", interrupted)
	} else {
		w.salvages("the race ends, and its runs are saved, unfinished ones too", interrupted)
	}
	bar := w.progress(counting(cmp.Or(c.label, "racing"), "runs"))
	bar.set(int64(len(race.Finished)), 0)
	race.Progress = func(done, total int) { bar.set(int64(done), int64(total)) }
	result, err = race.Run(w)
	bar.end()
	if w.interrupted(err) {
		return nil, nil, interrupted()
	}
	lost = keeper.end()
	var told *failure
	switch {
	case errors.As(err, &told):
		return nil, nil, told
	case err != nil:
		return nil, nil, usage("", "%s", inFlags(err.Error()))
	}
	w.salvage.Store(nil)
	return result, errors.Join(lost, folders.end(result)), nil
}

// write writes the table and the files.
func (c *compareCmd) write(w *world, p problem, start string, best *optimum.Optimum, result *compare.Result, figure report.Figure) error {
	title := c.Title
	if title == "" {
		title = p.title()
	}
	page := result.Page(title, append(facts(p, start, best), w.machineFacts()...))
	var planar *report.Regions
	if isPlanar(p) {
		planar = regions(p, result)
		page.Regions = append(page.Regions, *planar)
		planar.Title = title
	}
	plot := &page.Plots[0]
	putFirst(plot.X, c.XAxis)
	putFirst(plot.Y, c.YAxis)
	for i := range figure.Panels {
		figure.Panels[i].Plot = plot
	}
	if figure.Title == "" {
		figure.Title = title
	}
	if err := c.print(w, p, start, best, result, page); err != nil {
		return err
	}
	return errors.Join(
		w.save(c.Report, func(out io.Writer) error { return report.HTML(out, page) }),
		w.save(c.SVG, func(out io.Writer) error { return report.SVG(out, &figure) }),
		w.save(c.PNG, func(out io.Writer) error { return report.PNG(out, &figure) }),
		w.saveRegions(c.Regions, planar),
		w.save(c.JSONL, func(out io.Writer) error { return writePoints(out, result) }),
	)
}

// print writes the answer to the standard output.
func (c *compareCmd) print(w *world, p problem, start string, best *optimum.Optimum, result *compare.Result, page *report.Page) error {
	if c.JSON {
		return writeJSON(w.stdout, summary(p, start, best, result))
	}
	fmt.Fprintf(w.stdout, "%s\n%s", w.stdout.paint(bold, printable.Text(page.Title)), w.stdout.wrap(page.Lead, 0))
	for _, fact := range page.Facts {
		if fact.Name == "Optimum" && result.Optimum == nil {
			fmt.Fprint(w.stdout, w.stdout.wrap("Optimum "+fact.Value+".", 0))
		}
	}
	fmt.Fprintln(w.stdout)
	table := page.Tables[0]
	table.Title = ""
	if err := report.Text(w.stdout, &table, w.stdout.width, w.stdout.color); err != nil {
		return err
	}
	if bought := result.BoughtTable(); len(bought.Rows) > 0 {
		fmt.Fprintln(w.stdout)
		if err := report.Text(w.stdout, &bought, w.stdout.width, w.stdout.color); err != nil {
			return err
		}
	}
	for i := range page.Claims {
		fmt.Fprintln(w.stdout)
		if err := report.ClaimsText(w.stdout, &page.Claims[i], w.stdout.width, w.stdout.color); err != nil {
			return err
		}
	}
	return nil
}

// verdict returns an error if no method made progress.
func verdict(result *compare.Result) error {
	for _, s := range result.Summaries() {
		if !math.IsInf(s.Final.Mid, 1) {
			return nil
		}
	}
	for _, s := range result.Summaries() {
		if s.Failed > 0 {
			return &failure{exitDiverged, errors.New("no method came to its end"), "the note below the table says why"}
		}
	}
	if start := result.Entries[0].Runs[0].Points; len(start) > 0 && math.IsInf(start[0].Loss, 1) {
		return &failure{exitDiverged, errors.New("every method diverged: the loss is infinite at the start"),
			"the numbers of the data are too large to be squared; divide them, or their labels, by a power of ten"}
	}
	return &failure{exitDiverged, errors.New("every method diverged"),
		"give smaller step sizes, as in sgd:lr=0.001, or tune with --trials 8"}
}
