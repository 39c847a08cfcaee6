//go:build !race

// These runs are long and use one goroutine, so the race detector has nothing to find.

package train

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"steepest/data"
	"steepest/data/datatest"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/schedule"
)

// TestFindsWhatScikitLearnFinds: the minimizers of testdata/saga.py, with the default steps.
func TestFindsWhatScikitLearnFinds(t *testing.T) {
	text, err := os.ReadFile("testdata/saga.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			Solver, Loss string
			L1, L2       float64
			X            []float64
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	set := datatest.Load(t, "heart-scale")
	build := map[string]func(data.Matrix, []float64, ...objective.Option) (*objective.Linear[float64], error){
		"logistic": objective.Logistic, "least-squares": objective.LeastSquares,
	}
	for _, c := range golden.Cases {
		p, err := build[c.Loss](set.X, set.Y, objective.L1(c.L1), objective.L2(c.L2))
		if err != nil {
			t.Fatal(err)
		}
		for _, rule := range []optim.Rule{SAG{}, SAGA{}, SVRG{}, LSVRG{}} {
			if _, sag := rule.(SAG); sag && c.L1 > 0 {
				continue
			}
			res, _ := record(t, p, make([]float64, len(c.X)), rule, Settings{Batch: 1, Steps: 120_000, EvaluateEvery: math.MaxInt})
			if d := distance(res.X, c.X); d > 1e-11 {
				t.Errorf("%T ends %v from what scikit-learn's %s finds for %s, λ = %v, %v", rule, d, c.Solver, c.Loss, c.L1, c.L2)
			}
		}
	}
}

// squares returns the mean over seeds of ‖x − x*‖² at the steps evaluated.
func squares(
	t *testing.T, p objective.FiniteSum[float64], best *Optimum, rule optim.Rule, s Settings, seeds int,
) (steps, means []float64) {
	t.Helper()
	for seed := range seeds {
		s.Seed, s.Batch, s.Optimum = uint64(seed), 1, best
		_, points := record(t, p, make([]float64, len(best.X)), rule, s)
		if means == nil {
			steps, means = make([]float64, len(points)), make([]float64, len(points))
		}
		for i, point := range points {
			steps[i] = float64(point.Step)
			means[i] += point.Distance * point.Distance / float64(seeds)
		}
	}
	return steps, means
}

// TestLinearRates fits the factor 1 − r by which a step shrinks the squared distance, and compares r with the order that theory gives,
// min(1/n, μ/LMax), on problems where 1/n is smaller and where μ/LMax is smaller. μ is the smallest eigenvalue of the Hessian at the
// minimizer. Plain SGD with such a step would have r = 0.
func TestLinearRates(t *testing.T) {
	const n = 200
	for _, condition := range []float64{10, 2000} {
		p, best := solved(t, condition)
		hess := mat.NewSymDense(len(best.X), nil)
		p.Hess(hess, best.X)
		var eigen mat.EigenSym
		eigen.Factorize(hess, false)
		order := min(1./n, eigen.Values(nil)[0]/p.Constants().LMax)
		for _, test := range []struct {
			rule  optim.Rule
			least float64 // proved, in units of the order
		}{
			{SAG{}, 1. / 16}, {SAGA{}, 1. / 4}, {SVRG{}, 1. / 20}, {LSVRG{}, 1. / 6},
		} {
			steps, means := squares(t, p, best, test.rule, Settings{Steps: int(8 / order), EvaluateEvery: int(0.2 / order)}, 4)
			var x, y []float64
			for i, m := range means {
				if m > 1e-24 && steps[i] > 1/order {
					x, y = append(x, steps[i]), append(y, math.Log(m))
				}
			}
			_, slope := stat.LinearRegression(x, y, nil, false)
			if r := -slope / order; r < test.least || r > 4 {
				t.Errorf("condition %v, %T: r = %.3f in units of the order, want from %.3f to 4",
					condition, test.rule, r, test.least)
			}
		}
	}
}

// TestLinearBounds checks that the mean over seeds is below the proved curves, for terms whose gradients include their penalty, as in the
// papers.
func TestLinearBounds(t *testing.T) {
	const n, seeds = 200, 20
	p, best := solved(t, 100)
	c := p.Constants()
	x0 := make([]float64, len(best.X))
	r2 := distance(x0, best.X) * distance(x0, best.X)
	noise := 0.0 // (1/n) Σ ‖∇fᵢ(x₀) − ∇fᵢ(x*)‖²
	a, b := make([]float64, len(x0)), make([]float64, len(x0))
	for i := range uint32(n) {
		p.Grad(a, x0, []uint32{i})
		p.Grad(b, best.X, []uint32{i})
		noise += distance(a, b) * distance(a, b) / n
	}
	third, sixth := schedule.Constant(1/(3*c.LMax)), schedule.Constant(1/(6*c.LMax))
	for _, test := range []struct {
		rule         optim.Rule
		factor, from float64
	}{
		// Defazio, Bach and Lacoste-Julien 2014, corollary 1: γ = 1/(3L).
		{SAGA{third}, 1 - min(1./(4*n), c.Mu/(3*c.LMax)), r2 + 2*n/(3*c.LMax)*(p.Loss(x0, nil)-best.F)},
		// Kovalev, Horváth and Richtárik 2020, theorem 5: η = 1/(6L), p = 1/n.
		{LSVRG{LR: sixth}, max(1-c.Mu/(6*c.LMax), 1-1./(2*n)), r2 + 4*n/(36*c.LMax*c.LMax)*noise},
	} {
		steps, means := squares(t, unaware{p}, best, test.rule, Settings{Steps: 20 * n, EvaluateEvery: 50}, seeds)
		for i, m := range means {
			if bound := math.Pow(test.factor, steps[i]) * test.from; m > bound {
				t.Errorf("%T: mean square %v after %v steps, bound %v", test.rule, m, steps[i], bound)
			}
		}
	}
}

// TestSVRGTheorem checks theorem 1 of Johnson and Zhang: f(w) − f* falls by the factor ρ from snapshot to snapshot.
func TestSVRGTheorem(t *testing.T) {
	const seeds = 40
	p, best := solved(t, 5)
	c := p.Constants()
	const m, eta = 250, 0.1 // η in units of 1/LMax
	rho := 1/(c.Mu/c.LMax*eta*(1-2*eta)*m) + 2*eta/(1-2*eta)
	sums := make([]float64, 6)
	for seed := range uint64(seeds) {
		_, points := record(t, p, make([]float64, 10), SVRG{Inner: optim.Set(m), RandomSnapshot: true},
			Settings{Batch: 1, Steps: 6 * m, EvaluateEvery: 1, Seed: seed, Optimum: best})
		s := 0
		for i, point := range points[1:] {
			if point.Grads-points[i].Grads > 2 && s < len(sums) {
				sums[s] += points[i].Excess / seeds
				s++
			}
		}
	}
	for s := range sums[1:] {
		if sums[s+1] > rho*sums[s] {
			t.Errorf("snapshot %d: excess %v after %v, ρ = %v", s+1, sums[s+1], sums[s], rho)
		}
	}
}

// illConditioned returns logistic regression on n rows of norm at most 1, whose columns have scales from 1 to 1/17, with labels
// drawn from the model of weights of norm 7.5, and its optimum.
func illConditioned(t *testing.T) (*objective.Linear[float64], *Optimum) {
	t.Helper()
	const n, d = 2000, 10
	random := rand.New(rand.NewPCG(1, 2))
	x, y, w := &data.Dense{Rows: n, Cols: d, Data: make([]float64, n*d)}, make([]float64, n), make([]float64, d)
	for j := range w {
		w[j] = 7.5 / math.Sqrt(d) * float64(1-2*(j%2))
	}
	for i := range n {
		row := x.Row(i)
		for j := range row {
			row[j] = random.NormFloat64() * math.Pow(17, -float64(j)/(d-1))
		}
		norm := math.Sqrt(inner(row, row))
		for j := range row {
			row[j] /= norm
		}
	}
	for i := range y {
		y[i] = -1
		if random.Float64() < 1/(1+math.Exp(-inner(x.Row(i), w))) {
			y[i] = 1
		}
	}
	p, err := objective.Logistic(x, y)
	if err != nil {
		t.Fatal(err)
	}
	return p, solve(t, p)
}

// TestNewtonGoesOnWhereAveragingStops fits slopes on a doubly logarithmic scale: the error of the online method falls as 1/k, while
// averaged SGD with the same constant step stays at its floor (Bach and Moulines 2013, section 4).
func TestNewtonGoesOnWhereAveragingStops(t *testing.T) {
	p, best := illConditioned(t)
	const seeds, steps, from = 4, 1 << 19, 1 << 15
	slope := func(rule optim.Rule) (slope, last float64) {
		means := make([]float64, steps/from)
		for seed := range uint64(seeds) {
			s := Settings{Batch: 1, Steps: steps, EvaluateEvery: from, Seed: seed, Optimum: best, Average: Average{Form: UniformAverage}}
			s.Recorder = RecorderFunc(func(point Point) error {
				if point.Step%from == 0 && point.Step > 0 {
					means[point.Step/from-1] += point.Excess / seeds
				}
				return nil
			})
			if _, err := Minimize(context.Background(), p, make([]float64, 10), rule, s); err != nil {
				t.Fatal(err)
			}
		}
		k, logs := make([]float64, len(means)), make([]float64, len(means))
		for i, m := range means {
			k[i], logs[i] = math.Log(float64(i+1)), math.Log(m)
		}
		_, slope = stat.LinearRegression(k, logs, nil, false)
		return slope, means[len(means)-1]
	}
	newton, end := slope(NewtonSGD{})
	averaged, floor := slope(sgd(0.5)) // 1/(2R²)
	if math.Abs(newton+1) > 0.2 || averaged < -0.25 || end > floor/10 {
		t.Errorf("slopes %.3f to %.3g and, for averaged SGD, %.3f to %.3g", newton, end, averaged, floor)
	}
}
