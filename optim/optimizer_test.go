package optim_test

import (
	"maps"
	"math"
	"slices"
	"testing"

	"steepest/methods"
	"steepest/optim"
	"steepest/optim/matrix"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

func TestStepLeavesGradientAlone(t *testing.T) {
	params := tensors(3)
	for name, rule := range everyRule(t, params) {
		o, x, g := newOptimizer[float64](rule, params), []float64{1, 2, 3}, []float64{4, -5, 0}
		for range 9 {
			o.Step(x, g)
		}
		if !slices.Equal(g, []float64{4, -5, 0}) {
			t.Errorf("%s: the gradient has become %v", name, g)
		}
	}
}

func TestCounts(t *testing.T) {
	params := tensors(1)
	rule := accumulated(2, rules.SGD{LR: schedule.Inverse{Initial: 0.5}})
	o, x := newOptimizer[float64](rule, params), []float64{1}
	if !math.IsNaN(o.LR()) || o.K() != 0 {
		t.Errorf("before the first step: K = %d, LR = %v", o.K(), o.LR())
	}
	for call, want := range []struct {
		x, lr float64
		k     int
	}{{1, math.NaN(), 0}, {0.5, 0.5, 1}, {0.5, 0.5, 1}, {0.25, 0.25, 2}} {
		o.Step(x, []float64{1})
		if x[0] != want.x || o.K() != want.k || o.LR() != want.lr && want.k > 0 {
			t.Errorf("call %d: x = %v, K = %d, LR = %v; want %+v", call, x, o.K(), o.LR(), want)
		}
	}
}

func TestSkip(t *testing.T) {
	skip := func(p param.Param) bool { return len(p.Shape) == 1 }
	params := []param.Param{{Name: "w", Shape: []int{1, 2}}, {Name: "b", Shape: []int{2}}}
	o := newOptimizer[float64](rules.Lion{LR: schedule.Constant(0.5), WeightDecay: optim.Set(0.5), Skip: skip}, params)
	x := []float64{4, 8, 4, 8}
	o.Step(x, make([]float64, 4))
	if want := []float64{3, 6, 4, 8}; !slices.Equal(x, want) {
		t.Errorf("x = %v, want %v", x, want)
	}
}

// TestLastTransform ends chains with a user's own transform, whose tiles do not move x, and with a transform that skips the parameter.
// Both chains must lead to x − 2g − ½x.
func TestLastTransform(t *testing.T) {
	double := optim.Transform{Tile32: func(*optim.Coeffs, *optim.Tile[float32]) {}, Tile64: func(_ *optim.Coeffs, t *optim.Tile[float64]) {
		for i, u := range t.In {
			t.U[i] = 2 * u
		}
	}}
	never := optim.Signs{}.Transform()
	never.Skip = func(param.Param) bool { return true }
	for name, chain := range map[string]optim.Chain{
		"own":            {optim.Decay{Lambda: 0.25}, double},
		"own, decay":     {double, optim.Decay{Lambda: 0.5}},
		"skipped":        {double, never, optim.Decay{Lambda: 0.5}, optim.LearningRate{LR: schedule.Constant(1)}},
		"decay, skipped": {double, optim.Decay{Lambda: 0.5}, never},
	} {
		o := newOptimizer[float64](chain, []param.Param{{Name: "w", Shape: []int{2}}})
		x := []float64{4, 8}
		o.Step(x, []float64{1, -1})
		if want := []float64{0, 6}; !slices.Equal(x, want) {
			t.Errorf("%s: x = %v, want %v", name, x, want)
		}
	}
}

// TestDecayPlaces puts weight decay before and after the step size, and at the head of a chain.
func TestDecayPlaces(t *testing.T) {
	params := tensors(1)
	decay, lr := optim.Decay{Lambda: 0.5}, optim.LearningRate{LR: schedule.Constant(0.25)}
	for _, c := range []struct {
		name  string
		chain optim.Chain
		want  float64
	}{
		{"decoupled", optim.Chain{optim.Signs{}, decay, lr}, 2 - 0.25*(1+1)},
		{"independent", optim.Chain{optim.Signs{}, lr, decay}, 2 - (0.25 + 1)},
		{"coupled", optim.Chain{decay, optim.Signs{}, lr}, 2 - 0.25},
	} {
		x := []float64{2}
		newOptimizer[float64](c.chain, params).Step(x, []float64{3})
		if x[0] != c.want {
			t.Errorf("%s: x = %v, want %v", c.name, x[0], c.want)
		}
	}
}

// TestGain gives every linear chain gradients of 1 until its steps are constant. The steps are then α·Gain. Other chains have no gain.
func TestGain(t *testing.T) {
	linear := map[string]bool{"gd": true, "sgd": true, "heavy-ball": true, "heavy-ball:dampening=0.3": true,
		"heavy-ball:momentum=0.5,preset=keras": true, "nesterov": true, "nesterov:form=dozat": true, "nesterov:form=ahead": true}
	specs := slices.Collect(maps.Keys(linear))
	for _, m := range methods.All() {
		if m.Family != methods.Estimating {
			specs = append(specs, m.Name)
		}
	}
	for _, spec := range specs {
		rule := parse(t, spec)
		gain := rule.Chain().Gain()
		if !linear[spec] {
			if gain != 0 {
				t.Errorf("%s: gain %v, want 0", spec, gain)
			}
			continue
		}
		o := newOptimizer[float64](rule, []param.Param{{Name: "x"}})
		x, step := []float64{0}, 0.0
		for range 1000 {
			before := x[0]
			o.Step(x, []float64{1})
			step = before - x[0]
		}
		if want := step / o.LR(); math.Abs(gain-want) > 1e-9 {
			t.Errorf("%s: gain %v, but the steps settle at %v·α", spec, gain, want)
		}
	}
}

func TestContractViolationsPanic(t *testing.T) {
	params := tensors(2)
	for want, f := range map[string]func(){
		`optim: two parameters are named "p0"`: func() { newOptimizer[float64](rules.SGD{}, append(params, params...)) },
		`optim: len(x) = 2 and len(g) = 3, want 2`: func() {
			newOptimizer[float64](rules.SGD{}, params).Step(make([]float64, 2), make([]float64, 3))
		},
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panic %v, want %q", got, want)
				}
			}()
			f()
		}()
	}
}

// TestNewRefuses: New refuses rules that cannot work, with the name of the field.
func TestNewRefuses(t *testing.T) {
	lr := schedule.Constant(0.1)
	two := optim.Routes{
		{Name: "a", Rule: accumulated(2, rules.SGD{}), Takes: named("p0")}, {Name: "b", Rule: rules.SGD{}},
	}
	for want, rule := range map[string]optim.Rule{
		`optim: Adam.Beta1: 7 is not below 1`:                                                    rules.Adam{Beta1: optim.Set(7.0)},
		`optim: AdamW.WeightDecay: -0.1 is below 0`:                                              rules.AdamW{WeightDecay: optim.Set(-0.1)},
		`optim: AdamW.Eps: NaN is not a finite number`:                                           rules.AdamW{Adam: rules.Adam{Eps: optim.Set(math.NaN())}},
		`optim: Muon.Aux.Beta2: 1 is not below 1`:                                                matrix.Muon{Aux: rules.AdamW{Adam: rules.Adam{Beta2: optim.Set(1.0)}}},
		`optim: SOAP.BasisInterval: 0 is below 1`:                                                matrix.SOAP{BasisInterval: optim.Set(0)},
		`optim: SGD.LR: the step size starts at -1; want a finite number that is not negative`:   rules.SGD{LR: schedule.Constant(-1)},
		`optim: SGD.LR: the step size starts at +Inf; want a finite number that is not negative`: rules.SGD{LR: schedule.Constant(math.Inf(1))},
		`optim: LearningRate.LR: it is not set`:                                                  optim.Chain{optim.LearningRate{}},
		`optim: Decay.Lambda: -1 is below 0`:                                                     optim.Chain{optim.Decay{Lambda: -1}, optim.LearningRate{LR: lr}},
		`optim: Trace.Mu: 1.5 is not below 1`:                                                    optim.Chain{optim.Trace{Mu: 1.5}},
		`optim: transform "own": it lacks functions; a transform needs Tile32 and Tile64, Whole32 and Whole64, Scales, or Mixes`: optim.Chain{
			optim.Transform{Name: "own", Tile64: func(*optim.Coeffs, *optim.Tile[float64]) {}}},
		`optim: the rule of "a" is prepared; a Preparation stands around all routes, and once`:    two,
		`optim: Preparation.Accumulate: 0 is below 1`:                                             accumulated(0, rules.SGD{}),
		`optim: Preparation.SkipNonfinite: 0 is below 1`:                                          optim.Preparation{SkipNonfinite: optim.Set(0)}.Of(rules.SGD{}),
		`optim: Preparation.ClipNorm: 0 is not above 0`:                                           optim.Preparation{ClipNorm: optim.Set(0.0)}.Of(rules.SGD{}),
		`optim: Preparation.ClipNorm: +Inf is not a finite number`:                                optim.Preparation{ClipNorm: optim.Set(math.Inf(1))}.Of(rules.SGD{}),
		`optim: Preparation.ClipValue: NaN is not a finite number`:                                optim.Preparation{ClipValue: optim.Set(math.NaN())}.Of(rules.SGD{}),
		`optim: the rule of "rule" is prepared; a Preparation stands around all routes, and once`: accumulated(2, accumulated(3, rules.SGD{})),
	} {
		if _, err := optim.New[float64](rule, tensors(2, 2)); err == nil || err.Error() != want {
			t.Errorf("New: %v, want %s", err, want)
		}
		if _, err := optim.NewPlan[float32](rule, tensors(2)); err == nil {
			t.Errorf("NewPlan: no error, want %s", want)
		}
	}
}

// drifted returns the chain ½⟨g, x₀ − x⟩·g, whose sum needs the gradient, the iterate and a slot.
func drifted() optim.Chain {
	return optim.Chain{optim.Transform{
		Name:  "product",
		Slots: []optim.Slot{{Name: "start", FromX: true}},
		Sums: []optim.Sum{
			{Tile32: moved[float32], Tile64: moved[float64], Global: true},
			{Tile32: moved[float32], Tile64: moved[float64]},
		},
		Fit:    func(_ param.Param, sums, _ []float64, _ float64, c *optim.Coeffs) { c[0] = 1 + sums[0] + 100*sums[1] },
		Scales: true,
	}}
}

func moved[T param.Float](_ *optim.Coeffs, t *optim.Tile[T]) (sum float64) {
	for i, u := range t.In {
		sum += float64(u) * float64(t.S[0][i]-t.X[i])
	}
	return sum
}

// TestSums: a transform may ask for sums of the update, x and its state, over all parameters or for each, such as Prodigy's ⟨g, x₀ − x⟩.
func TestSums(t *testing.T) {
	o, x := newOptimizer[float64](drifted(), tensors(1, 2)), []float64{0, 0, 0}
	o.Step(x, []float64{1, 2, 3})
	o.Step(x, []float64{1, 1, 1}) // the products are 1 and 5, their sum 6
	if want := []float64{-1 - 107, -2 - 507, -3 - 507}; !slices.Equal(x, want) {
		t.Errorf("x = %v, want %v", x, want)
	}
	many := newOptimizer[float64](drifted(), tensors(5000))
	y := make([]float64, 5000)
	many.Step(y, slices.Repeat([]float64{1}, 5000))
	if y[4999] != -1 {
		t.Errorf("x = %v, want −1", y[4999])
	}
	if many.Step(y, slices.Repeat([]float64{1}, 5000)); y[0] != -2-101*5000 {
		t.Errorf("x = %v, want %v", y[0], -2-101*5000)
	}
}

// TestAuthorsOfNAGGS repeats the example of the authors' README: f(x) = x² from x = 1 with their defaults, 200 steps.
func TestAuthorsOfNAGGS(t *testing.T) {
	params := tensors(1)
	for _, c := range []struct {
		spec            string
		want, tolerance float64
	}{
		{"nag-gs", -6.888961e-05, 1e-9}, // by JAX in float32
		{"nag-gs:form=frozen", 0.00029082, 5e-9},
	} {
		o, x := newOptimizer[float64](parse(t, c.spec), params), []float64{1}
		for range 200 {
			o.Step(x, []float64{2 * x[0]})
		}
		if !(math.Abs(x[0]-c.want) <= c.tolerance) {
			t.Errorf("%s: x = %v, want %v", c.spec, x[0], c.want)
		}
	}
}

// TestKerasTables compares with the tables in the tests of Keras 3 (keras/src/optimizers/*_test.py): from ones, one step
// with the gradient 0.01, then steps with 0.1, 0.2, …, 1, to the tolerance used there. Each row is x after a step.
func TestKerasTables(t *testing.T) {
	for _, c := range []struct {
		spec string
		want [][]float64 // a row of one number holds it ten times
	}{
		{"amsgrad:preset=keras", [][]float64{{0.999}, {0.9982}, {0.9974}, {0.9965}, {0.9955}}},
		{"lion:preset=keras", [][]float64{{0.999}, {0.998}, {0.997}, {0.996}, {0.995}}},
		{"adadelta:preset=keras,lr=1,rho=0.8,eps=1e-6", [][]float64{{0.9978}, {0.9947}, {0.9915}, {0.9882}, {0.9849}}},
		{"rmsprop:preset=keras,centered=true", [][]float64{{0.9967}, {0.9933}, {0.9908}, {0.9885}, {0.9864}}},
		{"adagrad:preset=keras,lr=0.2,initial=0.3,eps=1e-6", [][]float64{
			{0.9963},
			{0.9604, 0.9278, 0.9003, 0.8784, 0.8615, 0.8487, 0.8388, 0.8313, 0.8255, 0.8209},
			{0.9251, 0.8629, 0.8137, 0.7768, 0.7497, 0.7298, 0.7151, 0.704, 0.6956, 0.6891},
			{0.8903, 0.8012, 0.7342, 0.6862, 0.6521, 0.6277, 0.6099, 0.5967, 0.5867, 0.579},
			{0.856, 0.7422, 0.6604, 0.6037, 0.5644, 0.5367, 0.5168, 0.5021, 0.491, 0.4825},
		}},
		{"adamw:preset=keras,lr=1,weight-decay=0.5,eps=2", [][]float64{
			{0.4998},
			{0.2486, 0.2475, 0.2463, 0.2451, 0.244, 0.2428, 0.2417, 0.2405, 0.2394, 0.2382},
			{0.1223, 0.1198, 0.1174, 0.1149, 0.1124, 0.11, 0.1075, 0.1051, 0.1027, 0.1003},
			{0.0586, 0.0549, 0.0512, 0.0475, 0.0439, 0.0402, 0.0366, 0.033, 0.0294, 0.0258},
			{0.0263, 0.0215, 0.0167, 0.012, 0.0073, 0.0026, -0.0021, -0.0067, -0.0113, -0.0159},
		}},
		{"nadam:preset=keras,lr=0.5,beta1=0.5,beta2=0.67,eps=1e-5", [][]float64{
			{0.4281},
			{-0.1738, -0.1731, -0.1726, -0.1723, -0.1721, -0.172, -0.1719, -0.1718, -0.1718, -0.1717},
			{-0.7115, -0.7103, -0.7096, -0.7092, -0.709, -0.7088, -0.7086, -0.7085, -0.7085, -0.7084},
			{-1.2335, -1.2322, -1.2313, -1.2309, -1.2306, -1.2304, -1.2302, -1.2301, -1.23, -1.2299},
			{-1.7492, -1.7478, -1.7469, -1.7464, -1.7461, -1.7459, -1.7457, -1.7456, -1.7455, -1.7454},
		}},
	} {
		const n = 10
		o, x, g := newOptimizer[float64](parse(t, c.spec), tensors(n)), slices.Repeat([]float64{1}, n), slices.Repeat([]float64{0.01}, n)
		for k, want := range c.want {
			o.Step(x, g)
			if len(want) == 1 {
				want = slices.Repeat(want, n)
			}
			if i := firstFar(x, want, 5e-4); i >= 0 {
				t.Errorf("%s: x[%d] = %v after step %d, want %v", c.spec, i, x[i], k+1, want[i])
			}
			for i := range g {
				g[i] = float64(i+1) / 10
			}
		}
	}
}
