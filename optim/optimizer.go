package optim

import (
	"fmt"
	"math"
	"slices"

	"steepest/param"
)

// Optimizer applies a rule to the parameters of one model, step after step. It is not for concurrent use.
//
// x and the gradients are flat vectors: the parameters one after the other, in the order given to New. These methods make steps:
//
//	Step, or Prepare and Move        a step of all coordinates; Point, LooksAhead and Inspect concern its gradient
//	Lazy, Touch and StepTouched      steps of the coordinates that sparse gradients touch, for one parameter
//	Advance, Scale and Fold          such steps if the chain consists of step sizes alone
//	Drift, Average                   for such steps: a vector added to all gradients, and an average of the iterates
//	State and Restore                the state between two steps, for a checkpoint
//
// After Lazy, x is not stored as such: stored is the caller's vector from which Values computes x.
type Optimizer[T param.Float] struct {
	params   []param.Param
	size     int
	preparer *preparer[T]
	groups   []*group[T]
	step     Step
	filled   bool // whether the slots that start from x have done so
	waits    bool // whether Prepare has left no step for Move

	division *division[T] // nil for the whole state
	next     []T          // what Move stores in x, if the state is divided
	lost     error        // of the ranks, when Point needed them

	inspection inspection[T]
	lazy       *lazy[T] // nil for steps of all coordinates
}

// New returns an Optimizer for a model with the given parameters. It fails if a hyperparameter is out of its range, a transform cannot
// work or is in the wrong place, a parameter has no route, two routes or a transform that refuses it, or the rule leaves all parameters
// to another method. The error names the culprit. New panics if two parameters have the same name.
func New[T param.Float](rule Rule, params []param.Param) (*Optimizer[T], error) {
	return NewDivided[T](rule, params, nil)
}

// NewDivided returns an Optimizer that keeps one part of the state, as Plan.Divide says, and makes this part of each step. The ranks exchange
// sums over all parameters and the new x, so that all of them have the bits of New. All must be given the same x and gradients. The mean of
// Accumulate and the memory between two passes are not divided. Without ranks NewDivided is New.
func NewDivided[T param.Float](rule Rule, params []param.Param, ranks Ranks[T]) (*Optimizer[T], error) {
	o := &Optimizer[T]{params: params, step: Step{LR: math.NaN()}, waits: true}
	starts := make([]int, len(params))
	names := make(map[string]bool)
	for i, p := range params {
		if names[p.Name] {
			panic(fmt.Sprintf("optim: two parameters are named %q", p.Name))
		}
		names[p.Name] = true
		starts[i] = o.size
		if o.size += p.Size(); !representable(p.Shape) || o.size > mostElements {
			panic(fmt.Sprintf("optim: the parameter %q has the shape %v, of which there is no vector", p.Name, p.Shape))
		}
	}
	plan, routes, taken, err := planned[T](rule, params)
	if err != nil {
		return nil, err
	}
	o.division = newDivision(ranks, plan, starts)
	_, preparation := Unprepared(rule)
	if o.preparer, err = newPreparer[T](preparation, params, starts); err != nil {
		return nil, fmt.Errorf("optim: %w", err)
	}
	var work []T // the update between two passes, which all groups share
	for i, r := range routes {
		g, err := newGroup(r.Name, r.Rule.Chain(), params, starts, taken[i], o.division)
		if err != nil {
			return nil, fmt.Errorf("optim: %w", err)
		}
		if n := passLength(g.links); n < len(g.links) {
			work = slices.Grow(work, o.size)[:o.size]
			g.work = work
		}
		o.groups = append(o.groups, g)
	}
	o.preparer.enter(o.groups, preparation.stores(routes), o.size)
	return o, nil
}

// mostElements is more than any memory holds.
const mostElements = 1 << 40

// representable reports whether the dimensions of a tensor are not negative and their product is not too large.
func representable(shape []int) bool {
	size := 1.0
	for _, n := range shape {
		if size *= float64(n); n < 0 {
			return false
		}
	}
	return size < mostElements
}

// Step makes one step, x ← x − T(g). x and g are flat vectors of the model's size. g is not changed, except by a divided Optimizer, which
// uses its memory. Step panics if the sizes are wrong.
//
// A gradient that is not finite gives a NonfiniteError, unless a Preparation skips it; x and the state are then unchanged. Any other
// error comes from a transform of whole matrices and names the parameter: x is then unchanged, but the state is that of an unfinished
// step.
func (o *Optimizer[T]) Step(x, g []T) error {
	err := o.Prepare(x, g)
	if err == nil {
		o.Move(x)
	}
	return err
}

// Prepare is the first part of Step, which may take long. It does not change x; Move does. Between the two, the state may be that of an
// unfinished step, and g must not change: Move reads it, and a divided Optimizer keeps the new x in it.
func (o *Optimizer[T]) Prepare(x, g []T) error {
	if len(x) != o.size || len(g) != o.size {
		panic(fmt.Sprintf("optim: len(x) = %d and len(g) = %d, want %d", len(x), len(g), o.size))
	}
	if o.waits = true; o.lost != nil {
		return fmt.Errorf("optim: %w", o.lost)
	}
	if bad := o.Inspect(g); bad != nil {
		return o.preparer.skip(bad)
	}
	memory := g
	if g = o.preparer.prepare(x, g); g == nil {
		return nil
	}
	o.fill(x)
	for _, group := range o.groups {
		group.observe(x, g)
	}
	for i := len(o.groups) - 1; i >= 0; i-- { // the last step size must be that of the first group
		o.step.LR = 1 // for a chain that sets no step size
		o.groups[i].begin(&o.step)
	}
	for _, group := range o.groups {
		if err := group.prepare(x, g); err != nil {
			return err
		}
	}
	if o.division != nil {
		for _, group := range o.groups {
			group.finish(memory, x)
		}
		if err := o.division.exchange(memory); err != nil {
			return fmt.Errorf("optim: %w", err)
		}
		o.next = memory
	}
	o.waits = false
	return nil
}

// Move ends the step that Prepare has begun. It does nothing if there is no such step, or if Prepare has skipped a gradient or waits for more.
func (o *Optimizer[T]) Move(x []T) {
	if len(x) != o.size {
		panic(fmt.Sprintf("optim: len(x) = %d, want %d", len(x), o.size))
	}
	if o.waits {
		return
	}
	if o.division != nil {
		copy(x, o.next)
		o.next = nil
	}
	for _, group := range o.groups {
		if o.division == nil {
			group.finish(x, x)
		}
		group.grow()
	}
	o.step.K++
	o.waits = true
}

// fill initializes the slots that start as x.
func (o *Optimizer[T]) fill(x []T) {
	if o.filled {
		return
	}
	for _, group := range o.groups {
		group.fillFrom(x)
	}
	o.filled = true
}

// LooksAhead reports whether the rule takes gradients at another point than x.
func (o *Optimizer[T]) LooksAhead() bool {
	return slices.ContainsFunc(o.groups, func(g *group[T]) bool { return g.pointer() != nil })
}

// Point returns the point for the gradient of the next step. For most rules it is x itself. Otherwise Point computes it from x and the
// state, stores it in dst, and returns dst. If an exchange between ranks fails, the next Prepare returns the error.
func (o *Optimizer[T]) Point(dst, x []T) []T {
	if !o.LooksAhead() {
		return x
	}
	o.fill(x)
	copy(dst, x)
	for _, g := range o.groups {
		if l := g.pointer(); l != nil {
			g.pass.point(l, dst, x)
		}
	}
	o.lost = o.division.exchange(dst)
	return dst
}

// K returns the number of steps made.
func (o *Optimizer[T]) K() int { return o.step.K }

// Skipped returns the number of gradients that were skipped because they were not finite.
func (o *Optimizer[T]) Skipped() int { return int(o.preparer.skipped[0]) }

// LR returns the step size of the last step: that of the first route if there are several, 1 if its chain sets none, and NaN
// before the first step.
func (o *Optimizer[T]) LR() float64 { return o.step.LR }

// Gain returns the gain of the rule's chain times that of the preparation, or 0 if there are several routes, whose step sizes differ.
func (o *Optimizer[T]) Gain() float64 {
	if len(o.groups) != 1 {
		return 0
	}
	return o.preparer.Preparation.chain().Gain() * o.groups[0].gain
}
