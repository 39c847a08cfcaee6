package train

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/gonum/optimize"

	"steepest/optim"
	"steepest/param"
	"steepest/train/dist"
)

// State is everything that a run carries from step to step, by name. It does not contain the problem, the rule and the settings; the
// caller of Restore must ensure that they are the same.
type State[T param.Float] struct {
	// Vectors holds the iterate "x", the best point "best.x", and those of the optimizer, the average and the estimator:
	// "optimizer/adam.m/weight", "average/mean", "estimator/slopes"; "pieces/0/optimizer/adam.m/weight" is of the first replica of a Local.
	Vectors map[string][]T
	// Scalars holds numbers in float64 whatever T is, such as "run", the clock and the values that decide how the run ends.
	Scalars map[string][]float64
	// Counts holds whole numbers, such as "step" and "gradients".
	Counts map[string]int
	// Shapes holds the shapes of the problem's parameters.
	Shapes map[string][]int
	// Parts says of which vectors this rank has a part, as in optim.State. It is nil if all are whole.
	Parts map[string]optim.Part
}

// State returns a copy of the run's state. The clock stops until the next step.
func (r *Run[T]) State() State[T] {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	s := r.view()
	for name, v := range s.Vectors {
		s.Vectors[name] = slices.Clone(v)
	}
	for name, v := range s.Scalars {
		s.Scalars[name] = slices.Clone(v)
	}
	return s
}

// Restore sets the run to a state of a run of the same problem, rule and settings. Otherwise the error names the first difference, and
// nothing changes. If ranks divide the state, each restores it, and takes its part of a vector that is whole.
func (r *Run[T]) Restore(s State[T]) error {
	own := r.view()
	s.Vectors = optim.Cut(s.Vectors, own.Vectors, own.Parts)
	if err := optim.SameShape(own.Vectors, s.Vectors); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	if err := optim.SameShape(own.Scalars, s.Scalars); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	for name := range own.Counts {
		if n, ok := s.Counts[name]; !ok || n < own.lowest(name) {
			return fmt.Errorf("train: the saved state counts %d of %q", n, name)
		}
	}
	if err := r.optimizer.Restore(optimizerState(s, ofOptimizer)); err != nil {
		return err
	}
	if r.local != nil {
		if err := r.local.restore(s); err != nil {
			return err
		}
	}
	for name, v := range own.Vectors {
		copy(v, s.Vectors[name])
	}
	if r.lazy != nil {
		r.optimizer.Rouse(r.x)
		if d := r.lazy.drift(r.lazy.sparseModel); d != nil {
			r.optimizer.Drift(d)
		}
	}
	for name, fields := range r.scalars() {
		set(fields, s.Scalars[name])
	}
	r.k, r.latest, r.waited = s.Counts["step"], s.Counts["evaluated"], s.Counts["waited"]
	r.gathered = r.k
	r.clock.set(time.Duration(s.Counts["nanoseconds"]))
	r.now = PointOf(s.Scalars["point"], r.measures.others)
	if r.best != nil {
		r.best.Point = PointOf(s.Scalars["best"], r.measures.others)
	}
	if r.status = optimize.NotTerminated; r.latest >= 0 {
		r.status = r.verdict(r.now) // this run may have other limits
	}
	return nil
}

// leads reports whether this process is rank 0 or alone.
func (r *Run[T]) leads() bool { return r.settings.Group == nil || r.settings.Group.Rank() == 0 }

// Follow copies the state of rank 0 to all ranks of the Group, except their parts of a divided state, unless a rank has failed to restore it.
func (r *Run[T]) Follow(failed error) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.follow(failed)
}

func (r *Run[T]) follow(failed error) error {
	g := r.settings.Group
	if g == nil {
		return failed
	}
	if bad, err := dist.Any(g, failed != nil); failed != nil || err != nil {
		return cmp.Or(failed, err)
	} else if bad {
		return errors.New("train: another rank has no state to go on from")
	}
	s := r.view()
	if err := s.exchange("",
		func(name string, v []T) error {
			if _, part := s.Parts[name]; part {
				return nil
			}
			return dist.Broadcast(g, v)
		},
		func(v []float64) error { return dist.Broadcast(g, v) },
		func(v []int64) error { return dist.Broadcast(g, v) }); err != nil {
		return err
	}
	if r.leads() {
		return nil
	}
	return r.Restore(s)
}

// exchange calls a function for the vectors, then for the scalars and the counts, whose names have a prefix, until one fails. A function may
// change its values.
func (s State[T]) exchange(prefix string, vector func(name string, v []T) error, scalars func(v []float64) error, count func(v []int64) error) error {
	if err := each(s.Vectors, prefix, vector); err != nil {
		return err
	}
	if err := each(s.Scalars, prefix, func(_ string, v []float64) error { return scalars(v) }); err != nil {
		return err
	}
	return each(s.Counts, prefix, func(name string, n int) error {
		v := []int64{int64(n)}
		err := count(v)
		s.Counts[name] = int(v[0])
		return err
	})
}

// each calls f for all values whose names have a prefix, in the order of the names, until it fails.
func each[E any](values map[string]E, prefix string, f func(name string, v E) error) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if strings.HasPrefix(name, prefix) {
			if err := f(name, values[name]); err != nil {
				return err
			}
		}
	}
	return nil
}

// lowest returns the smallest valid value of a count.
func (s State[T]) lowest(name string) int {
	if name == "evaluated" {
		return -1
	}
	return 0
}

// The prefixes of names in the state, for the parts of a run.
const (
	ofOptimizer = "optimizer/"
	ofAverage   = "average/"
	ofEstimator = "estimator/"
)

// scalars lists the fields of a run in State.Scalars, except its points, as pointers to float64 and int.
func (r *Run[T]) scalars() map[string][]any {
	s := map[string][]any{"run": {&r.first, &r.least, &r.average.weight}}
	if g := r.guard; g != nil {
		s["guard"] = []any{&g.weight, &g.mean, &g.variance, &g.inRow, &g.skipped, &g.rollbacks, &g.passed}
	}
	if p := r.measures.progress; p != nil {
		s["progressive"] = []any{&p.sum, &p.terms}
	}
	return s
}

// numbers returns the values of fields, which are pointers to float64 and int. set is its inverse.
func numbers(fields []any) []float64 {
	v := make([]float64, len(fields))
	for i, f := range fields {
		if n, ok := f.(*int); ok {
			v[i] = float64(*n)
		} else {
			v[i] = *f.(*float64)
		}
	}
	return v
}

func set(fields []any, v []float64) {
	for i, f := range fields {
		if n, ok := f.(*int); ok {
			*n = int(v[i])
		} else {
			*f.(*float64) = v[i]
		}
	}
}

// view returns the state with views of the vectors.
func (r *Run[T]) view() State[T] {
	r.clock.stop()
	if r.lazy != nil {
		r.optimizer.Settle(r.x)
	}
	o := r.optimizer.State()
	s := State[T]{
		Vectors: map[string][]T{"x": r.x},
		Scalars: map[string][]float64{"point": r.now.Numbers()},
		Counts: map[string]int{
			"step": r.k, "evaluated": r.latest, "waited": r.waited, "nanoseconds": int(r.clock.read()),
		},
		Shapes: o.Shapes,
	}
	if o.Parts != nil {
		s.Parts = make(map[string]optim.Part)
		for name, part := range o.Parts {
			s.Parts[ofOptimizer+name] = part
		}
	}
	for name, fields := range r.scalars() {
		s.Scalars[name] = numbers(fields)
	}
	enterOptimizer(s, ofOptimizer, o)
	r.enterPieces(s)
	enter(s.Vectors, ofEstimator, r.estimator.state())
	if r.average.mean != nil {
		s.Vectors[ofAverage+"mean"] = r.average.mean
	}
	if r.best != nil {
		s.Vectors["best.x"], s.Scalars["best"] = r.best.X, r.best.Point.Numbers()
	}
	return s
}

func enter[E any](to map[string][]E, prefix string, from map[string][]E) {
	for name, v := range from {
		to[prefix+name] = v
	}
}

// enterOptimizer enters what an optimizer carries, and optimizerState returns it again.
func enterOptimizer[T param.Float](s State[T], prefix string, o optim.State[T]) {
	enter(s.Vectors, prefix, o.Vectors)
	enter(s.Scalars, prefix, o.Scalars)
	s.Scalars[prefix+"lr"] = []float64{o.LR}
	s.Counts[prefix+"updates"], s.Counts[prefix+"calls"] = o.K, o.Call
}

func optimizerState[T param.Float](s State[T], prefix string) optim.State[T] {
	o := optim.State[T]{
		K: s.Counts[prefix+"updates"], Call: s.Counts[prefix+"calls"], LR: s.Scalars[prefix+"lr"][0], Shapes: s.Shapes,
		Vectors: part(s.Vectors, prefix), Scalars: part(s.Scalars, prefix),
	}
	delete(o.Scalars, "lr")
	return o
}

// part returns the entries whose names have a prefix, without the prefix.
func part[E any](from map[string][]E, prefix string) map[string][]E {
	to := make(map[string][]E)
	for name, v := range from {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			to[rest] = v
		}
	}
	return to
}
