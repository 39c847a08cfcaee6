package lecture

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/plot"

	"steepest/objective"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/report"
	"steepest/train"
)

var gradientError = Scene{
	Name:  "gradient-error",
	Title: Text{"Mini-batch as gradient descent with error", "Мини-батч как градиентный спуск с ошибкой"},
	Claim: Text{
		"A mini-batch step is a gradient descent step with an error e_k. With α = 1/L it gains from ‖∇f‖² and loses from " +
			"‖e_k‖², whatever the error is.",
		"Шаг с мини-батчем — это шаг градиентного спуска с ошибкой e_k. При α = 1/L он выигрывает по ‖∇f‖² и проигрывает по " +
			"‖e_k‖², какой бы ни была ошибка.",
	},
	Formulas: []string{
		`x_{k+1} = x_k - \alpha_k(\nabla f(x_k) + e_k),\quad \alpha_k = \frac1L:\quad
			f(x_{k+1}) \le f(x_k) - \frac{1}{2L}\|\nabla f(x_k)\|^2 + \frac{1}{2L}\|e_k\|^2`,
	},
	Shows: Text{
		"Left, each step on the lecture's regression with batches of 10: the change of f against what the lemma allows; all " +
			"points lie below the diagonal. On the quadratic ½‖x‖² they lie on it. Right, 400 runs on a quadratic with κ = 5 " +
			"and α = 1/L, and the bound.",
		"Слева каждый шаг на регрессии из лекции с батчами по 10: изменение f против того, что допускает лемма; все точки " +
			"лежат под диагональю. Для ½‖x‖² они лежат на ней. Справа 400 запусков на квадратичной функции с κ = 5 и α = 1/L " +
			"и оценка.",
	},
	run: runGradientError,
}

func runGradientError(s *stage) (*Outcome, error) {
	line := newRegression()
	ball := objective.NoisyQuadratic([]float64{1, 1}, []float64{0.6, 0.8})
	var worst, offDiagonal float64
	var below, on [][]float64
	for _, c := range []struct {
		p     objective.FiniteSum[float64]
		l     float64
		x0    []float64
		batch int
		into  *[][]float64
	}{{line, line.Constants().L, lineStart, 10, &below}, {ball, 1, []float64{1, 1}, 1, &on}} {
		batches := train.NewBatches(train.WithReplacement, c.p.Len(), c.batch, 4)
		path, err := s.path(c.p, c.x0, rules.SGD{LR: schedule.Constant(1 / c.l)}, 300, batches.At)
		if err != nil {
			return nil, err
		}
		full := make([]float64, 2)
		for k, x := range path[:len(path)-1] {
			next := path[k+1]
			c.p.Grad(full, x, nil)
			e := []float64{c.l*(x[0]-next[0]) - full[0], c.l*(x[1]-next[1]) - full[1]}
			change := c.p.Loss(next, nil) - c.p.Loss(x, nil)
			allowed := s.predict((floats.Dot(e, e) - floats.Dot(full, full)) / (2 * c.l))
			*c.into = append(*c.into, []float64{allowed, change})
			if c.batch == 1 {
				offDiagonal = max(offDiagonal, math.Abs(change-allowed))
			}
			worst = max(worst, change-allowed)
		}
	}
	chart := report.NewChart("every step", report.Axis{Label: "(‖e_k‖² − ‖∇f‖²)/2L"}, report.Axis{Label: "f(x_{k+1}) − f(x_k)"})
	diagonal := trail([][]float64{{-0.1, -0.1}, {0.1, 0.1}}, dark, 0.9)
	diagonal.Dashes = dashes
	chart.Add(report.NewGrid(), diagonal, dots(below, dot(report.Hue(0, 0.6), 2)))
	box{-0.04, 0.04, -0.04, 0.04}.show(chart)

	t := known("κ = 5, α = 1/L", "κ = 5, α = 1/L", objective.NoisyQuadratic([]float64{1, 5}, []float64{0.6, 0.8}), []float64{3, 3},
		trial{rule: rules.SGD{LR: schedule.Constant(0.2)}, settings: train.Settings{Steps: 128, EvaluateEvery: 2}, seeds: 400,
			theorems: []string{"error"}, tight: 8})
	held, verdict, _, err := s.hold(t)
	if err != nil {
		return nil, err
	}
	right := report.NewChart("κ = 5, α = 1/L: mean and bound", report.Axis{Label: "iterations"},
		report.Axis{Label: "E f − f*", Log: true})
	mean, bound := held.Curves[0], held.Curves[1]
	law := trail(pairs(bound.X["x"], bound.Y["y"].Mid), dark, 1)
	law.Dashes = dashes
	right.Add(report.NewGrid(), law, trail(pairs(mean.X["x"], mean.Y["y"].Mid), report.Hue(0, 1), 1.4))
	return &Outcome{
		Figure: &report.Charts{Plots: []*plot.Plot{chart, right}},
		Verdict: append(verdict,
			atMost("largest excess of a step over what the lemma allows",
				"наибольшее превышение над тем, что допускает лемма", worst, 1e-12),
			atMost("on ½‖x‖²: largest difference from it", "для ½‖x‖²: наибольшее отличие от него", offDiagonal, 1e-12)),
	}, nil
}
