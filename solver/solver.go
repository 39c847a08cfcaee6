package solver

import (
	"context"
	"fmt"
	"math"
	"slices"

	"steepest/objective"
	"steepest/optimum"
)

// Options are the options of Fit. The zero value has the defaults.
type Options struct {
	// Tolerance is the certified accuracy at which Fit stops: F(X) − F* ≤ Tolerance·F*. 0 stands for 1e-6. If F* is below Tolerance·F(0), as
	// in interpolation, Tolerance·F(0) replaces F*.
	Tolerance float64
	// MaxPasses ends a run that does not reach the tolerance; 0 stands for 10,000. A pass is the work of one gradient over all rows.
	MaxPasses float64
	// Start is the start of the run, with the length of x; nil stands for 0. It is not changed.
	Start []float64
	// Seed decides the order in which rows or columns are visited.
	Seed uint64
	// Progress, if not nil, is called whenever the loss and the gap have been evaluated. Result.X may change after it returns.
	Progress func(Result)
}

// Result is the result of Fit.
type Result struct {
	// X is the evaluated point with the least F.
	X []float64
	// Loss is F(X), with the penalties.
	Loss float64
	// Gap bounds Loss − F*, up to rounding: the least F minus the highest value of the dual. It is +Inf while no dual point is known. At the end it
	// is at most Loss minus the dual at 0, which is 0 for the losses of package objective. For a coordinate without a penalty, it considers values
	// up to 1,000 times as large as those found.
	Gap float64
	// Passes is the work done, in gradients over all rows.
	Passes float64
	// Method names the method that Fit chose.
	Method string
	// Converged says whether Gap is at most Tolerance·F*, or at most Tolerance²·F(0). The function Share says how near to F* the loss is.
	// Status says in words how the run ended.
	Converged bool
	Status    string
}

// Share bounds (loss − F*)/F* for a loss and a gap between it and the dual. It counts one rounding of the loss, so that it is at least 2⁻⁵²,
// except for a loss of 0. It is +Inf if the gap leaves room for an F* of 0.
func Share(loss, gap float64) float64 {
	switch gap += float64(0x1p-52 * loss); {
	case loss == 0 && gap == 0:
		return 0
	case !(gap < loss):
		return math.Inf(1)
	}
	return gap / (loss - gap)
}

const (
	defaultTolerance = 1e-6
	defaultPasses    = 10_000
)

// Fit minimizes p. It returns an error at once if an option is out of range, or if no method here can find a minimizer of the problem. When
// the context is cancelled, it returns the best point so far and the context's cause. A run that ends short of the tolerance is not an error:
// Converged is then false.
//
// The bits of the result depend only on the problem and the options, not on the number of processors.
func Fit(ctx context.Context, p *objective.Linear[float64], options Options) (Result, error) {
	if p == nil {
		panic("solver: the problem is nil")
	}
	if options.Tolerance == 0 {
		options.Tolerance = defaultTolerance
	}
	if options.MaxPasses == 0 {
		options.MaxPasses = defaultPasses
	}
	switch {
	case !(options.Tolerance > 0 && options.Tolerance < 1):
		return Result{}, fmt.Errorf("solver: the tolerance is %v, want a number between 0 and 1", options.Tolerance)
	case !(options.MaxPasses > 0):
		return Result{}, fmt.Errorf("solver: at most %v passes, want a positive number", options.MaxPasses)
	case options.Start != nil && len(options.Start) != objective.Dim(p):
		return Result{}, fmt.Errorf("solver: a start of %d numbers for a problem of %d", len(options.Start), objective.Dim(p))
	}
	for j, v := range options.Start {
		if v-v != 0 {
			return Result{}, fmt.Errorf("solver: start[%d] = %v: not a finite number", j, v)
		}
	}
	r, err := newRun(ctx, p, options)
	if err != nil {
		return Result{}, err
	}
	if err := r.minimize(); err != nil && ctx.Err() == nil {
		return Result{}, err
	}
	return r.finish()
}

// run is a problem that is being minimized.
type run struct {
	problem
	Options
	ctx    context.Context
	result Result
	bound  float64 // the highest value of the dual so far
	zero   float64 // the value of the dual at 0
	origin float64 // F(0)
}

func newRun(ctx context.Context, p *objective.Linear[float64], options Options) (*run, error) {
	view, err := open(p)
	if err != nil {
		return nil, err
	}
	r := &run{problem: view, Options: options, ctx: ctx, bound: math.Inf(-1), zero: p.DualAtZero()}
	r.result = Result{X: make([]float64, view.d), Loss: math.Inf(1), Gap: math.Inf(1)}
	copy(r.result.X, options.Start)
	z := make([]float64, view.n*view.outputs)
	slopes, curvatures := make([]float64, len(z)), make([]float64, len(z))
	r.origin = r.losses(z, slopes, curvatures)
	value := r.origin
	if options.Start != nil {
		r.scores(z, options.Start)
		r.result.Passes += 0.5
		value = r.losses(z, slopes, curvatures) + r.penalty(options.Start)
	}
	r.saw(r.result.X, value, math.Inf(1))
	return r, nil
}

// done reports whether the run is over: at the tolerance, out of passes, or cancelled.
func (r *run) done() bool {
	switch {
	case r.result.Converged:
	case r.ctx.Err() != nil:
		r.result.Status = "cancelled"
	case r.result.Passes >= r.MaxPasses:
		r.result.Status = fmt.Sprintf("%.0f passes without reaching the tolerance", r.MaxPasses)
	default:
		return false
	}
	return true
}

// limit returns the gap at which a point of the given value is good enough: the tolerance times F*, where F* ≥ value − gap.
func (r *run) limit(value float64) float64 {
	least := max(r.bound, 0)
	if math.IsInf(r.bound, -1) {
		least = value / (1 + r.Tolerance)
	}
	return r.Tolerance * max(least, r.Tolerance*r.origin)
}

// saw records a point, its value, and a gap between this value and that of some dual point.
func (r *run) saw(x []float64, value, gap float64) {
	if lower := value - gap; lower > r.bound { // not a NaN
		r.bound = lower
	}
	if value <= float64(r.Tolerance*r.Tolerance*r.origin) { // F* is 0 up to rounding
		r.bound = max(r.bound, 0)
	}
	if value < r.result.Loss || math.IsInf(r.result.Loss, 1) {
		copy(r.result.X, x)
		r.result.Loss = value
	}
	r.result.Gap = max(0, r.result.Loss-r.bound)
	if !math.IsInf(r.bound, -1) {
		r.capGap()
	}
	if r.result.Gap <= r.limit(r.result.Loss) {
		r.result.Converged, r.result.Status = true, "the duality gap is within the tolerance"
	}
	if r.Progress != nil {
		r.Progress(r.result)
	}
}

// capGap limits the gap to that between the least F and the dual at 0.
func (r *run) capGap() { r.result.Gap = min(r.result.Gap, max(0, r.result.Loss-r.zero)) }

func (r *run) finish() (Result, error) {
	r.capGap()
	r.result.X = slices.Clone(r.result.X)
	if r.ctx.Err() != nil {
		return r.result, context.Cause(r.ctx)
	}
	return r.result, nil
}

// minimize runs the method for the problem.
func (r *run) minimize() error {
	smooth := r.loss == nil
	if !smooth {
		_, curvature := r.loss.Curvature()
		smooth = !math.IsInf(curvature, 1)
	}
	switch {
	case smooth && r.l1 > 0 && r.outputs == 1:
		r.newton()
	case smooth && r.l1 == 0 && (r.outputs > 1 || r.d <= maxNewtonColumns || r.l2*float64(r.n) < leastPenalty || !stepsInDual(r.loss)):
		r.newton()
	case r.l1 == 0 && r.l2 > 0 && stepsInDual(r.loss):
		r.dualDescent()
	default:
		return r.find()
	}
	return nil
}

// leastPenalty is the nλ₂ below which dual coordinate descent, accelerated, may need more passes than Newton's method.
const leastPenalty = 1e-5

// find solves the problem by optimum.Find.
func (r *run) find() error {
	o, err := optimum.Find(r.ctx, r.whole)
	if err != nil {
		return err
	}
	r.result = Result{X: o.X, Loss: o.Value, Gap: o.Gap, Passes: float64(o.Iterations), Method: o.Method, Status: o.Status}
	r.result.Converged = o.Gap <= r.limit(o.Value-o.Gap)
	return nil
}
