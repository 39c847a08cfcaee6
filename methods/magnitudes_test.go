package methods

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"testing"

	"steepest/optim"
	"steepest/param"
)

// TestMagnitudes: every method, under every preset, makes finite steps on gradients from the smallest to the largest numbers. If a method
// is invariant to the scale of the gradient, its steps are the same at every magnitude; otherwise they are proportional to the gradient.
// There are three known limits:
//
//   - An ε of a method is absolute, as in the reference, and so are the β of FTRL, a smallest norm and an initial sum. Steps on gradients
//     far below them are shorter.
//   - Elementwise methods keep squares of single elements in the type of x. If a square overflows, the step is 0.
//   - Sums of a few gradients, and the state that a gradient leaves, must be normal numbers of the type.
func TestMagnitudes(t *testing.T) {
	for _, m := range All() {
		for _, preset := range m.Presets() {
			t.Run(m.Name+"/"+preset.Name, func(t *testing.T) {
				rule := m.Rule
				if preset.Name != "default" {
					var err error
					if rule, err = optim.Configure(rule, map[string]string{"preset": preset.Name}); err != nil {
						t.Fatal(err)
					}
				}
				magnitudes(t, magnified[float32]{t: t, rule: rule, least: -126, most: 127, stride: 3, within: 1e-6}, m, preset)
				magnitudes(t, magnified[float64]{t: t, rule: rule, least: -1022, most: 1023, stride: 29, within: 1e-9}, m, preset)
			})
		}
	}
}

// magnified makes two steps of a rule on gradients times powers of 2.
type magnified[T param.Float] struct {
	t                   *testing.T
	rule                optim.Rule
	least, most, stride int
	within              float64
}

var (
	magnifiedParams = []param.Param{
		{Name: "w", Shape: []int{4, 4}, Role: param.Hidden}, {Name: "b", Shape: []int{3}}, {Name: "h", Shape: []int{3, 3}, Role: param.Head},
	}
	magnifiedGradient = []float64{
		1.5, -1, 0.25, 0.75, 1, 1.25, -0.5, 1.75, -0.125, 0.5, 0.75, -1, 0.25, -0.5, 1.25, 1,
		1, -0.5, 0.25,
		1, -0.75, 1.5, 0.5, 0.25, 1.25, -1, 1.5, 0.75,
	}
)

// from makes the steps from x. It returns the last point and the state of the rule.
func (m magnified[T]) from(start float64, e int) ([]float64, map[string][]T) {
	o, err := optim.New[T](m.rule, magnifiedParams)
	if err != nil {
		m.t.Fatal(err)
	}
	x, g := make([]T, len(magnifiedGradient)), make([]T, len(magnifiedGradient))
	for i, v := range magnifiedGradient {
		x[i], g[i] = T(start*float64(1+i%3)), T(math.Ldexp(v, e))
	}
	wide := make([]float64, len(x))
	for range 2 { // the second gradient differs: with equal ones SOAP would magnify rounding errors
		if err := o.Step(x, g); err != nil {
			m.t.Fatalf("%T: a gradient near 2^%d: %v", x[0], e, err)
		}
		slices.Reverse(g)
	}
	for i, v := range x {
		if wide[i] = float64(v); v-v != 0 {
			m.t.Fatalf("%T: a gradient near 2^%d leads to %v", v, e, x)
		}
	}
	return wide, o.State().Vectors
}

func magnitudes[T param.Float](t *testing.T, m magnified[T], method Method, preset Preset) {
	plan, err := optim.NewPlan[T](m.rule, magnifiedParams)
	if err != nil {
		t.Fatal(err)
	}
	own := make([]bool, 0, len(magnifiedGradient)) // elements that no other method updates
	for _, a := range plan {
		own = append(own, slices.Repeat([]bool{a.Other == ""}, a.Param.Size())...)
	}
	const start, at, up = 0.5, 32, 10
	x, kept := m.from(start, at)
	y, squares := m.from(start, at+up)
	invariant := m.same(own, start, x, y, 1)
	x0, _ := m.from(0, at)
	y0, _ := m.from(0, at+up)
	if !invariant && !m.same(own, 0, x0, y0, math.Ldexp(1, up)) {
		t.Fatalf("%T: steps neither have the scale of the gradient nor are invariant to it: %v, %v", kept, x, y)
	}
	low, high := m.least+20, m.most-3
	if method.Family == Matrix { // for its own matrices, only Adam's moments are squares of single elements
		maps.DeleteFunc(kept, func(name string, _ []T) bool { return name != "adam.v/w" })
	}
	if keepsSquares(kept, squares, math.Ldexp(1, 2*up)) {
		low, high = m.least/2+8, m.most/2-3
	}
	eps := 0.0
	for _, f := range preset.Fields {
		if slices.Contains([]string{"eps", "eps-root", "root-eps", "min-norm", "initial", "beta"}, f.Name) {
			v, _ := strconv.ParseFloat(f.Value, 64)
			eps = max(eps, v)
		}
	}
	if eps > 0 {
		low = max(low, int(math.Ceil(math.Log2(max(eps, math.Sqrt(eps))/m.within))))
	}
	for e := m.least; e <= m.most; e += m.stride {
		if e > m.most-3 {
			break
		}
		from, want, by := start, x, 1.0
		if !invariant {
			from, want, by = 0, x0, math.Ldexp(1, e-at)
		}
		if got, _ := m.from(from, e); low <= e && e <= high && !m.same(own, from, want, got, by) {
			t.Fatalf("%T: a gradient near 2^%d leads to %v, want %v times %g", kept, e, got, want, by)
		}
	}
}

// same reports whether y is x times by, for the elements that the method itself updates, up to rounding and a small part of the steps.
func (m magnified[T]) same(own []bool, start float64, x, y []float64, by float64) bool {
	longest := 0.0
	for i, v := range x {
		longest = max(longest, math.Abs(v-start*float64(1+i%3)))
	}
	for i, v := range x {
		if own[i] && !(math.Abs(y[i]-v*by) <= m.within*(longest*by+start)) {
			return false
		}
	}
	return true
}

// keepsSquares reports whether the state of a rule grows with the square of the gradient.
func keepsSquares[T param.Float](kept, grown map[string][]T, square float64) bool {
	for name, v := range kept {
		for i, s := range v {
			if ratio := float64(grown[name][i]) / float64(s); s != 0 && 0.9*square < ratio && ratio < 1.1*square {
				return true
			}
		}
	}
	return false
}
