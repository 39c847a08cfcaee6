package lecture

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/report"
)

var descent = Scene{
	Name:  "descent",
	Title: Text{"Gradient descent as a minimum", "Градиентный спуск и нормированный градиентный спуск"},
	Claim: Text{
		"A step of gradient descent minimizes the linear model of f with a penalty for the distance, and a step of " +
			"normalized gradient descent minimizes it on a sphere.",
		"Шаг градиентного спуска минимизирует линейную модель f со штрафом за дальность, а шаг нормированного градиентного " +
			"спуска — на сфере.",
	},
	Formulas: []string{
		`\argmin_x \left( f(x_k) + \langle \nabla f(x_k), x - x_k\rangle + \frac{1}{2\alpha}\|x - x_k\|_2^2 \right) =
			x_k - \alpha \nabla f(x_k)`,
		`\argmin_{\|x - x_k\|_2 = \alpha} \left( f(x_k) + \langle \nabla f(x_k), x - x_k\rangle \right) =
			x_k - \alpha \frac{\nabla f(x_k)}{\|\nabla f(x_k)\|_2}`,
	},
	Shows: Text{
		"The two models around x_k for Booth's function, by level sets, and the steps of the library on them.",
		"Линии уровня двух моделей вокруг x_k для функции Бута и шаги библиотеки.",
	},
	run: runDescent,
}

func runDescent(s *stage) (*Outcome, error) {
	f := objective.Booth()
	at := []float64{-1, 3}
	g := make([]float64, 2)
	f.Grad(g, at, nil)
	linear := func(x []float64) float64 { return g[0]*(x[0]-at[0]) + g[1]*(x[1]-at[1]) }
	const alpha, radius = 0.06, 1.5
	penalized := func(x []float64) float64 { return linear(x) + square(floats.Distance(x, at, 2))/(2*alpha) }

	// The minima, found without the formulas.
	free, err := optimize.Minimize(optimize.Problem{Func: penalized}, at, &optimize.Settings{
		Converger: &optimize.FunctionConverge{Absolute: 1e-15, Iterations: 200}}, &optimize.NelderMead{})
	if err != nil {
		return nil, err
	}
	onSphere := func(angle float64) []float64 {
		return []float64{at[0] + radius*math.Cos(angle), at[1] + radius*math.Sin(angle)}
	}
	angle := leastOnCircle(func(angle float64) float64 { return linear(onSphere(angle)) })
	bound := onSphere(angle)

	picture := &report.Charts{Width: 300, Height: 300}
	var verdict Verdict
	for _, c := range []struct {
		name    string
		ru      string
		rule    optim.Rule
		model   func(x []float64) float64
		minimum []float64
		close   float64 // tolerance of the numerical search
		sphere  bool
	}{
		{"gradient descent", "градиентный спуск", rules.SGD{LR: schedule.Constant(alpha)}, penalized, free.X, 1e-5, false},
		{"normalized gradient descent", "нормированный спуск", rules.NormalizedDescent{LR: schedule.Constant(radius)}, linear,
			bound, 1e-6, true},
	} {
		path, err := s.path(f, at, c.rule, 1, whole)
		if err != nil {
			return nil, err
		}
		step := path[1]
		verdict = append(verdict,
			equal(c.name+": distance from the step to the minimum found", c.ru+": расстояние от шага до найденного минимума",
				floats.Distance(step, c.minimum, 2), 0, c.close),
			equal(c.name+": the model after the step", c.ru+": значение модели после шага", c.model(step),
				s.predict(c.model(c.minimum)), 1e-9))
		chart := report.NewChart(c.name, report.Axis{Label: "x₁"}, report.Axis{Label: "x₂"})
		window := box{at[0] - 2.4, at[0] + 2.4, at[1] - 2.4, at[1] + 2.4}
		chart.Add(levels(window, 24, func(x, y float64) float64 { return c.model([]float64{x, y}) }, identity))
		if c.sphere {
			var circle [][]float64
			for i := range 201 {
				circle = append(circle, onSphere(2*math.Pi*float64(i)/200))
			}
			chart.Add(trail(circle, dark, 1))
		}
		chart.Add(arrow{at, step, draw.LineStyle{Color: red, Width: vg.Points(1.8)}}, dots([][]float64{at}, dot(dark, 3)),
			dots([][]float64{c.minimum}, star(gold, 6)))
		window.show(chart)
		picture.Plots = append(picture.Plots, chart)
	}
	picture.Legend = []report.Mark{
		{Name: "x_k", Glyph: dot(dark, 3)}, {Name: "minimum found by search", Glyph: star(gold, 6)},
		{Name: "step", Line: draw.LineStyle{Color: red, Width: vg.Points(1.8)}},
	}
	return &Outcome{Figure: picture, Verdict: verdict}, nil
}

// leastOnCircle searches for the angle with the least value: on a grid first, then on finer grids around the best angle.
func leastOnCircle(f func(angle float64) float64) float64 {
	best, width := 0.0, math.Pi
	for width > 1e-9 {
		center := best
		for i := -50; i <= 50; i++ {
			if a := center + width*float64(i)/50; f(a) < f(best) {
				best = a
			}
		}
		width /= 10
	}
	return best
}
