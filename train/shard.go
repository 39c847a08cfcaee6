package train

import (
	"errors"
	"fmt"

	"steepest/optim"
	"steepest/param"
	"steepest/train/dist"
)

// ranks are the Group of a run, as an Optimizer that divides its state needs it.
type ranks[T param.Float] struct{ dist.Group }

// Exchange implements optim.Ranks.
func (r ranks[T]) Exchange(v []T, owned [][]optim.Range) error {
	return dist.Exchange(r.Group, v, owned)
}

// newOptimizer returns the optimizer of a run, whose state may be divided among the ranks.
func newOptimizer[T param.Float](rule optim.Rule, params []param.Param, s *Settings) (*optim.Optimizer[T], error) {
	switch {
	case !s.Shard || s.Group == nil:
		return optim.New[T](rule, params)
	case s.Local != nil:
		return nil, errors.New("train: replicas of local steps have states of their own, which are not divided among the ranks; drop Shard")
	}
	return optim.NewDivided(rule, params, optim.Ranks[T](ranks[T]{s.Group}))
}

// divided reports whether this process has a part of the optimizer's state alone.
func (r *Run[T]) divided() bool { return r.settings.Shard && r.settings.Group != nil }

// scattered reports whether other ranks have state that this one lacks.
func (r *Run[T]) scattered() bool {
	_, pieces := r.shared()
	return r.settings.Group != nil && pieces > 0 || r.divided()
}

// join stores the vectors of a divided state in r.whole on rank 0.
func (r *Run[T]) join(s State[T]) error {
	whole := make(map[string][]T)
	for name := range s.Parts {
		whole[name] = nil
	}
	err := each(whole, "", func(name string, v []T) (err error) {
		whole[name], err = dist.Concat(r.settings.Group, v, s.Vectors[name])
		return err
	})
	if r.leads() {
		r.whole = whole
	}
	return err
}

// distribute gives each rank its part of the vectors that rank 0 has in r.whole, if it has any.
func (r *Run[T]) distribute(s State[T]) error {
	if any, err := dist.Any(r.settings.Group, r.whole != nil); err != nil || !any {
		return err
	}
	return each(s.Parts, "", func(name string, part optim.Part) error {
		v := r.whole[name]
		if !r.leads() {
			v = make([]T, part.Size)
		}
		if err := dist.Broadcast(r.settings.Group, v); err != nil {
			return fmt.Errorf("train: %w", err)
		}
		copy(s.Vectors[name], v[part.From:])
		return nil
	})
}
