package cli

import (
	"fmt"
	"math"
	"strings"

	"steepest/internal/plural"
	"steepest/internal/printable"
	"steepest/solver"
)

// fitOutcome is the end of a fit.
type fitOutcome struct {
	Problem   problemJSON   `json:"problem"`
	OneVsRest bool          `json:"one_vs_rest,omitempty"`
	Penalty   string        `json:"penalty"`
	Solver    string        `json:"solver"`
	Objective real          `json:"objective"`
	Gap       real          `json:"duality_gap"`
	Tolerance real          `json:"tolerance"`
	Certified bool          `json:"certified"`
	Weights   int           `json:"weights"` // without intercepts
	Nonzero   int           `json:"nonzero_weights"`
	Path      []pathPoint   `json:"path,omitempty"`
	Accuracy  *real         `json:"accuracy,omitempty"`
	R2        *real         `json:"r2,omitempty"`
	Held      []heldOutcome `json:"held_out,omitempty"`
	Status    string        `json:"status"`
	Passes    real          `json:"passes"`
	Seconds   real          `json:"seconds"`
	Version   string        `json:"version"`
	// Instructions names the instruction set that the kernels used.
	Instructions string `json:"instructions"`

	density float64
}

// certifies reports whether the gap shows that the loss is within the tolerance of F*. The solver may stop before, if F* is near 0.
func (c *fitCmd) certifies(found minimum) bool {
	return found.converged && solver.Share(found.loss, found.gap) <= c.Tolerance
}

// outcome describes the end of a fit.
func (c *fitCmd) outcome(f *fitted, found minimum) fitOutcome {
	s := f.data
	out := fitOutcome{
		Problem: s.json(len(found.x)), OneVsRest: len(f.problems) > 1, Penalty: f.penalties.String(), Solver: found.method, Objective: real(found.loss), Gap: real(found.gap),
		Tolerance: real(c.Tolerance), Certified: c.certifies(found), Status: inFlags(found.status), Passes: real(found.passes), Seconds: real(found.seconds),
		Version: version(), Instructions: instructions(), density: s.density,
	}
	switch {
	case out.Certified:
		out.Status = fmt.Sprintf("certified to be within %g of F*", c.Tolerance)
	case found.converged && (c.Tolerance < solver.Share(1, 0) || found.gap <= c.Tolerance*(found.loss-found.gap)): // rounding alone hides it
		out.Status = fmt.Sprintf("as near to F* as rounding allows; it allows no certificate within %g of F*", c.Tolerance)
	case found.converged:
		out.Status = fmt.Sprintf("near 0, but not certified to be within %g of F*; a smaller --tolerance comes nearer", c.Tolerance)
	}
	out.Weights, out.Nonzero, out.Path = len(found.x)-f.intercepts(), f.nonzero(found.x), f.path
	m := f.saved(found.x)
	out.Accuracy, out.R2 = s.worth(m, s.seen)
	for i := range s.held {
		h := &s.held[i]
		v := heldOutcome{Name: h.name, Rows: len(h.set.Y), Loss: real(f.heldLoss(h, found.x))}
		v.Accuracy, v.R2 = s.worth(m, h.seen)
		out.Held = append(out.Held, v)
	}
	return out
}

// String formats the outcome as a summary for people.
func (o fitOutcome) String() string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s %s\n", name, printable.Text(fmt.Sprintf(format, args...)))
	}
	o.Problem.describe(line, o.OneVsRest, o.Penalty)
	line("solver", "%s, for %s, %s, density %.3g", o.Solver, plural.Of(o.Problem.Rows, "row"), plural.Of(o.Problem.Unknowns, "unknown"), o.density)
	line("objective", "%.10g", o.Objective)
	switch share := float64(o.Gap / o.Objective); {
	case math.IsInf(float64(o.Gap), 1):
		line("F − F*", "not bounded")
	case o.Objective == 0:
		line("F − F*", "at most %.3g", o.Gap)
	default:
		line("F − F*", "at most %.3g, %.2g of F", o.Gap, share)
	}
	if o.Problem.L1 > 0 {
		line("weights", "%d of %d are not 0", o.Nonzero, o.Weights)
	}
	judged(line, o.Accuracy, o.R2, o.Held, o.Problem.Rows, "--scale or --categorical may help")
	line("status", "%s", o.Status)
	line("passes", "%.4g", o.Passes)
	line("time", "%.3f s", o.Seconds)
	return b.String()
}
