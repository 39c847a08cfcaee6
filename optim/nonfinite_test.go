package optim_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"steepest/optim"
	"steepest/param"
)

// TestNonfiniteGradients: under every rule, a gradient that is not finite is an error that names the parameter and the step. x and the
// state do not change, and later steps are those of a run without this gradient.
func TestNonfiniteGradients(t *testing.T) {
	for name, rule := range everyRule(t, network) {
		if _, p := optim.Unprepared(rule); !p.Keeps() || p != (optim.Preparation{}) {
			continue // TestPreparation tries these
		}
		t.Run(name, func(t *testing.T) {
			refusesNonfinite[float64](t, rule)
			refusesNonfinite[float32](t, rule)
		})
	}
}

func refusesNonfinite[T param.Float](t *testing.T, rule optim.Rule) {
	t.Helper()
	params := []param.Param{{Name: "w", Shape: []int{4, 3}, Role: param.Hidden}, {Name: "b", Shape: []int{3}}}
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		o, clean := newOptimizer[T](rule, params), newOptimizer[T](rule, params)
		v := randoms[T](2, size(params))
		x, g := v[0], v[1]
		want := slices.Clone(x)
		for k := range 4 {
			spoilt := slices.Clone(g)
			spoilt[13] = T(bad)
			before, state := slices.Clone(x), snapshot(o.State())
			var err *optim.NonfiniteError
			if got := o.Step(x, spoilt); !errors.As(got, &err) || err.Param != "b" || err.Index != 1 || err.Step != k || err.InARow != 1 {
				t.Fatalf("%T: %v in step %d: %v", x, bad, k, got)
			}
			if !slices.Equal(x, before) || !equal(o.State(), state) {
				t.Fatalf("%T: x or the state is not as it was", x)
			}
			if err := errors.Join(o.Step(x, g), clean.Step(want, g)); err != nil || !slices.Equal(x, want) {
				t.Fatalf("%T: x = %v after the step, want %v (%v)", x, x, want, err)
			}
		}
	}
}

// TestFindingNamesRanks: the text names the ranks of a NonfiniteError.
func TestFindingNamesRanks(t *testing.T) {
	for want, ranks := range map[string][]int{
		`the gradient of "w" is NaN at element 3`:                       nil,
		`the gradient of "w" is NaN at element 3, on rank 1`:            {1},
		`the gradient of "w" is NaN at element 3, on rank 0 and rank 2`: {0, 2},
	} {
		e := optim.NonfiniteError{Param: "w", Index: 3, Value: math.NaN(), Ranks: ranks}
		if got := e.Finding(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
