package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"steepest/compare"
	"steepest/objective"
	"steepest/optim"
	"steepest/optimum"
	"steepest/theory"
	"steepest/train"
)

type minimizeCmd struct {
	Spec string `arg:"" name:"method" help:"Method and options, such as adam or sgd:lr=invsqrt(0.5),batch=10."`
	configArg
	problemFlags
	runFlags

	Target float64 `group:"run" placeholder:"NUMBER" help:"Stop when f − f*, or the duality gap above it, is at most this."`
	Model  string  `group:"output" placeholder:"FILE" help:"Save the weights and all that predicting needs, as JSON."`
	Record string  `group:"output" placeholder:"FILE" help:"Save every measured point, a line of JSON each."`
	Plan   bool    `group:"output" help:"Print what the method does to each parameter, and stop."`
	Quiet  bool    `group:"output" short:"q" help:"No table of progress."`
	JSON   bool    `group:"output" name:"json" help:"The summary as JSON."`
}

// Help shows how minimize is used.
func (minimizeCmd) Help() string {
	return `The step size is the one given, or the method's default: steepest compare tunes it. Ctrl-C ends the run and saves what there
is. Examples:

    steepest minimize adam:lr=0.02 --data digits --model digits.json
    steepest minimize 'sgd:lr=invsqrt(1)' --data mails.svm --average uniform --record mails.jsonl
    steepest minimize muon --data digits --hidden 64,64 --plan
    steepest minimize gd:lr=0.001 --function rosenbrock --start -1.2,1 --steps 100000`
}

// Validate asks for the method.
func (c *minimizeCmd) Validate() error {
	if c.Spec == "" {
		return usage("steepest methods lists the methods", "minimize needs a method, such as adam:lr=0.01")
	}
	return nil
}

// Run minimizes.
func (c *minimizeCmd) Run(w *world) error {
	entrant, err := compare.ParseEntrant(c.Spec)
	if err != nil {
		return methodError(err)
	}
	p, err := c.load()
	if err != nil {
		return err
	}
	s, err := c.runSettings(p, entrant)
	if err != nil {
		return err
	}
	if c.Plan {
		return printPlan(w, p.FiniteSum, entrant.Method.Rule, s)
	}
	x0, err := p.start(c.Seed)
	if err != nil {
		return err
	}
	if entrant, err = c.advised(w, p, entrant, x0, &s); err != nil {
		return err
	}
	record, err := openRecord(c.Record)
	if err != nil {
		return err
	}
	table := c.table(w, s)
	s.Recorder = train.RecorderFunc(func(point train.Point) error {
		table.show(point)
		return record.add(point)
	})
	result, runErr := train.Minimize(w, p.FiniteSum, x0, entrant.Method.Rule, s)
	if result == nil {
		return usage("", "%s", inFlags(runErr.Error()))
	}
	if w.Err() != nil && w.stderr.tty {
		fmt.Fprintln(w.stderr) // below the ^C that the terminal shows
	}
	table.last(result.Point)
	if err := record.close(w); err != nil {
		return err
	}
	return c.finish(w, p, entrant, result, runErr)
}

// table returns the progress table that the flags ask for.
func (c *minimizeCmd) table(w *world, s train.Settings) *progressTable {
	switch {
	case c.Quiet:
		return nil
	case s.Optimum != nil:
		return &progressTable{w: w.stderr, excess: "f − f*"}
	case s.Target > 0:
		return &progressTable{w: w.stderr, excess: "gap"}
	}
	return &progressTable{w: w.stderr}
}

// runSettings reads the flags for a run of the entrant.
func (c *minimizeCmd) runSettings(p *problem, entrant compare.Entrant) (train.Settings, error) {
	s, err := c.settings(p)
	if err != nil {
		return s, err
	}
	if s.Target = c.Target; s.Target < 0 {
		return s, usage("", "--target cannot be negative")
	}
	if s.Target > 0 && p.flags.isNetwork() {
		return s, usage("limit --epochs, --steps or --time instead",
			"--target needs a known optimum or a duality gap, and a network has neither")
	}
	if entrant.Batch >= 0 && p.function == nil {
		s.Batch = entrant.Batch
	}
	if entrant.Average != nil {
		s.Average = *entrant.Average
	}
	if p.function != nil {
		best, err := optimum.Find(p.FiniteSum)
		if err != nil {
			return s, err
		}
		s.Optimum = &train.Optimum{X: best.X, F: best.Value}
	}
	return s, nil
}

// advised returns the method with the step size of a theorem, and sets the average that goes with it, if the method or --step
// asks for one. The command then solves for x* first, which most theorems need.
func (c *minimizeCmd) advised(
	w *world, p *problem, e compare.Entrant, x0 []float64, s *train.Settings,
) (compare.Entrant, error) {
	e.Theory = e.Theory || c.Step != "" && e.Given["lr"] == ""
	if !e.Theory {
		return e, nil
	}
	if p.flags.isNetwork() {
		return e, usage("give lr=…", "no theorem knows the constants of a network")
	}
	best, err := w.solve(p)
	if err != nil {
		return e, err
	}
	if best.Certified {
		s.Optimum = p.reference(best)
	}
	e, err = e.Advised(theory.New(p.FiniteSum, x0, s.Optimum), *s)
	if err != nil {
		return e, usage("give lr=…", "%s", inFlags(err.Error()))
	}
	if e.Average != nil {
		s.Average = *e.Average
	}
	fmt.Fprintf(w.stderr, "theorem %s recommends lr=%s, average=%v\n", e.Theorem.Name, e.Given["lr"], s.Average.Form)
	c.Spec = e.Spec()
	return e, nil
}

// finish prints the summary and saves the model, unless the run diverged.
func (c *minimizeCmd) finish(w *world, p *problem, e compare.Entrant, result *train.Result[float64], runErr error) error {
	end := newOutcome(p, c.Spec, result)
	if err := c.print(w, end); err != nil {
		return err
	}
	switch {
	case errors.Is(runErr, train.ErrDiverged):
		return &failure{exitDiverged, fmt.Errorf("%s diverged at step %d; no model is saved", c.Spec, result.Step), advice(p, e)}
	case runErr != nil && !w.interrupted(runErr):
		return runErr
	}
	err := w.save(c.Model, func(out io.Writer) error { return json.NewEncoder(out).Encode(newModel(p, end, result.X)) })
	if err != nil || runErr == nil {
		return err
	}
	saved := "nothing is saved"
	if c.Model != "" || c.Record != "" {
		saved = "what there was is saved"
	}
	return &failure{exitInterrupted, fmt.Errorf("interrupted at step %d; %s", result.Step, saved), ""}
}

func (c *minimizeCmd) print(w *world, end outcome) error {
	if c.JSON {
		return writeJSON(w.stdout, end)
	}
	_, err := io.WriteString(w.stdout, end.String())
	return err
}

// advice says what to do about a divergence.
func advice(p *problem, e compare.Entrant) string {
	name := e.Method.Name
	hint := fmt.Sprintf("take a smaller step size, as in %s:lr=…", name)
	if a, ok := p.FiniteSum.(objective.Analytic); ok {
		if l := a.Constants().LMax; (name == "sgd" || name == "gd") && l > 0 && !math.IsInf(l, 1) {
			hint = fmt.Sprintf("take a smaller step size, as in %s:lr=%.2g, which is 1/L_max", name, 1/l)
		}
	}
	return hint + "; or steepest compare, which tunes it"
}

// printPlan prints what a rule does to each parameter of a problem.
func printPlan(w *world, p objective.FiniteSum[float64], rule optim.Rule, s train.Settings) error {
	plan, err := train.NewPlan(p, rule, s)
	if err != nil {
		return usage("", "%s", inFlags(err.Error()))
	}
	_, err = io.WriteString(w.stdout, plan.String())
	return err
}
