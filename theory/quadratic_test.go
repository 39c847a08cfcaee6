package theory

import (
	"fmt"
	"math"
	"math/cmplx"
	"testing"

	"gonum.org/v1/gonum/mat"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/train"
)

// TestQuadraticIsExact compares the recursions with means over runs: for the iterate and both averages, and for batches of one and two terms.
func TestQuadraticIsExact(t *testing.T) {
	i := instances(t)["quadratic κ=5"]
	q := i.facts().Quadratic
	for _, batch := range []int{1, 2} {
		for _, form := range []train.AverageForm{train.LastIterate, train.UniformAverage, train.StepAverage} {
			r := setup(sgd(schedule.InvSqrt{Initial: 0.3}), 64, form)
			r.Settings.Batch = batch
			of := AverageExcess
			if form == train.LastIterate {
				of = Excess
			}
			agree(t, fmt.Sprintf("SGD, %v, batch %d", form, batch), measure(t, i, r, 500), exact(q, r), of)
		}
		for _, form := range []optim.FlowOrder{optim.FlowOfPaper, optim.FlowOfTorch, optim.FlowFrozen} {
			rule := rules.NAGGS{LR: schedule.Constant(0.4), Mu: optim.Set(0.8), Gamma: optim.Set(1.5), Form: optim.Set(form)}
			r := setup(rule, 64, train.LastIterate)
			r.Settings.Batch = batch
			e := q.NAGGS(rule, batch, 64)
			m := measured{of: map[Quantity][]estimate{}}
			for k := 1; k <= 64; k *= 2 {
				m.steps = append(m.steps, k)
				m.of[Excess] = append(m.of[Excess], estimate{mean: e.Excess[k]})
			}
			agree(t, fmt.Sprintf("NAG-GS, %v, batch %d", form, batch), measure(t, i, r, 500), m, Excess)
		}
	}
}

// agree compares measured with expected values, at the steps of the expected ones.
func agree(t *testing.T, name string, got, want measured, of Quantity) {
	t.Helper()
	compared := 0
	for j, k := range want.steps {
		for i, step := range got.steps {
			if step != k {
				continue
			}
			compared++
			g, w := got.of[of][i], want.of[of][j].mean
			if math.Abs(g.mean-w) > 4.5*g.error+1e-14 {
				t.Errorf("%s: %v at step %d is %v ± %v, want %v", name, of, k, g.mean, g.error, w)
			}
		}
	}
	if compared < 4 {
		t.Fatalf("%s: %d steps compared", name, compared)
	}
}

// TestFactsOfLeastSquares: the spectrum reproduces f, R² and σ² satisfy their inequalities, and σ² is the smallest.
func TestFactsOfLeastSquares(t *testing.T) {
	all := instances(t)
	for _, name := range []string{"least squares", "one-hot", "one-hot, flat", "ridge"} {
		i := all[name]
		p := i.facts()
		sum := 0.0
		for j, h := range p.Quadratic.H {
			sum += h / 2 * p.Quadratic.X0[j] * p.Quadratic.X0[j]
		}
		if math.Abs(sum-p.Excess) > 1e-12*(1+sum) {
			t.Errorf("%s: f(x₀) − f* = %v, by eigenvectors %v", name, p.Excess, sum)
		}
		if name == "ridge" {
			if p.Regression != nil {
				t.Error("the theorem on least squares is not about a penalty")
			}
			continue
		}
		lin, d := i.problem.(*objective.Linear[float64]), p.Dim
		_, y := lin.Data()
		h, fourth, noise := mat.NewSymDense(d, nil), mat.NewSymDense(d, nil), mat.NewSymDense(d, nil)
		lin.Hess(h, i.start)
		for k := range p.N {
			a := make([]float64, d)
			lin.RowAxpy(a, 1, k)
			v := mat.NewVecDense(d, a)
			r := lin.RowDot(k, i.best.X) - y[k]
			fourth.SymRankOne(fourth, mat.Dot(v, v)/float64(p.N), v)
			noise.SymRankOne(noise, r*r/float64(p.N), v)
		}
		if least := smallest(h, p.Regression.R2, fourth); least < -1e-12 {
			t.Errorf("%s: R²H − E‖a‖²aaᵀ has the eigenvalue %v", name, least)
		}
		if least := smallest(h, p.Regression.Sigma2, noise); least < -1e-12 {
			t.Errorf("%s: σ²H − E r²aaᵀ has the eigenvalue %v", name, least)
		}
		if least := smallest(h, p.Regression.Sigma2*(1-1e-6), noise); least > 0 {
			t.Errorf("%s: a smaller σ² would do, with the eigenvalue %v", name, least)
		}
	}
	if p := all["one-hot"].facts(); math.Abs(p.Regression.Sigma2-0.25) > 1e-8 || math.Abs(p.Regression.R2-10) > 1e-13 {
		t.Errorf("one-hot: %+v", p.Regression)
	}
}

// smallest returns the smallest eigenvalue of s·a − b.
func smallest(a *mat.SymDense, s float64, b *mat.SymDense) float64 {
	var difference mat.SymDense
	difference.ScaleSym(-s, a)
	difference.AddSym(&difference, b)
	var eigen mat.EigenSym
	eigen.Factorize(&difference, false)
	values := eigen.Values(nil)
	return -values[len(values)-1]
}

// TestNAGGSFormulas compares the closed forms with the matrix of the step: its eigenvalues, the step size at which one of them leaves the unit
// circle, the best step size found by a search, and the limit of the variance in the recursion.
func TestNAGGSFormulas(t *testing.T) {
	radius := func(alpha, mu, gamma, h float64) float64 {
		total := gamma + alpha*mu
		a, p, c := alpha/(1+alpha), gamma/total, alpha*(mu-h)/total
		step := mat.NewDense(2, 2, []float64{1 - a + a*c, a * p, c, p}) // of (x, v)
		var eigen mat.Eigen
		eigen.Factorize(step, mat.EigenNone)
		return max(cmplx.Abs(eigen.Values(nil)[0]), cmplx.Abs(eigen.Values(nil)[1]))
	}
	for _, c := range []struct{ mu, gamma, l float64 }{{1, 1, 100}, {1, 1, 20}, {0.5, 2, 30}, {2, 0.3, 9}} {
		best, limit := NAGGSStep(c.mu, c.l, c.gamma), NAGGSLimit(c.mu, c.l, c.gamma)
		rate := func(alpha float64) float64 {
			worst := max(radius(alpha, c.mu, c.gamma, c.mu), radius(alpha, c.mu, c.gamma, c.l))
			if got := NAGGSRate(alpha, c.mu, c.gamma, c.mu, c.l); math.Abs(got-worst) > 1e-7 {
				t.Errorf("%+v: the rate at %v is %v, the eigenvalues give %v", c, alpha, got, worst)
			}
			return worst
		}
		if !(rate(limit*(1-1e-6)) < 1) || !(rate(limit*(1+1e-6)) > 1) {
			t.Errorf("%+v: the limit %v is none", c, limit)
		}
		for factor := 0.5; factor < 1.02; factor += 0.01 {
			if rate(best) > rate(best*factor)+1e-6 {
				t.Errorf("%+v: %v is better than the best step %v", c, best*factor, best)
			}
		}
		alpha := 0.8 * best
		rule := rules.NAGGS{LR: schedule.Constant(alpha), Mu: optim.Set(c.mu), Gamma: optim.Set(c.gamma), Form: optim.Set(optim.FlowFrozen)}
		q := Quadratic{H: []float64{c.l}, X0: []float64{0}, Noise: []float64{4}}
		got, want := q.NAGGS(rule, 1, 4000).SquaredDistance[4000], NAGGSVariance(alpha, c.mu, c.gamma, c.l, 4)
		if math.Abs(got/want-1) > 1e-9 {
			t.Errorf("%+v: the variance comes to rest at %v, want %v", c, got, want)
		}
	}
	if v := NAGGSVariance(0.3, 1, 1, 100, 1); !math.IsNaN(v) {
		t.Errorf("beyond the limit the variance is %v", v)
	}
	if !math.IsInf(NAGGSLimit(1, 2, 1), 1) {
		t.Error("κ = 2 has a limit")
	}
}

// TestKnownNumbers compares with numbers that were computed before this package, in notes on the lecture.
func TestKnownNumbers(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want float64
		digits    float64
	}{
		{"NAG-GS, κ = 100: best step", NAGGSStep(1, 100, 1), 2. / 9, 1e-12},
		{"NAG-GS, κ = 100: limit", NAGGSLimit(1, 100, 1), .22347, 1e-4},
		{"NAG-GS, κ = 100: rate at the best step", NAGGSRate(2./9, 1, 1, 1, 100), 9. / 11, 1e-6},
		{"NAG-GS, κ = 100: rate at 0.9 of it", NAGGSRate(.2, 1, 1, 1, 100), .833, 1e-3},
		{"NAG-GS, κ = 100: rate at 1.1 of it", NAGGSRate(.24444, 1, 1, 1, 100), 1.87, 1e-2},
	} {
		if math.Abs(c.got/c.want-1) > c.digits {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	// with h = μ = L the floor is attained: 0.026316 for μ = s = 1, α = 0.1
	p := instances(t)["quadratic κ=1"].facts()
	r := setup(sgd(schedule.Constant(0.1)), 2000, train.LastIterate)
	e := p.Quadratic.SGD(schedule.Constant(0.1), func(int) float64 { return 1 }, 1, 2000)
	r.Trace = Trace{e.Trace[1999]}
	b := onPL[0].Apply(p, r)
	if floor := b.At(2000); math.Abs(floor/e.Excess[2000]-1) > 1e-12 || math.Abs(floor-.026316) > 1e-6 {
		t.Errorf("floor %v, bound %v", e.Excess[2000], floor)
	}
	// one-hot least squares, d = 10, σ = 0.5, w = 1: (2/n)(σ√d + R‖w‖)² = (2/n)(.5√10 + 10)²
	all := instances(t)
	o := all["one-hot"].facts()
	ls := onRegression[0].Apply(o, setup(sgd(schedule.Constant(1/(4*o.Regression.R2))), 100, train.UniformAverage))
	if got, want := ls.At(100), 2./100*math.Pow(.5*math.Sqrt(10)+10, 2); math.Abs(got/want-1) > 1e-8 {
		t.Errorf("least squares: %v, want %v", got, want)
	}
	// two logistic terms at k = 100, x₀ = 4, α₀ = 1: lecture 4.31 + 5·(½ − 1)·ln(101)/10 for its σ² = 1, and handbook 2.58
	logistic := all["two logistic"].facts()
	run := setup(sgd(schedule.InvSqrt{Initial: 1}), 100, train.StepAverage)
	printed, noise := onConvex[2].Apply(logistic, run), onNoise[3].Apply(logistic, run)
	if got, want := printed.At(100), 4.31-.25*math.Log(101); math.Abs(got-want) > 5e-3 {
		t.Errorf("printed: %v, want %v", got, want)
	}
	if got := noise.At(100); math.Abs(got-2.58) > 5e-3 {
		t.Errorf("handbook: %v", got)
	}
}
