package train

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"steepest/data"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// rare returns rows of ten columns out of many. A few columns occur often, most columns very rarely.
func rare(t testing.TB, cols int, penalties ...objective.Option) *objective.Linear[float64] {
	r := rand.New(rand.NewPCG(7, 0))
	m := &data.CSR{Rows: 500, Cols: cols, Indptr: []int{0}}
	labels := make([]float64, m.Rows)
	for i := range labels {
		last := -1
		for k := range 10 {
			last += 1 + int(math.Pow(float64(cols/12), math.Sqrt(r.Float64()))*float64(k+1)/10)
			m.Indices, m.Values = append(m.Indices, uint32(min(last, cols-10+k))), append(m.Values, r.NormFloat64())
		}
		m.Indptr = append(m.Indptr, len(m.Values))
		labels[i] = math.Copysign(1, r.NormFloat64())
	}
	p, err := objective.Logistic(m, labels, penalties...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// eager hides the rows of a problem, so that all coordinates are stepped.
type eager struct{ objective.LinearModel[float64] }

func (p eager) of() *objective.Linear[float64] { return p.LinearModel.(*objective.Linear[float64]) }

func (p eager) LMax() float64                   { return p.of().LMax() }
func (p eager) Penalty(x []float64) float64     { return p.of().Penalty(x) }
func (p eager) Prox(x []float64, step float64)  { p.of().Prox(x, step) }
func (p eager) AddSubgradient(dst, x []float64) { p.of().AddSubgradient(dst, x) }

// lazySteps returns how many steps a test makes, more than Adam keeps a coordinate awake.
func lazySteps(most int) int {
	if testing.Short() {
		return 450
	}
	return most
}

// TestLazy: a run that steps only the coordinates of its rows ends like a run that steps all, with the same bits if coordinates do not move at
// rest.
func TestLazy(t *testing.T) {
	lr := schedule.Warmup{Steps: 5, Then: schedule.InvSqrt{Initial: 0.1}}
	cases := map[string]struct {
		rule      optim.Rule
		l2, least float64 // the penalty, and the largest difference
		average   AverageForm
	}{
		"sgd, uniform":                  {rules.SGD{LR: lr}, 0, 1e-12, UniformAverage},
		"sgd, l2, uniform":              {rules.SGD{LR: lr}, 0.3, 1e-12, UniformAverage},
		"sgd, l2, step":                 {rules.SGD{LR: lr}, 0.3, 1e-12, StepAverage},
		"sgd, l2, suffix":               {rules.SGD{LR: lr}, 0.3, 1e-12, SuffixAverage},
		"sgd, l2, exponential":          {rules.SGD{LR: lr}, 0.3, 1e-12, ExponentialAverage},
		"sgd, large, uniform":           {rules.SGD{LR: schedule.Constant(0.9)}, 2, 1e-12, UniformAverage},
		"saga, l2, uniform":             {SAGA{LR: lr}, 0.3, 1e-12, UniformAverage},
		"saga, exponential":             {SAGA{LR: lr}, 0, 1e-12, ExponentialAverage},
		"svrg, l2, suffix":              {SVRG{LR: lr, Inner: optim.Set(400)}, 0.3, 1e-12, SuffixAverage},
		"adagrad, uniform":              {rules.AdaGrad{LR: lr}, 0, 1e-12, UniformAverage},
		"adam, uniform":                 {rules.Adam{LR: lr}, 0, 1e-12, UniformAverage},
		"adam, exponential":             {rules.Adam{LR: lr}, 0, 1e-12, ExponentialAverage},
		"momentum, step":                {rules.HeavyBall{LR: lr}, 0, 1e-12, StepAverage},
		"sgd, l1":                       {rules.SGD{LR: lr}, 0, 1e-12, LastIterate},
		"sgd, l1, l2":                   {rules.SGD{LR: lr}, 0.3, 1e-12, LastIterate},
		"turning, l1":                   {rules.SGD{LR: schedule.Constant(0.9)}, 2, 1e-12, LastIterate},
		"momentum, l1":                  {rules.HeavyBall{LR: lr}, 0, 1e-12, LastIterate},
		"sgd":                           {rules.SGD{LR: lr}, 0, 1e-12, LastIterate},
		"sign":                          {rules.SignDescent{LR: lr}, 0, 0, LastIterate},
		"adagrad":                       {rules.AdaGrad{LR: lr}, 0, 0, LastIterate},
		"ftrl":                          {rules.FTRL{LR: lr}, 0, 0, LastIterate},
		"ftrl with penalties":           {rules.FTRL{LR: lr, L1: 0.3, L2: 2}, 0, 0, LastIterate},
		"ftrl with λ₁, uniform":         {rules.FTRL{LR: lr, L1: 0.3}, 0, 1e-12, UniformAverage},
		"sgd, l2":                       {rules.SGD{LR: lr}, 0.3, 1e-12, LastIterate},
		"sgd, large":                    {rules.SGD{LR: schedule.Constant(1)}, 1, 1e-12, LastIterate},
		"sgd, turning":                  {rules.SGD{LR: schedule.Constant(0.9)}, 2, 1e-12, LastIterate},
		"heavy ball":                    {rules.HeavyBall{LR: lr}, 0, 1e-12, LastIterate},
		"nesterov":                      {rules.Nesterov{LR: lr}, 0, 1e-12, LastIterate},
		"rmsprop":                       {rules.RMSProp{LR: lr}, 0, 1e-12, LastIterate},
		"adadelta":                      {rules.AdaDelta{}, 0, 1e-12, LastIterate},
		"adam":                          {rules.Adam{LR: lr}, 0, 1e-12, LastIterate},
		"nadam":                         {rules.NAdam{Adam: rules.Adam{LR: lr}}, 0, 1e-12, LastIterate},
		"amsgrad":                       {rules.AMSGrad{Adam: rules.Adam{LR: lr}}, 0, 1e-12, LastIterate},
		"sag":                           {SAG{}, 0, 1e-12, LastIterate},
		"sag, l2":                       {SAG{LR: lr}, 0.3, 1e-12, LastIterate},
		"saga":                          {SAGA{}, 0, 1e-12, LastIterate},
		"saga, l2":                      {SAGA{LR: lr}, 0.3, 1e-12, LastIterate},
		"saga, large":                   {SAGA{LR: schedule.Constant(0.5)}, 2, 1e-12, LastIterate},
		"svrg":                          {SVRG{Inner: optim.Set(400)}, 0, 1e-12, LastIterate},
		"svrg, l2":                      {SVRG{LR: lr, Inner: optim.Set(400)}, 0.3, 1e-12, LastIterate},
		"svrg, random":                  {SVRG{RandomSnapshot: true}, 0.01, 1e-12, LastIterate},
		"lsvrg":                         {LSVRG{}, 0.01, 1e-12, LastIterate},
		"sgd, l2, intercept":            {rules.SGD{LR: lr}, 0.3, 1e-12, LastIterate},
		"sgd, large, intercept":         {rules.SGD{LR: schedule.Constant(1)}, 1, 1e-12, LastIterate},
		"sgd, turning, intercept":       {rules.SGD{LR: schedule.Constant(0.9)}, 2, 1e-12, LastIterate},
		"sgd, l2, uniform, intercept":   {rules.SGD{LR: lr}, 0.3, 1e-12, UniformAverage},
		"sgd, large, suffix, intercept": {rules.SGD{LR: schedule.Constant(1)}, 1, 1e-12, SuffixAverage},
		"sgd, l1, l2, intercept":        {rules.SGD{LR: lr}, 0.3, 1e-12, LastIterate},
		"momentum, l1, intercept":       {rules.HeavyBall{LR: lr}, 0, 1e-12, LastIterate},
		"saga, l2, intercept":           {SAGA{LR: lr}, 0.3, 1e-12, LastIterate},
		"sag, l2, intercept":            {SAG{LR: lr}, 0.3, 1e-12, LastIterate},
		"svrg, l2, intercept":           {SVRG{LR: lr, Inner: optim.Set(400)}, 0.3, 1e-12, LastIterate},
		"adam, intercept":               {rules.Adam{LR: lr}, 0, 1e-12, LastIterate},
		"adamw":                         {rules.AdamW{Adam: rules.Adam{LR: lr}, WeightDecay: optim.Set(0.1)}, 0, 1e-12, LastIterate},
	}
	for i, name := range slices.Sorted(maps.Keys(cases)) {
		c := cases[name]
		if testing.Short() && i%3 > 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			d := 15000
			var l1 float64
			if strings.Contains(name, "l1") {
				l1 = 0.02
			}
			options := []objective.Option{objective.L2(c.l2), objective.L1(l1)}
			p := rare(t, d, options...)
			if strings.Contains(name, "intercept") {
				x, y := p.Data()
				var err error
				if p, err = objective.Logistic(data.AppendOnes(x), y, append(options, objective.Intercept())...); err != nil {
					t.Fatal(err)
				}
				d++
			}
			s := Settings{Batch: 3, Steps: lazySteps(1500), EvaluateEvery: 700, Average: Average{Form: c.average}}
			x0 := make([]float64, d)
			for j := range x0 {
				x0[j] = float64(j%7) - 3
			}
			lazily, err := New(p, x0, c.rule, s)
			if err != nil {
				t.Fatal(err)
			}
			fully, err := New[float64](eager{p}, x0, c.rule, s)
			if err != nil {
				t.Fatal(err)
			}
			if lazily.lazy == nil || fully.lazy != nil {
				t.Fatal("the steps are not lazy in one of two runs")
			}
			for k := range s.Steps {
				for _, r := range []*Run[float64]{lazily, fully} {
					if r.Due() {
						if err := r.Evaluate(); err != nil {
							t.Fatal(err)
						}
					}
					if err := r.Step(); err != nil {
						t.Fatal(err)
					}
				}
				if k%100 != 0 && k != s.Steps-1 {
					continue
				}
				want := fully.X()
				for j, v := range lazily.X() {
					if d := math.Abs(v - want[j]); !(d <= c.least*max(1, math.Abs(want[j]))) {
						t.Fatalf("after %d steps, x[%d] = %v, want %v", k+1, j, v, want[j])
					}
				}
				if lazily.Point().Loss != fully.Point().Loss && c.least == 0 {
					t.Fatalf("after %d steps the loss is %v, want %v", k+1, lazily.Point().Loss, fully.Point().Loss)
				}
			}
		})
	}
}

// TestLazyState: a lazy run that is interrupted and restored goes on with the same bits, in both precisions.
func TestLazyState(t *testing.T) {
	p := rare(t, 15000, objective.L2(0))
	single, err := objective.Single(p)
	if err != nil {
		t.Fatal(err)
	}
	lr := schedule.InvSqrt{Initial: 0.1}
	averages := []AverageForm{LastIterate, SuffixAverage, ExponentialAverage}
	if testing.Short() {
		averages = averages[:1]
	}
	shrinking, thresholded := rare(t, 15000, objective.L2(0.5)), rare(t, 15000, objective.L2(0.5), objective.L1(0.01))
	for name, rule := range map[string]optim.Rule{
		"sgd": rules.SGD{LR: lr}, "saga": SAGA{}, "svrg": SVRG{Inner: optim.Set(70)}, "sgd, l1": rules.SGD{LR: lr}, "rmsprop": rules.RMSProp{LR: lr}, "adagrad": rules.AdaGrad{LR: lr}, "ftrl": rules.FTRL{LR: lr, L1: 0.3},
		"nadam": rules.NAdam{Adam: rules.Adam{LR: lr}, MomentumDecay: optim.Set(0.004)},
		"adamw": rules.AdamW{Adam: rules.Adam{LR: lr}, WeightDecay: optim.Set(0.1)},
	} {
		t.Run(name, func(t *testing.T) {
			q := p
			if name == "sgd" || name == "saga" || name == "svrg" {
				q = shrinking
			} else if name == "sgd, l1" {
				q = thresholded
			}
			for _, form := range averages {
				if form == LastIterate || name != "sgd, l1" {
					restored[float64](t, q, rule, form)
					restored(t, single, rule, form)
				}
			}
		})
	}
}

func restored[T param.Float](t *testing.T, p objective.FiniteSum[T], rule optim.Rule, form AverageForm) {
	s := Settings{Batch: 2, Steps: lazySteps(900), Average: Average{Form: form}}
	start := func() *Run[T] {
		r, err := New(p, make([]T, objective.Dim(p)), rule, s)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	whole, parts := start(), start()
	if whole.lazy == nil {
		t.Fatal("the steps are not lazy")
	}
	for k := range s.Steps {
		if k%50 == 33 {
			state := parts.State()
			parts = start()
			if err := parts.Restore(state); err != nil {
				t.Fatal(err)
			}
		}
		for _, r := range []*Run[T]{whole, parts} {
			if err := r.Step(); err != nil {
				t.Fatal(err)
			}
		}
		if k%50 == 33 && !slices.Equal(whole.X(), parts.X()) {
			t.Fatalf("x differs after step %d", k)
		}
	}
	if !slices.Equal(whole.X(), parts.X()) {
		t.Fatal("x differs at the end")
	}
}

// TestLazySkips: lazy steps skip gradients that are not finite, or fail with the same error, as steps of all coordinates do.
func TestLazySkips(t *testing.T) {
	const d = 15000
	p := rare(t, d)
	x, y := p.Data()
	square, err := objective.LeastSquares(x, y)
	if err != nil {
		t.Fatal(err)
	}
	x0 := make([]float64, d)
	for j := 40; j < d; j += 50 {
		x0[j] = math.Inf(1) // no step changes it
	}
	skip := optim.Preparation{SkipNonfinite: optim.Set(100)}
	rms := rules.RMSProp{LR: schedule.Constant(0.01)}
	sgd, momentum := rules.SGD{LR: schedule.Constant(0.01)}, rules.HeavyBall{LR: schedule.Constant(0.01)}
	for _, rule := range []optim.Rule{sgd, momentum, optim.Prepared{Rule: rms, Preparation: skip}, optim.Prepared{Rule: sgd, Preparation: skip}, optim.Prepared{Rule: momentum, Preparation: skip}} {
		lazily, err := New[float64](square, x0, rule, Settings{Batch: 2, Steps: 300})
		if err != nil {
			t.Fatal(err)
		}
		fully, err := New[float64](eager{square}, x0, rule, Settings{Batch: 2, Steps: 300})
		if err != nil {
			t.Fatal(err)
		}
		if lazily.lazy == nil || fully.lazy != nil {
			t.Fatal("the steps are not lazy in one of two runs")
		}
		failed := false
		for k := 0; k < 300 && !failed; k++ {
			err, want := lazily.Step(), fully.Step()
			if failed = err != nil; fmt.Sprint(err) != fmt.Sprint(want) {
				t.Fatalf("step %d: %v, want %v", k, err, want)
			}
		}
		if a, b := lazily.optimizer.Skipped(), fully.optimizer.Skipped(); a != b || a == 0 && !failed {
			t.Errorf("%d gradients are skipped, want %d, and more than 0", a, b)
		}
		want := fully.X()
		for j, v := range lazily.X() {
			if v != want[j] && !(math.Abs(v-want[j]) <= 1e-12*max(1, math.Abs(want[j]))) {
				t.Fatalf("x[%d] = %v, want %v", j, v, want[j])
			}
		}
	}
}

// TestLazyHalt halts a lazy run at any time: the result is x of the last whole step.
func TestLazyHalt(t *testing.T) {
	p := rare(t, 15000)
	start := func() *Run[float64] {
		r, err := New[float64](p, make([]float64, 15000), rules.Adam{LR: schedule.Constant(0.01)}, Settings{Batch: 1, Steps: 1 << 30})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for range 5 {
		r := start()
		ended := make(chan error)
		go func() {
			_, err := r.Finish(t.Context(), nil)
			ended <- err
		}()
		time.Sleep(3 * time.Millisecond)
		result := r.Halt()
		if err := <-ended; !errors.Is(err, ErrHalted) {
			t.Fatal(err)
		}
		again := start()
		for range result.Step {
			if err := again.Step(); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(result.X, again.X()) {
			t.Fatalf("x differs after %d steps", result.Step)
		}
	}
}

// BenchmarkLazy reports the time of a step on one row of ten columns out of many, if only these columns are stepped and if all are.
func BenchmarkLazy(b *testing.B) {
	lr := schedule.Constant(0.1)
	for _, cols := range []int{1e4, 1e5, 1e6, 1e7} {
		p := rare(b, cols)
		for _, rule := range []optim.Rule{rules.SGD{LR: lr}, SAGA{LR: lr}, rules.AdaGrad{LR: lr}, rules.FTRL{LR: lr}, rules.HeavyBall{LR: lr}, rules.Adam{LR: lr}} {
			for how, p := range map[string]objective.FiniteSum[float64]{"lazy": p, "all": eager{p}} {
				b.Run(fmt.Sprintf("%T/%d/%s", rule, cols, how), func(b *testing.B) {
					r, err := New(p, make([]float64, cols), rule, Settings{Batch: 1, Steps: math.MaxInt})
					if err != nil {
						b.Fatal(err)
					}
					for b.Loop() {
						if err := r.Step(); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}

// points records the points of a run, without their times.
type points [][]float64

func (p *points) Record(at Point) error {
	at.Seconds = 0
	*p = append(*p, at.Numbers())
	return nil
}

// TestBursts compares runs that make many steps under one lock with runs that call a function after each step. They evaluate at the same
// steps, and end at the same one with the same bits.
func TestBursts(t *testing.T) {
	p := rare(t, 6000, objective.L2(0.01))
	calls := 0
	for _, s := range []Settings{
		{Steps: 1}, {Steps: 63}, {Steps: 64}, {Steps: 65}, {Steps: 1000}, {Steps: 1000, EvaluateEvery: 7}, {Steps: 1000, EvaluateEvery: 100, EvaluateEvenly: true},
		{Epochs: 0.5}, {Epochs: 1.3, EvaluateEvery: 64}, {Epochs: 2, Steps: 400}, {Epochs: 3, Batch: 7}, {Steps: 200, Batch: 200, EvaluateEvery: 50},
	} {
		s.Batch, s.Sampling, s.Seed = max(1, s.Batch), Reshuffle, 3
		var recorded [2]points
		var ends [2]*Result[float64]
		for i, between := range []func() error{nil, func() error { calls++; return nil }} {
			s.Recorder = &recorded[i]
			run, err := New[float64](p, make([]float64, 6000), rules.SGD{LR: schedule.InvSqrt{Initial: 0.5}}, s)
			if err != nil {
				t.Fatal(err)
			}
			if run.lazy == nil || run.lazy.most == 0 {
				t.Fatal("the steps touch coordinates")
			}
			if ends[i], err = run.Finish(context.Background(), between); err != nil {
				t.Fatal(err)
			}
		}
		a, b := ends[0], ends[1]
		if a.Step != b.Step || a.Status != b.Status || !slices.Equal(a.X, b.X) || !slices.EqualFunc(recorded[0], recorded[1], sameNumbers) {
			t.Errorf("%+v: %d steps, %v and %d points; want %d, %v and %d", s, a.Step, a.Status, len(recorded[0]), b.Step, b.Status, len(recorded[1]))
		}
	}
	if calls == 0 {
		t.Error("between was never called")
	}
}

// sameNumbers reports whether numbers have the same bits.
func sameNumbers(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(v, w float64) bool { return math.Float64bits(v) == math.Float64bits(w) })
}
