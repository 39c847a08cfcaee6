package optim_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"steepest/methods"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// problem is a start and a sequence of gradients, multiples of 1/64 below 4 with zeros among them, so that scaling by a
// power of two rounds nothing.
type problem struct {
	x     []float64
	grads [][]float64
}

func drawProblem(t *rapid.T) problem {
	n := rapid.IntRange(1, 6).Draw(t, "n")
	number := rapid.Map(rapid.IntRange(-255, 255), func(i int) float64 { return float64(i) / 64 })
	vector := rapid.SliceOfN(number, n, n)
	return problem{vector.Draw(t, "x"), rapid.SliceOfN(vector, 1, 12).Draw(t, "gradients")}
}

// run returns x after all the gradients.
func (p problem) run(rule optim.Rule, sizes ...int) []float64 {
	if len(sizes) == 0 {
		sizes = []int{len(p.x)}
	}
	params := tensors(sizes...)
	x, o := slices.Clone(p.x), newOptimizer[float64](rule, params)
	for _, g := range p.grads {
		o.Step(x, g)
	}
	return x
}

// scaled returns p with its gradients multiplied by c.
func (p problem) scaled(c float64) problem {
	q := problem{x: p.x}
	for _, g := range p.grads {
		q.grads = append(q.grads, times(c, g))
	}
	return q
}

func times(c float64, v []float64) []float64 {
	out := make([]float64, len(v))
	for i, e := range v {
		out[i] = c * e
	}
	return out
}

// same fails unless |got − want| ≤ tolerance·max(1, |want|) everywhere.
func same(t failer, name string, got, want []float64, tolerance float64) {
	t.Helper()
	if i := firstFar(got, want, tolerance); i >= 0 {
		t.Fatal(fmt.Sprintf("%s: x[%d] = %.17g, want %.17g", name, i, got[i], want[i]))
	}
}

// TestScaleInvariance: with ε = 0, the scale of the gradients does not change the steps of rules that divide by their size.
func TestScaleInvariance(t *testing.T) {
	specs := []string{
		"adagrad:eps=0", "adagrad:preset=torch,eps=0", "rmsprop:eps=0", "rmsprop:preset=torch,eps=0,momentum=0.5",
		"rmsprop:eps=0,corrected=true,centered=true", "adam:eps=0", "adam:preset=keras,eps=0", "amsgrad:eps=0",
		"amsgrad:preset=torch,eps=0", "amsgrad:preset=optax,eps=0", "adamw:eps=0", "nadam:eps=0",
		"nadam:preset=torch,eps=0", "lion:weight-decay=0.1", "fromage", "sign", "normalized",
	}
	rapid.Check(t, func(t *rapid.T) {
		p, c := drawProblem(t), math.Ldexp(1, rapid.IntRange(-40, 40).Draw(t, "log2 c"))
		if slices.ContainsFunc(p.grads, func(g []float64) bool { return norm(p.x)*norm(g) == 0 }) {
			p.x, p.grads = []float64{1}, [][]float64{{1}} // Fromage steps along g itself if a norm is 0
		}
		for _, spec := range specs {
			rule := parse(t, spec)
			same(t, spec, p.scaled(c).run(rule), p.run(rule), 0)
		}
	})
}

// TestLinearity: from x = 0, SGD and its momenta are linear in the gradients.
func TestLinearity(t *testing.T) {
	specs := []string{
		"sgd", "heavy-ball:dampening=0.3", "nesterov", "nesterov:form=dozat", "nesterov:preset=keras,lr=invsqrt(0.1)",
		"nag-gs", "nag-gs:preset=torch", "nag-gs:form=frozen",
	}
	rapid.Check(t, func(t *rapid.T) {
		p, c := drawProblem(t), rapid.Float64Range(-10, 10).Draw(t, "c")
		p.x = make([]float64, len(p.x))
		first, last := slices.Repeat([]float64{1}, len(p.x)), slices.Repeat([]float64{64}, len(p.x))
		p.grads = append(append([][]float64{first}, p.grads...), last) // the scaled and the shifted problem begin with the same first step
		shifted := p.scaled(c)
		for k, g := range shifted.grads {
			other := p.grads[len(p.grads)-1-k]
			for i := range g {
				g[i] += other[i]
			}
		}
		reversed := problem{p.x, slices.Clone(p.grads)}
		slices.Reverse(reversed.grads)
		for _, spec := range specs {
			rule := parse(t, spec)
			want := times(c, p.run(rule))
			for i, e := range reversed.run(rule) {
				want[i] += e
			}
			same(t, spec, shifted.run(rule), want, 1e-13)
		}
	})
}

// TestPermutationEquivariance: a permutation of the coordinates permutes the steps.
func TestPermutationEquivariance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		order := make([]int, len(p.x))
		for i := range order {
			order[i] = i
		}
		order = rapid.Permutation(order).Draw(t, "order")
		permuted := problem{x: pick(p.x, order)}
		for _, g := range p.grads {
			permuted.grads = append(permuted.grads, pick(g, order))
		}
		for name, rule := range everyRule(t, tensors(len(p.x))) {
			tolerance := 0.0
			if whole(rule) {
				tolerance = 1e-9 // ε^(−½) = 1000 times the error of Shampoo's moments
			} else if !elementwise(rule) {
				tolerance = 1e-12
			}
			same(t, name, permuted.run(rule), pick(p.run(rule), order), tolerance)
		}
	})
}

func pick(v []float64, order []int) []float64 {
	out := make([]float64, len(v))
	for i, j := range order {
		out[i] = v[j]
	}
	return out
}

// TestCutsDoNotMatter: without norms by parameter, a vector makes the same steps as one tensor or as several that begin at the same step.
func TestCutsDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		ones := slices.Repeat([]float64{1}, len(p.x))
		p.grads = append([][]float64{ones, ones, ones, ones}, p.grads...) // as many as a rule accumulates for a step
		var sizes []int
		for rest := len(p.x); rest > 0; {
			size := rapid.IntRange(0, rest).Draw(t, "size")
			sizes, rest = append(sizes, size), rest-size
		}
		for name, rule := range everyRule(t, tensors(len(p.x))) {
			if slices.ContainsFunc(transforms(rule), func(t optim.Transform) bool {
				return len(t.Sums) > 0 && !t.Sums[0].Global || t.Whole64 != nil || t.Skip != nil
			}) {
				continue
			}
			tolerance := 0.0
			if !elementwise(rule) {
				tolerance = 1e-12
			}
			same(t, name, p.run(rule, sizes...), p.run(rule), tolerance)
		}
	})
}

// TestDegenerateEqualities compares pairs of rules that are the same method.
func TestDegenerateEqualities(t *testing.T) {
	pairs := []struct {
		a, b      string
		tolerance float64
	}{
		{"heavy-ball:momentum=0,dampening=0", "sgd", 0},
		{"nesterov:momentum=0", "sgd", 0},
		{"nesterov:momentum=0,form=dozat", "sgd", 0},
		{"heavy-ball:lr-place=inside,lr=0.125", "heavy-ball:lr=0.125", 0},
		{"heavy-ball:preset=keras", "heavy-ball", 1e-13},
		{"nesterov:preset=keras", "nesterov", 1e-13},
		{"nesterov:form=dozat,momentum=0.5,lr=0.25", "nesterov:momentum=0.5,lr=0.125", 1e-13},
		{"rmsprop:momentum=0", "rmsprop:momentum=0,nesterov=true", 0},
		{"rmsprop:gamma=0,eps=0", "sign:lr=0.001", 0},
		{"rmsprop:gamma=0.99,corrected=true,eps-place=outside", "adam:beta1=0,beta2=0.99", 0},
		{"rmsprop:gamma=0.99,corrected=true,eps-place=hat,eps=0.1", "adam:beta1=0,beta2=0.99,eps-place=hat,eps=0.1", 0},
		{"rmsprop:gamma=0.99,eps-place=hat,eps=0.1", "rmsprop:gamma=0.99,eps-place=outside,eps=0.1", 0},
		{"adagrad:eps-place=hat,eps=0.1", "adagrad:eps-place=outside,eps=0.1", 0},
		{"adam:beta1=0,beta2=0,eps=0", "sign", 0},
		{"adam:eps-place=inside,eps=0.1", "adam:eps=0,eps-root=0.1", 0},
		{"adamw:weight-decay=0", "adam", 0},
		{"nadam:beta1=0", "adam:beta1=0", 0},
		{"amsgrad:beta2=0.9,beta1=0,form=paper", "amsgrad:beta2=0.9,beta1=0,form=paper,eps-place=hat", 0},
		{"lion:beta1=0", "sign:lr=0.0001", 0},
		{"nag-gs:preset=torch,gamma=2,mu=2,lr=0.1", "nag-gs:form=frozen,gamma=2,mu=2,lr=0.1", 1e-13},
	}
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		for _, pair := range pairs {
			same(t, pair.a+" = "+pair.b, p.run(parse(t, pair.a)), p.run(parse(t, pair.b)), pair.tolerance)
		}
	})
}

// TestAMSGradOfGrowingGradients: while the square of the gradient grows, the maximum is the last v, and AMSGrad is Adam.
func TestAMSGradOfGrowingGradients(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		slices.SortFunc(p.grads, func(a, b []float64) int { return int(64*math.Abs(a[0]) - 64*math.Abs(b[0])) })
		p.x = p.x[:1]
		for i := range p.grads {
			p.grads[i] = p.grads[i][:1]
		}
		same(t, "amsgrad", p.run(parse(t, "amsgrad:preset=torch")), p.run(parse(t, "adam")), 1e-13)
	})
}

// TestAccumulateRepeats: n calls with one gradient are one step with it.
func TestAccumulateRepeats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, n := drawProblem(t), rapid.IntRange(1, 5).Draw(t, "n")
		repeated := problem{x: p.x}
		for _, g := range p.grads {
			for range n {
				repeated.grads = append(repeated.grads, g)
			}
		}
		for _, spec := range []string{"sgd:lr=invsqrt(0.1)", "heavy-ball:dampening=0.5", "adam:eps=0.1", "nag-gs", "fromage"} {
			rule := parse(t, spec)
			same(t, spec, repeated.run(accumulated(n, rule)), p.run(rule), 1e-12)
		}
	})
}

// TestAccumulateAverages: n calls with any gradients are one step with their mean.
func TestAccumulateAverages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		mean := make([]float64, len(p.x))
		for _, g := range p.grads {
			for i, e := range g {
				mean[i] += e / float64(len(p.grads))
			}
		}
		rule := rules.SGD{LR: schedule.Constant(1)}
		got := p.run(accumulated(len(p.grads), rule))
		same(t, "accumulate", got, problem{p.x, [][]float64{mean}}.run(rule), 1e-13)
	})
}

// TestClips: short gradients do not change, and long ones get the length of the limit and keep their direction.
func TestClips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, limit := drawProblem(t), rapid.Float64Range(0.01, 10).Draw(t, "limit")
		g := p.grads[0]
		p = problem{make([]float64, len(g)), [][]float64{g}}
		byNorm, byValue := times(-1, g), make([]float64, len(g))
		if length := norm(g); length > limit {
			byNorm = times(-limit/length, g)
		}
		for i, e := range g {
			byValue[i] = -math.Copysign(math.Min(math.Abs(e), limit), e)
		}
		same(t, "clip norm", p.run(optim.Chain{optim.ClipNorm{Limit: limit}}), byNorm, 1e-15)
		same(t, "clip", p.run(optim.Chain{optim.Clip{Limit: limit}}), byValue, 0)
	})
}

// TestZeroGradientsStayPut: a coordinate whose gradients are all 0 does not move, for any ε.
func TestZeroGradientsStayPut(t *testing.T) {
	for _, m := range methods.All() {
		if slices.Contains([]string{"fromage", "nag-gs", "scion"}, m.Name) {
			continue // these move x without a gradient
		}
		rule, options := m.Rule, make(map[string]string)
		for _, f := range optim.Fields(rule) {
			if slices.Contains([]string{"eps", "aux-eps", "weight-decay", "aux-weight-decay"}, f.Name) {
				options[f.Name] = "0"
			}
		}
		rule, err := optim.Configure(rule, options)
		if err != nil {
			t.Fatal(err)
		}
		params := []param.Param{{Name: "matrix", Shape: []int{2, 2}}, {Name: "vector", Shape: []int{2}}}
		o, x := newOptimizer[float64](rule, params), []float64{3, 4, 5, 6, 1, 2}
		for _, g := range [][]float64{{4, 1, 0, 3, 0, 1}, {5, 1, 1, 3, 0, 0}, {4, 2, 1, 5, 0, -1}} {
			if err := o.Step(x, g); err != nil {
				t.Fatalf("%s: %v", m.Name, err)
			}
		}
		if x[4] != 1 || !(math.Abs(x[5]) < 10) {
			t.Errorf("%s: x = %v, want 1 as the fifth", m.Name, x)
		}
	}
}
