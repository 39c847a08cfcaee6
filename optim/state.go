package optim

import (
	"fmt"
	"maps"
	"slices"

	"steepest/param"
)

// State is everything that an Optimizer carries from step to step, by name.
type State[T param.Float] struct {
	// K is the number of steps made. Call is the number of gradients that a Preparation has accumulated since.
	K, Call int
	// LR is the step size of the last step; NaN before the first.
	LR float64
	// Vectors holds the state vectors: "adam.m/weight" is the slot m of the transform adam for the parameter weight. A
	// second transform of the same name in a chain is adam#2.
	Vectors map[string][]T
	// Scalars holds the numbers of a transform for a parameter, "nag-gs/weight", and the age of each parameter, "age/weight", which
	// is −1 before its first gradient that is not 0. "skipped" holds the numbers of skipped gradients, in all and in a row.
	Scalars map[string][]float64
	// Shapes holds the shapes of the parameters.
	Shapes map[string][]int
	// Parts says which part of each vector Vectors holds, if ranks divide the state; nil if the vectors are whole. A vector of which this
	// rank keeps nothing is there with length 0. The parts of all ranks, one after the other, make the whole vector.
	Parts map[string]Part
}

// State returns the optimizer's state. The slices are views: they change with the next Step.
func (o *Optimizer[T]) State() State[T] {
	s := State[T]{K: o.step.K, LR: o.step.LR, Vectors: map[string][]T{}, Scalars: map[string][]float64{}, Shapes: map[string][]int{}}
	for _, p := range o.params {
		s.Shapes[p.Name] = p.Shape
	}
	if o.division != nil {
		s.Parts = make(map[string]Part)
	}
	o.preparer.addTo(&s)
	for _, g := range o.groups {
		for i, p := range g.params {
			s.Scalars["age/"+p.Name] = g.ages[i : i+1]
		}
		g.addTo(&s)
	}
	if o.lazy != nil {
		o.lazy.addTo(&s)
	}
	return s
}

// addTo adds the state of the links.
func (g *group[T]) addTo(s *State[T]) {
	seen := make(map[string]int)
	for _, l := range g.links {
		name := l.Name
		if seen[name]++; seen[name] > 1 {
			name = fmt.Sprintf("%s#%d", name, seen[name])
		}
		for i, p := range g.params {
			if len(l.scalars[i]) > 0 {
				s.Scalars[name+"/"+p.Name] = l.scalars[i]
			}
		}
		for j, slot := range l.Slots {
			for i, p := range g.params {
				if l.skip[i] {
					continue
				}
				full := name + "." + slot.Name + "/" + p.Name
				s.Vectors[full] = l.state[j][i]
				if g.ranks != nil && p.Size() > 0 {
					s.Parts[full] = Part{g.parts[i][0], slot.sizeFor(p)}
				}
			}
		}
	}
}

// Restore replaces the optimizer's state by a copy of s. s must come from the same rule for parameters of the same names and
// shapes, in any order. Otherwise the error names the first difference, and nothing changes. A divided Optimizer copies its part of each
// vector of s, which may be whole or that part.
func (o *Optimizer[T]) Restore(s State[T]) error {
	own := o.State()
	s.Vectors = Cut(s.Vectors, own.Vectors, own.Parts)
	for _, p := range o.params {
		if saved, ok := s.Shapes[p.Name]; !ok {
			return fmt.Errorf("optim: the saved state is of a model without the parameter %q", p.Name)
		} else if !slices.Equal(saved, p.Shape) {
			return fmt.Errorf("optim: the saved state is of a parameter %q of shape %v, and here it has the shape %v", p.Name, saved, p.Shape)
		}
	}
	if err := SameShape(own.Vectors, s.Vectors); err != nil {
		return fmt.Errorf("optim: %w", err)
	}
	if err := SameShape(own.Scalars, s.Scalars); err != nil {
		return fmt.Errorf("optim: %w", err)
	}
	if s.K < 0 || s.Call < 0 || s.Call >= o.preparer.Accumulate.Or(1) {
		return fmt.Errorf("optim: the saved state counts %d steps and %d gradients after them", s.K, s.Call)
	}
	for name, v := range own.Vectors {
		copy(v, s.Vectors[name])
	}
	for name, v := range own.Scalars {
		copy(v, s.Scalars[name])
	}
	for _, g := range o.groups {
		for i := range g.steps {
			g.steps[i] = float64(s.K)
		}
	}
	o.preparer.call = s.Call
	o.step, o.filled = Step{K: s.K, LR: s.LR}, s.K > 0
	return nil
}

// SameShape returns an error that names the first vector of a saved state that is missing, has another length, or is unknown.
func SameShape[E any](own, saved map[string][]E) error {
	for _, name := range slices.Sorted(maps.Keys(own)) {
		v, ok := saved[name]
		if !ok {
			return fmt.Errorf("the saved state has no %q; it comes from another rule or model", name)
		}
		if len(v) != len(own[name]) {
			return fmt.Errorf("the saved state has %d elements of %q, want %d", len(v), name, len(own[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(saved)) {
		if _, ok := own[name]; !ok {
			return fmt.Errorf("the saved state has %q, which this rule and model do not keep", name)
		}
	}
	return nil
}
