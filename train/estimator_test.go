package train

import (
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"testing"

	"steepest/data"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/schedule"
)

// estimating returns the rules that have their own estimator, with a step size.
func estimating(lr float64) []optim.Rule {
	alpha := schedule.Constant(lr)
	return []optim.Rule{
		SAG{alpha}, SAGA{alpha}, SVRG{LR: alpha, Inner: optim.Set(30)}, SVRG{LR: alpha, Inner: optim.Set(30), RandomSnapshot: true},
		LSVRG{LR: alpha, P: optim.Set(0.02)}, NewtonSGD{LR: alpha}, NewtonSGD{LR: alpha, TwoPhase: true},
	}
}

// unaware hides from a method that the problem is a linear model.
type unaware struct{ objective.FiniteSum[float64] }

// loop runs a rule as its paper writes it: with whole gradients in the table and single gradients.
type loop struct {
	terms  objective.FiniteSum[float64] // without penalties
	l1, l2 float64
	alpha  float64
	x      []float64
}

func (l *loop) grad(x []float64, i int) []float64 {
	g := make([]float64, len(x))
	l.terms.Grad(g, x, []uint32{uint32(i)})
	return g
}

func (l *loop) whole(x []float64) []float64 {
	g := make([]float64, len(x))
	for i := range l.terms.Len() {
		add(g, 1/float64(l.terms.Len()), l.grad(x, i))
	}
	return g
}

// step makes x ← prox(x − α(g + λ₂x)).
func (l *loop) step(g []float64, alpha float64) {
	for j, v := range l.x {
		z := v - alpha*(g[j]+l.l2*v)
		l.x[j] = math.Copysign(max(math.Abs(z)-alpha*l.l1, 0), z)
	}
}

func add(dst []float64, s float64, v []float64) {
	for j := range dst {
		dst[j] += s * v[j]
	}
}

// table runs SAG or SAGA.
func (l *loop) table(batches *Batches, steps int, biased bool) {
	n, d := l.terms.Len(), len(l.x)
	t, mean := make([][]float64, n), l.whole(l.x)
	for i := range t {
		t[i] = l.grad(l.x, i)
	}
	for k := range steps {
		g, batch := make([]float64, d), batches.At(k)
		if !biased {
			copy(g, mean)
			for _, i := range batch {
				add(g, 1/float64(len(batch)), l.grad(l.x, int(i)))
				add(g, -1/float64(len(batch)), t[i])
			}
		}
		for _, i := range batch {
			t[i] = l.grad(l.x, int(i))
		}
		clear(mean)
		for i := range t {
			add(mean, 1/float64(n), t[i])
		}
		if biased {
			copy(g, mean)
		}
		l.step(g, l.alpha)
	}
}

// anchored runs SVRG or L-SVRG. The iterate before step k becomes the snapshot: before the step if before(k), after it if after(k).
func (l *loop) anchored(batches *Batches, steps int, before, after func(k int) bool) {
	w, whole := slices.Clone(l.x), l.whole(l.x)
	for k := range steps {
		if before(k) {
			w, whole = slices.Clone(l.x), l.whole(l.x)
		}
		g, batch, old := slices.Clone(whole), batches.At(k), slices.Clone(l.x)
		for _, i := range batch {
			add(g, 1/float64(len(batch)), l.grad(l.x, int(i)))
			add(g, -1/float64(len(batch)), l.grad(w, int(i)))
		}
		l.step(g, l.alpha)
		if after(k) {
			w, whole = old, l.whole(old)
		}
	}
}

// newton runs NewtonSGD on logistic regression and leaves the average in x.
func (l *loop) newton(batches *Batches, steps, first int) {
	matrix, y := l.terms.(*objective.Linear[float64]).Data()
	mean, center := slices.Clone(l.x), []float64(nil)
	from := 0
	for k := range steps {
		g, alpha := make([]float64, len(l.x)), l.alpha
		if first > 0 && k == first {
			center, from = slices.Clone(mean), k
			copy(l.x, center)
		}
		c := center
		if first == 0 {
			c = mean
		}
		batch := batches.At(k)
		for _, i := range batch {
			a := matrix.(*data.Dense).Row(int(i))
			s := slope(y[i], inner(a, l.x))
			if first > 0 && k < first {
				alpha = l.alpha / (2 * math.Sqrt(float64(first)))
			} else {
				p := 1 / (1 + math.Exp(-inner(a, c)))
				s = slope(y[i], inner(a, c)) + p*(1-p)*(inner(a, l.x)-inner(a, c))
			}
			add(g, s/float64(len(batch)), a)
		}
		old := slices.Clone(l.x)
		l.step(g, alpha)
		for j := range mean {
			mean[j] = (mean[j]*float64(k-from) + old[j]) / float64(k-from+1)
		}
	}
	l.x = mean
}

func slope(y, z float64) float64 { return -y / (1 + math.Exp(y*z)) }

func inner(a, b []float64) float64 {
	sum := 0.0
	for j := range a {
		sum += a[j] * b[j]
	}
	return sum
}

// run makes the steps of a rule.
func (l *loop) run(rule optim.Rule, s Settings) {
	n := l.terms.Len()
	batches := NewBatches(s.Sampling, n, s.Batch, s.Seed)
	never := func(int) bool { return false }
	switch r := rule.(type) {
	case SAG:
		l.table(batches, s.Steps, true)
	case SAGA:
		l.table(batches, s.Steps, false)
	case SVRG:
		next := 0
		l.anchored(batches, s.Steps, func(k int) bool {
			due := k == next
			if due && r.RandomSnapshot {
				next += 1 + newDice(s.Seed).at(streamSnapshot, k).IntN(r.Inner.Get()-1)
			} else if due {
				next += r.Inner.Get()
			}
			return due
		}, never)
	case LSVRG:
		l.anchored(batches, s.Steps, never, func(k int) bool { return newDice(s.Seed).at(streamSnapshot, k).Float64() < r.P.Get() })
	case NewtonSGD:
		first := 0
		if r.TwoPhase {
			first = s.Steps / 2
		}
		l.newton(batches, s.Steps, first)
	}
}

// TestEstimatorsFollowTheirPapers compares with plain loops: penalties, batches with repetitions, an epoch whose last batch is
// smaller.
func TestEstimatorsFollowTheirPapers(t *testing.T) {
	long(t)
	const alpha = 0.05
	terms := logistic(t)
	start := make([]float64, 10)
	for j := range start {
		start[j] = math.Sin(float64(j))
	}
	for _, rule := range estimating(alpha) {
		for _, penalty := range [][2]float64{{0, 0}, {0, 0.05}, {0.02, 0.01}} {
			for _, s := range []Settings{
				{Batch: 1, Steps: 500, Seed: 3},
				{Batch: 90, Steps: 100, Seed: 4},
				{Batch: 7, Sampling: Reshuffle, Steps: 200, Seed: 5},
			} {
				p := logistic(t, objective.L1(penalty[0]), objective.L2(penalty[1]))
				if _, err := New(p, start, rule, s); err != nil && penalty[0] > 0 {
					continue // the rule accepts no ℓ1 penalty
				}
				want := loop{terms: terms, l1: penalty[0], l2: penalty[1], alpha: alpha, x: slices.Clone(start)}
				want.run(rule, s)
				got, _ := record(t, p, start, rule, s)
				if d := distance(got.X, want.x); d > 1e-12 {
					t.Errorf("%T%+v, penalties %v, batch %d: %v away", rule, rule, penalty, s.Batch, d)
				}
			}
		}
	}
}

// TestTablesOfWholeGradients: SAG and SAGA make the same run whether or not they know that the problem is a linear model. The models have
// one score and three.
func TestTablesOfWholeGradients(t *testing.T) {
	two := logistic(t)
	matrix, y := two.Data()
	classes := make([]int, len(y))
	for i := range classes {
		classes[i] = i % 3
	}
	three, err := objective.Softmax(matrix, classes, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []*objective.Linear[float64]{two, three} {
		for _, rule := range []optim.Rule{SAG{schedule.Constant(0.1)}, SAGA{schedule.Constant(0.1)}} {
			s, x0 := Settings{Batch: 3, Steps: 300, Seed: 2}, make([]float64, objective.Dim(p))
			slopes, points := record(t, p, x0, rule, s)
			whole, same := record(t, unaware{p}, x0, rule, s)
			if d := distance(slopes.X, whole.X); d > 1e-13 || points[5].Grads != same[5].Grads {
				t.Errorf("%T, %d scores: %v apart", rule, p.Outputs(), d)
			}
		}
	}
}

// TestFullBatchesAreGradientDescent: with the whole sum there is no variance to reduce.
func TestFullBatchesAreGradientDescent(t *testing.T) {
	p, s := logistic(t, objective.L2(0.1)), Settings{Steps: 100}
	want, _ := record(t, p, make([]float64, 10), sgd(0.2), s)
	for _, rule := range estimating(0.2)[:5] {
		if got, _ := record(t, p, make([]float64, 10), rule, s); distance(got.X, want.X) > 1e-13 {
			t.Errorf("%T%+v: %v, want %v", rule, rule, got.X, want.X)
		}
	}
}

// clone makes an estimator of the same state.
func clone(t *testing.T, e estimator[float64], again func() estimator[float64]) estimator[float64] {
	t.Helper()
	f := again()
	into := f.state()
	if !slices.Equal(slices.Sorted(maps.Keys(into)), slices.Sorted(maps.Keys(e.state()))) {
		t.Fatal("another state")
	}
	for name, v := range e.state() {
		copy(into[name], v)
	}
	return f
}

// TestEstimatesAreUnbiased computes the exact expectation over all batches of one and of two terms, after some steps, when every stored
// gradient comes from another point. The expectation of SAG is mean(t) + (∇f(x) − mean(t))/n.
func TestEstimatesAreUnbiased(t *testing.T) {
	full := logistic(t)
	matrix, y := full.Data()
	const n, d = 20, 10
	p, err := objective.Logistic(&data.Dense{Rows: n, Cols: d, Data: matrix.(*data.Dense).Data[:n*d]}, y[:n], objective.L2(0.1))
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range []optim.Rule{
		SAG{}, SAGA{}, SVRG{Inner: optim.Set(15)}, SVRG{Inner: optim.Set(25), RandomSnapshot: true}, LSVRG{P: optim.Set(0.1)},
	} {
		again := func() estimator[float64] {
			e, _, err := newEstimator(p, p, rule, 2, 100, 7, nil)
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		e, x, g := again(), make([]float64, d), make([]float64, d)
		batches := NewBatches(WithReplacement, n, 1, 8)
		k := 0
		for ; k < 40; k++ {
			e.estimate(k, g, x, batches.At(k))
			add(x, -0.5, g)
		}
		want := make([]float64, d)
		p.Grad(want, x, nil)
		if table, ok := e.(*table[float64]); ok && table.biased {
			mean := slices.Clone(g)
			table.start(mean, x, table.mean)
			for j := range want {
				want[j] = mean[j] + (want[j]-mean[j])/n
			}
		}
		one, two := make([]float64, d), make([]float64, d)
		for i := range uint32(n) {
			clone(t, e, again).estimate(k, g, x, []uint32{i})
			add(one, 1./n, g)
			for j := range uint32(n) {
				clone(t, e, again).estimate(k, g, x, []uint32{i, j})
				add(two, 1./(n*n), g)
			}
		}
		norm := math.Sqrt(inner(want, want))
		if off := distance(one, want); off > 1e-14+1e-13*norm {
			t.Errorf("%T: the mean over single terms is %v off a vector of length %v", rule, off, norm)
		}
		if off := distance(two, want); off > 1e-14+1e-13*norm && rule != (SAG{}) {
			t.Errorf("%T: the mean over pairs is %v off a vector of length %v", rule, off, norm)
		}
	}
}

// TestCosts counts the gradients by hand.
func TestCosts(t *testing.T) {
	p := logistic(t) // n = 200
	flops := func(sizes ...int) (sum float64) {
		for _, b := range sizes {
			sum += p.FLOPs(b)
		}
		return sum
	}
	for _, test := range []struct {
		rule  optim.Rule
		grads int // after 3 steps of batches of 10
		flops float64
	}{
		{SAG{}, 200 + 30, flops(200, 10, 10, 10)},
		{SAGA{}, 200 + 30, flops(200, 10, 10, 10)},
		{SVRG{}, 200 + 60, flops(200, 10, 10, 10, 10, 10, 10)},
		{SVRG{Inner: optim.Set(2)}, 400 + 60, flops(200, 200, 10, 10, 10, 10, 10, 10)},
		{LSVRG{P: optim.Set(1.0)}, 800 + 60, flops(200, 200, 200, 200, 10, 10, 10, 10, 10, 10)},
		{NewtonSGD{}, 30, flops(10, 10, 10)},
		{sgd(1), 30, flops(10, 10, 10)},
	} {
		res, _ := record(t, p, make([]float64, 10), test.rule, Settings{Batch: 10, Steps: 3, Seed: 1})
		if res.Grads != test.grads || res.FLOPs != test.flops {
			t.Errorf("%T%+v: %d gradients, %v FLOPs; want %d, %v",
				test.rule, test.rule, res.Grads, res.FLOPs, test.grads, test.flops)
		}
	}
}

// TestExpense compares the declared average cost of a step with the average over a long run.
func TestExpense(t *testing.T) {
	long(t)
	p := logistic(t)
	lr := schedule.Constant(0.01)
	for _, rule := range append(estimating(0.01), sgd(0.01), SVRG{LR: lr}, LSVRG{LR: lr}) {
		const steps, batch = 20000, 4
		res, _ := record(t, p, make([]float64, 10), rule, Settings{Batch: batch, Steps: steps, EvaluateEvery: math.MaxInt})
		if got, want := float64(res.Grads)/(steps*batch), expense(rule, 200, batch); math.Abs(got/want-1) > 0.05 {
			t.Errorf("%T%+v: %v gradients for each of a batch, said to be %v", rule, rule, got, want)
		}
	}
}

// TestBudgetOfEpochs: a run ends after its epochs of gradients, those of snapshots among them, and is evaluated as often.
func TestBudgetOfEpochs(t *testing.T) {
	p := logistic(t)
	for _, rule := range append(estimating(0.2), sgd(0.2), SVRG{}, LSVRG{}) {
		res, points := record(t, p, make([]float64, 10), rule, Settings{Batch: 4, Epochs: 30})
		if res.Status != EpochLimit || res.Epochs < 30 || res.Epochs > 31.1 {
			t.Errorf("%T%+v: %v epochs, %v", rule, rule, res.Epochs, res.Status)
		}
		if n := len(points); n < 60 || n > 200 {
			t.Errorf("%T%+v: %d evaluations", rule, rule, n)
		}
	}
}

// TestDefaultSteps checks the step sizes that are computed from the problem.
func TestDefaultSteps(t *testing.T) {
	p := logistic(t, objective.L2(0.5))
	l, r2 := p.Constants().LMax, p.SquaredRadius()+0.5
	for _, test := range []struct {
		rule optim.Rule
		want float64
	}{
		{SAG{}, 1 / (16 * l)}, {SAGA{}, 1 / (3 * l)}, {SVRG{}, 1 / (10 * l)}, {LSVRG{}, 1 / (6 * l)},
		{NewtonSGD{}, 1 / (2 * r2)}, {NewtonSGD{TwoPhase: true}, 1 / r2},
	} {
		res, points := record(t, p, make([]float64, 10), test.rule, Settings{Batch: 1, Steps: 100})
		if math.Abs(res.LR/test.want-1) > 1e-15 {
			t.Errorf("%T%+v: step size %v, want %v", test.rule, test.rule, res.LR, test.want)
		}
		if r, ok := test.rule.(NewtonSGD); ok && r.TwoPhase && math.Abs(points[1].LR*2*math.Sqrt(50)/test.want-1) > 1e-15 {
			t.Errorf("step size %v in the first phase", points[1].LR)
		}
	}
	quadratic := objective.NoisyQuadratic([]float64{1, 4}, []float64{1, 1})
	if res, _ := record(t, quadratic, []float64{1, 1}, SAGA{}, Settings{Steps: 1}); res.LR != 1./12 {
		t.Errorf("step size %v for L = 4", res.LR)
	}
}

// TestBadEstimators: estimators refuse problems and settings that they cannot use.
func TestBadEstimators(t *testing.T) {
	p, lasso := logistic(t), logistic(t, objective.L1(0.1))
	matrix, y := p.Data()
	hinge, err := objective.Hinge(matrix, y)
	if err != nil {
		t.Fatal(err)
	}
	large := &objective.Funcs[float64]{N: 1 << 20, D: 1 << 10, Func: func([]float64, int) float64 { return 0 }}
	lr := schedule.Constant(1)
	const (
		noDefault   = "train: the default step size needs the constant L of the terms, which this problem does not know; give a step size, as in lr=0.01"
		smoothModel = "train: the Newton-type method is for linear models with a smooth loss"
		endless     = "train: two phases need to know the end; limit the steps or the epochs"
	)
	other := Settings{Average: Average{Form: ExponentialAverage}}
	for _, test := range []struct {
		p    objective.FiniteSum[float64]
		rule optim.Rule
		s    Settings
		want string
	}{
		{lasso, SAG{}, Settings{}, "train: SAG takes no ℓ1 penalty; SAGA and SVRG do"},
		{lasso, NewtonSGD{}, Settings{}, "train: the Newton-type method takes no ℓ1 penalty; SAGA and SVRG do"},
		{hinge, SAGA{}, Settings{}, noDefault},
		{unaware{p}, SVRG{}, Settings{}, noDefault},
		{hinge, NewtonSGD{LR: lr}, Settings{}, smoothModel},
		{unaware{p}, NewtonSGD{LR: lr}, Settings{}, smoothModel},
		{p, NewtonSGD{}, other, "train: the Newton-type method needs the uniform average"},
		{p, NewtonSGD{TwoPhase: true}, Settings{Runtime: 1}, endless},
		{p, SVRG{Inner: optim.Set(-1)}, Settings{}, "optim: SVRG.Inner: -1 is below 1"},
		{p, LSVRG{P: optim.Set(1.5)}, Settings{}, "optim: LSVRG.P: 1.5 is above 1"},
		{p, LSVRG{P: optim.Set(math.NaN())}, Settings{}, "optim: LSVRG.P: NaN is not a finite number"},
		{large, SAGA{lr}, Settings{Batch: 1},
			"train: a table of 1024 numbers for each of 1048576 terms is too large; SVRG needs none"},
	} {
		_, err := New(test.p, make([]float64, objective.Dim(test.p)), test.rule, test.s)
		if fmt.Sprint(err) != test.want {
			t.Errorf("%T%+v: error %v, want %s", test.rule, test.rule, err, test.want)
		}
	}
}

// TestEstimatorsOnAnyProcessors has whole gradients large enough to be cut into chunks.
func TestEstimatorsOnAnyProcessors(t *testing.T) {
	p := wide(t)
	for _, rule := range estimating(0.1) {
		run := func(procs int) []float64 {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			res, _ := record(t, p, make([]float64, objective.Dim(p)), rule, Settings{Batch: 6000, Steps: 4})
			return res.X
		}
		one := run(1)
		for _, procs := range []int{2, 3} {
			if x := run(procs); !slices.Equal(x, one) {
				t.Errorf("%T%+v: GOMAXPROCS=%d: %v, on one processor %v", rule, rule, procs, x, one)
			}
		}
	}
}
