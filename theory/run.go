package theory

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/matrix"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/train"
)

// Run holds the facts about a run that theorems use.
type Run struct {
	// Rule is the rule of the run. Settings hold the batches, the average and the budget.
	Rule     optim.Rule
	Settings train.Settings
	// Skipped is the number of steps that were skipped because the gradient was not finite.
	Skipped int
	// Trace is measured by runs with different seeds; nil if there are none. If its values are means of samples of ‖g_k‖², Drawn is the number
	// of samples in each mean. If they are expectations, Drawn is 0.
	Trace Trace
	Drawn int
	// Regret is the mean over runs of the regret of WatchDoG, or nil. Drawn is then the number of runs.
	Regret Trace
	// Errors is the mean over runs of the errors of WatchGradients, or nil.
	Errors Trace
}

// Trace is, for each step k, the mean over runs of the second moment E[‖g_k‖² | x_k] of the stochastic gradient. If Run.Drawn is
// positive, it is the mean of ‖g_k‖² itself, for one batch of each run.
type Trace []float64

// at returns the value of step k, or NaN if the trace ends before it.
func (t Trace) at(k int) float64 {
	if k >= len(t) {
		return math.NaN()
	}
	return t[k]
}

// maxWatched is the largest number of operations that a run may spend on second moments over all terms. They take some seconds.
const maxWatched = 2e9

// Watch wraps p for a run of SGD or Schedule-Free SGD with batches of the given number of terms (0 for all). trace is the trace of that run. It
// grows as the run asks for gradients. For batches drawn with replacement,
//
//	E‖g‖² = (1/b)·(1/n) Σ ‖∇fᵢ‖² + (1 − 1/b)·‖∇f‖²,
//
// which needs all terms at every step. If that is too expensive for the number of steps, drawn is true, and the trace holds ‖g‖² of the batches,
// which may miss rare large gradients. The wrapped problem is only a FiniteSum or a Composite.
func Watch(p objective.FiniteSum[float64], batch, steps int) (q objective.FiniteSum[float64], trace *Trace, drawn bool) {
	trace = new(Trace)
	if batch == 0 || tooLong(p, 2*float64(steps)) {
		return watch(p, func(_, g []float64, _ []uint32) { *trace = append(*trace, floats.Dot(g, g)) }), trace, batch > 0
	}
	whole := make([]float64, objective.Dim(p))
	return watch(p, func(x, _ []float64, _ []uint32) {
		square := objective.SecondMoment(p, x) / float64(batch)
		if batch > 1 {
			p.Grad(whole, x, nil)
			square += (1 - 1/float64(batch)) * floats.Dot(whole, whole)
		}
		*trace = append(*trace, square)
	}), trace, false
}

// tooLong reports whether this many gradients over all terms are too expensive to measure.
func tooLong(p objective.FiniteSum[float64], gradients float64) bool {
	return p.FLOPs(p.Len())*gradients > maxWatched
}

// Gradients returns the number of gradients that theorems need from a run of this many steps: one for each step of SGD and of normalized
// methods, and one more for Schedule-Free SGD and DoG, whose theorems also need the gradient at the last iterate. For other methods it
// returns 0.
func Gradients(rule optim.Rule, steps int) int {
	switch rule.(type) {
	case rules.SGD, rules.NormalizedDescent, rules.SignDescent, matrix.SteepestDescent:
		return steps
	case rules.ScheduleFreeSGD, rules.DoG:
		return steps + 1
	}
	return 0
}

// watch returns p with a function that sees each point, with the gradient and the batch that a run asks for there.
func watch(p objective.FiniteSum[float64], see func(x, g []float64, batch []uint32)) objective.FiniteSum[float64] {
	w := watched{p, see}
	if c, ok := p.(objective.Composite[float64]); ok {
		return watchedComposite{c, w}
	}
	return w
}

type watched struct {
	objective.FiniteSum[float64]
	see func(x, g []float64, batch []uint32)
}

func (w watched) Grad(dst, x []float64, batch []uint32) float64 {
	loss := w.FiniteSum.Grad(dst, x, batch)
	w.see(x, dst, batch)
	return loss
}

type watchedComposite struct {
	objective.Composite[float64]
	watched watched
}

func (w watchedComposite) Grad(dst, x []float64, batch []uint32) float64 {
	return w.watched.Grad(dst, x, batch)
}

// Mean returns the mean of the traces of several runs, up to the length of the shortest; nil if that is 0.
func Mean(runs ...Trace) Trace {
	if len(runs) == 0 {
		return nil
	}
	length := len(runs[0])
	for _, r := range runs {
		length = min(length, len(r))
	}
	if length == 0 {
		return nil
	}
	mean := make(Trace, length)
	for _, r := range runs {
		for k := range mean {
			mean[k] += r[k] / float64(len(runs))
		}
	}
	return mean
}

// method returns the rule of the run without its preparation, if that left all gradients unchanged. Otherwise it returns the rule with
// its preparation, to which no theorem applies.
func (r *Run) method() optim.Rule {
	if rule, preparation := optim.Unprepared(r.Rule); preparation.Keeps() && r.Skipped == 0 {
		return rule
	}
	return r.Rule
}

// methodName returns the name of method.
func (r *Run) methodName() string { return optim.NameOf(r.method()) }

// schedule returns the step sizes of plain SGD, or nil if the rule is another one.
func (r *Run) schedule() schedule.Schedule {
	sgd, ok := r.method().(rules.SGD)
	if !ok {
		return nil
	}
	return sgd.Resolved().(rules.SGD).LR
}

// share returns 1/b for batches of b terms, or 0 for b = 0, the whole sum, whose gradient has no noise.
func share(b int) float64 {
	if b == 0 {
		return 0
	}
	return 1 / float64(b)
}

// horizon returns the number of steps in the budget of the run on n terms, or NaN if it is not known.
func (r *Run) horizon(n int) float64 {
	steps := r.Settings.Budget(r.Rule, n)
	if steps == math.MaxInt {
		return math.NaN()
	}
	return float64(steps)
}

// suffix returns the first step of train's suffix average in a run of this many steps.
func (r *Run) suffix(horizon float64) int {
	if math.IsNaN(horizon) {
		return 0
	}
	share := r.Settings.Average.Share
	if share == 0 {
		share = 0.5
	}
	return int(horizon) - int(share*horizon)
}

// largest returns the largest of the first million step sizes.
func (r *Run) largest(s schedule.Schedule) float64 {
	if c, ok := s.(schedule.Constant); ok {
		return float64(c)
	}
	steps := 1000000
	if n := r.Settings.Steps; n > 0 {
		steps = min(steps, n)
	}
	largest := 0.0
	for k := range steps {
		largest = max(largest, s.At(k))
	}
	return largest
}
