package optim_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"steepest/optim"
	"steepest/optim/rules"
	"steepest/param"
)

// TestLateParameter: a parameter whose first gradient comes late makes the same steps from then on, to the bit, as a new parameter.
func TestLateParameter(t *testing.T) {
	for name, rule := range everyRule(t, network) {
		if _, p := optim.Unprepared(rule); p.ClipNorm.Get() > 0 {
			continue
		}
		if name == "sgd:lr=invsqrt(0.1)" || strings.HasSuffix(name, "with L2") || slices.ContainsFunc(transforms(rule), global) {
			continue // the step size counts all steps; the penalty moves x before; the norm is that of all parameters
		}
		t.Run(name, func(t *testing.T) {
			late[float32](t, rule)
			late[float64](t, rule)
		})
	}
}

func global(t optim.Transform) bool { return len(t.Sums) > 0 && t.Sums[0].Global }

func late[T param.Float](t *testing.T, rule optim.Rule) {
	t.Helper()
	const before, after, n = 36, 24, 6 // before and after are multiples of all numbers of gradients for a step
	early, latter := param.Param{Name: "early", Shape: []int{2, 3}}, param.Param{Name: "late", Shape: []int{2, 3}}
	r := rand.New(rand.NewPCG(7, 7))
	x, g := random[T](r, 2*n), make([]T, 2*n)
	o := newOptimizer[T](rule, []param.Param{early, latter})
	for range before {
		copy(g[:n], random[T](r, n))
		o.Step(x, g)
	}
	clear(g[:n]) // since some rules take a norm over all parameters
	y, fresh := slices.Clone(x[n:]), newOptimizer[T](rule, []param.Param{latter})
	for k := range after {
		copy(g[n:], random[T](r, n))
		o.Step(x, g)
		fresh.Step(y, g[n:])
		if !slices.Equal(x[n:], y) {
			t.Fatalf("%T: step %d of the parameter leads to %v, and that of a new one to %v", y[0], k+1, x[n:], y)
		}
	}
}

// TestLateAverage: an average of squares that starts above 0 stays there until the first gradient comes.
func TestLateAverage(t *testing.T) {
	late[float64](t, rules.RMSProp{Initial: optim.Set(0.1)})
}

// TestSubnormalState: after gradients of 0 no rule keeps a subnormal number, not even in the state of a user's own transform.
func TestSubnormalState(t *testing.T) {
	own := optim.Transform{
		Name: "own", Slots: []optim.Slot{{Name: "b"}},
		Tile32: halve[float32], Tile64: halve[float64],
	}
	for name, rule := range everyRule(t, network) {
		subnormalState[float32](t, name, rule, 0x1p-126)
		subnormalState[float64](t, name, rule, 0x1p-1022)
	}
	subnormalState[float32](t, "own", optim.Chain{own}, 0x1p-126)
	subnormalState[float64](t, "own", optim.Chain{own}, 0x1p-1022)
}

func halve[T param.Float](_ *optim.Coeffs, t *optim.Tile[T]) {
	for i, u := range t.In {
		t.S[0][i] = t.S[0][i]/2 + u
		t.U[i] = t.S[0][i]
	}
}

func subnormalState[T param.Float](t *testing.T, name string, rule optim.Rule, smallest float64) {
	params := []param.Param{{Name: "w", Shape: []int{3, 4}}, {Name: "b", Shape: []int{7}}}
	r := rand.New(rand.NewPCG(8, 8))
	x := random[T](r, 19)
	o := newOptimizer[T](rule, params)
	for _, g := range [][]T{random[T](r, 19), random[T](r, 19)} {
		for i := range g {
			g[i] *= T(math.Sqrt(smallest)) * 64
		}
		o.Step(x, g)
	}
	for k := range 200 {
		o.Step(x, make([]T, len(x)))
		for vector, v := range o.State().Vectors {
			for _, e := range v {
				if e != 0 && math.Abs(float64(e)) < smallest {
					t.Fatalf("%s: %v in %s after %d gradients of 0", name, e, vector, k+1)
				}
			}
		}
	}
}
