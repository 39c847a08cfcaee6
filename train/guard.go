package train

import (
	"fmt"
	"math"

	"steepest/internal/simd"
	"steepest/optim"
)

// Guard protects a run from bad gradients. A gradient is bad if it is not finite, or if its loss is a spike. The loss is the mean over the
// batch at the point where the gradient is taken. A spike is
//
//	loss > m + Deviations·max(s, m/20).
//
// m and s are the mean and the standard deviation of the earlier good losses, as bias-corrected exponential averages with decay 0.97.
// Kumar et al., ZClip, 2025 (arXiv:2504.02507) judge the norm of the gradient in this way; llm.c judges the loss by the last 128 losses.
// The floor m/20 replaces a small s, from the second step on, while few losses are known. If an estimator does not compute the loss, there
// are no spikes.
//
// What happens to a bad gradient:
//
//	at most Skips in a row    the step is skipped: the step and its batch count, but x, the state of the rule and the schedule do not change
//	more than Skips in a row  x is to blame, not the batch: the run goes back to the State of Run.Rollback, and on with new batches
//	after Rollbacks returns   the run has diverged, as it has if there is no State to go back to
type Guard struct {
	// Deviations is the number of deviations above the mean that makes a spike; 0 turns this off. Skips and Rollbacks are ≥ 0.
	Deviations       float64
	Skips, Rollbacks int
	// Skipped, if not nil, is called for each skipped step, while the run waits.
	Skipped func(Incident)
}

// Incident is a bad gradient.
type Incident struct {
	// Step is the number of steps before. Batch holds the terms, nil for all; it is valid until the next step.
	Step  int
	Batch []uint32
	// Reason is an optim.NonfiniteError or a SpikeError.
	Reason error
}

// SpikeError says that a loss is a spike: it exceeds Bound, and the mean of the earlier losses is Mean.
type SpikeError struct{ Loss, Mean, Bound float64 }

// Error gives the loss, the bound and the mean.
func (e *SpikeError) Error() string {
	return fmt.Sprintf("the loss over the batch is %.4g, above %.4g, and the mean of those before is %.4g", e.Loss, e.Bound, e.Mean)
}

// Gradient describes the gradient of the last step of a run with a Guard.
type Gradient struct {
	Loss     float64 // the mean over the batch; NaN if the estimator does not compute it
	Smoothed float64 // the mean m of a Guard
	Norm     float64 // ‖g‖₂ of the estimate
	LR       float64 // the step size, as in Point
}

// guard is the state of a Guard.
type guard struct {
	Guard
	seen                   Gradient
	weight, mean, variance float64 // of the losses
	inRow                  int     // consecutive bad gradients so far
	skipped, rollbacks     int     // of the whole run
	passed                 int     // batches that rollbacks have passed over
}

const (
	guardDecay = 0.97
	guardFloor = 0.05
)

// spike returns an error if the loss is a spike, otherwise nil.
func (g *guard) spike(loss float64) error {
	bound := g.mean + float64(g.Deviations*max(math.Sqrt(g.variance), guardFloor*g.mean))
	if g.Deviations == 0 || g.weight == 0 || !(loss > bound) {
		return nil
	}
	return &SpikeError{Loss: loss, Mean: g.mean, Bound: bound}
}

// add adds a loss to the averages. Its weights decay by guardDecay and are divided by their sum.
func (g *guard) add(loss float64) {
	if math.IsNaN(loss) {
		return
	}
	g.weight = float64(guardDecay*g.weight) + 1
	share, off := 1/g.weight, loss-g.mean
	g.mean += float64(share * off)
	g.variance = (1 - share) * (g.variance + float64(share*off*off))
}

// judge returns an error if the gradient of a step is bad, otherwise nil.
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

// pass skips a step with a bad gradient, or goes back. If neither is allowed, the error is ErrDiverged.
func (r *Run[T]) pass(batch []uint32, spent cost, reason error) error {
	if err := r.hold(); err != nil {
		return err
	}
	defer r.mutex.Unlock()
	g := r.guard
	if bad, ok := reason.(*optim.NonfiniteError); ok {
		bad.Step, bad.InARow = r.k, g.inRow+1
		r.blame(bad)
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
	if r.leads() || r.divided() {
		if state, failed = r.Rollback(); failed == nil {
			failed = r.Restore(state)
		}
	}
	return r.follow(failed)
}

// Gradient describes the gradient of the last step. It needs Settings.Guard.
func (r *Run[T]) Gradient() Gradient {
	seen := r.guard.seen
	seen.LR = r.now.LR
	return seen
}

// Doubtful reports whether the gradient at x was bad. The next one may force a rollback, so the current state must not be saved as the one
// to go back to.
func (r *Run[T]) Doubtful() bool { return r.guard != nil && r.guard.inRow > 0 }
