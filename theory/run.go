package theory

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/train"
)

// Run is what theorems ask about a run.
type Run struct {
	// Rule is what stepped, and Settings hold the batches, the average and the budget.
	Rule     optim.Rule
	Settings train.Settings
	// Skipped counts the steps that were not made because their gradient was not finite.
	Skipped int
	// Trace is what runs with different seeds have measured; nil if nothing. Drawn is the number of batches in each of its means if they are
	// samples of ‖g_k‖², and 0 if they are its expectation.
	Trace Trace
	Drawn int
	// Regret is the mean over runs of that of WatchDoG, nil if nothing is known; Drawn is their number then.
	Regret Trace
}

// Trace is the mean over runs of the second moment E[‖g_k‖² | x_k] of the stochastic gradient at each step k, or of ‖g_k‖² itself, of one
// batch a run, if the Run says that they are Drawn.
type Trace []float64

// maxWatched is the work, in floating-point operations of a run, up to which second moments are sums over all terms: some seconds.
const maxWatched = 2e9

// Watch returns p for a run of SGD or Schedule-Free SGD to minimize with batches of so many terms, 0 for all of them, and the trace of that one run, which grows
// as the run asks for gradients. For batches drawn with replacement,
//
//	E‖g‖² = (1/b)·(1/n) Σ ‖∇fᵢ‖² + (1 − 1/b)·‖∇f‖²,
//
// which takes all terms at every step. Where that is too much for a run of so many steps, the trace is drawn: it holds ‖g‖² of the batches,
// which may have missed a rare gradient. Only what FiniteSum and Composite say of p can be asked of what Watch returns.
func Watch(p objective.FiniteSum[float64], batch, steps int) (q objective.FiniteSum[float64], trace *Trace, drawn bool) {
	w := watched{FiniteSum: p, trace: new(Trace)}
	if drawn = batch > 0 && 2*p.FLOPs(p.Len())*float64(steps) > maxWatched; batch > 0 && !drawn {
		w.batch, w.whole = batch, make([]float64, objective.Dim(p))
	}
	if c, ok := p.(objective.Composite[float64]); ok {
		return watchedComposite{c, w}, w.trace, drawn
	}
	return w, w.trace, drawn
}

// Gradients returns of how many gradients of a run of so many steps theorems ask: one for each step of SGD, one more for Schedule-Free SGD
// and DoG, whose last iterate is where the next gradient would be taken, and 0 for other methods.
func Gradients(rule optim.Rule, steps int) int {
	switch rule.(type) {
	case rules.SGD:
		return steps
	case rules.ScheduleFreeSGD, rules.DoG:
		return steps + 1
	}
	return 0
}

// watched is a problem with the trace of its gradients.
type watched struct {
	objective.FiniteSum[float64]
	trace *Trace
	batch int       // b, and 0 for a trace of ‖g‖² itself
	whole []float64 // memory for ∇f
}

// Grad is that of the problem, and adds a second moment to the trace.
func (w watched) Grad(dst, x []float64, batch []uint32) float64 {
	loss := w.FiniteSum.Grad(dst, x, batch)
	square := 0.0
	if w.batch == 0 {
		square = floats.Dot(dst, dst)
	} else {
		square = objective.SecondMoment(w.FiniteSum, x) / float64(w.batch)
	}
	if w.batch > 1 {
		w.FiniteSum.Grad(w.whole, x, nil)
		square += (1 - 1/float64(w.batch)) * floats.Dot(w.whole, w.whole)
	}
	*w.trace = append(*w.trace, square)
	return loss
}

type watchedComposite struct {
	objective.Composite[float64]
	watched watched
}

func (w watchedComposite) Grad(dst, x []float64, batch []uint32) float64 {
	return w.watched.Grad(dst, x, batch)
}

// Mean returns the mean of the traces of several runs, as far as all of them go; nil if that is nowhere.
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

// method returns the rule that the gradients of the run reached as they were; the rule with its preparation, of which no theorem
// speaks, if they did not.
func (r *Run) method() optim.Rule {
	if rule, preparation := optim.Unprepared(r.Rule); preparation.Keeps() && r.Skipped == 0 {
		return rule
	}
	return r.Rule
}

// methodName names that rule.
func (r *Run) methodName() string { return optim.NameOf(r.method()) }

// schedule returns the step sizes of plain SGD; nil if the rule is another.
func (r *Run) schedule() schedule.Schedule {
	sgd, ok := r.method().(rules.SGD)
	if !ok {
		return nil
	}
	return sgd.Resolved().(rules.SGD).LR
}

// share returns 1/b for batches of b terms, and 0 for the whole sum, whose gradient has no noise.
func (r *Run) share() float64 {
	if r.Settings.Batch == 0 {
		return 0
	}
	return 1 / float64(r.Settings.Batch)
}

// horizon returns the number of steps that the run is set to make out of n terms; NaN if that is not known.
func (r *Run) horizon(n int) float64 {
	steps := r.Settings.Budget(r.Rule, n)
	if steps == math.MaxInt {
		return math.NaN()
	}
	return float64(steps)
}

// suffix returns the first step of the average over the suffix of a run of so many steps, as train takes it.
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
