package lecture

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"

	"steepest/report"
	"steepest/train"
)

var unbiased = Scene{
	Name:  "unbiased",
	Title: Text{"The stochastic gradient is unbiased", "Несмещённость стохастического градиента"},
	Claim: Text{
		"With p(iₖ = i) = 1/n the stochastic gradient is an unbiased estimate of the full gradient: E[∇f_i(x)] = ∇f(x). A " +
			"mini-batch of B terms has the same mean, and an error whose mean square is V/B, or V/B·(n−B)/(n−1) without " +
			"repetitions.",
		"При p(iₖ = i) = 1/n стохастический градиент является несмещённой оценкой полного градиента: E[∇f_i(x)] = ∇f(x). У " +
			"мини-батча из B слагаемых то же среднее, а средний квадрат ошибки равен V/B, или V/B·(n−B)/(n−1) без повторений.",
	},
	Formulas: []string{
		`\mathbb{E}[\nabla f_{i_k}(x)] = \sum_{i=1}^n p(i_k = i)\,\nabla f_i(x) = \frac1n \sum_{i=1}^n \nabla f_i(x) = \nabla f(x)`,
		`\mathbb{E}\left\|\frac1B \sum_{i\in B_k} \nabla f_i(x) - \nabla f(x)\right\|^2 = \frac{V}{B},\quad
			V = \frac1n \sum_{i=1}^n \|\nabla f_i(x) - \nabla f(x)\|^2`,
	},
	Shows: Text{
		"Left: the hundred gradients ∇f_i(w₀) of the lecture's linear regression, and their mean, on which the full gradient " +
			"(star) lies. Right: the mean square error of a mini-batch; dashed, what the formulas say.",
		"Слева: сто градиентов ∇f_i(w₀) линейной регрессии из лекции и их среднее, на котором лежит полный градиент " +
			"(звезда). Справа: средний квадрат ошибки мини-батча; пунктиром — значения по формулам.",
	},
	run: runUnbiased,
}

func runUnbiased(s *stage) (*Outcome, error) {
	p := newRegression()
	n, w := p.Len(), lineStart
	full, g := make([]float64, 2), make([]float64, 2)
	p.Grad(full, w, nil)
	terms, mean, variance := make([][]float64, n), make([]float64, 2), 0.0
	estimator := s.problem(p)
	for i := range terms {
		terms[i] = make([]float64, 2)
		estimator.Grad(terms[i], w, []uint32{uint32(i)})
		floats.AddScaled(mean, 1/float64(n), terms[i])
		variance += square(floats.Distance(terms[i], full, 2)) / float64(n)
	}

	sizes := []float64{1, 2, 5, 10, 20, 50, 100}
	var with, without, withTheory, withoutTheory []float64
	var worst float64 // largest deviation from the theory, in standard errors
	for _, b := range sizes {
		for _, sampling := range []train.Sampling{train.WithReplacement, train.Reshuffle} {
			theory := s.predict(variance / b)
			if sampling == train.Reshuffle {
				theory *= (float64(n) - b) / float64(n-1)
			}
			stride := 1
			if sampling == train.Reshuffle {
				stride = n / int(b) // the batches of an epoch depend on each other
			}
			batches := train.NewBatches(sampling, n, int(b), 1)
			got, sigma := meanSquare(func(k int) float64 {
				estimator.Grad(g, w, batches.At(k*stride))
				return square(floats.Distance(g, full, 2))
			})
			if sampling == train.Reshuffle {
				without, withoutTheory = append(without, got), append(withoutTheory, theory)
			} else {
				with, withTheory = append(with, got), append(withTheory, theory)
			}
			worst = max(worst, math.Abs(got-theory)/(sigma+1e-20))
		}
	}

	cloud := report.NewChart("∇f_i(w₀) and their mean", report.Axis{Label: "∂f_i/∂w₁"}, report.Axis{Label: "∂f_i/∂w₂"})
	cloud.Add(report.NewGrid(), dots(terms, dot(report.Hue(0, 0.55), 2)),
		arrow{[]float64{0, 0}, mean, draw.LineStyle{Color: red, Width: 1.6}}, dots([][]float64{full}, star(gold, 7)))
	cloud.Y.Max = 0.1
	errors := report.NewChart("E‖∇f_B − ∇f‖²", report.Axis{Label: "batch size B", Log: true},
		report.Axis{Label: "mean square error", Log: true})
	errors.Add(report.NewGrid())
	marks := []report.Mark{{Name: "∇f_i(w₀)", Glyph: dot(report.Hue(0, 0.55), 2)}, {Name: "full gradient", Glyph: star(gold, 6)}}
	for i, c := range []struct {
		name         string
		got, predict []float64
	}{{"with replacement", with, withTheory}, {"without", without, withoutTheory}} {
		points, law := pairs(sizes, c.got), trail(pairs(sizes, c.predict), report.Hue(i+1, 1), 1)
		law.Dashes = dashes
		errors.Add(law, dots(points, dot(report.Hue(i+1, 1), 3)))
		marks = append(marks, report.Mark{Name: c.name, Glyph: dot(report.Hue(i+1, 1), 3)})
	}
	errors.X.Min, errors.X.Max = 0.9, 115
	errors.Y.Max *= 1.5
	return &Outcome{
		Figure: &report.Charts{Plots: []*plot.Plot{cloud, errors}, Legend: marks},
		Verdict: Verdict{
			equal("‖E∇f_i − ∇f‖ / ‖∇f‖", "‖E∇f_i − ∇f‖ / ‖∇f‖", floats.Distance(mean, full, 2)/floats.Norm(full, 2), 0, 1e-14),
			atMost("largest deviation of E‖∇f_B − ∇f‖² from the formulas, in standard errors",
				"наибольшее отклонение E‖∇f_B − ∇f‖² от формул, в стандартных ошибках", worst, 4),
		},
	}, nil
}

// meanSquare returns the mean of a sample of squares, and its standard error.
func meanSquare(draw func(k int) float64) (mean, sigma float64) {
	const draws = 20000
	sample := make([]float64, draws)
	for k := range sample {
		sample[k] = draw(k)
	}
	mean, deviation := stat.MeanStdDev(sample, nil)
	return mean, deviation / math.Sqrt(draws)
}
