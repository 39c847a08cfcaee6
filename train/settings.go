package train

import (
	"errors"
	"fmt"
	"math"
	"time"

	machine "steepest/internal/memory"
	"steepest/optim"
	"steepest/train/dist"
)

// Settings are the settings of a run. The zero value is a run of ten epochs with full batches.
type Settings struct {
	// Batch is the number of terms a step draws; 0 takes the whole sum at each step.
	Batch int
	// Sampling says how it draws them.
	Sampling Sampling
	// Seed and the step determine the terms of a batch.
	Seed uint64

	// A run ends at the first of these limits. 0 means no limit; if all are 0, Epochs is 10. Epochs count gradients: n
	// gradients are one epoch.
	Epochs  float64
	Steps   int
	Runtime time.Duration

	// MicroBatches is the number of micro-batches into which the batch of a step is cut, at most its number of terms. Their gradients are
	// summed along a tree. 0 and 1 leave the batch whole. Parts of a method that need the terms one by one are not cut.
	MicroBatches int
	// Group is the group of processes that make the run together and share the micro-batches; nil for a single process. All hold the same run
	// and get the same bits, which are those of one process with as many micro-batches.
	Group dist.Group

	// Shard divides the state of the rule among the ranks of the Group, as optim.Plan.Divide says. Each rank makes its part of a step, and the
	// ranks exchange the new x. Bits do not change. State then has only this rank's part.
	Shard bool
	// AnyOrder lets the Group add the gradients of its ranks in any order, which may be faster. Bits then depend on the number of ranks.
	AnyOrder bool
	// Compress compresses the gradient of each micro-batch, or of each replica of Local, before they are summed, with error feedback. Bits do
	// not depend on the number of ranks. Only methods that use means over batches can have it.
	Compress dist.Compression
	// Local turns each step into a round of local steps; nil makes plain steps.
	Local *Local

	// Target ends the run when an evaluation finds F(x) − F* ≤ Target; 0 means no target. F* comes from Optimum. Without
	// Optimum the problem must be objective.Certified, and its duality gap bounds F(x) − F*.
	Target float64
	// Optimum is the known solution; nil if it is not known.
	Optimum *Optimum

	// Average says which average of the iterates is evaluated and returned; the zero value is the last iterate.
	Average Average

	// Evaluate lists the measurements of an evaluation; nil stands for Whole. Point.Loss is the measurement of the problem itself, of which there
	// is at most one.
	Evaluate []Measure
	// EvaluateEvery is the number of steps between evaluations. Early steps are also evaluated at powers of 2, and the last one
	// always. 0 evaluates about 100 times a run; on large data less often, but at least 10 times or twice an epoch; and once an
	// epoch if only the time is limited.
	EvaluateEvery int
	// EvaluateEvenly leaves out the evaluations at powers of 2, for when an evaluation costs as much as many steps.
	EvaluateEvenly bool
	// Watch names the measurement whose least value marks the best point, which the Result then holds; "" keeps none.
	// Patience ends the run after this many evaluations in a row without improvement; 0 means no limit.
	Watch    string
	Patience int
	// Guard skips steps with bad gradients and goes back after several; nil means no guard.
	Guard *Guard
	// Recorder gets each evaluation; nil means no recorder.
	Recorder Recorder
}

// Optimum is the solution that a run is measured against.
type Optimum struct {
	// X is x*; nil if it is not known.
	X []float64
	// F is F*.
	F float64
}

// Budget returns the number of steps of a run of the rule on n terms, as limited by Steps and Epochs, or math.MaxInt if neither limits it.
// It is approximate if a step takes more than one gradient per term.
func (s Settings) Budget(rule optim.Rule, n int) int {
	_, steps := s.fill(rule, n)
	return steps
}

// fill sets the open settings that do not depend on the cost of an evaluation, for a sum of n terms. It returns the largest batch and
// the number of steps in the budget.
func (s *Settings) fill(rule optim.Rule, n int) (batch, steps int) {
	if s.Epochs == 0 && s.Steps == 0 && s.Runtime == 0 {
		s.Epochs = 10
	}
	rule, _ = optim.Unprepared(rule)
	if _, ok := rule.(NewtonSGD); ok && s.Average.Form == LastIterate {
		s.Average.Form = UniformAverage
	}
	if s.Evaluate == nil {
		s.Evaluate = []Measure{Whole()}
	}
	if batch = s.Batch; batch == 0 {
		batch = n
	}
	steps = math.MaxInt
	if s.Steps > 0 {
		steps = s.Steps
	}
	if s.Epochs > 0 {
		terms := s.Epochs * float64(n) / expense(rule, n, batch)
		if k := math.Ceil(s.sampling().steps(terms, n, batch) / float64(s.Local.Batches())); k < float64(steps) {
			steps = int(k)
		}
	}
	return batch, steps
}

// sampling returns how terms are drawn. A full batch contains every term once.
func (s *Settings) sampling() Sampling {
	if s.Batch == 0 {
		return Sequential
	}
	return s.Sampling
}

// interval returns the number of steps between evaluations if the Settings leave it open. It depends on the size of the problem
// and not on a clock, so that the same run has the same record.
func interval(steps, n, batch int, passFLOPs float64) int {
	if steps == math.MaxInt {
		return max(1, n/batch)
	}
	epochs := float64(steps) * float64(batch) / float64(n)
	affordable := max(10, 2*epochs, evaluationFLOPs/passFLOPs)
	return max(1, steps/int(min(100, affordable)))
}

// evaluationFLOPs bounds the cost of 100 evaluations, some seconds of work. If they cost more, there are fewer of them.
const evaluationFLOPs = 1e10

// check returns an error unless the settings make sense and fit the rule and the problem, for a run of this many steps and this batch size.
func (s *Settings) check(rule optim.Rule, batch, steps int, certified bool) error {
	_, preparation := optim.Unprepared(rule)
	switch a, accumulated := s.Average, preparation.Accumulate.Or(1); {
	case s.Batch < 0 || s.MicroBatches < 0 || s.Steps < 0 || s.Runtime < 0 || s.EvaluateEvery < 0 || s.Patience < 0 || !(s.Epochs >= 0) || !(s.Target >= 0):
		return errors.New("train: the batch, the micro-batches, the limits, the target, the patience and the interval of evaluations must be numbers ≥ 0")
	case math.IsInf(s.Epochs, 1):
		return errors.New("train: the epochs are infinite; leave them out, and limit the steps or the time")
	case s.Local != nil && (s.Local.Replicas < 1 || s.Local.Steps < 1):
		return fmt.Errorf("train: local steps are %d of %d replicas; want at least 1 of each", s.Local.Steps, s.Local.Replicas)
	case s.AnyOrder && s.Compress.On():
		return errors.New("train: compressed vectors are added up along a tree, and in no other order")
	case int(s.Sampling) >= len(samplingNames):
		return fmt.Errorf("train: there is no sampling %d", uint8(s.Sampling))
	case int(a.Form) >= len(averageNames):
		return fmt.Errorf("train: there is no average %d", uint8(a.Form))
	case batch > 1<<20 && s.Batch > 0 && 4*float64(batch) > machine.Available():
		return fmt.Errorf("train: the indices of a batch of %d terms take more memory than there is", batch)
	case !(a.Beta >= 0 && a.Beta < 1):
		return fmt.Errorf("train: the decay of an exponential average is %v; want it in [0, 1)", a.Beta)
	case !(a.Share >= 0 && a.Share <= 1):
		return fmt.Errorf("train: the share of a suffix average is %v; want it in (0, 1]", a.Share)
	case !(a.Weight >= 0 && a.Weight <= 1):
		return fmt.Errorf("train: the weight of an average is %v; want it in [0, 1]", a.Weight)
	case a.OfTheEnd() && steps == math.MaxInt:
		return fmt.Errorf("train: a %v average needs to know the end; limit the steps or the epochs", a.Form)
	case s.Target > 0 && s.Optimum == nil && !certified:
		return errors.New("train: a target needs the optimum or a problem with a duality gap; set Optimum")
	case s.Guard != nil && (!(s.Guard.Deviations >= 0) || s.Guard.Skips < 0 || s.Guard.Rollbacks < 0):
		return errors.New("train: the deviations, skips and rollbacks of a guard must be numbers ≥ 0")
	case s.Patience > 0 && s.Watch == "":
		return errors.New("train: patience needs a measurement; set Watch")
	case s.Local == nil && accumulated > steps:
		return fmt.Errorf("train: accumulate=%d makes one step of this many gradients, and the run has %d, so it would make no step", accumulated, steps)
	}
	return nil
}
