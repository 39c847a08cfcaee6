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

	// MicroBatches is into how many micro-batches the batch of a step is cut, whose gradients are summed along a tree; 0 and 1 leave it whole,
	// and there are at most as many as it has terms. What of a method needs the terms one by one is not cut.
	MicroBatches int
	// Group is the processes that make the run together, and share the micro-batches; nil for one alone. All hold the same run and come to the
	// same bits, which are those of one process with as many micro-batches.
	Group dist.Group

	// Target ends the run when an evaluation finds F(x) − F* ≤ Target; 0 is none. F* comes from Optimum, or else the
	// problem must be objective.Certified, whose duality gap then serves.
	Target float64
	// Optimum is what is known of the solution; nil if nothing.
	Optimum *Optimum

	// Average says which average of the iterates is evaluated and returned; the zero value is the last iterate.
	Average Average

	// Evaluate names what an evaluation measures; nil stands for Whole. Point.Loss is the first of those of the problem itself.
	Evaluate []Measure
	// EvaluateEvery is the number of steps between evaluations. The first steps are evaluated at powers of 2 as well, and the
	// last one always. 0 stands for a hundredth of the budget, or less often, down to twice an epoch or ten times in all,
	// where a hundred passes over the data are many; and for an epoch where only the time is limited.
	EvaluateEvery int
	// EvaluateEvenly leaves out those at powers of 2, where an evaluation costs as much as many steps.
	EvaluateEvenly bool
	// Watch names the measurement whose least value marks the best point, which the Result then holds; "" keeps none.
	// Patience ends the run after so many evaluations in a row without a better one; 0 is no limit.
	Watch    string
	Patience int
	// Guard skips steps and goes back where a gradient is bad; nil is none.
	Guard *Guard
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

// Budget returns the number of steps that a run of the rule on n terms is set to make by Steps and Epochs, about so where a step
// takes more than one gradient of a term; math.MaxInt if neither limits it.
func (s Settings) Budget(rule optim.Rule, n int) int {
	_, steps := s.fill(rule, n)
	return steps
}

// fill sets what is open and does not depend on the cost of an evaluation, for a sum of n terms. It returns the largest batch and
// the steps that the budget allows.
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
		if k := s.sampling().steps(terms, n, batch); k < float64(steps) {
			steps = int(k)
		}
	}
	return batch, steps
}

// sampling returns how terms are drawn; a full batch has all of them once.
func (s *Settings) sampling() Sampling {
	if s.Batch == 0 {
		return Sequential
	}
	return s.Sampling
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

// check returns an error unless the settings of a run of so many steps with such batches make sense and fit the problem.
func (s *Settings) check(batch, steps int, certified bool) error {
	switch a := s.Average; {
	case s.Batch < 0 || s.MicroBatches < 0 || s.Steps < 0 || s.Runtime < 0 || s.EvaluateEvery < 0 || s.Patience < 0 || !(s.Epochs >= 0) || !(s.Target >= 0):
		return errors.New("train: the batch, the micro-batches, the limits, the target, the patience and the interval of evaluations must be numbers ≥ 0")
	case math.IsInf(s.Epochs, 1):
		return errors.New("train: the epochs are infinite; leave them out, and limit the steps or the time")
	case int(s.Sampling) >= len(samplingNames) || int(a.Form) >= len(averageNames):
		return fmt.Errorf("train: there is no sampling %d, or no average %d", uint8(s.Sampling), uint8(a.Form))
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
		return errors.New("train: patience is with a measurement; set Watch")
	}
	return nil
}
