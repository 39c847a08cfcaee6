package train

import (
	"errors"
	"strings"

	"steepest/checkpoint"
	"steepest/optim"
	"steepest/param"
	"steepest/train/dist"
)

// ranks are the Group of a run, as an Optimizer that divides its state and its checkpoints need it.
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

// Texts implements checkpoint.Ranks.
func (r ranks[T]) Texts(text string) ([]string, error) { return dist.Texts(r.Group, text) }

// Ranks returns the ranks that divide the state of the optimizer, or nil if each has all of it. If they divide it, State has the part of this
// rank, and all ranks must save and restore together: see checkpoint.OpenTogether.
func (r *Run[T]) Ranks() checkpoint.Ranks {
	if !r.divided() {
		return nil
	}
	return ranks[T]{r.settings.Group}
}

// divided reports whether ranks divide the state of the optimizer.
func (r *Run[T]) divided() bool { return r.settings.Shard && r.settings.Group != nil }

// scattered reports whether other ranks have state that this one lacks.
func (r *Run[T]) scattered() bool {
	_, pieces := r.shared()
	return r.settings.Group != nil && pieces > 0 || r.divided()
}

// Rows says which rows of the tensors of a checkpoint this rank keeps. It is nil if ranks do not divide the state.
func (r *Run[T]) Rows() checkpoint.Rows {
	if !r.divided() {
		return nil
	}
	s := r.optimizer.State()
	return func(tensor string) (from, to int, part bool) {
		name, _ := strings.CutPrefix(tensor, vectorTensors+ofOptimizer)
		own, part := s.Parts[name]
		return own.From, own.From + len(s.Vectors[name]), part
	}
}
