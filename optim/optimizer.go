package optim

import (
	"fmt"
	"math"
	"slices"

	"steepest/param"
)

// Optimizer applies a rule to the parameters of one model, step after step. It is not for concurrent use.
type Optimizer[T param.Float] struct {
	params   []param.Param
	size     int
	preparer *preparer[T]
	groups   []*group[T]
	step     Step
	filled   bool // whether the slots that start from x have done so
	waits    bool // whether there is no step to make yet

	inspection inspection[T]
	lazy       *lazy[T] // nil for steps of all coordinates
}

// New returns an Optimizer for a model with the given parameters. The error names a hyperparameter that is out of its range, a
// transform that cannot work or stands where it cannot, or a parameter that the rule routes nowhere, or twice, or to a transform
// that refuses it, or says that the rule leaves all parameters to another method. New panics if two parameters have the same name.
func New[T param.Float](rule Rule, params []param.Param) (*Optimizer[T], error) {
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
	if _, err := NewPlan[T](rule, params); err != nil {
		return nil, err
	}
	routes, taken, err := route(rule, params)
	if err != nil {
		return nil, err
	}
	_, preparation := Unprepared(rule)
	if o.preparer, err = newPreparer[T](preparation, params, starts, o.size); err != nil {
		return nil, fmt.Errorf("optim: %w", err)
	}
	var work []T // the update between two passes, which all groups share
	for i, r := range routes {
		g, err := newGroup[T](r.Name, r.Rule.Chain(), params, starts, taken[i])
		if err != nil {
			return nil, fmt.Errorf("optim: %w", err)
		}
		if n := passLength(g.links); n < len(g.links) {
			work = slices.Grow(work, o.size)[:o.size]
			g.work = work
		}
		o.groups = append(o.groups, g)
	}
	return o, nil
}

// mostElements are more than any memory holds.
const mostElements = 1 << 40

// representable reports whether a tensor has dimensions that are not negative, and a number of elements.
func representable(shape []int) bool {
	size := 1.0
	for _, n := range shape {
		if size *= float64(n); n < 0 {
			return false
		}
	}
	return size < mostElements
}

// Step makes one step, x ← x − T(g). Both are flat vectors of the model's size; g is not changed. It panics if the sizes
// differ from the model's. A gradient that is not finite is a NonfiniteError, which names the parameter and the step, unless a Preparation
// skips it; x and the state are then as they were. Another error comes from a transform of whole matrices and names the parameter: x is then as it was, but the
// state is that of a step half made.
func (o *Optimizer[T]) Step(x, g []T) error {
	err := o.Prepare(x, g)
	if err == nil {
		o.Move(x)
	}
	return err
}

// Prepare is the part of Step that may take long: all up to where x begins to move, which is for Move. The state may be that of a step
// half made in between.
func (o *Optimizer[T]) Prepare(x, g []T) error {
	if len(x) != o.size || len(g) != o.size {
		panic(fmt.Sprintf("optim: len(x) = %d and len(g) = %d, want %d", len(x), len(g), o.size))
	}
	o.waits = true
	if bad := o.Inspect(g); bad != nil {
		return o.preparer.skip(bad)
	}
	if g = o.preparer.prepare(x, g); g == nil {
		return nil
	}
	o.fill(x)
	for _, group := range o.groups {
		group.observe(x, g)
	}
	for i := len(o.groups) - 1; i >= 0; i-- { // so that the step size left behind is that of the first
		o.step.LR = 1 // what a chain that sets no step size has
		o.groups[i].begin(&o.step)
	}
	for _, group := range o.groups {
		if err := group.prepare(x, g); err != nil {
			return err
		}
	}
	o.waits = false
	return nil
}

// Move ends the step that Prepare has begun. It does nothing where there is no such step, or Prepare has skipped a gradient, or waits for more of them.
func (o *Optimizer[T]) Move(x []T) {
	if len(x) != o.size {
		panic(fmt.Sprintf("optim: len(x) = %d, want %d", len(x), o.size))
	}
	if o.waits {
		return
	}
	for _, group := range o.groups {
		group.finish(x)
		group.grow()
	}
	o.step.K++
	o.waits = true
}

// fill starts the slots that start from x.
func (o *Optimizer[T]) fill(x []T) {
	if o.filled {
		return
	}
	for _, group := range o.groups {
		group.fillFrom(x)
	}
	o.filled = true
}

// LooksAhead reports whether the rule takes gradients elsewhere than at x.
func (o *Optimizer[T]) LooksAhead() bool {
	return slices.ContainsFunc(o.groups, func(g *group[T]) bool { return g.pointer() != nil })
}

// Point returns where the gradient of the next step is to be taken: x itself, as for most rules, or dst, which then holds a point
// that the rule makes of x and its state.
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
	return dst
}

// K returns the number of steps made.
func (o *Optimizer[T]) K() int { return o.step.K }

// Skipped returns how many gradients have been skipped because they were not finite.
func (o *Optimizer[T]) Skipped() int { return int(o.preparer.skipped[0]) }

// LR returns the step size of the last step, that of the first route where there are several, and 1 if its chain sets
// none; NaN before the first step.
func (o *Optimizer[T]) LR() float64 { return o.step.LR }

// Gain returns that of the rule's chain, times that of the preparation, and 0 if it has several routes, whose step sizes differ.
func (o *Optimizer[T]) Gain() float64 {
	if len(o.groups) != 1 {
		return 0
	}
	return o.preparer.Preparation.chain().Gain() * o.groups[0].gain
}
