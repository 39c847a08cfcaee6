package train

import (
	"fmt"
	"math"
	"math/bits"

	"gonum.org/v1/gonum/optimize"

	"steepest/objective"
	"steepest/param"
)

// Due reports whether the current point should be evaluated and has not been yet.
func (r *Run[T]) Due() bool {
	every := r.settings.EvaluateEvery
	return r.latest != r.k && (r.k%every == 0 || r.k < every && bits.OnesCount(uint(r.k)) == 1 && !r.settings.EvaluateEvenly)
}

// Evaluate measures and records the current point, with the clock stopped. The error is that of the Recorder or of an
// objective.Fallible.
func (r *Run[T]) Evaluate() error {
	if err := r.hold(); err != nil {
		return err
	}
	x := r.X()
	r.mutex.Unlock()
	point, watched, unreadable := r.measure(x)
	if unreadable != nil {
		return unreadable
	}
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

// measure returns the Point at x and its watched value. The error is that of an objective.Fallible.
func (r *Run[T]) measure(x []T) (p Point, watched float64, unreadable error) {
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
	for _, problem := range append(r.measures.problems, r.sum) {
		if err := failureOf(problem); err != nil {
			return p, watched, fmt.Errorf("train: evaluation at step %d: %w", r.k, err)
		}
	}
	return p, watched, nil
}

// counted returns the last evaluation with the counts of the current step.
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

// verdict returns the status of the run after an evaluation.
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

// grewBy reports whether the loss of a point is not finite or exceeds the first loss by factor·(1 + |F(x₀)|).
func (r *Run[T]) grewBy(factor float64, p Point) bool {
	if r.measures.own < 0 {
		return false
	}
	growth := p.Loss - r.first
	return math.IsInf(p.Loss, 0) || !(growth <= factor*(1+math.Abs(r.first)))
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
