package cli

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/optimize"

	"steepest/internal/plural"
	"steepest/internal/printable"
	"steepest/objective"
	"steepest/train"
)

// outcome is the end of a run.
type outcome struct {
	Method    string      `json:"method"`
	Coverage  string      `json:"coverage,omitempty"` // how many parameters the method itself updates, if not all
	Problem   problemJSON `json:"problem"`
	Objective real        `json:"objective"`
	// Progressive is the mean loss of the rows, each measured before the step that learned from it; nil if not requested.
	Progressive *real         `json:"progressive,omitempty"`
	Excess      *real         `json:"excess,omitempty"`
	Gap         *real         `json:"duality_gap,omitempty"`
	Accuracy    *real         `json:"accuracy,omitempty"`
	R2          *real         `json:"r2,omitempty"`
	Held        []heldOutcome `json:"held_out,omitempty"`
	BestStep    *int          `json:"best_step,omitempty"`
	Status      string        `json:"status"`
	Steps       int           `json:"steps"`
	Skipped     int           `json:"skipped,omitempty"` // steps whose gradient was not finite
	Epochs      real          `json:"epochs"`
	Grads       int           `json:"grads"`
	Seconds     real          `json:"seconds"`
	Version     string        `json:"version"`
	// Instructions names the instruction set that the kernels used.
	Instructions string `json:"instructions"`
}

// heldOutcome is the quality of a model on held-out rows.
type heldOutcome struct {
	Name     string `json:"name"`
	Rows     int    `json:"rows"`
	Loss     real   `json:"loss"`
	Accuracy *real  `json:"accuracy,omitempty"`
	R2       *real  `json:"r2,omitempty"`
	// Least is the evaluation with the least loss, if it is not the last one.
	Least *leastLoss `json:"least,omitempty"`
}

// leastLoss is the least loss of a run on the rows that --validation holds out.
type leastLoss struct {
	Step int  `json:"step"`
	Loss real `json:"loss"`
}

// add updates the least loss with an evaluation.
func (l *leastLoss) add(p train.Point) {
	for _, m := range p.Measured {
		if m.Name == "validation" && m.Value < float64(l.Loss) {
			*l = leastLoss{p.Step, real(m.Value)}
		}
	}
}

// tell adds the least loss to the outcome of a run that kept no best point, if the run ended with a larger loss.
func (l *leastLoss) tell(o *outcome) {
	for i, h := range o.Held {
		if h.Name == "validation" && o.BestStep == nil && l.Loss < h.Loss {
			o.Held[i].Least = l
		}
	}
}

var statuses = map[optimize.Status]string{
	train.EpochLimit:        "the epochs asked for are done",
	optimize.IterationLimit: "the steps are spent",
	optimize.RuntimeLimit:   "the time is spent",
	train.TargetReached:     "the target is reached",
	train.PatienceSpent:     "the patience is spent",
	train.Diverged:          "diverged",
	train.Interrupted:       "interrupted",
}

// newOutcome returns the end of a run. If measure is set it includes the quality of the model.
func newOutcome(p problem, start, spec string, r *train.Result[float64], measure bool) outcome {
	out := outcome{
		Method: spec, Problem: describeJSON(p, start), Objective: real(r.Loss), Status: statuses[r.Status],
		Steps: r.Step, Skipped: r.Skipped, Epochs: real(r.Epochs), Grads: r.Grads, Seconds: real(r.Seconds), Version: version(),
		Instructions: instructions(),
	}
	if out.Status == "" {
		out.Status = r.Status.String()
	}
	if p.traits().closed && measure {
		out.Excess = pointer(real(r.Excess))
	}
	for _, m := range r.Measured {
		if m.Name == train.Progressive().Name {
			out.Progressive = pointer(real(m.Value))
		}
	}
	if r.Status == train.Diverged || !measure {
		return out
	}
	if certified, ok := p.sum().(objective.Certified); ok && out.Progressive == nil {
		if gap := certified.Gap(r.X); !math.IsInf(gap, 1) {
			out.Gap = pointer(real(gap))
		}
	}
	s := p.sample()
	if s == nil {
		return out
	}
	m := p.saved(r.X)
	if out.Progressive == nil {
		out.Accuracy, out.R2 = s.worth(m, s.seen)
	}
	for i, h := range s.held {
		v := heldOutcome{Name: h.name, Rows: len(h.set.Y), Loss: real(r.Measured[i].Value)}
		v.Accuracy, v.R2 = s.worth(m, h.seen)
		out.Held = append(out.Held, v)
	}
	return out
}

func pointer(v real) *real { return &v }

// String formats the outcome as a summary for people.
func (o outcome) String() string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s %s\n", name, printable.Text(fmt.Sprintf(format, args...)))
	}
	line("method", "%s", o.Method)
	if o.Coverage != "" {
		line("updates", "%s", o.Coverage)
	}
	if o.Problem.Rows > 0 && o.Problem.Loss != "" && o.Problem.Rank == 0 {
		o.Problem.describe(line, false, penalties{l1: o.Problem.L1, l2: o.Problem.L2}.String())
	} else {
		line("problem", "%s", o.Problem.Name)
	}
	if o.Progressive != nil {
		line("progressive", "%.10g, the mean loss of the rows before each was learnt", *o.Progressive)
	} else if math.IsNaN(float64(o.Objective)) && o.Status == statuses[train.Interrupted] {
		line("objective", "not measured, for that would have taken time")
	} else {
		line("objective", "%.10g", o.Objective)
	}
	if o.Excess != nil {
		line("f − f*", "%.4g", *o.Excess)
	}
	if o.Gap != nil && *o.Gap < o.Objective { // a larger gap says nothing, since losses are not negative
		line("f − f*", "at most %.4g, by the duality gap", *o.Gap)
	}
	judged(line, o.Accuracy, o.R2, o.Held, o.Problem.Rows, "another step size, --scale or --intercept may help, and steepest compare finds the step size")
	if o.BestStep != nil {
		line("best", "step %d, whose parameters are the result", *o.BestStep)
	}
	line("status", "%s", o.Status)
	if o.Skipped > 0 {
		line("steps", "%d, of which %d skipped, since the gradient was not finite", o.Steps, o.Skipped)
	} else {
		line("steps", "%d", o.Steps)
	}
	line("gradients", "%d, %.4g epochs", o.Grads, o.Epochs)
	line("time", "%.3f s", o.Seconds)
	return b.String()
}

// judged prints the quality of a model on the rows it was fitted to and on held-out rows, with a hint for a model that is worse than the mean.
func judged(line func(name, format string, args ...any), accuracy, r2 *real, held []heldOutcome, rows int, hint string) {
	if accuracy != nil {
		line("accuracy", "%.2f %% of the %s it was fitted to", 100**accuracy, plural.Of(rows, "row"))
	}
	if r2 != nil {
		text := fmt.Sprintf("%.4g on the %s it was fitted to", *r2, plural.Of(rows, "row"))
		if rows == 1 {
			text = "one row has none"
		} else if *r2 < 0 {
			text += ", worse than their mean: " + hint
		}
		line("R²", "%s", text)
	}
	for _, h := range held {
		text := fmt.Sprintf("loss %.6g", h.Loss)
		if h.Accuracy != nil {
			text += fmt.Sprintf(", accuracy %.2f %%", 100**h.Accuracy)
		}
		if h.R2 != nil && h.Rows > 1 { // one row has none
			text += fmt.Sprintf(", R² %.4g", *h.R2)
		}
		text += " of " + plural.Of(h.Rows, "row")
		if h.Least != nil {
			text += fmt.Sprintf("; the least loss was %.6g at step %d, which --best keeps", h.Least.Loss, h.Least.Step)
		}
		line(h.Name, "%s", text)
	}
}
