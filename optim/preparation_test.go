package optim_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"steepest/methods"
	"steepest/optim"
	"steepest/param"
)

// plainPreparation is the specification of a Preparation: sums in float64, from left to right.
type plainPreparation[T param.Float] struct {
	optim.Preparation
	sum            []float64
	count          int
	skipped, inRow int
}

// gradient returns the gradient for the rule; nil if the rule waits.
func (p *plainPreparation[T]) gradient(g []T) []T {
	for _, v := range g {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			p.skipped, p.inRow = p.skipped+1, p.inRow+1
			return nil
		}
	}
	p.inRow = 0
	if p.Keeps() {
		return slices.Clone(g)
	}
	n := p.Accumulate.Or(1)
	if p.sum == nil {
		p.sum = make([]float64, len(g))
	}
	for i, v := range g {
		p.sum[i] += float64(v) / float64(n)
	}
	if p.count++; p.count < n {
		return nil
	}
	u := p.sum
	p.sum, p.count = nil, 0
	if c := p.ClipValue.Or(math.Inf(1)); c > 0 {
		for i := range u {
			u[i] = max(-c, min(c, u[i]))
		}
	}
	length := 0.0
	for _, v := range u {
		length = math.Hypot(length, v)
	}
	out := make([]T, len(u))
	for i, v := range u {
		if c := p.ClipNorm.Or(math.Inf(1)); length > c {
			v *= c / length
		}
		out[i] = T(v)
	}
	return out
}

// preparations are some of each kind, alone and together.
var preparations = []optim.Preparation{
	{SkipNonfinite: optim.Set(1)},
	{SkipNonfinite: optim.Set(3)},
	{Accumulate: optim.Set(2)},
	{Accumulate: optim.Set(5), SkipNonfinite: optim.Set(2)},
	{ClipNorm: optim.Set(0.5)},
	{ClipNorm: optim.Set(1e9)},
	{ClipValue: optim.Set(0.3)},
	{SkipNonfinite: optim.Set(2), Accumulate: optim.Set(3), ClipValue: optim.Set(0.8), ClipNorm: optim.Set(1.1)},
}

// TestPreparation: on prepared gradients, every method makes the steps, to the bit, that it makes on gradients prepared by plain loops.
// Between steps x does not change, and bad gradients are counted.
func TestPreparation(t *testing.T) {
	params := []param.Param{{Name: "w", Shape: []int{4, 3}, Role: param.Hidden}, {Name: "b", Shape: []int{3}}}
	for _, m := range methods.All() {
		for _, p := range preparations {
			t.Run(fmt.Sprint(m.Name, " ", p), func(t *testing.T) {
				prepares[float64](t, m.Rule, p, params, 1e-10)
				prepares[float32](t, m.Rule, p, params, 5e-3) // for matrix methods, whose gradients may differ in the last bit
			})
		}
	}
}

func prepares[T param.Float](t *testing.T, rule optim.Rule, p optim.Preparation, params []param.Param, tolerance float64) {
	const steps = 23
	v := randoms[T](steps+1, size(params))
	x, want := v[0], slices.Clone(v[0])
	o, plain := newOptimizer[T](p.Of(rule), params), newOptimizer[T](rule, params)
	reference := plainPreparation[T]{Preparation: p}
	for k, g := range v[1:] {
		if p.SkipNonfinite.Get() > 0 && k%4 == 1 {
			g[k%len(g)] = T(math.NaN())
		}
		before := slices.Clone(x)
		u := reference.gradient(g)
		if u != nil {
			if err := plain.Step(want, u); err != nil {
				t.Fatal(err)
			}
		}
		if err := o.Step(x, g); err != nil {
			t.Fatal(err)
		}
		if u == nil && !slices.Equal(x, before) {
			t.Fatalf("call %d: x has moved", k)
		}
		if i := firstFar(x, want, tolerance); i >= 0 {
			t.Fatalf("call %d: x[%d] = %v, want %v", k, i, x[i], want[i])
		}
	}
	if o.K() != plain.K() || o.Skipped() != reference.skipped {
		t.Errorf("%d steps and %d skipped, want %d and %d", o.K(), o.Skipped(), plain.K(), reference.skipped)
	}
}

// TestPreparationResumes after every call, in both precisions, with bad gradients among others. The bits must not change.
func TestPreparationResumes(t *testing.T) {
	for _, m := range methods.All() {
		for _, p := range preparations {
			t.Run(fmt.Sprint(m.Name, " ", p), func(t *testing.T) {
				resumes[float64](t, p.Of(m.Rule), p.SkipNonfinite.Get())
				resumes[float32](t, p.Of(m.Rule), p.SkipNonfinite.Get())
			})
		}
	}
}

func resumes[T param.Float](t *testing.T, rule optim.Rule, bad int) {
	const steps = 9
	params := []param.Param{{Name: "w", Shape: []int{3, 2}, Role: param.Hidden}, {Name: "b", Shape: []int{2}}}
	v := randoms[T](steps+1, size(params))
	for k := range bad { // one more would be an error
		v[3+k][k] = T(math.Inf(-1))
	}
	x := v[0]
	o := newOptimizer[T](rule, params)
	xs, states := make([][]T, steps), make([]optim.State[T], steps)
	for k, g := range v[1:] {
		xs[k], states[k] = slices.Clone(x), snapshot(o.State())
		if err := o.Step(x, g); err != nil {
			t.Fatal(err)
		}
	}
	for k := range steps {
		again := newOptimizer[T](rule, params)
		if err := again.Restore(states[k]); err != nil {
			t.Fatal(err)
		}
		y := xs[k]
		for _, g := range v[1+k:] {
			if err := again.Step(y, g); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(y, x) || !equal(again.State(), o.State()) {
			t.Fatalf("resumed at call %d: x = %v, want %v", k, y, x)
		}
	}
}

// TestSkipGivesUp: the allowed number of bad gradients in a row is skipped, and the next bad gradient is an error that does not change x
// and the state. A good gradient resets the count.
func TestSkipGivesUp(t *testing.T) {
	params := tensors(2, 3)
	good, bad := []float64{1, 2, 3, 4, 5}, []float64{1, 2, 3, math.NaN(), 5}
	for n := 1; n <= 4; n++ {
		o := newOptimizer[float64](optim.Preparation{SkipNonfinite: optim.Set(n)}.Of(parse(t, "adam")), params)
		x := make([]float64, 5)
		for round := range 3 {
			for range n {
				if err := o.Step(x, bad); err != nil {
					t.Fatalf("n = %d: %v", n, err)
				}
			}
			before, state := slices.Clone(x), snapshot(o.State())
			var got *optim.NonfiniteError
			if err := o.Step(x, bad); !errors.As(err, &got) || got.Param != "p1" || got.Index != 1 || got.Step != round || got.InARow != n+1 {
				t.Fatalf("n = %d: after %d in a row: %v", n, n, err)
			}
			if !slices.Equal(x, before) || !equal(o.State(), state) {
				t.Fatalf("n = %d: x or the state is not as it was", n)
			}
			if err := o.Step(x, good); err != nil || o.K() != round+1 || o.Skipped() != n*(round+1) {
				t.Fatalf("n = %d: %d steps and %d skipped after round %d (%v)", n, o.K(), o.Skipped(), round, err)
			}
		}
	}
	want := `optim: step 0: the gradient of "p1" is NaN at element 1, and not finite for 2 times in a row`
	o := newOptimizer[float64](optim.Preparation{SkipNonfinite: optim.Set(1)}.Of(parse(t, "sgd")), params)
	if err := errors.Join(o.Step(make([]float64, 5), bad), o.Step(make([]float64, 5), bad)); err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// TestClippingAtAnyMagnitude: a gradient above the limit is scaled to the limit and keeps its direction, and a shorter gradient does not
// change, at any magnitude.
func TestClippingAtAnyMagnitude(t *testing.T) {
	clips[float64](t, []float64{1e-320, 1e-170, 1e-20, 1, 1e20, 1e170, 1e200, 1e307}, 1e-14)
	clips[float32](t, []float64{1e-44, 1e-30, 1, 1e15, 1e30, 1e38}, 1e-6)
}

func clips[T param.Float](t *testing.T, magnitudes []float64, tolerance float64) {
	for _, size := range magnitudes {
		for _, limit := range []float64{1e-3, 1, 1e3} {
			g := []T{T(size), T(-size), T(size / 2)}
			length := 1.5 * float64(g[0])
			for _, p := range []optim.Preparation{
				{ClipNorm: optim.Set(limit)}, {ClipNorm: optim.Set(limit), Accumulate: optim.Set(3)}, {ClipValue: optim.Set(limit)},
			} {
				x := make([]T, 3)
				o := newOptimizer[T](p.Of(parse(t, "sgd:lr=1")), tensors(1, 2))
				if size < 2*smallestNormal[T]() && p.Accumulate.Or(1) > 1 {
					continue // a mean is state, and a subnormal number in the state becomes 0
				}
				for range p.Accumulate.Or(1) {
					if err := o.Step(x, g); err != nil {
						t.Fatal(err)
					}
				}
				for i, v := range x {
					want := -float64(g[i])
					if p.ClipValue == optim.Set(limit) {
						want = max(-limit, min(limit, want))
					} else if length > limit {
						want = want / length * limit
					}
					if off := math.Abs(float64(v) - float64(T(want))); off > tolerance*math.Abs(want)+2*smallest[T]() {
						t.Errorf("%T of %g, %v: x[%d] = %v, want %v", v, size, p, i, v, want)
					}
				}
			}
		}
	}
}

// smallest returns the smallest number above 0, and smallestNormal the smallest normal one.
func smallest[T param.Float]() float64 {
	if unsafe.Sizeof(T(0)) == 4 {
		return math.SmallestNonzeroFloat32
	}
	return math.SmallestNonzeroFloat64
}

func smallestNormal[T param.Float]() float64 {
	if unsafe.Sizeof(T(0)) == 4 {
		return 0x1p-126
	}
	return 0x1p-1022
}

// TestPreparationOptions: the options of a preparation are options of every rule. They are listed if they are set, and no other option has their
// names.
func TestPreparationOptions(t *testing.T) {
	options := map[string]string{"skip-nonfinite": "3", "accumulate": "4", "clip-value": "0.5", "clip-norm": "1"}
	want := optim.Preparation{SkipNonfinite: optim.Set(3), Accumulate: optim.Set(4), ClipValue: optim.Set(0.5), ClipNorm: optim.Set(1.0)}
	for _, m := range methods.All() {
		own := optim.Fields(m.Rule)
		for _, f := range own {
			if options[f.Name] != "" {
				t.Errorf("%s has an option %s of its own", m.Name, f.Name)
			}
		}
		rule, err := optim.Configure(m.Rule, options)
		if err != nil {
			t.Fatal(err)
		}
		if inner, p := optim.Unprepared(rule); p != want || fmt.Sprintf("%#v", inner) != fmt.Sprintf("%#v", m.Rule) {
			t.Errorf("%s: %v of %v", m.Name, p, inner)
		}
		var words []string
		for _, f := range optim.Fields(rule)[len(own):] {
			words = append(words, f.Name+"="+f.Value)
		}
		if got := strings.Join(words, ","); got != "skip-nonfinite=3,accumulate=4,clip-value=0.5,clip-norm=1" || got != want.String() {
			t.Errorf("%s: options %s", m.Name, got)
		}
		again, err := optim.Configure(rule, map[string]string{"lr": "0.5", "accumulate": "2"})
		if _, p := optim.Unprepared(again); err != nil || p.Accumulate != optim.Set(2) || p.ClipNorm != want.ClipNorm {
			t.Errorf("%s: %v configured again (%v)", m.Name, again, err)
		}
	}
	for text, want := range map[string]string{
		"clip-norm=inf": `"inf" is not a finite number`, "clip-norm=0": "0 is not above 0", "clip-norm=-1": "-1 is below 0",
		"clip-value=nan": `"nan" is not a finite number`, "accumulate=0": "0 is below 1", "accumulate=1.5": `"1.5" is not a whole number`,
		"skip-nonfinite=0": "0 is below 1", "skip-nonfinite=true": `"true" is not a whole number`,
	} {
		name, value, _ := strings.Cut(text, "=")
		if _, err := optim.Configure(parse(t, "adam"), map[string]string{name: value}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// TestPreparationPlan: the plan shows the preparation of gradients and its memory. With clipping, there is no gain for a proximal step.
func TestPreparationPlan(t *testing.T) {
	p := optim.Preparation{Accumulate: optim.Set(2), ClipValue: optim.Set(1.0), ClipNorm: optim.Set(1.0)}
	plan, err := optim.NewPlan[float64](p.Of(parse(t, "sgd")), tensors(5))
	if err != nil || strings.Join(plan[0].Transforms, " ") != "accumulate clip clip-norm lr" || plan[0].StateBytes != 40 {
		t.Errorf("plan %v (%v)", plan, err)
	}
	for p, want := range map[optim.Preparation]float64{
		{Accumulate: optim.Set(2)}: 1, {SkipNonfinite: optim.Set(2)}: 1, {ClipNorm: optim.Set(2.0)}: 0, {ClipValue: optim.Set(2.0)}: 0,
	} {
		if got := newOptimizer[float64](p.Of(parse(t, "sgd")), tensors(5)).Gain(); got != want {
			t.Errorf("%v: gain %v, want %v", p, got, want)
		}
	}
}

// TestPreparationRestoreRefuses: a state can be restored only into a rule with the same preparation. A state that does not fit changes
// nothing.
func TestPreparationRestoreRefuses(t *testing.T) {
	none, skip := optim.Preparation{}, optim.Preparation{SkipNonfinite: optim.Set(2)}
	two, five := optim.Preparation{Accumulate: optim.Set(2)}, optim.Preparation{Accumulate: optim.Set(5)}
	for _, c := range []struct {
		from, to optim.Preparation
		want     string
	}{
		{none, skip, `optim: the saved state has no "skipped"; it comes from another rule or model`},
		{skip, none, `optim: the saved state has "skipped", which this rule and model do not keep`},
		{none, two, `optim: the saved state has no "accumulate.mean/p0"; it comes from another rule or model`},
		{two, none, `optim: the saved state has "accumulate.mean/p0", which this rule and model do not keep`},
		{five, two, `optim: the saved state counts 0 steps and 3 gradients after them`},
	} {
		from, to := newOptimizer[float64](c.from.Of(parse(t, "adam")), tensors(2)), newOptimizer[float64](c.to.Of(parse(t, "adam")), tensors(2))
		for range 3 {
			if err := errors.Join(from.Step([]float64{1, 2}, []float64{3, 4}), to.Step([]float64{1, 2}, []float64{5, 6})); err != nil {
				t.Fatal(err)
			}
		}
		before := snapshot(to.State())
		if err := to.Restore(from.State()); err == nil || err.Error() != c.want {
			t.Errorf("%v into %v: %v, want %s", c.from, c.to, err, c.want)
		}
		if !equal(to.State(), before) {
			t.Errorf("%v into %v: the state has changed", c.from, c.to)
		}
	}
}
