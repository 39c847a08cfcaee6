package optim_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"steepest/optim"
	"steepest/optim/schedule"
)

// plain is the specification of Optimizer: each transform runs over the whole of each parameter, one after the other,
// and the norms are sums from left to right.
type plain[T optim.Float] struct {
	chain   optim.Chain
	params  []optim.Param
	state   [][][]T // [transform][slot][element]
	scalars [][]float64
	step    optim.Step
}

func newPlain[T optim.Float](rule optim.Rule, params []optim.Param) *plain[T] {
	return &plain[T]{chain: rule.Chain(), params: params}
}

func (p *plain[T]) Step(x, g []T) {
	if p.state == nil {
		for _, t := range p.chain {
			var slots [][]T
			for _, s := range t.Slots {
				v := slices.Repeat([]T{T(s.Initial)}, len(x))
				if s.FromX {
					copy(v, x)
				}
				slots = append(slots, v)
			}
			p.state, p.scalars = append(p.state, slots), append(p.scalars, slices.Clone(t.Scalars))
		}
	}
	u := slices.Clone(g)
	for i, t := range p.chain {
		var c optim.Coeffs
		if t.Begin != nil {
			t.Begin(&p.step, p.scalars[i], &c)
		}
		p.transform(t, c, u, x, p.state[i])
		if t.Every > 1 {
			if p.step.Call++; p.step.Call < t.Every {
				return
			}
			p.step.Call = 0
		}
	}
	for i := range x {
		x[i] -= u[i]
	}
	p.step.K++
}

func (p *plain[T]) transform(t optim.Transform, c optim.Coeffs, u, x []T, state [][]T) {
	normU := norm(u)
	lo := 0
	for _, param := range p.params {
		hi := lo + param.Size()
		c := c
		switch t.Norms {
		case optim.ParamNorms:
			t.Fit(param, norm(u[lo:hi]), norm(x[lo:hi]), &c)
		case optim.GlobalNorm:
			t.Fit(param, normU, 0, &c)
		}
		if t.Skip == nil || !t.Skip(param) {
			tile := optim.Tile[T]{In: u[lo:hi], U: u[lo:hi], X: x[lo:hi]}
			for _, v := range state {
				tile.S = append(tile.S, v[lo:hi])
			}
			apply(t, &c, &tile)
		}
		lo = hi
	}
}

func apply[T optim.Float](t optim.Transform, c *optim.Coeffs, tile *optim.Tile[T]) {
	switch tile := any(tile).(type) {
	case *optim.Tile[float32]:
		t.Tile32(c, tile)
	case *optim.Tile[float64]:
		t.Tile64(c, tile)
	}
}

func norm[T optim.Float](v []T) float64 {
	var sum float64
	for _, e := range v {
		sum += float64(e) * float64(e)
	}
	return math.Sqrt(sum)
}

// rules are all the methods, their variants with other code paths, and the chains of the references.
func rules(t failer) map[string]optim.Rule {
	all := make(map[string]optim.Rule)
	for _, m := range optim.Methods() {
		all[m.Name] = m.Rule
	}
	for _, spec := range []string{
		"heavy-ball:dampening=0.3", "nesterov:preset=keras", "nesterov:form=dozat",
		"rmsprop:centered=true,momentum=0.5,nesterov=true", "rmsprop:corrected=true,place=hat",
		"adam:preset=keras", "amsgrad:preset=torch", "amsgrad:preset=optax", "nadam:preset=torch",
		"nag-gs:form=frozen", "nag-gs:preset=torch", "lion:weight-decay=0.1", "sgd:lr=invsqrt(0.1)",
	} {
		all[spec] = parse(t, spec)
	}
	for name, chain := range chains {
		all[name] = chain
	}
	all["accumulate 3, fromage"] = headed(optim.Accumulate(3), optim.Fromage{})
	all["adam, normalize, decay, clip norm 0.5"] = optim.Chain{
		optim.AdaptiveMoments(optim.Moments{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}), optim.Normalize(),
		optim.Decay(0.1, nil), optim.ClipNorm(0.5), optim.LearningRate(schedule.Constant(0.1)),
	}
	some := optim.LearningRate(schedule.Constant(0.1))
	some.Skip = func(p optim.Param) bool { return p.Size()%2 == 1 }
	all["momentum, a step size for some parameters"] = optim.Chain{optim.Trace(0.9, 0, false), some}
	all["nothing"] = optim.Chain{}
	return all
}

// elementwise reports whether no transform of a rule looks at a norm.
func elementwise(rule optim.Rule) bool {
	return !slices.ContainsFunc(rule.Chain(), func(t optim.Transform) bool { return t.Norms != optim.NoNorms })
}

// randoms returns vectors of n normal numbers with a few zeros among them.
func randoms[T optim.Float](vectors, n int) [][]T {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	v := make([][]T, vectors)
	for i := range v {
		v[i] = random[T](r, n)
	}
	return v
}

// random returns n normal numbers with a few zeros among them.
func random[T optim.Float](r *rand.Rand, n int) []T {
	v := make([]T, n)
	for i := range v {
		if r.IntN(20) > 0 {
			v[i] = T(r.NormFloat64())
		}
	}
	return v
}

func TestTilesAgreeWithPlainLoops(t *testing.T) {
	for _, sizes := range [][]int{{0}, {1}, {1023}, {1024}, {1025}, {40000}, {0, 3, 5000, 0, 1, 30000}, {}} {
		tilesAgree[float64](t, sizes, 1e-12)
		tilesAgree[float32](t, sizes, 1e-6)
	}
}

// tilesAgree compares three steps of every rule with plain ones: to the bit, or within the tolerance where a norm has been
// summed in another order.
func tilesAgree[T optim.Float](t *testing.T, sizes []int, tolerance float64) {
	params, n := tensors(sizes...)
	vectors := randoms[T](4, n)
	for name, rule := range rules(t) {
		bound := tolerance
		if elementwise(rule) {
			bound = 0
		}
		got, want := slices.Clone(vectors[0]), slices.Clone(vectors[0])
		o, p := newOptimizer[T](rule, params), newPlain[T](rule, params)
		for k, g := range vectors[1:] {
			o.Step(got, g)
			p.Step(want, g)
			if i := firstFar(got, want, bound); i >= 0 {
				t.Fatalf("%s of sizes %v, step %d: x[%d] = %v, want %v", name, sizes, k, i, got[i], want[i])
			}
		}
		if o.K() != p.step.K {
			t.Fatalf("%s: K() = %d, want %d", name, o.K(), p.step.K)
		}
	}
}

// firstFar returns the first index where |got − want| > tolerance·max(1, |want|), or −1.
func firstFar[T optim.Float](got, want []T, tolerance float64) int {
	for i := range want {
		w := float64(want[i])
		if d := math.Abs(float64(got[i]) - w); !(d <= tolerance*max(1, math.Abs(w))) {
			return i
		}
	}
	return -1
}

// tensors returns parameters p0, p1, … of the given sizes, and their sum.
func tensors(sizes ...int) (params []optim.Param, n int) {
	for i, size := range sizes {
		params = append(params, optim.Param{Name: "p" + strconv.Itoa(i), Shape: []int{size}})
		n += size
	}
	return params, n
}

// TestBitsDoNotDependOnProcessors also runs several goroutines over shared state for the race detector.
func TestBitsDoNotDependOnProcessors(t *testing.T) {
	params, n := tensors(1500, 40000, 7)
	vectors := randoms[float64](4, n)
	for name, rule := range rules(t) {
		want := runOn(1, rule, params, vectors)
		for _, procs := range []int{2, 3, 7} {
			x := runOn(procs, rule, params, vectors)
			if i := firstFar(x, want, 0); i >= 0 {
				t.Errorf("%s with GOMAXPROCS=%d: x[%d] = %v, with one processor %v", name, procs, i, x[i], want[i])
			}
		}
	}
}

// runOn returns x after a step with each of the vectors but the first, where x starts.
func runOn(procs int, rule optim.Rule, params []optim.Param, vectors [][]float64) []float64 {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
	x, o := slices.Clone(vectors[0]), newOptimizer[float64](rule, params)
	for _, g := range vectors[1:] {
		o.Step(x, g)
	}
	return x
}

// The methods as their papers write them, one coordinate and one step t = 1, 2, … at a time.

type scalar func(t int, x, g float64) float64

func adam(alpha, beta1, beta2, eps, lambda float64) scalar {
	var m, v float64
	return func(t int, x, g float64) float64 {
		m = beta1*m + (1-beta1)*g
		v = beta2*v + (1-beta2)*g*g
		mHat := m / (1 - math.Pow(beta1, float64(t)))
		vHat := v / (1 - math.Pow(beta2, float64(t)))
		return x - alpha*(mHat/(math.Sqrt(vHat)+eps)+lambda*x)
	}
}

func lion(alpha, beta1, beta2, lambda float64) scalar {
	var m float64
	return func(t int, x, g float64) float64 {
		c := beta1*m + (1-beta1)*g
		m = beta2*m + (1-beta2)*g
		return x - alpha*(math.Copysign(1, c)+lambda*x)
	}
}

func amsgrad(alpha, beta1, beta2, eps float64) scalar {
	var m, v, top float64
	return func(t int, x, g float64) float64 {
		m = beta1*m + (1-beta1)*g
		v = beta2*v + (1-beta2)*g*g
		top = math.Max(top, v)
		return x - alpha*m/(math.Sqrt(top)+eps)
	}
}

func rmsprop(alpha, gamma, eps float64) scalar {
	var v float64
	return func(t int, x, g float64) float64 {
		v = gamma*v + (1-gamma)*g*g
		return x - alpha*g/math.Sqrt(v+eps)
	}
}

func heavyBall(alpha, mu float64) scalar {
	var b float64
	return func(t int, x, g float64) float64 {
		b = mu*b + g
		return x - alpha*b
	}
}

func TestPapers(t *testing.T) {
	for _, c := range []struct {
		spec string
		new  func() scalar
	}{
		{"heavy-ball", func() scalar { return heavyBall(0.01, 0.9) }},
		{"rmsprop", func() scalar { return rmsprop(0.001, 0.9, 1e-8) }},
		{"adam", func() scalar { return adam(0.001, 0.9, 0.999, 1e-8, 0) }},
		{"adam:lr=0.1,beta1=0.5,beta2=0.7,eps=0.1", func() scalar { return adam(0.1, 0.5, 0.7, 0.1, 0) }},
		{"amsgrad", func() scalar { return amsgrad(0.001, 0.9, 0.999, 1e-8) }},
		{"adamw", func() scalar { return adam(0.001, 0.9, 0.999, 1e-8, 0.01) }},
		{"lion:lr=0.01,weight-decay=0.3", func() scalar { return lion(0.01, 0.9, 0.99, 0.3) }},
	} {
		t.Run(c.spec, func(t *testing.T) {
			const n, steps = 5, 200
			r := rand.New(rand.NewPCG(3, 3))
			params, _ := tensors(n)
			o := newOptimizer[float64](parse(t, c.spec), params)
			got := random[float64](r, n)
			want := slices.Clone(got)
			var coordinates [n]scalar
			for i := range coordinates {
				coordinates[i] = c.new()
			}
			for k := range steps {
				g := make([]float64, n)
				for i := range g {
					g[i] = got[i] + r.NormFloat64()
					want[i] = coordinates[i](k+1, want[i], g[i])
				}
				o.Step(got, g)
			}
			if i := firstFar(got, want, 1e-13); i >= 0 {
				t.Errorf("x[%d] = %.17g, want %.17g", i, got[i], want[i])
			}
		})
	}
}
