package train

import (
	"fmt"

	"steepest/param"
	"steepest/train/dist"
)

// ofPiece is the prefix of state that belongs to one piece of the sum that ranks share: the state of a replica, and the feedback of compressed
// vectors.
func ofPiece(k int) string { return fmt.Sprintf("pieces/%d/", k) }

// pieces returns the sum over replicas or micro-batches and their number; nil and 0 if batches are not cut.
func (r *Run[T]) pieces() (sum *dist.Sum[T], pieces int) {
	if r.local != nil {
		return &r.local.sum, r.local.Replicas
	}
	if c, ok := r.sum.(*cut[T]); ok {
		return &c.sum, c.pieces
	}
	return nil, 0
}

// shared returns what pieces returns, if the pieces have state; nil and 0 otherwise.
func (r *Run[T]) shared() (sum *dist.Sum[T], pieces int) {
	if sum, pieces = r.pieces(); sum != nil && (r.local != nil || sum.Feedback != nil) {
		return sum, pieces
	}
	return nil, 0
}

// enterPieces adds the state of each piece to s.
func (r *Run[T]) enterPieces(s State[T]) {
	sum, _ := r.shared()
	if sum == nil {
		return
	}
	for k, v := range sum.Feedback {
		s.Vectors[ofPiece(k)+"feedback"] = v
	}
	if r.local != nil {
		r.local.enter(s)
	}
}

// Gather copies state that only one rank has to rank 0, if any rank wants it: the states of replicas and the feedback of compressed vectors. It
// reports whether any rank wants it. All ranks must call it between two steps, or from Last. Before, Whole reports false, since the State of rank
// 0 lacks this state. If ranks divide the state of the optimizer, each keeps its part. If all ranks have the same state, Gather returns wanted.
func (r *Run[T]) Gather(wanted bool) (bool, error) {
	if !r.scattered() {
		return wanted, nil
	}
	g := r.settings.Group
	if wanted, err := dist.Any(g, wanted); err != nil || !wanted {
		return false, err
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	s := r.view()
	_, pieces := r.shared()
	for k := range pieces {
		if err := collect(g, dist.Owner(g, pieces, k), s, ofPiece(k)); err != nil {
			return false, err
		}
	}
	r.gathered = r.k
	if r.local != nil && r.leads() {
		return true, r.local.restore(s)
	}
	return true, nil
}

// collect copies all entries whose names have a prefix from a rank to rank 0.
func collect[T param.Float](g dist.Group, from int, s State[T], prefix string) error {
	return s.exchange(prefix,
		func(_ string, v []T) error { return dist.Collect(g, from, v) },
		func(v []float64) error { return dist.Collect(g, from, v) },
		func(v []int64) error { return dist.Collect(g, from, v) })
}
