package train

import (
	"errors"
	"math"

	"steepest/internal/scratch"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// estimator turns a batch into an estimate of ∇f(x), where f is the smooth part of the problem.
type estimator[T param.Float] interface {
	// estimate stores the estimate of step k at x in g. The nil batch stands for all terms.
	estimate(k int, g, x []T, batch []uint32) cost
	// name returns the name of the estimator in a plan, or "" for the mean over the batch.
	name() string
	// state returns views of the estimator's state, by name.
	state() map[string][]T
}

// restarter is an estimator that restarts from another point at some step, and moves x there.
type restarter[T param.Float] interface{ restart(k int, x []T) }

// cost is the cost of an estimate: the number of gradients ∇fᵢ evaluated, and their FLOPs as FiniteSum counts them.
type cost struct {
	grads int
	flops float64
}

// gradient stores the mean of ∇fᵢ(x) over the batch in g.
func gradient[T param.Float](p objective.FiniteSum[T], g, x []T, batch []uint32) cost {
	p.Grad(g, x, batch)
	return costOf(p, batch)
}

// costOf returns the cost of one gradient for each term of the batch.
func costOf(p interface {
	Len() int
	FLOPs(batch int) float64
}, batch []uint32) cost {
	size := len(batch)
	if batch == nil {
		size = p.Len()
	}
	return cost{size, p.FLOPs(size)}
}

func (c *cost) add(d cost) {
	c.grads += d.grads
	c.flops += d.flops
}

// plain is the mean over the batch.
type plain[T param.Float] struct {
	objective.FiniteSum[T]
	loss   float64 // the mean over the last batch
	slopes []T     // of a batch, for a lazy step
}

func (e *plain[T]) estimate(_ int, g, x []T, batch []uint32) cost {
	e.loss = e.Grad(g, x, batch)
	return costOf(e.FiniteSum, batch)
}

func (e *plain[T]) name() string          { return "" }
func (e *plain[T]) state() map[string][]T { return nil }

func (e *plain[T]) whole(int) bool           { return false }
func (e *plain[T]) drift(sparseModel[T]) []T { return nil }

func (e *plain[T]) touched(m sparseModel[T], g, x []T, batch []uint32) (factor T, spent cost) {
	e.slopes = scratch.Grow(e.slopes, len(batch)*m.Outputs())
	m.Slopes(e.slopes, x, batch)
	m.AddSlopes(g, e.slopes, batch)
	return T(1 / float64(len(batch))), costOf(m, batch)
}

func (e *plain[T]) stepped(sparseModel[T], []uint32) {}

// newEstimator returns the estimator of a rule, for batches of up to batch terms, and the rule of the step that follows it, with the same
// preparation. Means over batches are computed by sum. If the rule leaves its step size open, the problem decides it.
func newEstimator[T param.Float](
	p, sum objective.FiniteSum[T], rule optim.Rule, batch, steps int, seed uint64, average *averager[T],
) (e estimator[T], step optim.Rule, err error) {
	if err := optim.Check(rule); err != nil {
		return nil, nil, err
	}
	rule, preparation := optim.Unprepared(rule)
	var lr schedule.Schedule
	var factor float64 // the default step size is 1/(factor·LMax)
	switch r := rule.(type) {
	case SAG:
		lr, factor = r.LR, 16
		e, err = newTable(p, batch, true)
	case SAGA:
		lr, factor = r.LR, 3
		e, err = newTable(p, batch, false)
	case SVRG:
		lr, factor = r.LR, 10
		e = newSVRG(sum, r, batch, seed)
	case LSVRG:
		lr, factor = r.LR, 6
		e = newLSVRG(sum, r, batch, seed)
	case NewtonSGD:
		if r.TwoPhase && preparation.Accumulate.Or(1) > 1 {
			return nil, nil, errors.New("train: two phases of the Newton-type method are halves of its steps; they take no accumulated gradients")
		}
		e, lr, err = newNewton(p, r, batch, steps, average)
	case SAM:
		return newSharp(sum, r), preparation.Of(r.Chain()), nil
	default:
		return &plain[T]{FiniteSum: sum}, preparation.Of(rule), nil
	}
	if err == nil && lr == nil {
		lr, err = theoreticalStep(p, factor)
	}
	return e, preparation.Of(rules.SGD{LR: lr}), err
}

// theoreticalStep returns the constant step size 1/(factor·LMax).
func theoreticalStep[T param.Float](p objective.FiniteSum[T], factor float64) (schedule.Schedule, error) {
	l := smoothness(p)
	if !(l > 0) || math.IsInf(l, 1) {
		return nil, errors.New("train: the default step size needs the constant L of the terms, which this problem does not know; give a step size, as in lr=0.01")
	}
	return schedule.Constant(1 / (factor * l)), nil
}

// expense returns the average number of gradients that a step of the rule takes for each term of its batch.
func expense(rule optim.Rule, n, batch int) float64 {
	if r, ok := rule.(interface{ expense(n, batch int) float64 }); ok {
		return r.expense(n, batch)
	}
	return 1
}

// smoothness returns LMax, or +Inf if it is not known.
func smoothness[T param.Float](p objective.FiniteSum[T]) float64 {
	switch p := p.(type) {
	case interface{ LMax() float64 }: // cheaper than computing all constants
		return p.LMax()
	case objective.Analytic:
		return p.Constants().LMax
	}
	return math.Inf(1)
}

// hasPenalty reports whether the problem has a nonsmooth term h.
func hasPenalty[T param.Float](p objective.FiniteSum[T]) bool {
	if m, ok := p.(objective.LinearModel[T]); ok {
		l1, _ := m.Penalties()
		return l1 > 0
	}
	_, composite := p.(objective.Composite[T])
	return composite
}
