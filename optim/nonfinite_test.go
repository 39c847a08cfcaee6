package optim_test

import (
	"errors"
	"maps"
	"math"
	"slices"
	"testing"

	"steepest/methods"
	"steepest/optim"
	"steepest/param"
)

// TestNonfiniteGradients: whatever the rule, a gradient that is not finite is an error that names parameter and step, x and the state
// stay as they were, and the steps after it are those of a run that never met it.
func TestNonfiniteGradients(t *testing.T) {
	params := []param.Param{{Name: "w", Shape: []int{4, 3}, Role: param.Hidden}, {Name: "b", Shape: []int{3}}}
	for _, m := range methods.All() {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			o, clean := newOptimizer[float64](m.Rule, params), newOptimizer[float64](m.Rule, params)
			v := randoms[float64](2, size(params))
			x, g := v[0], v[1]
			want := slices.Clone(x)
			for k := range 4 {
				spoilt := slices.Clone(g)
				spoilt[13] = bad
				before, state := slices.Clone(x), o.State()
				for name, v := range state.Vectors {
					state.Vectors[name] = slices.Clone(v)
				}
				var err *optim.NonfiniteError
				if got := o.Step(x, spoilt); !errors.As(got, &err) || err.Param != "b" || err.Index != 1 || err.Step != k {
					t.Fatalf("%s: %v in step %d: %v", m.Name, bad, k, got)
				}
				after := o.State()
				if !slices.Equal(x, before) || after.K != state.K || !maps.EqualFunc(after.Vectors, state.Vectors, slices.Equal) {
					t.Fatalf("%s: x or the state is not as it was", m.Name)
				}
				if err := errors.Join(o.Step(x, g), clean.Step(want, g)); err != nil || !slices.Equal(x, want) {
					t.Fatalf("%s: x = %v after the step, want %v (%v)", m.Name, x, want, err)
				}
			}
		}
	}
}
