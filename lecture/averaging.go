package lecture

import (
	"math"

	"steepest/objective"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/report"
	"steepest/theory"
	"steepest/train"
)

var averaging = Scene{
	Name:  "averaging",
	Title: Text{"Averaging does", "А усреднение — улучшает"},
	Claim: Text{
		"On least squares the average of the iterates of SGD with a constant step converges as O(1/k), even without strong " +
			"convexity, while the last iterate stays at its floor.",
		"В задаче наименьших квадратов среднее итераций SGD с постоянным шагом сходится как O(1/k), даже без сильной " +
			"выпуклости, а последняя итерация остаётся на своём уровне.",
	},
	Formulas: []string{
		`\bar x_k = \frac1k \sum_{t=0}^{k-1} x_t,\quad \alpha = \frac{1}{4R^2}:\quad
			\mathbb{E}f(\bar x_k) - f^* \le \frac{2}{k}\left(\sigma\sqrt d + R\,\|x_0 - x^*\|\right)^2`,
	},
	Shows: Text{
		"Least squares of ten unknowns with orthogonal features of very different sizes, one of them 0: means over 40 seeds.",
		"Наименьшие квадраты с десятью неизвестными и ортогональными признаками очень разных масштабов, один из них нулевой: " +
			"средние по 40 запускам.",
	},
	Note: Text{
		"The bound is theorem 1 of Bach and Moulines (2013), arXiv:1306.2119. It is about the square loss: with the logistic " +
			"loss the average of a constant step has a floor as well.",
		"Оценка — теорема 1 из Bach и Moulines (2013), arXiv:1306.2119. Она о квадратичной функции потерь: для логистической " +
			"у среднего при постоянном шаге тоже есть уровень, ниже которого оно не опускается.",
	},
	run: runAveraging,
}

func runAveraging(s *stage) (*Outcome, error) {
	const d, sigma, seeds = 10, 2, 40
	scales, best := make([]float64, d), make([]float64, d)
	for j := range d - 1 { // the last feature is 0, so that f is not strongly convex
		scales[j], best[j] = math.Pow(0.3, float64(j)/(d-1)), 1
	}
	p := objective.OneHot(scales, best, sigma)
	facts := theory.New(p, make([]float64, d), &train.Optimum{X: best, F: square(sigma) / 2})
	t := trial{
		name: "average of the iterates", ru: "среднее итераций", problem: p, x0: make([]float64, d),
		best: train.Optimum{X: best, F: square(sigma) / 2}, seeds: seeds, theorems: []string{"least-squares"},
		rule:     rules.SGD{LR: schedule.Constant(1 / (4 * facts.Regression.R2))},
		settings: train.Settings{Batch: 1, Steps: 20000, EvaluateEvery: 200, Average: train.Average{Form: train.UniformAverage}},
	}
	averaged, verdict, mean, err := s.hold(t)
	if err != nil {
		return nil, err
	}
	t.settings.Average, t.settings.Optimum = train.Average{}, &t.best
	last, err := s.average(p, t.x0, t.rule, t.settings, seeds)
	if err != nil {
		return nil, err
	}
	averaged.Title = "Least squares, constant step 1/(4R²)"
	averaged.Curves[0].Name = "average of the iterates"
	averaged.Curves = append(averaged.Curves, curve("last iterate", last.step[1:], last.excess[1:]))
	return &Outcome{
		Figure: &report.Figure{Panels: []report.Panel{averaged}},
		Verdict: append(verdict,
			equal("slope of the last iterate", "наклон последней итерации", last.slope(1000), 0, 0.1),
			equal("slope of the average", "наклон среднего", mean.slope(2000), s.predict(-1), 0.2)),
	}, nil
}
