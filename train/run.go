package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"gonum.org/v1/gonum/optimize"

	"steepest/internal/simd"
	"steepest/objective"
	"steepest/optim"
	"steepest/param"
	"steepest/train/dist"
)

// Result is the result of a run.
type Result[T param.Float] struct {
	// X is the last iterate, or the average that Settings ask for.
	X []T
	// Point is the last evaluation, at X.
	Point
	// Best is the point with the least value of Settings.Watch; nil if nothing is watched.
	Best *Best[T]
	// Skipped is the number of gradients skipped by an optim.Preparation, because they were not finite, or by a Guard.
	// Rank 0 of a Group knows those of other ranks' replicas only if Run.Last gathers.
	Skipped int
	// Status says why the run ended.
	Status optimize.Status
}

// Best is the best point that a run has evaluated.
type Best[T param.Float] struct {
	X []T
	Point
}

// The ways to end besides gonum's own (IterationLimit, RuntimeLimit).
var (
	// EpochLimit says that the epochs are spent.
	EpochLimit = optimize.NewStatus("EpochLimit", true, nil)
	// TargetReached says that the suboptimality is at most Settings.Target.
	TargetReached = optimize.NewStatus("TargetReached", false, nil)
	// PatienceSpent says that the watched measurement has not improved for Settings.Patience evaluations.
	PatienceSpent = optimize.NewStatus("PatienceSpent", true, nil)
	// Diverged says that the objective is not finite or has grown out of all proportion. If the objective is not measured, it says that a
	// held-out loss is not finite at the end.
	Diverged = optimize.NewStatus("Diverged", true, ErrDiverged)
	// Interrupted says that the context was cancelled.
	Interrupted = optimize.NewStatus("Interrupted", true, context.Canceled)
)

// ErrDiverged is the error of a run that diverged. It wraps the reason: an optim.NonfiniteError for a gradient that is not finite, or the
// loss. ErrHalted is the error of a run after Halt.
var (
	ErrDiverged = errors.New("train: the run diverged")
	ErrHalted   = errors.New("train: the run has been halted")
)

// Growth of the objective, relative to 1 + |F(x₀)|, that counts as divergence: during the run, when a decreasing step size
// that started too large may still recover, and at the end.
const (
	divergedOnTheWay = 1e10
	divergedAtTheEnd = 1
)

// Minimize runs a rule on a problem from x0, which it does not change. The gradient of a step is the mean over its batch, unless
// the rule is one of this package with its own estimator, such as SAGA. The Result is nil only if the settings do not fit the
// problem. The error is ErrDiverged after a divergence, the context's after a cancellation, or the Recorder's. Minimize panics if
// x0 or Optimum.X does not have the problem's dimension.
func Minimize[T param.Float](
	ctx context.Context, p objective.FiniteSum[T], x0 []T, rule optim.Rule, s Settings,
) (*Result[T], error) {
	r, err := New(p, x0, rule, s)
	if err != nil {
		return nil, err
	}
	return r.Finish(ctx, nil)
}

// Run is a run as a value: it can be stepped, examined, and saved as a State. Another Run of the same problem, rule and settings can
// restore the State and continues with the same bits. A Run is not for concurrent use, except for Halt.
type Run[T param.Float] struct {
	// Rollback, if not nil, returns the earlier state of this run to which a Guard goes back. In a Group only rank 0 calls it, or all ranks if they
	// divide the state.
	Rollback func() (State[T], error)
	// Last, if not nil, is called by Finish after the last step, before the last point is evaluated. All ranks of a Group call it at the same
	// step. It may Gather and save the State.
	Last func() error

	settings  Settings
	problem   objective.FiniteSum[T]
	sum       objective.FiniteSum[T] // the problem, with batches cut as the Settings say
	composite objective.Composite[T] // nil for a smooth problem
	gain      float64                // of the rule; 0 if the penalty needs a subgradient instead of a proximal step
	estimator estimator[T]
	local     *local[T] // the estimator of a run with Local; nil for others
	optimizer *optim.Optimizer[T]
	lazy      *lazy[T] // nil for steps of all coordinates
	batches   *Batches // nil for full batches
	average   *averager[T]
	guard     *guard // nil for none
	measures  *measures[T]

	x, g   []T // x as the Optimizer stores it
	ahead  []T // the point where the gradient is taken, if not x
	shown  []T // x itself for a lazy run, as X shows it
	k      int
	stride int // between the batches of two steps, for a replica of Local
	offset int // of the first of them
	now    Point
	clock  clock
	latest int     // the step of the last evaluation that was due, −1 before the first
	first  float64 // F(x₀)
	best   *Best[T]
	least  float64 // the watched value of best
	waited int     // evaluations since best
	status optimize.Status
	lost   error // of the Group

	mutex    sync.Mutex // held while the data of State and Halt changes, but not during long computations
	torn     bool       // whether a step has begun to change the state, but not x
	gathered int        // the last step after which rank 0 had the states of all pieces
	halted   bool
}

// New returns a run of a rule on a problem from x0, which it does not change. It panics if x0 or Optimum.X does not have the problem's
// dimension.
func New[T param.Float](p objective.FiniteSum[T], x0 []T, rule optim.Rule, s Settings) (*Run[T], error) {
	if p == nil {
		panic("train: the problem is nil")
	}
	if d := objective.Dim(p); len(x0) != d {
		panic(fmt.Sprintf("train: len(x0) = %d, want %d", len(x0), d))
	}
	if o := s.Optimum; o != nil && o.X != nil && len(o.X) != len(x0) {
		panic(fmt.Sprintf("train: len(Optimum.X) = %d, want %d", len(o.X), len(x0)))
	}
	n := p.Len()
	batch, steps := s.fill(rule, n)
	if s.EvaluateEvery == 0 {
		s.EvaluateEvery = interval(steps, n, batch*s.Local.Batches(), p.FLOPs(n))
	}
	_, certified := p.(objective.Certified)
	if err := s.check(rule, batch, steps, certified); err != nil {
		return nil, err
	}
	r := &Run[T]{
		stride: 1, settings: s, problem: p, sum: newCut(p, &s), average: newAverager(s.Average, x0, steps), x: append(simd.LargePages(make([]T, len(x0)))[:0], x0...), g: make([]T, len(x0)),
		ahead: make([]T, len(x0)), latest: -1, least: math.Inf(1),
	}
	var err error
	if r.measures, err = newMeasures(p, r.sum, &s); err != nil {
		return nil, err
	}
	if err := r.setRule(rule, batch, steps); err != nil {
		return nil, err
	}
	if s.Guard != nil {
		r.guard = &guard{Guard: *s.Guard}
	}
	if r.lazy = newLazy(r); r.lazy != nil {
		if r.divided() {
			return nil, errors.New("train: steps over sparse rows move few coordinates, and their state is not divided among the ranks; drop Shard")
		}
		r.shown = slices.Clone(x0)
	} else {
		simd.LargePages(r.g) // with sparse rows most of it may never be used
	}
	r.now.Loss, r.now.Excess, r.now.Distance, r.now.LR = math.NaN(), math.NaN(), math.NaN(), math.NaN()
	for _, name := range r.measures.others {
		r.now.Measured = append(r.now.Measured, Value{name, math.NaN()})
	}
	if s.Watch != "" {
		r.best = &Best[T]{X: slices.Clone(x0), Point: r.now}
	}
	if s.Batch > 0 && s.Local == nil {
		r.batches = batchesOf(p, &s)
	}
	return r, nil
}

// setRule sets the estimator and the optimizer to those of the rule. With Local they are the rounds of the rule and the outer rule.
func (r *Run[T]) setRule(rule optim.Rule, batch, steps int) (err error) {
	s, p := &r.settings, r.problem
	if s.Local != nil {
		if r.measures.progress != nil {
			return errors.New("train: progressive losses are taken before each step, and local steps have none in common")
		}
		if r.local, err = newLocal(p, r.x, rule, *s); err != nil {
			return err
		}
		r.local.place = r.place
		r.estimator = r.local
		r.optimizer, err = newOptimizer[T](s.Local.Rule(), p.Params(), s)
		return err
	}
	if r.estimator, rule, err = newEstimator(p, r.sum, rule, batch, steps, s.Seed, r.average); err != nil {
		return err
	}
	if e := r.estimator.name(); s.Compress.On() && e != "" {
		return fmt.Errorf("train: compressed gradients are means over batches, and those of %s are not", e)
	}
	if r.optimizer, err = newOptimizer[T](rule, p.Params(), s); err != nil {
		return err
	}
	r.composite, _ = p.(objective.Composite[T])
	r.gain = r.optimizer.Gain()
	return nil
}

// Finish evaluates when due and steps until the run is done, the context is cancelled, or between returns an error. between, if not nil, is
// called after every step with the clock stopped; it may save the State. The Result is never nil. The error is that of Minimize, that of
// between, or ErrHalted.
func (r *Run[T]) Finish(ctx context.Context, between func() error) (*Result[T], error) {
	for {
		if r.Due() {
			if err := r.Evaluate(); err != nil {
				return r.end(ctx, optimize.Failure, err)
			}
		}
		if status := r.Status(ctx); status != optimize.NotTerminated {
			if r.lost == nil && r.Last != nil {
				r.lost = r.Last()
			}
			return r.end(ctx, status, r.lost)
		}
		most := 1
		if between == nil {
			most = burst
		}
		if err := r.steps(most); errors.Is(err, ErrDiverged) {
			return r.end(ctx, Diverged, err)
		} else if err != nil {
			return r.end(ctx, optimize.Failure, err)
		}
		if between != nil {
			r.clock.stop()
			if err := between(); err != nil {
				return r.end(ctx, optimize.Failure, err)
			}
		}
	}
}

// Evaluated returns the step of the last evaluation that was due, or −1 before the first.
func (r *Run[T]) Evaluated() int { return r.latest }

// Took returns, for each rank of a Group, the average time of a micro-batch in the last sum over a batch, or of a replica in the last round of
// a Local, or 0 for a rank that had none. The next sum overwrites it. It returns nil without a Group or if batches are not cut.
func (r *Run[T]) Took() []time.Duration {
	if sum, _ := r.pieces(); sum != nil {
		return sum.Took
	}
	return nil
}

// blame names the ranks that made a gradient that is not finite, unless all ranks with pieces did, or none, as when only the sum overflows.
func (r *Run[T]) blame(bad *optim.NonfiniteError) {
	sum, _ := r.pieces()
	if sum == nil || len(sum.Bad) == 0 {
		return
	}
	for rank, took := range sum.Took {
		if took > 0 && !slices.Contains(sum.Bad, rank) {
			bad.Ranks = slices.Clone(sum.Bad)
		}
	}
}

// K returns the number of steps made.
func (r *Run[T]) K() int { return r.k }

// Spent returns the share of the budget that the run has spent, in [0, 1]: of the steps, the epochs or the time, whichever is most.
func (r *Run[T]) Spent() float64 {
	s := &r.settings
	share := 0.0
	if s.Steps > 0 {
		share = float64(r.k) / float64(s.Steps)
	}
	if s.Epochs > 0 {
		share = max(share, float64(r.now.Grads)/(s.Epochs*float64(r.problem.Len())))
	}
	if s.Runtime > 0 {
		share = max(share, float64(r.clock.read())/float64(s.Runtime))
	}
	return min(share, 1)
}

// X returns a view of the last iterate, or of the average that the Settings ask for. The next Step changes it.
func (r *Run[T]) X() []T {
	if r.lazy != nil {
		return r.copyTo(r.shown)
	}
	return r.average.value(r.x)
}

// copyTo copies X to dst, and returns it.
func (r *Run[T]) copyTo(dst []T) []T {
	switch {
	case r.lazy == nil:
		copy(dst, r.average.value(r.x))
	case r.average.averages():
		r.optimizer.Averages(dst, r.x)
	default:
		r.optimizer.Values(dst, r.x)
	}
	return dst
}

// Point returns the last evaluation that was due. Before the first one, its measurements are NaN.
func (r *Run[T]) Point() Point { return r.now }

// Status says why the run is over: the result of its last evaluation, a cancelled context, or a limit. Until then it is NotTerminated. All
// ranks of a Group get the same answer; it is Failure if a rank is lost.
func (r *Run[T]) Status(ctx context.Context) optimize.Status {
	s := &r.settings
	switch {
	case r.status != optimize.NotTerminated:
		return r.status
	case r.any(ctx.Err() != nil):
		return Interrupted
	case r.spent() != optimize.NotTerminated:
		return r.spent()
	case s.Runtime > 0 && r.any(r.clock.read() >= s.Runtime):
		return optimize.RuntimeLimit
	case r.lost != nil:
		return optimize.Failure
	}
	return optimize.NotTerminated
}

// spent returns the limit of steps or epochs that the run has reached; NotTerminated if it has reached none.
func (r *Run[T]) spent() optimize.Status {
	s := &r.settings
	switch {
	case s.Steps > 0 && r.k >= s.Steps:
		return optimize.IterationLimit
	case s.Epochs > 0 && float64(r.now.Grads) >= s.Epochs*float64(r.problem.Len()):
		return EpochLimit
	}
	return optimize.NotTerminated
}

// any reports whether a condition holds on any rank.
func (r *Run[T]) any(condition bool) bool {
	condition, err := dist.Any(r.settings.Group, condition)
	if err != nil {
		r.lost = fmt.Errorf("train: step %d: %w", r.k, err)
	}
	return condition
}

// end evaluates the last point, if that has not been done, and returns the result. This evaluation is not part of the state, so a run that
// continues from there evaluates at the same steps as an uninterrupted one.
func (r *Run[T]) end(ctx context.Context, status optimize.Status, err error) (*Result[T], error) {
	if errors.Is(err, ErrHalted) {
		return r.Halt(), err
	}
	if held := r.hold(); held != nil {
		return r.Halt(), held
	}
	result := r.result()
	r.mutex.Unlock()
	if r.latest != r.k {
		var watched float64
		var unreadable error
		result.Point, watched, unreadable = r.measure(result.X)
		if err == nil && unreadable != nil {
			status, err = optimize.Failure, unreadable
		}
		if held := r.hold(); held != nil {
			return r.Halt(), held
		}
		defer r.mutex.Unlock()
		if watched < r.least {
			result.Best = &Best[T]{X: result.X, Point: result.Point}
		}
		if verdict := r.verdict(result.Point); err == nil && verdict != optimize.NotTerminated {
			status = verdict
		}
		if failed := r.record(result.Point); err == nil && failed != nil {
			status, err = optimize.Failure, failed
		}
	}
	switch {
	case err != nil:
	case status == Interrupted: // an interrupted run is not judged, since its loss might still have come down
		err = context.Cause(ctx)
	case r.grewBy(divergedAtTheEnd, result.Point):
		status, err = Diverged, fmt.Errorf("%w: the loss is %s, and was %.3g at the start", ErrDiverged, magnitude(result.Loss), r.first)
	case r.measures.own < 0: // then held-out losses judge the end: a Guard skips gradients that are not finite
		if v, ok := r.measures.nonfinite(result.Measured); ok {
			status, err = Diverged, fmt.Errorf("%w: the %s loss is %s", ErrDiverged, v.Name, magnitude(v.Value))
		}
	}
	result.Status = status
	return result, err
}

// magnitude returns the text of a loss that may have left the range of numbers.
func magnitude(loss float64) string {
	if math.IsInf(loss, 1) {
		return "infinite"
	}
	return fmt.Sprintf("%.3g", loss)
}

// result returns the result as of the last evaluation.
func (r *Run[T]) result() *Result[T] {
	result := &Result[T]{X: r.copyTo(make([]T, len(r.x))), Point: r.now, Best: r.best, Skipped: r.optimizer.Skipped()}
	if r.guard != nil {
		result.Skipped += r.guard.skipped
	}
	if r.local != nil {
		for _, replica := range r.local.replicas {
			result.Skipped += replica.optimizer.Skipped()
		}
	}
	return result
}
