package train

import (
	"fmt"
	"math"

	"steepest/internal/simd"
	"steepest/optim"
)

// Guard keeps a run from steps that would spoil it. A gradient is bad if it is not finite, or if the loss, the mean over its batch where
// the gradient is taken, is a spike:
//
//	loss > m + Deviations·max(s, m/20).
//
// Here m and s are the mean and the standard deviation of the losses before, as exponential averages of decay 0.97 that are corrected
// for their start. Bad ones do not enter. Kumar et al., ZClip, 2025 (arXiv:2504.02507) judge the norm of the gradient so; llm.c judges the loss
// by the last 128. The floor m/20 stands in for s from the second step on, while few losses are known. A loss that an estimator does not
// compute is no spike.
//
// A step with a bad gradient is skipped: it counts, with its batch, but x and what the rule carries stay as they are, and so does the
// place in a schedule. Where more than Skips in a row are bad, x is at fault, and not the batch. The run then goes back to the State that
// Run.Rollback returns, and on from there with the batches behind the last one, which it has not seen. Where there is no way back, or
// after Rollbacks of them, the run has diverged.
type Guard struct {
	// Deviations above the mean are a spike; 0 judges no loss. Skips and Rollbacks are ≥ 0.
	Deviations       float64
	Skips, Rollbacks int
	// Skipped, if not nil, is told of each step that is skipped, while the run waits.
	Skipped func(Incident)
}

// Incident is a bad gradient.
type Incident struct {
	// Step counts the steps before. Batch are the terms, in memory that the next step takes; nil for all.
	Step  int
	Batch []uint32
	// Reason is an optim.NonfiniteError or a SpikeError.
	Reason error
}

// SpikeError says that a loss is a spike: above Bound, where the mean of those before is Mean.
type SpikeError struct{ Loss, Mean, Bound float64 }

func (e *SpikeError) Error() string {
	return fmt.Sprintf("the loss over the batch is %.4g, above %.4g, and the mean of those before is %.4g", e.Loss, e.Bound, e.Mean)
}

// Gradient is what the last step of a run with a Guard has found, before it moved.
type Gradient struct {
	Loss     float64 // the mean over the batch; NaN where the estimator does not compute it
	Smoothed float64 // the mean m of a Guard
	Norm     float64 // ‖g‖₂ of the estimate
	LR       float64 // the step size, as in Point
}

// guard is the state of a Guard.
type guard struct {
	Guard
	seen                   Gradient
	weight, mean, variance float64 // of the losses
	inRow                  int     // bad gradients up to now
	skipped, rollbacks     int     // of the whole run
	passed                 int     // batches that no step has in the end
}

const (
	guardDecay = 0.97
	guardFloor = 0.05
)

// numbers and set are what a checkpoint holds of a guard. All are exact.
func (g *guard) numbers() []float64 {
	return []float64{g.weight, g.mean, g.variance, float64(g.inRow), float64(g.skipped), float64(g.rollbacks), float64(g.passed)}
}

func (g *guard) set(v []float64) {
	g.weight, g.mean, g.variance = v[0], v[1], v[2]
	g.inRow, g.skipped, g.rollbacks, g.passed = int(v[3]), int(v[4]), int(v[5]), int(v[6])
}

// spike returns the error of a loss that is one; nil for others.
func (g *guard) spike(loss float64) error {
	bound := g.mean + float64(g.Deviations*max(math.Sqrt(g.variance), guardFloor*g.mean))
	if g.Deviations == 0 || g.weight == 0 || !(loss > bound) {
		return nil
	}
	return &SpikeError{Loss: loss, Mean: g.mean, Bound: bound}
}

// add takes a loss into the averages, whose weights are those of guardDecay divided by their sum.
func (g *guard) add(loss float64) {
	if math.IsNaN(loss) {
		return
	}
	g.weight = float64(guardDecay*g.weight) + 1
	share, off := 1/g.weight, loss-g.mean
	g.mean += float64(share * off)
	g.variance = (1 - share) * (g.variance + float64(share*off*off))
}

// judge looks at the gradient of a step and returns what is wrong with it; nil if nothing is.
func (r *Run[T]) judge(loss float64) error {
	g := r.guard
	g.seen = Gradient{Loss: loss, Smoothed: g.mean, Norm: simd.Norm(r.g)}
	if bad := r.optimizer.Inspect(r.g); bad != nil {
		return bad
	}
	if err := g.spike(loss); err != nil {
		return err
	}
	g.inRow = 0
	g.add(loss)
	g.seen.Smoothed = g.mean
	return nil
}

// pass skips a step with a bad gradient, or goes back. The error is ErrDiverged where neither may be.
func (r *Run[T]) pass(batch []uint32, spent cost, reason error) error {
	if err := r.hold(); err != nil {
		return err
	}
	defer r.mutex.Unlock()
	g := r.guard
	if bad, ok := reason.(*optim.NonfiniteError); ok {
		bad.Step, bad.InARow = r.k, g.inRow+1
	}
	g.inRow++
	g.skipped++
	if g.Skipped != nil {
		g.Skipped(Incident{r.k, batch, reason})
	}
	if g.inRow <= g.Skips {
		r.measures.progress.pass()
		r.count(spent)
		return nil
	}
	diverged := fmt.Errorf("%w: %w", ErrDiverged, reason)
	if r.Rollback == nil || g.rollbacks >= g.Rollbacks {
		return diverged
	}
	next, skipped, rollbacks := r.k+g.passed+1, g.skipped, g.rollbacks+1
	if err := r.goBack(); err != nil {
		return fmt.Errorf("%w; and there is no way back: %w", diverged, err)
	}
	g.inRow, g.skipped, g.rollbacks, g.passed = 0, skipped, rollbacks, next-r.k
	r.torn = false
	return nil
}

// goBack restores the state of Rollback.
func (r *Run[T]) goBack() error {
	var state State[T]
	var failed error
	if r.leads() {
		if state, failed = r.Rollback(); failed == nil {
			failed = r.Restore(state)
		}
	}
	return r.follow(failed)
}

// Gradient returns what the last step of this Run has found. It needs Settings.Guard.
func (r *Run[T]) Gradient() Gradient {
	seen := r.guard.seen
	seen.LR = r.now.LR
	return seen
}

// Doubtful reports whether the gradient at x was bad: the next one may take the run back, and a state of now is none to go back to.
func (r *Run[T]) Doubtful() bool { return r.guard != nil && r.guard.inRow > 0 }
