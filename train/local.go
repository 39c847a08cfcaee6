package train

import (
	"cmp"
	"errors"
	"fmt"
	"math"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
	"steepest/train/dist"
)

// Local turns each step of a run into a round of local steps, for ranks with slow links between them. Each of R replicas starts the round at
// x and makes H steps of the run's rule, with its own batches and its own state. Then the outer rule makes one step from x. Its gradient is
// the mean over the replicas of the way back from xᵣ to x:
//
//	xᵣ ← x − (H steps of the rule),  g = (1/R) Σᵣ (x − xᵣ),  x ← x − T(g)
//
// This is DiLoCo (Douillard et al. 2023, arXiv:2311.08105, algorithm 1), and with Muon as the rule MuLoCo (Thérien et al. 2025,
// arXiv:2505.23725). The ranks of a Group share the replicas and exchange vectors once a round. R is part of the configuration. The number of
// ranks is not, and bits do not depend on it. One replica makes the steps of the rule with optim.Lookahead behind it, except for rounding.
//
// Steps, evaluations, averages and checkpoints of such a run count rounds. Schedules of the rule count local steps. Step h of replica r in
// round k takes batch (kH + h)R + r.
type Local struct {
	// Replicas is R and Steps is H, both at least 1.
	Replicas, Steps int
	// Outer is the rule that makes one step a round; nil stands for DiLoCo's rule, Nesterov's momentum μ = 0.9 with α = 0.7.
	Outer optim.Rule
}

// Batches returns the number of batches that a step of a run takes: R·H, or 1 if l is nil.
func (l *Local) Batches() int {
	if l == nil {
		return 1
	}
	return l.Replicas * l.Steps
}

// Rule returns the outer rule.
func (l *Local) Rule() optim.Rule {
	if l.Outer == nil {
		return rules.Nesterov{LR: schedule.Constant(0.7), Momentum: optim.Set(0.9)}
	}
	return l.Outer
}

// local estimates the gradient of a round. Its replicas are runs that share all vectors but their states.
type local[T param.Float] struct {
	Local
	replicas []*Run[T]
	sum      dist.Sum[T]
	place    func() int // the number of the round, including those that a Guard has passed over
	loss     float64    // the mean over the batches of the last round
	err      error
}

// newLocal returns the estimator of a run with Local.
func newLocal[T param.Float](p objective.FiniteSum[T], x0 []T, rule optim.Rule, s Settings) (*local[T], error) {
	e := &local[T]{Local: *s.Local, sum: dist.Sum[T]{Group: s.Group, AnyOrder: s.AnyOrder}}
	if s.Compress.On() {
		e.sum.Compress(s.Compress, e.Replicas, len(x0))
	}
	one := Settings{
		Batch: s.Batch, Sampling: s.Sampling, Seed: s.Seed, MicroBatches: s.MicroBatches, Steps: math.MaxInt,
		Evaluate: []Measure{}, EvaluateEvery: math.MaxInt,
	}
	for r := range e.Replicas {
		run, err := New(p, x0, rule, one)
		if err != nil {
			return nil, err
		}
		if _, ok := run.estimator.(*plain[T]); !ok {
			return nil, fmt.Errorf("train: local steps take the mean over each batch, and %s estimates the gradient in its own way", optim.NameOf(rule))
		}
		if run.lazy != nil {
			run.optimizer.Eager()
			run.lazy, run.shown = nil, nil
		}
		if r > 0 { // one replica works at a time
			first := e.replicas[0]
			run.x, run.g, run.ahead, run.batches = first.x, first.g, first.ahead, first.batches
		}
		run.stride, run.offset = e.Replicas, r
		e.replicas = append(e.replicas, run)
	}
	return e, nil
}

func (e *local[T]) estimate(_ int, g, x []T, _ []uint32) (spent cost) {
	first := e.place() * e.Steps
	share := 1 / float64(e.Replicas)
	var err error
	e.err = nil
	e.loss, err = e.sum.Of(g, e.Replicas, func(dst []T, r int) float64 {
		run, loss := e.replicas[r], 0.0
		copy(run.x, x)
		for h := range e.Steps {
			run.k = first + h
			if err := run.Step(); err != nil {
				copy(dst, run.g) // a gradient that is not finite, so that all ranks see it
				if !errors.Is(err, ErrDiverged) {
					dst[0], e.err = T(math.NaN()), err
				}
				return math.NaN()
			}
			loss += run.loss()
		}
		for i, v := range run.x {
			dst[i] = T(share * float64(x[i]-v))
		}
		return share * loss / float64(e.Steps)
	})
	e.err = cmp.Or(e.err, err)
	for i := range e.Batches() {
		size := e.problem().Len()
		if b := e.replicas[0].batches; b != nil {
			size = b.sizeAt(first*e.Replicas + i)
		}
		spent.add(cost{size, e.problem().FLOPs(size)})
	}
	return spent
}

func (e *local[T]) problem() objective.FiniteSum[T] { return e.replicas[0].problem }

// terms returns the terms of all batches of the round at hand.
func (e *local[T]) terms() (terms []uint32) {
	b := e.replicas[0].batches
	for i := range e.Batches() {
		if b != nil {
			terms = append(terms, b.At(e.place()*e.Batches()+i)...)
		}
	}
	return terms
}

func (e *local[T]) name() string          { return "local" }
func (e *local[T]) state() map[string][]T { return nil }
func (e *local[T]) Err() error            { return e.err }

// enter adds the states of the replicas to s.
func (e *local[T]) enter(s State[T]) {
	for r, run := range e.replicas {
		enterOptimizer(s, ofPiece(r)+ofOptimizer, run.optimizer.State())
	}
}

// restore sets the replicas to their states in s.
func (e *local[T]) restore(s State[T]) error {
	for r, run := range e.replicas {
		if err := run.optimizer.Restore(optimizerState(s, ofPiece(r)+ofOptimizer)); err != nil {
			return err
		}
	}
	return nil
}

// newLocalPlan returns the plan of a local step, with the state of all replicas, followed by the plan of the outer rule.
func newLocalPlan[T param.Float](l *Local, rule optim.Rule, params []param.Param) (optim.Plan, error) {
	plan, err := optim.NewPlan[T](rule, params)
	if err != nil {
		return nil, err
	}
	outer, err := optim.NewPlan[T](l.Rule(), params)
	if err != nil {
		return nil, fmt.Errorf("train: the outer rule: %w", err)
	}
	for i := range plan {
		a, o := &plan[i], outer[i]
		a.StateBytes = l.Replicas*a.StateBytes + o.StateBytes
		for j := range a.Costs {
			a.Costs[j].StateBytes *= l.Replicas
		}
		for j, cost := range o.Costs {
			cost.Link = "outer " + cost.Link
			a.Transforms, a.Costs = append(a.Transforms, "outer "+o.Transforms[j]), append(a.Costs, cost)
		}
	}
	return plan, nil
}
