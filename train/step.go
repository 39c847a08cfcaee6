package train

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize"

	"steepest/objective"
	"steepest/optim"
)

// Step makes one step. After an error x is unchanged. For a gradient that is not finite, the error is ErrDiverged and wraps an
// optim.NonfiniteError.
func (r *Run[T]) Step() error { return r.steps(1) }

// steps makes one step, or up to most steps whose coordinates need not be touched, until an evaluation is due or a limit is reached.
func (r *Run[T]) steps(most int) error {
	if made, err := r.stepDirectly(most); made > 0 || err != nil {
		return err
	}
	var batch []uint32
	if r.batches != nil {
		batch = r.batches.At(r.place())
	}
	if r.lazy != nil && !r.lazy.whole(r.k) {
		return r.stepLazily(batch)
	}
	at, err := r.begin()
	if err != nil {
		return err
	}
	r.foretell(1, r.x, batch)
	spent := r.estimator.estimate(r.k, r.g, at, batch)
	if err := cmp.Or(failureOf(r.sum), failureOf(r.estimator)); err != nil {
		return fmt.Errorf("train: step %d: %w", r.k, err)
	}
	if r.composite != nil && r.gain == 0 {
		r.composite.AddSubgradient(r.g, at)
	}
	if r.guard != nil {
		if reason := r.judge(r.loss()); reason != nil {
			if r.local != nil {
				batch = r.local.terms()
			}
			return r.pass(batch, spent, reason)
		}
	}
	return r.move(spent)
}

// place returns the number of the batch of the next step.
func (r *Run[T]) place() int {
	k := r.k
	if r.guard != nil {
		k += r.guard.passed
	}
	return k*r.stride + r.offset
}

// loss returns the mean over the last batch, or NaN if the estimator does not compute it.
func (r *Run[T]) loss() float64 {
	switch e := r.estimator.(type) {
	case *plain[T]:
		return e.loss
	case *local[T]:
		return e.loss
	}
	return math.NaN()
}

// failureOf returns the error of a problem that cannot be read.
func failureOf(problem any) error {
	if p, ok := problem.(objective.Fallible); ok {
		return p.Err()
	}
	return nil
}

// burst is the number of steps for which Halt may have to wait. A step that touches nothing takes less time than a few locks.
const burst = 64

// stepDirectly makes steps that need not touch coordinates, up to the first one that must. Estimators with a drift have none.
func (r *Run[T]) stepDirectly(most int) (made int, err error) {
	if r.lazy == nil || r.lazy.most == 0 {
		return 0, nil
	}
	r.clock.start()
	if err := r.hold(); err != nil {
		return 0, err
	}
	defer r.mutex.Unlock()
	for made < most && (made == 0 || !r.Due() && r.spent() == optimize.NotTerminated) {
		batch := r.batches.At(r.place())
		if !r.lazy.tryDirect(r.x, batch) {
			break
		}
		r.foretell(r.optimizer.Scale(), r.x, batch)
		r.lazy.stepDirect(r.x, batch)
		r.count(costOf(r.problem, batch))
		made++
	}
	return made, nil
}

// stepLazily makes a step that moves only the coordinates that the batch touches.
func (r *Run[T]) stepLazily(batch []uint32) error {
	r.clock.start()
	r.lazy.foresee(batch)
	if err := r.hold(); err != nil {
		return err
	}
	r.lazy.touch(r.ahead, r.x, batch)
	r.mutex.Unlock()
	r.foretell(1, r.ahead, batch)
	factor, spent := r.lazy.touched(r.lazy.sparseModel, r.g, r.ahead, batch)
	if err := r.hold(); err != nil {
		return err
	}
	defer r.mutex.Unlock()
	made := r.optimizer.K()
	if err := r.optimizer.StepTouched(r.x, r.g, factor); err != nil {
		return r.failed(err)
	}
	if r.optimizer.K() > made { // no gradient was skipped
		r.lazy.stepped(r.lazy.sparseModel, batch)
	}
	r.count(spent)
	return nil
}

// begin returns the point at which to take the gradient of the step.
func (r *Run[T]) begin() (at []T, err error) {
	r.clock.start()
	if err := r.hold(); err != nil {
		return nil, err
	}
	if r.lazy != nil {
		r.optimizer.Fold(r.x)
	}
	_, plain := r.estimator.(*plain[T])
	_, pieces := r.shared()
	r.torn = !plain || pieces > 0 || r.divided()
	if e, ok := r.estimator.(restarter[T]); ok {
		e.restart(r.k, r.x)
	}
	if r.divided() {
		r.mutex.Unlock() // since the ranks may take long for an exchange
	} else {
		defer r.mutex.Unlock()
	}
	return r.optimizer.Point(r.ahead, r.x), nil
}

// move makes the step with the current estimate, whose cost is spent.
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
	if r.optimizer.K() > made { // gradients are no longer accumulated
		if r.composite != nil && r.gain != 0 {
			r.composite.Prox(r.x, r.gain*r.optimizer.LR())
		}
		r.average.after(r.k, r.optimizer.LR())
	}
	if r.lazy != nil {
		r.optimizer.Drift(r.lazy.drift(r.lazy.sparseModel))
		clear(r.g)
	}
	r.count(spent)
	return nil
}

// failed returns the error of a step that the optimizer could not make.
func (r *Run[T]) failed(err error) error {
	var nonfinite *optim.NonfiniteError
	if errors.As(err, &nonfinite) {
		r.blame(nonfinite)
		return fmt.Errorf("%w: %w", ErrDiverged, err)
	}
	return fmt.Errorf("train: step %d: %w", r.k, err)
}

// foretell measures the loss of a batch at scale·x before its step, for Progressive, with the clock stopped.
func (r *Run[T]) foretell(scale float64, x []T, batch []uint32) {
	if r.measures.progress != nil {
		r.clock.stop()
		r.measures.progress.foresee(scale, x, batch, r.problem.Len())
		r.clock.start()
	}
}

// count counts a step and its cost.
func (r *Run[T]) count(spent cost) {
	r.k++
	r.measures.progress.made()
	r.now.Grads += spent.grads
	r.now.FLOPs += spent.flops
	r.now.LR = r.optimizer.LR()
	r.torn = false
}

// hold locks the mutex, unless the run has been halted.
func (r *Run[T]) hold() error {
	r.mutex.Lock()
	if r.halted {
		r.mutex.Unlock()
		return ErrHalted
	}
	return nil
}

// Halt ends the run, from another goroutine, without waiting for the gradient, the step or the evaluation that is being computed. The
// computation is discarded, and Step, Evaluate or Finish returns ErrHalted. The Result is that of the last whole step; what has not been
// measured there is NaN.
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

// Whole reports whether State is that of a whole step and, on rank 0, has the state of all ranks. A step that was halted or has failed leaves x
// unchanged, but the state of the rule and of the estimator may have begun to change. A state that ranks divide is never whole.
func (r *Run[T]) Whole() bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return !r.torn && !r.divided() && (!r.scattered() || r.gathered == r.k)
}
