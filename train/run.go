package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"sync"
	"time"

	"gonum.org/v1/gonum/optimize"

	"steepest/objective"
	"steepest/optim"
	"steepest/param"
)

// Result is the end of a run.
type Result[T param.Float] struct {
	// X is the last iterate, or the average that Settings ask for.
	X []T
	// Point is the last evaluation, at X.
	Point
	// Best is the point with the least value of Settings.Watch; nil if nothing is watched.
	Best *Best[T]
	// Skipped counts the gradients that an optim.Preparation has skipped because they were not finite.
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
	// PatienceSpent says that the watched measurement has not become better for Settings.Patience evaluations.
	PatienceSpent = optimize.NewStatus("PatienceSpent", true, nil)
	// Diverged says that the objective is not finite or has grown out of all proportion.
	Diverged = optimize.NewStatus("Diverged", true, ErrDiverged)
	// Interrupted says that the context was cancelled.
	Interrupted = optimize.NewStatus("Interrupted", true, context.Canceled)
)

// ErrDiverged is the error of a run that diverged, which says why after a colon: a gradient that is not finite, an optim.NonfiniteError,
// or the loss. ErrHalted is that of a run after Halt.
var (
	ErrDiverged = errors.New("train: the run diverged")
	ErrHalted   = errors.New("train: the run has been halted")
)

// Growth of the objective over 1 + |F(x₀)| that counts as divergence: on the way, where a step size that starts too large
// and decreases may still come back, and at the end.
const (
	divergedOnTheWay = 1e10
	divergedAtTheEnd = 1
)

// Minimize runs a rule on a problem from x0, which it leaves as it is. The gradient of a step is the mean over its batch, unless
// the rule is one of this package with an estimate of its own, such as SAGA. The Result is never nil unless the settings do not
// fit the problem. The error is ErrDiverged after a divergence, the context's after a cancellation, and the Recorder's if
// it fails. Minimize panics if x0 or Optimum.X has not the problem's dimension.
func Minimize[T param.Float](
	ctx context.Context, p objective.FiniteSum[T], x0 []T, rule optim.Rule, s Settings,
) (*Result[T], error) {
	r, err := New(p, x0, rule, s)
	if err != nil {
		return nil, err
	}
	return r.Finish(ctx, nil)
}

// Run is a run as a value: whoever holds it can step it, look at it, save its State and restore that into another Run of the
// same problem, rule and settings, which then goes on as if nothing had happened, bit for bit. It is not for concurrent use, but for
// Halt.
type Run[T param.Float] struct {
	// Reduce, if not nil, is for a run that several processes make together, each with a part of every batch: it replaces the
	// estimate g of step k by the mean over the processes, so that all of them make the same step. An error ends the run.
	Reduce func(k int, g []T) error

	settings  Settings
	problem   objective.FiniteSum[T]
	composite objective.Composite[T] // nil for a smooth problem
	gain      float64                // of the rule; 0 if the penalty needs a subgradient instead of its prox
	estimator estimator[T]
	optimizer *optim.Optimizer[T]
	lazy      *lazy[T] // nil for steps of all coordinates
	batches   *Batches // nil for full batches
	average   *averager[T]
	measures  *measures[T]

	x, g   []T // x as the Optimizer keeps it
	ahead  []T // where the gradient is taken, if not at x
	shown  []T // x itself for a lazy run, as X shows it
	k      int
	now    Point
	clock  clock
	latest int     // the step last evaluated, −1 before the first
	first  float64 // F(x₀)
	best   *Best[T]
	least  float64 // the watched value of best
	waited int     // evaluations since
	status optimize.Status

	mutex  sync.Mutex // held while what State and Halt return changes, and not while it takes long to compute the change
	torn   bool       // whether a step has begun to change the state, though not x
	halted bool
}

// New returns a run of a rule on a problem that starts from x0, which it leaves as it is. It panics if x0 or Optimum.X has not the
// problem's dimension.
func New[T param.Float](p objective.FiniteSum[T], x0 []T, rule optim.Rule, s Settings) (*Run[T], error) {
	if d := objective.Dim(p); len(x0) != d {
		panic(fmt.Sprintf("train: len(x0) = %d, want %d", len(x0), d))
	}
	if o := s.Optimum; o != nil && o.X != nil && len(o.X) != len(x0) {
		panic(fmt.Sprintf("train: len(Optimum.X) = %d, want %d", len(o.X), len(x0)))
	}
	n := p.Len()
	batch, steps := s.fill(rule, n)
	if s.EvaluateEvery == 0 {
		s.EvaluateEvery = interval(steps, n, batch, p.FLOPs(n))
	}
	_, certified := p.(objective.Certified)
	if err := s.check(steps, certified); err != nil {
		return nil, err
	}
	if _, preparation := optim.Unprepared(rule); preparation.Accumulate.Or(1) > steps {
		return nil, fmt.Errorf("train: accumulate=%d makes a step of so many gradients, and the run has %d: it would make none",
			preparation.Accumulate.Or(1), steps)
	}
	measures, err := newMeasures(p, &s)
	if err != nil {
		return nil, err
	}
	average := newAverager(s.Average, x0, steps)
	estimator, rule, err := newEstimator(p, rule, batch, steps, s.Seed, average)
	if err != nil {
		return nil, err
	}
	optimizer, err := optim.New[T](rule, p.Params())
	if err != nil {
		return nil, err
	}
	r := &Run[T]{
		settings: s, problem: p, estimator: estimator, optimizer: optimizer, average: average, measures: measures,
		x: slices.Clone(x0), g: make([]T, len(x0)), ahead: make([]T, len(x0)), latest: -1, least: math.Inf(1),
	}
	r.composite, _ = p.(objective.Composite[T])
	r.gain = optimizer.Gain()
	if r.lazy = newLazy(r); r.lazy != nil {
		r.shown = slices.Clone(x0)
	}
	r.now.Loss, r.now.Excess, r.now.Distance, r.now.LR = math.NaN(), math.NaN(), math.NaN(), math.NaN()
	for _, name := range measures.others {
		r.now.Measured = append(r.now.Measured, Value{name, math.NaN()})
	}
	if s.Watch != "" {
		r.best = &Best[T]{X: slices.Clone(x0), Point: r.now}
	}
	if s.Batch > 0 {
		r.batches = NewBatches(s.Sampling, n, s.Batch, s.Seed)
	}
	return r, nil
}

// Finish evaluates where that is due and steps until the run is done, the context is cancelled, or between fails, which is
// called after every step while the clock stands still: the place to save the State. A nil between is not called. The
// Result is never nil; its error is that of Minimize, between's, or ErrHalted.
func (r *Run[T]) Finish(ctx context.Context, between func() error) (*Result[T], error) {
	for {
		if r.Due() {
			if err := r.Evaluate(); err != nil {
				return r.end(ctx, optimize.Failure, err)
			}
		}
		if status := r.Status(ctx); status != optimize.NotTerminated {
			return r.end(ctx, status, nil)
		}
		if err := r.Step(); errors.Is(err, ErrDiverged) {
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

// Step makes one step. After an error x is as it was. A gradient that is not finite is ErrDiverged and an optim.NonfiniteError.
func (r *Run[T]) Step() error {
	var batch []uint32
	if r.batches != nil {
		batch = r.batches.At(r.k)
	}
	if r.lazy != nil && r.Reduce != nil { // which takes whole gradients
		r.optimizer.Eager()
		r.lazy = nil
	}
	if r.lazy != nil && !r.lazy.whole(r.k) {
		return r.stepLazily(batch)
	}
	at, err := r.begin()
	if err != nil {
		return err
	}
	spent := r.estimator.estimate(r.k, r.g, at, batch)
	if r.Reduce != nil {
		if err := r.Reduce(r.k, r.g); err != nil {
			return fmt.Errorf("train: step %d: %w", r.k, err)
		}
	}
	if r.composite != nil && r.gain == 0 {
		r.composite.AddSubgradient(r.g, at)
	}
	return r.move(spent)
}

// stepLazily makes a step of the coordinates that the batch touches.
func (r *Run[T]) stepLazily(batch []uint32) error {
	r.clock.start()
	if r.lazy.tryDirect(r.x, batch) {
		if err := r.hold(); err != nil {
			return err
		}
		defer r.mutex.Unlock()
		r.lazy.stepDirect(r.x, batch)
		r.count(costOf(r.problem, batch))
		return nil
	}
	if err := r.hold(); err != nil {
		return err
	}
	r.lazy.touch(r.ahead, r.x, batch)
	r.mutex.Unlock()
	factor, spent := r.lazy.touched(r.lazy.sparseModel, r.g, r.ahead, batch)
	if err := r.hold(); err != nil {
		return err
	}
	defer r.mutex.Unlock()
	made := r.optimizer.K()
	if err := r.optimizer.StepTouched(r.x, r.g, factor); err != nil {
		return r.failed(err)
	}
	if r.optimizer.K() > made { // and not where a gradient is skipped
		r.lazy.stepped(r.lazy.sparseModel, batch)
	}
	r.count(spent)
	return nil
}

// begin returns where the gradient of the step is to be taken.
func (r *Run[T]) begin() (at []T, err error) {
	r.clock.start()
	if err := r.hold(); err != nil {
		return nil, err
	}
	defer r.mutex.Unlock()
	if r.lazy != nil {
		r.optimizer.Fold(r.x)
	}
	_, plain := r.estimator.(*plain[T])
	r.torn = !plain
	if e, ok := r.estimator.(restarter[T]); ok {
		e.restart(r.k, r.x)
	}
	return r.optimizer.Point(r.ahead, r.x), nil
}

// move makes the step with the estimate at hand, which has taken so much.
func (r *Run[T]) move(spent cost) error {
	if err := r.hold(); err != nil {
		return err
	}
	r.torn = true
	r.mutex.Unlock()
	if err := r.optimizer.Prepare(r.x, r.g); err != nil {
		return r.failed(err)
	}
	if err := r.hold(); err != nil {
		return err
	}
	defer r.mutex.Unlock()
	r.average.before(r.x)
	made := r.optimizer.K()
	r.optimizer.Move(r.x)
	if r.optimizer.K() > made { // and not where gradients are still accumulated
		if r.composite != nil && r.gain != 0 {
			r.composite.Prox(r.x, r.gain*r.optimizer.LR())
		}
		r.average.after(r.k, r.optimizer.LR())
	}
	if r.lazy != nil {
		r.optimizer.Drift(r.lazy.drift())
		clear(r.g)
	}
	r.count(spent)
	return nil
}

// failed returns the error of a step that the optimizer could not make.
func (r *Run[T]) failed(err error) error {
	var nonfinite *optim.NonfiniteError
	if errors.As(err, &nonfinite) {
		return fmt.Errorf("%w: %w", ErrDiverged, err)
	}
	return fmt.Errorf("train: step %d: %w", r.k, err)
}

// count counts a step that is made, and has taken so much.
func (r *Run[T]) count(spent cost) {
	r.k++
	r.now.Grads += spent.grads
	r.now.FLOPs += spent.flops
	r.now.LR = r.optimizer.LR()
	r.torn = false
}

// hold takes the mutex, unless the run has been halted.
func (r *Run[T]) hold() error {
	r.mutex.Lock()
	if r.halted {
		r.mutex.Unlock()
		return ErrHalted
	}
	return nil
}

// Halt ends the run, from another goroutine, without waiting for the gradient, the step or the evaluation that is being computed. That
// comes to nothing, and its Step, Evaluate or Finish returns ErrHalted. The Result is that of the last whole step, and what has not
// been measured there is NaN.
func (r *Run[T]) Halt() *Result[T] {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.halted = true
	result := r.result()
	result.Status = r.status
	if result.Status == optimize.NotTerminated {
		result.Status = Interrupted
	}
	if p := &result.Point; r.latest != r.k {
		*p = r.counted()
		p.Loss, p.Excess, p.Distance, p.Measured = math.NaN(), math.NaN(), math.NaN(), slices.Clone(p.Measured)
		for i := range p.Measured {
			p.Measured[i].Value = math.NaN()
		}
	}
	return result
}

// Whole reports whether State is that of a whole step. A step that has been halted, or has failed, leaves x as it was; but what the
// rule and the estimator carry may have begun to change.
func (r *Run[T]) Whole() bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return !r.torn
}

// Evaluated returns the step of the last evaluation that was due; −1 before the first.
func (r *Run[T]) Evaluated() int { return r.latest }

// K returns the number of steps made.
func (r *Run[T]) K() int { return r.k }

// X returns a view of the last iterate, or of the average that Settings ask for, which the next Step changes.
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

// Point returns the last evaluation that was due; before the first one, what it measures is NaN.
func (r *Run[T]) Point() Point { return r.now }

// Due reports whether the point that the run has reached is one to evaluate, and has not been.
func (r *Run[T]) Due() bool {
	every := r.settings.EvaluateEvery
	return r.latest != r.k && (r.k%every == 0 || r.k < every && bits.OnesCount(uint(r.k)) == 1)
}

// Evaluate measures and records the point that the run has reached, with the clock stopped. The error is the Recorder's.
func (r *Run[T]) Evaluate() error {
	x := r.X()
	point, watched := r.measure(x)
	if err := r.hold(); err != nil {
		return err
	}
	defer r.mutex.Unlock()
	if r.latest < 0 {
		r.first = point.Loss
	}
	r.now, r.latest = point, r.k
	if r.waited++; watched < r.least {
		copy(r.best.X, x)
		r.best.Point, r.least, r.waited = point, watched, 0
	}
	r.status = r.verdict(point)
	return r.record(point)
}

// measure returns the point at x, and the watched value there.
func (r *Run[T]) measure(x []T) (p Point, watched float64) {
	r.clock.stop()
	s := &r.settings
	p = r.counted()
	p.Loss, p.Measured, watched = r.measures.at(x)
	p.Excess, p.Distance = math.NaN(), math.NaN()
	if certified, ok := r.problem.(objective.Certified); s.Optimum != nil {
		p.Excess, p.Distance = p.Loss-s.Optimum.F, distance(x, s.Optimum.X)
	} else if ok && s.Target > 0 {
		p.Excess = certified.Gap(param.As[float64](x))
	}
	return p, watched
}

// counted returns the last evaluation with the counts of the step that the run has reached.
func (r *Run[T]) counted() Point {
	p := r.now
	p.Step, p.Epochs = r.k, float64(p.Grads)/float64(r.problem.Len())
	p.Seconds = r.clock.read().Seconds()
	return p
}

func (r *Run[T]) record(p Point) error {
	if r.settings.Recorder == nil {
		return nil
	}
	if err := r.settings.Recorder.Record(p); err != nil {
		return fmt.Errorf("train: recorder: %w", err)
	}
	return nil
}

// verdict returns the status that an evaluation leads to.
func (r *Run[T]) verdict(p Point) optimize.Status {
	s := &r.settings
	switch {
	case r.grewBy(divergedOnTheWay, p):
		return Diverged
	case s.Target > 0 && p.Excess <= s.Target:
		return TargetReached
	case s.Patience > 0 && r.waited >= s.Patience:
		return PatienceSpent
	}
	return optimize.NotTerminated
}

// grewBy reports whether the loss of a point is not finite, or above the first by factor·(1 + |F(x₀)|).
func (r *Run[T]) grewBy(factor float64, p Point) bool {
	if r.measures.own < 0 {
		return false
	}
	growth := p.Loss - r.first
	return math.IsInf(p.Loss, 0) || !(growth <= factor*(1+math.Abs(r.first)))
}

// Status says why the run is over: what its last evaluation found, a cancelled context, or a limit. It is NotTerminated as long as
// the run is not.
func (r *Run[T]) Status(ctx context.Context) optimize.Status {
	s := &r.settings
	switch {
	case r.status != optimize.NotTerminated:
		return r.status
	case ctx.Err() != nil:
		return Interrupted
	case s.Steps > 0 && r.k >= s.Steps:
		return optimize.IterationLimit
	case s.Epochs > 0 && float64(r.now.Grads) >= s.Epochs*float64(r.problem.Len()):
		return EpochLimit
	case s.Runtime > 0 && r.clock.read() >= s.Runtime:
		return optimize.RuntimeLimit
	}
	return optimize.NotTerminated
}

// end evaluates the last point if that has not been done, and returns the result. That evaluation is no part of the state: a run that
// goes on from there evaluates where it would have anyway.
func (r *Run[T]) end(ctx context.Context, status optimize.Status, err error) (*Result[T], error) {
	if errors.Is(err, ErrHalted) {
		return r.Halt(), err
	}
	result := r.result()
	if r.latest != r.k {
		var watched float64
		result.Point, watched = r.measure(result.X)
		if held := r.hold(); held != nil {
			result.Status = Interrupted
			return result, held
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
	case status == Interrupted: // before its end, where a loss above the first one may still come down
		err = context.Cause(ctx)
	case r.grewBy(divergedAtTheEnd, result.Point):
		status, err = Diverged, fmt.Errorf("%w: the loss is %.3g, and was %.3g at the start", ErrDiverged, result.Loss, r.first)
	}
	result.Status = status
	return result, err
}

// result returns what there is at the last evaluation.
func (r *Run[T]) result() *Result[T] {
	return &Result[T]{X: r.copyTo(make([]T, len(r.x))), Point: r.now, Best: r.best, Skipped: r.optimizer.Skipped()}
}

// clock counts the time that a run spends in steps, over several stretches.
type clock struct {
	mutex   sync.Mutex
	elapsed time.Duration // before the stretch at hand
	since   time.Time
	running bool
}

func (c *clock) start() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if !c.running {
		c.since, c.running = time.Now(), true
	}
}

func (c *clock) stop() { c.set(c.read()) }

// set stops the clock and sets it.
func (c *clock) set(elapsed time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.elapsed, c.running = elapsed, false
}

func (c *clock) read() time.Duration {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if !c.running {
		return c.elapsed
	}
	return c.elapsed + time.Since(c.since)
}

func distance[T param.Float](x []T, y []float64) float64 {
	if y == nil {
		return math.NaN()
	}
	var sum float64
	for i, v := range x {
		sum += float64((float64(v) - y[i]) * (float64(v) - y[i]))
	}
	return math.Sqrt(sum)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
