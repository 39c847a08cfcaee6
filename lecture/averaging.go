package lecture

import (
	"math"

	"steepest/data"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/schedule"
	"steepest/report"
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
	p, best, radius := orthogonalDesign(d, sigma)
	x0 := make([]float64, d)
	rule := optim.SGD{LR: schedule.Constant(1 / (4 * square(radius)))}
	settings := train.Settings{Batch: 1, Steps: 20000, Every: 200, Optimum: &train.Optimum{X: best, F: square(sigma) / 2}}
	last, err := s.average(p, x0, rule, settings, seeds)
	if err != nil {
		return nil, err
	}
	settings.Average.Form = train.UniformAverage
	mean, err := s.average(p, x0, rule, settings, seeds)
	if err != nil {
		return nil, err
	}
	distance := 0.0
	for _, v := range best {
		distance += square(v)
	}
	bound, tightest := make([]float64, len(mean.step)), 0.0
	for i, k := range mean.step {
		bound[i] = s.predict(2 / k * square(sigma*math.Sqrt(d)+radius*math.Sqrt(distance)))
		if k > 0 {
			tightest = max(tightest, mean.excess[i]/bound[i], -bound[i])
		}
	}
	return &Outcome{
		Figure: &report.Figure{Panels: []report.Panel{panel("Least squares, constant step 1/(4R²)",
			report.Axis{Label: "iterations", Log: true}, report.Axis{Label: "E f − f*", Log: true},
			curve("last iterate", last.step[1:], last.excess[1:]), curve("average of the iterates", mean.step[1:], mean.excess[1:]),
			dashed("bound for the average", mean.step[1:], bound[1:]))}},
		Verdict: Verdict{
			equal("slope of the last iterate", "наклон последней итерации", last.slope(1000), 0, 0.1),
			equal("slope of the average", "наклон среднего", mean.slope(1000), s.predict(-1), 0.25),
			atMost("largest ratio of E f − f* of the average to the bound", "наибольшее отношение E f − f* среднего к оценке",
				tightest, 1),
		},
	}, nil
}

// orthogonalDesign is least squares with x = √d·sⱼeⱼ with probability 1/d and y = ⟨w, x⟩ ± σ, whose constants are known: R is the
// length of the longest x. The smallest scale is 0, so that it is not strongly convex.
func orthogonalDesign(d int, sigma float64) (p *objective.Linear, w []float64, radius float64) {
	rows := &data.Dense{Rows: 2 * d, Cols: d, Data: make([]float64, 2*d*d)}
	y := make([]float64, 2*d)
	w = make([]float64, d)
	for j := range d {
		scale := math.Pow(0.3, float64(j)/float64(d-1))
		if j == d-1 {
			scale = 0
		} else {
			w[j] = 1
		}
		length := math.Sqrt(float64(d)) * scale
		radius = max(radius, length)
		for side, sign := range []float64{-1, 1} {
			i := 2*j + side
			rows.Data[i*d+j] = length
			y[i] = length*w[j] + sign*sigma
		}
	}
	p, err := objective.LeastSquares(rows, y)
	if err != nil {
		panic("lecture: " + err.Error())
	}
	return p, w, radius
}
