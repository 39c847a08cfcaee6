package optim_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"steepest/methods"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// plain is the specification of Optimizer: one transform after the other runs over each whole parameter, and norms are sums from left to
// right.
type plain[T param.Float] struct {
	prepare plainPreparation[T]
	routes  optim.Routes
	params  []param.Param
	state   [][][][][]T     // [route][transform][tensor][slot][element]
	scalars [][][][]float64 // [route][transform][tensor][number]
	step    optim.Step
}

func newPlain[T param.Float](rule optim.Rule, params []param.Param) *plain[T] {
	rule, preparation := optim.Unprepared(rule)
	routes := optim.Routes{{Rule: rule, Takes: func(param.Param) bool { return true }}}
	if router, ok := rule.(optim.Router); ok {
		routes = router.Routes()
	}
	return &plain[T]{prepare: plainPreparation[T]{Preparation: preparation}, routes: routes, params: params}
}

// takes reports whether route j takes a parameter.
func (p *plain[T]) takes(j int, tensor param.Param) bool {
	if takes := p.routes[j].Takes; takes != nil {
		return takes(tensor)
	}
	return !slices.ContainsFunc(p.routes, func(r optim.Route) bool { return r.Takes != nil && r.Takes(tensor) })
}

func (p *plain[T]) start(x []T) {
	for _, r := range p.routes {
		var state [][][][]T
		var scalars [][][]float64
		for _, t := range transforms(r.Rule) {
			var slots [][]T
			var numbers [][]float64
			lo := 0
			for _, tensor := range p.params {
				numbers = append(numbers, slices.Clone(t.Scalars))
				for _, s := range t.Slots {
					size := tensor.Size()
					if s.Size != nil {
						size = s.Size(tensor)
					}
					v := slices.Repeat([]T{T(s.Initial)}, size)
					if s.FromX {
						copy(v, x[lo:])
					}
					slots = append(slots, v)
				}
				lo += tensor.Size()
			}
			state = append(state, slices.Collect(slices.Chunk(slots, max(1, len(t.Slots)))))
			scalars = append(scalars, numbers)
		}
		p.state, p.scalars = append(p.state, state), append(p.scalars, scalars)
	}
}

func (p *plain[T]) Step(x, g []T) {
	if p.state == nil {
		p.start(x)
	}
	u, step := p.prepare.gradient(g), p.step
	if u == nil {
		return
	}
	g = slices.Clone(u)
	for j, r := range p.routes {
		step = p.step
		for i, t := range transforms(r.Rule) {
			c, before := make([]optim.Coeffs, len(p.params)), step
			for at := range p.params {
				if step = before; t.Begin != nil {
					t.Begin(&step, p.scalars[j][i][at], &c[at])
				}
			}
			p.transform(t, j, i, c, u, g, x)
		}
	}
	for i := range x {
		x[i] -= u[i]
	}
	p.step = step
	p.step.K++
	p.step.Age++
}

func (p *plain[T]) transform(t optim.Transform, route, link int, begun []optim.Coeffs, u, g, x []T) {
	slots := func(i int) [][]T {
		if len(t.Slots) == 0 {
			return nil
		}
		return p.state[route][link][i]
	}
	sums, total := make([][]float64, len(p.params)), make([]float64, len(t.Sums))
	lo := 0
	for i, tensor := range p.params {
		hi := lo + tensor.Size()
		for j, sum := range t.Sums {
			add := ofPrecision[func(*optim.Coeffs, *optim.Tile[T]) float64](sum.Tile32, sum.Tile64)
			sums[i] = append(sums[i], add(&begun[i], &optim.Tile[T]{In: u[lo:hi], G: g[lo:hi], X: x[lo:hi], S: slots(i)}))
			if sum.Norm {
				total[j] = math.Hypot(total[j], sums[i][j])
			} else {
				total[j] += sums[i][j]
			}
		}
		lo = hi
	}
	lo = 0
	for i, tensor := range p.params {
		hi, c := lo+tensor.Size(), begun[i]
		for j, sum := range t.Sums {
			if sum.Global {
				sums[i][j] = total[j]
			}
		}
		if t.Fit != nil {
			t.Fit(tensor, sums[i], p.scalars[route][link][i], 1, &c)
		}
		if p.takes(route, tensor) && (t.Skip == nil || !t.Skip(tensor)) {
			apply(t, p.step.K, tensor, &c, u[lo:hi], g[lo:hi], x[lo:hi], slots(i))
		}
		lo = hi
	}
}

// ofPrecision returns a or b, whichever has the type F.
func ofPrecision[F any](a, b any) F {
	if f, ok := a.(F); ok {
		return f
	}
	return b.(F)
}

func apply[T param.Float](t optim.Transform, k int, tensor param.Param, c *optim.Coeffs, u, g, x []T, state [][]T) {
	tile := ofPrecision[func(*optim.Coeffs, *optim.Tile[T])](t.Tile32, t.Tile64)
	whole := ofPrecision[func() optim.Whole[T]](t.Whole32, t.Whole64)
	if whole == nil {
		tile(c, &optim.Tile[T]{In: u, U: u, G: g, X: x, S: state})
	} else if err := whole()(k, c, &optim.Tensor[T]{Param: tensor, In: slices.Clone(u), U: u, G: g, X: x, S: state}); err != nil {
		panic(err)
	}
}

func norm[T param.Float](v []T) float64 {
	var sum float64
	for _, e := range v {
		sum += float64(e) * float64(e)
	}
	return math.Sqrt(sum)
}

// everyRule returns all methods, their variants with other code paths, and the chains of the references. It leaves out rules that update
// none of the parameters themselves.
func everyRule(t failer, params []param.Param) map[string]optim.Rule {
	all := make(map[string]optim.Rule)
	for _, m := range methods.All() {
		all[m.Name] = m.Rule
	}
	for _, spec := range []string{
		"heavy-ball:dampening=0.3", "nesterov:preset=keras", "nesterov:form=dozat", "nesterov:form=ahead",
		"rmsprop:centered=true,momentum=0.5,nesterov=true", "rmsprop:corrected=true,eps-place=hat",
		"adam:preset=keras", "amsgrad:preset=torch", "amsgrad:preset=optax", "nadam:preset=torch",
		"nag-gs:form=frozen", "nag-gs:preset=torch", "lion:weight-decay=0.1", "sgd:lr=invsqrt(0.1)",
		"adam+cautious", "lion+cautious:share+decay:0.1", "soap+polar", "heavy-ball+schedule-free",
		"adan:weight-decay=0.1", "dog:layered=true", "adam+extrapolate+lookahead:2",
		"adamw:clip-norm=0.7", "adam:lr=1,clip-norm=0.7+cautious+mechanic",
		"adam:lr=1+mechanic", "heavy-ball+ema-nesterov:0.5,gamma=0.9", "heavy-ball+lookahead:3,alpha=0.7,mu=0.5", "sgd+factored+clip-rms+relative",
		"sgd+average+polar:keller,gram=true,contra=0.4,balance=2+shape+brake+floor:0.5,rows=true+pin:0.1", "muon:gram=true",
		"sgd+choose:0.4,rows=true+polar+normuon:0.9,waits=true", "sgd+average:0.9,corrected=true+whiten:0.5,interval=2,flat=1,grow=1,balance=1,max-order=6",
		"adam+anchor:0.2", "sgd+average:0.9,nesterov=true+eigenbasis:0.9,basis-interval=2", "sgd+average:0.9+eigenbasis:0.9,basis-interval=2,sinkhorn=3,gate=0.2",
		"sgd+average:piecewise(0.5)+eigenbasis:0.9,basis-interval=2,floor=0.5,add=0.5,gate=0.2,least=0.3,most=0.7+polar:contra=piecewise(0.4)",
		"sgd+momentum:0.9,nesterov=true+polar+weight-norm:2,steps=5", "sgd+average+polar:quintic,contra=0.4,soft=piecewise(0.5)",
		"sgd+average+polar-power:keller,first=0.3,last=0.3", "heavy-ball+reduced-rank:1",
		"sgd+average+roots:0.3,interval=2,max-order=3+polar:quintic,temper=0.3,schatten=true,balance=2,balance-rate=0.25+brake:piecewise(0.3)+floor:piecewise(0.4)",
		"heavy-ball+average-move:-2,most=0.01+anchor:0.2,after=true",
	} {
		all[spec] = parse(t, spec)
	}
	for name, chain := range chains {
		all[name] = chain
	}
	all["accumulate 3, fromage"] = accumulated(3, rules.Fromage{})
	prepared := optim.Preparation{SkipNonfinite: optim.Set(2), Accumulate: optim.Set(2), ClipValue: optim.Set(1.5), ClipNorm: optim.Set(0.7)}
	for _, name := range []string{"heavy-ball", "adam", "nag-gs", "muon"} {
		all["prepared "+name] = prepared.Of(all[name])
	}
	all["adam, normalize, decay, clip norm 0.5"] = optim.Chain{
		optim.AdaptiveMoments{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}, optim.Normalize{},
		optim.Decay{Lambda: 0.1}, optim.ClipNorm{Limit: 0.5}, optim.LearningRate{LR: schedule.Constant(0.1)},
	}
	some := optim.LearningRate{LR: schedule.Constant(0.1)}.Transform()
	some.Skip = func(p param.Param) bool { return p.Size()%2 == 1 }
	all["momentum, a step size for some parameters"] = optim.Chain{optim.Trace{Mu: 0.9}, some}
	all["nothing"] = optim.Chain{}
	maps.DeleteFunc(all, func(_ string, rule optim.Rule) bool { return leavesAll(rule, params) })
	return all
}

// leavesAll reports whether a rule is refused because it updates none of the parameters itself.
func leavesAll(rule optim.Rule, params []param.Param) bool {
	_, err := optim.NewPlan[float64](rule, params)
	return err != nil && strings.Contains(err.Error(), "leaves all parameters to")
}

// transforms returns the transforms of a rule's chain.
func transforms(rule optim.Rule) []optim.Transform {
	list, err := rule.Chain().Transforms()
	if err != nil {
		panic(err)
	}
	return list
}

// elementwise reports whether no transform of a rule looks at a norm or at a whole tensor.
func elementwise(rule optim.Rule) bool {
	rule, preparation := optim.Unprepared(rule)
	return preparation.Keeps() &&
		!slices.ContainsFunc(transforms(rule), func(t optim.Transform) bool { return t.Sums != nil || t.Whole64 != nil })
}

// whole reports whether a transform of a rule sees whole tensors.
func whole(rule optim.Rule) bool {
	return slices.ContainsFunc(transforms(rule), func(t optim.Transform) bool { return t.Whole64 != nil })
}

// randoms returns vectors of n normal numbers with a few zeros among them.
func randoms[T param.Float](vectors, n int) [][]T {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	v := make([][]T, vectors)
	for i := range v {
		v[i] = random[T](r, n)
	}
	return v
}

// random returns n normal numbers with a few zeros among them.
func random[T param.Float](r *rand.Rand, n int) []T {
	v := make([]T, n)
	for i := range v {
		if r.IntN(20) > 0 {
			v[i] = T(r.NormFloat64())
		}
	}
	return v
}

func TestOptimizerAgreesWithPlainLoops(t *testing.T) {
	models := [][]param.Param{network}
	for _, sizes := range [][]int{{0}, {1}, {1023}, {1024}, {1025}, {40000}, {0, 3, 5000, 0, 1, 30000}, {}} {
		models = append(models, tensors(sizes...))
	}
	for _, params := range models {
		agrees[float64](t, params, 1e-12)
		agrees[float32](t, params, 1e-6)
	}
}

// agrees compares three steps of every rule with plain ones: to the bit, or within the tolerance if a norm was summed in another order.
func agrees[T param.Float](t *testing.T, params []param.Param, tolerance float64) {
	vectors := randoms[T](4, size(params))
	for name, rule := range everyRule(t, params) {
		if whole(rule) && longest(params) > 100 {
			continue // Shampoo takes minutes for a side of this length
		}
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
				t.Fatalf("%s of %v, step %d: x[%d] = %v, want %v", name, params, k, i, got[i], want[i])
			}
		}
		if o.K() != p.step.K {
			t.Fatalf("%s: K() = %d, want %d", name, o.K(), p.step.K)
		}
	}
}

// firstFar returns the first index where |got − want| > tolerance·max(1, |want|), or −1.
func firstFar[T param.Float](got, want []T, tolerance float64) int {
	for i := range want {
		w := float64(want[i])
		if d := math.Abs(float64(got[i]) - w); !(d <= tolerance*max(1, math.Abs(w))) {
			return i
		}
	}
	return -1
}

// tensors returns vectors p0, p1, … of the given sizes.
func tensors(sizes ...int) (params []param.Param) {
	for i, size := range sizes {
		params = append(params, param.Param{Name: "p" + strconv.Itoa(i), Shape: []int{size}})
	}
	return params
}

// network has a parameter of every role and shape.
var network = []param.Param{
	{Name: "embedding", Shape: []int{40, 16}, Role: param.Embedding},
	{Name: "qkv", Shape: []int{48, 16}, Role: param.Hidden, Fused: 3},
	{Name: "tall", Shape: []int{30, 16}, Role: param.Hidden},
	{Name: "gain", Shape: []int{30}, Role: param.Gain},
	{Name: "bias", Shape: []int{30}, Role: param.Bias},
	{Name: "kernels", Shape: []int{8, 4, 3, 3}, Role: param.Hidden},
	{Name: "square", Shape: []int{17, 17}},
	{Name: "column", Shape: []int{5, 1}},
	{Name: "row", Shape: []int{1, 5}},
	{Name: "none", Shape: []int{0, 5}},
	{Name: "number"},
	{Name: "head", Shape: []int{10, 30}, Role: param.Head},
}

// longest returns the number of elements of the longest vector of a model.
func longest(params []param.Param) (n int) {
	for _, p := range params {
		if len(p.Shape) == 1 {
			n = max(n, p.Size())
		}
	}
	return n
}

// size returns the number of elements of a model.
func size(params []param.Param) (n int) {
	for _, p := range params {
		n += p.Size()
	}
	return n
}

// TestBitsDoNotDependOnProcessors also runs several goroutines over shared state for the race detector.
func TestBitsDoNotDependOnProcessors(t *testing.T) {
	for name, rule := range everyRule(t, network) {
		params := network
		if !whole(rule) {
			params = tensors(1500, 40000, 7)
		}
		vectors := randoms[float64](4, size(params))
		want := runOn(1, rule, params, vectors)
		for _, procs := range []int{2, 3, 7} {
			x := runOn(procs, rule, params, vectors)
			if i := firstFar(x, want, 0); i >= 0 {
				t.Errorf("%s with GOMAXPROCS=%d: x[%d] = %v, with one processor %v", name, procs, i, x[i], want[i])
			}
		}
	}
}

// runOn starts x at the first vector and returns it after a step with each of the others.
func runOn(procs int, rule optim.Rule, params []param.Param, vectors [][]float64) []float64 {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
	x, o := slices.Clone(vectors[0]), newOptimizer[float64](rule, params)
	for _, g := range vectors[1:] {
		o.Step(x, g)
	}
	return x
}

// The methods as in their papers, for one coordinate and one step t = 1, 2, … at a time.

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

func biasedAdam(alpha, beta1, beta2, eps float64) scalar {
	var m, v float64
	return func(_ int, x, g float64) float64 {
		m = beta1*m + (1-beta1)*g
		v = beta2*v + (1-beta2)*g*g
		return x - alpha*m/(math.Sqrt(v)+eps)
	}
}

// biasedNAdam has the momentum β₁(1 − ½·0.96^(tψ)) of step t.
func biasedNAdam(alpha, beta1, beta2, eps, psi float64) scalar {
	var m, v float64
	mu := func(t int) float64 { return beta1 * (1 - 0.5*math.Pow(0.96, float64(t)*psi)) }
	return func(t int, x, g float64) float64 {
		m = beta1*m + (1-beta1)*g
		v = beta2*v + (1-beta2)*g*g
		return x - alpha*(mu(t+1)*m+(1-mu(t))*g)/(math.Sqrt(v)+eps)
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
		{"adam:lr=0.1,beta1=0.5,eps=0.1,biased=true", func() scalar { return biasedAdam(0.1, 0.5, 0.999, 0.1) }},
		{"nadam:lr=0.1,momentum-decay=0.1,biased=true", func() scalar { return biasedNAdam(0.1, 0.9, 0.999, 1e-8, 0.1) }},
		{"amsgrad", func() scalar { return amsgrad(0.001, 0.9, 0.999, 1e-8) }},
		{"adamw", func() scalar { return adam(0.001, 0.9, 0.999, 1e-8, 0.01) }},
		{"lion:lr=0.01,weight-decay=0.3", func() scalar { return lion(0.01, 0.9, 0.99, 0.3) }},
	} {
		t.Run(c.spec, func(t *testing.T) {
			const n, steps = 5, 200
			r := rand.New(rand.NewPCG(3, 3))
			o := newOptimizer[float64](parse(t, c.spec), tensors(n))
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
