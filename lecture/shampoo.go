package lecture

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"steepest/compare"
	"steepest/data"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/matfun"
	"steepest/optim/matrix"
	"steepest/optim/schedule"
	"steepest/param"
	"steepest/report"
	"steepest/train"
)

var shampoo = Scene{
	Name:  "shampoo",
	Title: Text{"Shampoo", "Shampoo"},
	Claim: Text{
		"Shampoo multiplies the two sides of a gradient matrix by inverse roots of their own second moments. A step costs " +
			"more than a step of Adam, but fewer steps may suffice.",
		"Shampoo умножает матрицу градиента с двух сторон на обратные корни её вторых моментов. Шаг дороже, чем у Adam, но " +
			"шагов может потребоваться меньше.",
	},
	Formulas: []string{
		`L_k = \beta L_{k-1} + (1-\beta)\,G_k G_k^\top,\quad R_k = \beta R_{k-1} + (1-\beta)\,G_k^\top G_k`,
		`W_{k+1} = W_k - \alpha\,L_k^{-1/4}\,G_k\,R_k^{-1/4}`,
	},
	Shows: Text{
		"Least squares with 12 targets and 16 features, whose directions of very different sizes lie across the axes, by " +
			"full gradients; the step sizes are tuned in twelve trials each.",
		"Наименьшие квадраты с 12 выходами и 16 признаками, направления которых очень разных масштабов лежат поперёк осей, " +
			"по полным градиентам; шаги подобраны за двенадцать попыток для каждого метода.",
	},
	Note: Text{
		"The slide leaves β open, and takes the root of a matrix that is singular at first: here β is 0.999, as in Adam, and ε keeps " +
			"the eigenvalues from 0. The sums of the paper (Gupta, Koren and Singer 2018) are the preset gupta.",
		"β на слайде не задано, а корень берётся из матрицы, которая вначале вырождена: здесь β = 0,999, как в Adam, и ε удерживает " +
			"собственные значения от нуля. Суммы из статьи (Gupta, Koren и Singer, 2018) — пресет gupta.",
	},
	run: runShampoo,
}

func runShampoo(s *stage) (*Outcome, error) {
	deviation, err := s.shampooByHand()
	if err != nil {
		return nil, err
	}
	p, best, err := manyTargets()
	if err != nil {
		return nil, err
	}
	result, final, err := s.race(compare.Race{
		Problem: p, Trials: 12, Seeds: 1, Optimum: &train.Optimum{X: best},
		Settings: train.Settings{Steps: 200, EvaluateEvery: 2},
	}, "sgd:name=SGD,batch=full", "adam:name=Adam,batch=full", "shampoo:name=Shampoo,beta2=0.999,batch=full")
	if err != nil {
		return nil, err
	}
	plot := result.Plot()
	plot.Title = "Least squares with twelve targets"
	return &Outcome{
		Figure: &report.Figure{Panels: []report.Panel{{Plot: &plot, X: "steps", Y: "excess"}}},
		Verdict: Verdict{
			atMost("five steps by the formulas, largest difference from the library",
				"пять шагов по формулам, наибольшее отличие от библиотеки",
				deviation, 1e-9),
			atMost("f − f* of Shampoo after 200 steps, divided by that of Adam", "f − f* у Shampoo после 200 шагов к значению Adam",
				final["Shampoo"]/final["Adam"], s.predict(1)),
			atMost("f − f* of Shampoo after 200 steps, divided by that of SGD", "f − f* у Shampoo после 200 шагов к значению SGD",
				final["Shampoo"]/final["SGD"], s.predict(0.5)),
			atMost("f − f* of Shampoo after 200 steps, divided by that of the start", "f − f* у Shampoo после 200 шагов к начальному",
				final["Shampoo"]/p.Loss(make([]float64, len(best)), nil), 0.01),
		},
	}, nil
}

// shampooByHand makes five steps along random gradients with the formulas of the slide, and compares them with the library.
func (s *stage) shampooByHand() (deviation float64, err error) {
	const rows, cols, alpha, beta, eps = 5, 3, 0.1, 0.999, 1e-6
	rule := matrix.Shampoo{LR: schedule.Constant(alpha), Beta2: optim.Set(beta), Eps: optim.Set(eps), Ridge: optim.Set(matfun.Shift)}
	o, err := optim.New[float64](rule, []param.Param{{Name: "W", Shape: []int{rows, cols}}})
	if err != nil {
		return 0, err
	}
	theirs, ours := make([]float64, rows*cols), mat.NewDense(rows, cols, nil)
	left, right := mat.NewDense(rows, rows, nil), mat.NewDense(cols, cols, nil)
	for k := range 5 {
		g := mat.NewDense(rows, cols, randomMatrix(rows, cols, uint64(k)))
		turned := make([]float64, rows*cols)
		floats.AddScaled(turned, s.sign(), g.RawMatrix().Data)
		if err := o.Step(theirs, turned); err != nil {
			return 0, err
		}
		var l, r, step mat.Dense
		l.Mul(g, g.T())
		r.Mul(g.T(), g)
		average(left, beta, &l)
		average(right, beta, &r)
		l.Add(left, diagonal(rows, eps))
		r.Add(right, diagonal(cols, eps))
		step.Product(quarterRoot(&l, rows), g, quarterRoot(&r, cols))
		step.Scale(s.predict(alpha), &step)
		ours.Sub(ours, &step)
	}
	return largest(mat.NewDense(rows, cols, theirs), ours), nil
}

// average replaces a by βa + (1 − β)g.
func average(a *mat.Dense, beta float64, g *mat.Dense) {
	g.Scale(1-beta, g)
	a.Scale(beta, a)
	a.Add(a, g)
}

func diagonal(n int, value float64) *mat.Dense {
	d := mat.NewDense(n, n, nil)
	for i := range n {
		d.Set(i, i, value)
	}
	return d
}

// manyTargets returns a least squares problem with a matrix of weights that fits the targets exactly, and these weights.
func manyTargets() (*objective.Linear[float64], []float64, error) {
	const n, features, targets = 200, 16, 12
	random := rand.New(rand.NewPCG(12, 0))
	normal := func(rows, cols int) *mat.Dense {
		m := mat.NewDense(rows, cols, nil)
		m.Apply(func(_, _ int, _ float64) float64 { return random.NormFloat64() }, m)
		return m
	}
	var x, y mat.Dense
	var svd mat.SVD
	svd.Factorize(normal(features, features), mat.SVDThin)
	var turn mat.Dense
	svd.UTo(&turn)
	scale := mat.NewDiagDense(features, nil)
	for j := range features {
		scale.SetDiag(j, math.Pow(10, -1.5*float64(j)/(features-1)))
	}
	x.Product(normal(n, features), scale, turn.T())
	w := normal(targets, features)
	y.Mul(&x, w.T())
	p, err := objective.MultiOutput(
		&data.Dense{Rows: n, Cols: features, Data: x.RawMatrix().Data}, &data.Dense{Rows: n, Cols: targets, Data: y.RawMatrix().Data})
	return p, w.RawMatrix().Data, err
}
