package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"time"

	"gonum.org/v1/gonum/optimize"

	"steepest/objective"
	"steepest/optim"
	"steepest/param"
)

// Settings say how a run goes. The zero value is a run of ten epochs of full batches.
type Settings struct {
	// Batch is the number of terms a step draws; 0 takes the whole sum at each step.
	Batch int
	// Sampling says how it draws them.
	Sampling Sampling
	// Seed decides, with the step, which they are.
	Seed uint64

	// A run ends at the first of these limits; 0 is none, and if all are 0, Epochs is 10. Epochs count gradients: n of
	// them are one.
	Epochs  float64
	Steps   int
	Runtime time.Duration

	// Target ends the run when an evaluation finds F(x) − F* ≤ Target; 0 is none. F* comes from Optimum, or else the
	// problem must be objective.Certified, whose duality gap then serves.
	Target float64
	// Optimum is what is known of the solution; nil if nothing.
	Optimum *Optimum

	// Average says which average of the iterates is evaluated and returned; the zero value is the last iterate.
	Average Average
	// Every is the number of steps between evaluations. The first steps are evaluated at powers of 2 as well, and the
	// last one always. 0 stands for a hundredth of the budget, or less often, down to twice an epoch or ten times in all,
	// where a hundred passes over the data are many; and for an epoch where only the time is limited.
	Every int
	// Recorder is told each evaluation; nil tells nobody.
	Recorder Recorder
}

// Optimum is the solution that a run is measured against.
type Optimum struct {
	// X is x*; nil if it is not known.
	X []float64
	// F is F*.
	F float64
}

// Result is the end of a run.
type Result[T param.Float] struct {
	// X is the last iterate, or the average that Settings ask for.
	X []T
	// Point is the last evaluation, at X.
	Point
	// Status says why the run ended.
	Status optimize.Status
}

// The ways to end besides gonum's own (IterationLimit, RuntimeLimit).
var (
	// EpochLimit says that the epochs are spent.
	EpochLimit = optimize.NewStatus("EpochLimit", true, nil)
	// TargetReached says that the suboptimality is at most Settings.Target.
	TargetReached = optimize.NewStatus("TargetReached", false, nil)
	// Diverged says that the objective is not finite or has grown out of all proportion.
	Diverged = optimize.NewStatus("Diverged", true, ErrDiverged)
	// Interrupted says that the context was cancelled.
	Interrupted = optimize.NewStatus("Interrupted", true, context.Canceled)
)

// ErrDiverged is the error of a run that diverged.
var ErrDiverged = errors.New("train: the run diverged; try a smaller step size")

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
	if d := objective.Dim(p); len(x0) != d {
		panic(fmt.Sprintf("train: len(x0) = %d, want %d", len(x0), d))
	}
	if o := s.Optimum; o != nil && o.X != nil && len(o.X) != len(x0) {
		panic(fmt.Sprintf("train: len(Optimum.X) = %d, want %d", len(o.X), len(x0)))
	}
	r, err := newRun(p, x0, rule, s)
	if err != nil {
		return nil, err
	}
	status := optimize.NotTerminated
	for {
		if r.due() {
			status, err = r.evaluate()
		}
		if status == optimize.NotTerminated {
			status = r.limit(ctx)
		}
		if status != optimize.NotTerminated {
			return r.finish(ctx, status, err)
		}
		if err := r.iterate(); err != nil {
			return r.finish(ctx, optimize.Failure, fmt.Errorf("train: step %d: %w", r.k, err))
		}
	}
}

// run is the state of Minimize.
type run[T param.Float] struct {
	Settings
	problem   objective.FiniteSum[T]
	composite objective.Composite[T] // nil for a smooth problem
	gain      float64                // of the rule; 0 if the penalty needs a subgradient instead of its prox
	estimator estimator[T]
	optimizer *optim.Optimizer[T]
	batches   *Batches // nil for full batches
	average   *averager[T]

	x, g    []T
	k       int
	now     Point
	started time.Time     // of the stretch since the clock last stood still
	elapsed time.Duration // before it
	latest  int           // the step last evaluated, −1 before the first
	first   float64       // F(x₀)
}

func newRun[T param.Float](p objective.FiniteSum[T], x0 []T, rule optim.Rule, s Settings) (*run[T], error) {
	n := p.Len()
	batch, steps := s.fill(rule, n)
	if s.Every == 0 {
		s.Every = interval(steps, n, batch, p.FLOPs(n))
	}
	_, certified := p.(objective.Certified)
	if err := s.check(steps, certified); err != nil {
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
	r := &run[T]{
		Settings: s, problem: p, estimator: estimator, optimizer: optimizer, average: average,
		x: slices.Clone(x0), g: make([]T, len(x0)), latest: -1, started: time.Now(),
	}
	r.composite, _ = p.(objective.Composite[T])
	r.gain = optimizer.Gain()
	if s.Batch > 0 {
		r.batches = NewBatches(s.Sampling, n, s.Batch, s.Seed)
	}
	return r, nil
}

// fill sets what is open and does not depend on the cost of an evaluation, for a sum of n terms. It returns the largest batch and
// the steps that the budget allows.
func (s *Settings) fill(rule optim.Rule, n int) (batch, steps int) {
	if s.Epochs == 0 && s.Steps == 0 && s.Runtime == 0 {
		s.Epochs = 10
	}
	if _, ok := rule.(NewtonSGD); ok && s.Average.Form == LastIterate {
		s.Average.Form = UniformAverage
	}
	if batch = s.Batch; batch == 0 {
		batch = n
	}
	return batch, s.budget(n, batch, expense(rule, n, batch))
}

// interval returns the steps between evaluations where Settings leave them open. It depends on the problem's size and not
// on any clock, so that the same run has the same record.
func interval(steps, n, batch int, passFLOPs float64) int {
	if steps == math.MaxInt {
		return max(1, n/batch)
	}
	epochs := float64(steps) * float64(batch) / float64(n)
	affordable := max(10, 2*epochs, evaluationFLOPs/passFLOPs)
	return max(1, steps/int(min(100, affordable)))
}

// evaluationFLOPs is what a run may spend on evaluations, some seconds of work, before it makes them rarer than a hundred.
const evaluationFLOPs = 1e10

// budget returns the number of steps that Steps and Epochs allow for batches out of n terms, about so where a step takes more
// than one gradient of a term; math.MaxInt is no limit.
func (s *Settings) budget(n, batch int, expense float64) int {
	steps := math.MaxInt
	if s.Steps > 0 {
		steps = s.Steps
	}
	if s.Epochs > 0 {
		if k := s.Sampling.steps(s.Epochs*float64(n)/expense, n, batch); k < float64(steps) {
			steps = int(k)
		}
	}
	return steps
}

// check returns an error unless the settings of a run of so many steps make sense and fit the problem.
func (s *Settings) check(steps int, certified bool) error {
	switch a := s.Average; {
	case s.Batch < 0 || s.Steps < 0 || s.Runtime < 0 || s.Every < 0 || !(s.Epochs >= 0) || !(s.Target >= 0):
		return errors.New("train: the batch, the limits, the target and the interval of evaluations must be numbers ≥ 0")
	case !(a.Beta >= 0 && a.Beta < 1):
		return fmt.Errorf("train: the decay of an exponential average is %v; want it in [0, 1)", a.Beta)
	case !(a.Share >= 0 && a.Share <= 1):
		return fmt.Errorf("train: the share of a suffix average is %v; want it in (0, 1]", a.Share)
	case a.Form == SuffixAverage && steps == math.MaxInt:
		return errors.New("train: a suffix average needs to know the end; limit the steps or the epochs")
	case s.Target > 0 && s.Optimum == nil && !certified:
		return errors.New("train: a target needs the optimum or a problem with a duality gap; set Optimum")
	}
	return nil
}

// iterate makes one step. After an error x is as it was.
func (r *run[T]) iterate() error {
	var batch []uint32
	if r.batches != nil {
		batch = r.batches.At(r.k)
	}
	spent := r.estimator.estimate(r.k, r.g, r.x, batch)
	if r.composite != nil && r.gain == 0 {
		r.composite.AddSubgradient(r.g, r.x)
	}
	r.average.before(r.x)
	made := r.optimizer.K()
	if err := r.optimizer.Step(r.x, r.g); err != nil {
		return err
	}
	if r.optimizer.K() > made { // and not where gradients are still accumulated
		if r.composite != nil && r.gain != 0 {
			r.composite.Prox(r.x, r.gain*r.optimizer.LR())
		}
		r.average.after(r.k, r.optimizer.LR())
	}
	r.k++
	r.now.Grads += spent.grads
	r.now.FLOPs += spent.flops
	return nil
}

// due reports whether step k is one to evaluate.
func (r *run[T]) due() bool {
	return r.k%r.Every == 0 || r.k < r.Every && bits.OnesCount(uint(r.k)) == 1
}

// evaluate measures and records the current point, with the clock stopped.
func (r *run[T]) evaluate() (optimize.Status, error) {
	r.elapsed += time.Since(r.started)
	defer func() { r.started = time.Now() }()

	x := r.average.value(r.x)
	p := &r.now
	p.Step, p.Epochs = r.k, float64(p.Grads)/float64(r.problem.Len())
	p.Seconds, p.LR = r.elapsed.Seconds(), r.optimizer.LR()
	p.Loss, p.Excess, p.Distance = objective.Value(r.problem, x), math.NaN(), math.NaN()
	if certified, ok := r.problem.(objective.Certified); r.Optimum != nil {
		p.Excess, p.Distance = p.Loss-r.Optimum.F, distance(x, r.Optimum.X)
	} else if ok && r.Target > 0 {
		p.Excess = certified.Gap(float64s(x))
	}
	if r.latest < 0 {
		r.first = p.Loss
	}
	r.latest = r.k
	if r.Recorder != nil {
		if err := r.Recorder.Record(*p); err != nil {
			return optimize.Failure, fmt.Errorf("train: recorder: %w", err)
		}
	}
	switch {
	case r.grewBy(divergedOnTheWay):
		return Diverged, nil
	case r.Target > 0 && p.Excess <= r.Target:
		return TargetReached, nil
	}
	return optimize.NotTerminated, nil
}

// grewBy reports whether the last evaluation is not finite, or above the first by factor·(1 + |F(x₀)|).
func (r *run[T]) grewBy(factor float64) bool {
	growth := r.now.Loss - r.first
	return math.IsInf(r.now.Loss, 0) || !(growth <= factor*(1+math.Abs(r.first)))
}

// limit returns the limit that the run has reached.
func (r *run[T]) limit(ctx context.Context) optimize.Status {
	switch {
	case ctx.Err() != nil:
		return Interrupted
	case r.Steps > 0 && r.k >= r.Steps:
		return optimize.IterationLimit
	case r.Epochs > 0 && float64(r.now.Grads) >= r.Epochs*float64(r.problem.Len()):
		return EpochLimit
	case r.Runtime > 0 && r.elapsed+time.Since(r.started) >= r.Runtime:
		return optimize.RuntimeLimit
	}
	return optimize.NotTerminated
}

// finish evaluates the last point if that has not been done, and returns the result.
func (r *run[T]) finish(ctx context.Context, status optimize.Status, err error) (*Result[T], error) {
	if r.latest != r.k {
		last, failed := r.evaluate()
		if err == nil && last != optimize.NotTerminated {
			status, err = last, failed
		}
	}
	switch {
	case err != nil:
	case r.grewBy(divergedAtTheEnd):
		status, err = Diverged, ErrDiverged
	case status == Interrupted:
		err = context.Cause(ctx)
	}
	return &Result[T]{X: slices.Clone(r.average.value(r.x)), Point: r.now, Status: status}, err
}

func distance[T param.Float](x []T, y []float64) float64 {
	if y == nil {
		return math.NaN()
	}
	var sum float64
	for i, v := range x {
		sum += (float64(v) - y[i]) * (float64(v) - y[i])
	}
	return math.Sqrt(sum)
}

func float64s[T param.Float](x []T) []float64 {
	if x, ok := any(x).([]float64); ok {
		return x
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
