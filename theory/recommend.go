package theory

import (
	"errors"
	"fmt"
	"math"

	"steepest/optim"
	"steepest/optim/schedule"
	"steepest/train"
)

// Recommend returns the bound whose Step and Average theorems recommend for a rule on a problem: among the bounds whose hypotheses
// hold, the one with the least f − f* at the end of the budget of the settings. If no bound on f − f* holds before a run, it is the first
// bound of any quantity, except SquaredGradient, whose hypotheses are not broken. If there is none, Recommend returns an error.
func Recommend(p Problem, rule optim.Rule, s train.Settings) (Bound, error) {
	run := Run{Rule: rule, Settings: s}
	horizon := run.horizon(p.N)
	if math.IsNaN(horizon) {
		s.Steps = 10 * p.N
		horizon, run.Settings = float64(s.Steps), s
	}
	var best Bound
	least, found := math.Inf(1), false
	for _, t := range Theorems() {
		step := t.Apply(p, run)
		if step.Step == nil || step.Of == SquaredGradient {
			continue
		}
		b, ok := t.with(p, run, step.Step, step.Average)
		if !ok || b.Verdict() == Broken {
			continue
		}
		end := math.Inf(1)
		if v := b.ExcessCurve([]int{int(horizon)})[0]; b.Verdict() == Held && !math.IsNaN(v) {
			end = v
		}
		if !found || end < least {
			best, least, found = b, end, true
		}
	}
	if !found {
		return Bound{}, errors.New("theory: no theorem recommends a step size for this method on this problem; give lr a number, or tune it")
	}
	return best, nil
}

// with applies the theorem to the run with another step size and average. ok is false if the rule has no step size.
func (t Theorem) with(p Problem, run Run, step schedule.Schedule, average train.Average) (b Bound, ok bool) {
	rule, err := optim.Configure(run.Rule, map[string]string{"lr": fmt.Sprint(step)})
	if err != nil {
		return b, false
	}
	run.Rule, run.Settings.Average = rule, average
	b = t.Apply(p, run)
	b.Step = step
	return b, true
}
