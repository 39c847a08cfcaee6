package optim_test

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"steepest/internal/simd"
	"steepest/methods"
	"steepest/optim"
	"steepest/optim/schedule"
	"steepest/param"
)

// stepping returns a rule with the step sizes of a schedule, also for the parameters of another method.
func stepping(rule optim.Rule, s schedule.Schedule) optim.Rule {
	v := reflect.New(reflect.TypeOf(rule)).Elem()
	v.Set(reflect.ValueOf(rule))
	var set func(v reflect.Value)
	set = func(v reflect.Value) {
		for i := range v.NumField() {
			switch f := v.Field(i); {
			case f.Type() == reflect.TypeFor[schedule.Schedule]():
				f.Set(reflect.ValueOf(s))
			case f.Kind() == reflect.Struct && v.Type().Field(i).IsExported():
				set(f)
			}
		}
	}
	set(v)
	return v.Interface().(optim.Rule)
}

// delayed is a schedule that begins with steps of 0.
type delayed int

func (l delayed) At(k int) float64 {
	if k < int(l) {
		return 0
	}
	return 0.01
}

// TestZeroSteps: with a step size of 0, x keeps its bits under every method, also for gradients of 0. After such steps at the start, x moves, and x
// and the state are finite.
func TestZeroSteps(t *testing.T) {
	params := []param.Param{{Name: "w", Shape: []int{4, 3}, Role: param.Hidden}, {Name: "b", Shape: []int{3}}}
	for _, m := range methods.All() {
		for _, preset := range m.Presets() {
			rule := m.Rule
			if preset.Name != "default" {
				rule, _ = optim.Configure(rule, map[string]string{"preset": preset.Name})
			}
			t.Run(m.Name+" "+preset.Name, func(t *testing.T) {
				zeroSteps[float64](t, rule, params)
				zeroSteps[float32](t, rule, params)
			})
		}
	}
}

func zeroSteps[T param.Float](t *testing.T, rule optim.Rule, params []param.Param) {
	n := size(params)
	for _, still := range []int{1, 3} { // steps of 0
		for _, zeros := range []int{0, 1, 5} { // gradients of 0
			for _, origin := range []bool{false, true} {
				name := fmt.Sprintf("%T, %d steps of 0, %d gradients of 0, x = 0: %v", T(0), still, zeros, origin)
				v := randoms[T](9, n)
				x := v[0]
				if origin {
					clear(x)
				}
				start := slices.Clone(x)
				o := newOptimizer[T](stepping(rule, delayed(still)), params)
				for k, g := range v[1:] {
					if k < zeros {
						clear(g)
					}
					if err := o.Step(x, g); err != nil {
						t.Fatalf("%s: step %d: %v", name, k, err)
					}
					if k < still && !slices.EqualFunc(x, start, sameBits) {
						t.Fatalf("%s: x has moved from %v to %v in step %d", name, start, x, k)
					}
					if !simd.Finite(x) {
						t.Fatalf("%s: x = %v after step %d", name, x, k)
					}
					for slot, v := range o.State().Vectors {
						if !simd.Finite(v) {
							t.Fatalf("%s: %s = %v after step %d", name, slot, v, k)
						}
					}
				}
				if slices.Equal(x, start) {
					t.Errorf("%s: x never moved", name)
				}
			}
		}
	}
}

func sameBits[T param.Float](a, b T) bool {
	return math.Float64bits(float64(a)) == math.Float64bits(float64(b))
}
