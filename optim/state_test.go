package optim_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"steepest/optim"
	"steepest/optim/rules"
	"steepest/param"
)

// snapshot copies a state, whose slices are views.
func snapshot[T param.Float](s optim.State[T]) optim.State[T] {
	s.Vectors, s.Scalars = maps.Clone(s.Vectors), maps.Clone(s.Scalars)
	for name, v := range s.Vectors {
		s.Vectors[name] = slices.Clone(v)
	}
	for name, v := range s.Scalars {
		s.Scalars[name] = slices.Clone(v)
	}
	return s
}

// swapped moves the last n elements of v to the front.
func swapped[T param.Float](v []T, n int) []T {
	return append(slices.Clone(v[len(v)-n:]), v[:len(v)-n]...)
}

// TestResume stops at every step k, also during an accumulation, and continues in a new Optimizer with the parameters in another order.
// The bits are those of an uninterrupted run.
func TestResume(t *testing.T) {
	for name, rule := range everyRule(t, network) {
		t.Run(name, func(t *testing.T) {
			resume[float64](t, rule)
			resume[float32](t, rule)
		})
	}
}

func resume[T param.Float](t *testing.T, rule optim.Rule) {
	t.Helper()
	const steps, nA, nB = 25, 3, 4
	a, b := param.Param{Name: "a", Shape: []int{nA}}, param.Param{Name: "b", Shape: []int{2, 2}}
	r := rand.New(rand.NewPCG(5, 5))
	x := random[T](r, nA+nB)
	o := newOptimizer[T](rule, []param.Param{a, b})
	grads, xs, states := make([][]T, steps), make([][]T, steps+1), make([]optim.State[T], steps+1)
	for k := range steps {
		grads[k], xs[k], states[k] = random[T](r, nA+nB), slices.Clone(x), snapshot(o.State())
		o.Step(x, grads[k])
	}
	end := snapshot(o.State())
	for k := range 21 {
		same, other := newOptimizer[T](rule, []param.Param{a, b}), newOptimizer[T](rule, []param.Param{b, a})
		for _, o := range []*optim.Optimizer[T]{same, other} {
			if err := o.Restore(states[k]); err != nil {
				t.Fatal(err)
			}
			if got := o.State(); !equal(got, states[k]) {
				t.Fatalf("restored at call %d: state %v, want %v", k, got, states[k])
			}
		}
		y, z := slices.Clone(xs[k]), swapped(xs[k], nB)
		for _, g := range grads[k:] {
			same.Step(y, g)
			other.Step(z, swapped(g, nB))
		}
		if !slices.Equal(y, x) || !equal(same.State(), end) {
			t.Fatalf("resumed at call %d: x = %v, want %v", k, y, x)
		}
		if !slices.Equal(z, swapped(x, nB)) || !equal(other.State(), end) {
			t.Fatalf("resumed at call %d with the parameters in another order: x = %v, want %v", k, z, swapped(x, nB))
		}
	}
}

func equal[T param.Float](a, b optim.State[T]) bool {
	return a.K == b.K && a.Call == b.Call &&
		maps.EqualFunc(a.Vectors, b.Vectors, slices.Equal[[]T]) && maps.EqualFunc(a.Scalars, b.Scalars, slices.Equal[[]float64])
}

func TestStateNames(t *testing.T) {
	params := []param.Param{{Name: "w", Shape: []int{2}}, {Name: "b"}}
	rule := append(optim.Chain{optim.Trace{Mu: 0.9}}, headed(optim.Trace{Mu: 0.5}, rules.NAdam{Adam: rules.Adam{Preset: rules.Torch}})...)
	s := newOptimizer[float64](rule, params).State()
	got := append(slices.Sorted(maps.Keys(s.Vectors)), slices.Sorted(maps.Keys(s.Scalars))...)
	want := "adam.m/b adam.m/w adam.v/b adam.v/w momentum#2.b/b momentum#2.b/w momentum.b/b momentum.b/w adam/b adam/w age/b age/w"
	if strings.Join(got, " ") != want {
		t.Errorf("names %q, want %q", got, want)
	}
}

func TestRestoreRefuses(t *testing.T) {
	params := []param.Param{{Name: "w", Shape: []int{2}}}
	rule := rules.NAdam{Adam: rules.Adam{Preset: rules.Torch}}
	saved := func() optim.State[float64] {
		o := newOptimizer[float64](rule, params)
		o.Step([]float64{1, 2}, []float64{3, 4})
		return snapshot(o.State())
	}
	for want, spoil := range map[string]func(s *optim.State[float64]){
		`optim: the saved state has no "adam.v/w"; it comes from another rule or model`: func(s *optim.State[float64]) {
			delete(s.Vectors, "adam.v/w")
		},
		`optim: the saved state has 3 elements of "adam.m/w", want 2`: func(s *optim.State[float64]) {
			s.Vectors["adam.m/w"] = make([]float64, 3)
		},
		`optim: the saved state has "adam.m/x", which this rule and model do not keep`: func(s *optim.State[float64]) {
			s.Vectors["adam.m/x"] = nil
		},
		`optim: the saved state has no "adam/w"; it comes from another rule or model`: func(s *optim.State[float64]) {
			s.Scalars = nil
		},
		`optim: the saved state counts -1 steps and 0 gradients after them`: func(s *optim.State[float64]) { s.K = -1 },
		`optim: the saved state counts 1 steps and 3 gradients after them`:  func(s *optim.State[float64]) { s.Call = 3 },
		`optim: the saved state is of a parameter "w" of shape [1 2], and here it has the shape [2]`: func(s *optim.State[float64]) {
			s.Shapes = map[string][]int{"w": {1, 2}}
		},
		`optim: the saved state is of a model without the parameter "w"`: func(s *optim.State[float64]) { s.Shapes = nil },
	} {
		o := newOptimizer[float64](rule, params)
		o.Step([]float64{1, 1}, []float64{5, 6})
		before, s := snapshot(o.State()), saved()
		spoil(&s)
		if err := o.Restore(s); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
		if !equal(o.State(), before) {
			t.Errorf("%s: the state has changed", want)
		}
	}
}

// TestRestoreAsksForShapes: a state with the same number of elements in another shape is refused, even if the rule keeps no state.
func TestRestoreAsksForShapes(t *testing.T) {
	for name, rule := range everyRule(t, network) {
		from := newOptimizer[float64](rule, []param.Param{{Name: "w", Shape: []int{2, 3}}})
		to := newOptimizer[float64](rule, []param.Param{{Name: "w", Shape: []int{3, 2}}})
		err := to.Restore(from.State())
		if want := `optim: the saved state is of a parameter "w" of shape [2 3], and here it has the shape [3 2]`; err == nil || err.Error() != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
