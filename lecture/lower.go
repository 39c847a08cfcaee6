package lecture

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/report"
	"steepest/theory"
	"steepest/train"
)

var lower = Scene{
	Name:  "lower-bounds",
	Title: Text{"The rates cannot be improved", "Оценки скорости не могут быть улучшены"},
	Claim: Text{
		"Under the standard assumptions the rates cannot be improved: for each number of steps there is a function on which no " +
			"method does better, neither with exact gradients nor with unbiased ones of bounded variance.",
		"При стандартных предположениях оценки скорости не могут быть улучшены: для любого числа шагов есть функция, на которой " +
			"ни один метод не лучше, ни с точными градиентами, ни с несмещёнными ограниченной дисперсии.",
	},
	Formulas: []string{
		`f(x) = \frac{1}{8}\left(x_1^2 + \sum_{i=1}^{n-1} (x_i - x_{i+1})^2 + x_n^2\right) - \frac{x_1}{4}:\quad
			f(x_k) - f^* \ge \frac18\left(\frac{1}{k+1} - \frac{1}{n+1}\right)`,
		`f_+(x) = \left(\frac12 + \delta\right)|x + \frac12| + \left(\frac12 - \delta\right)|x - \frac12|,\quad
			f_-(x) = f_+(-x),\quad \delta = \frac{3}{8\sqrt k}`,
		`\max_\pm \mathbb{E} f_\pm(x_k) - f_\pm^* \ge
			2\delta\,P\left(\text{Bin}\left(k, \frac12 + \delta\right) < \frac k2\right)`,
	},
	Shows: Text{
		"Left, Nesterov's worst function of 201 unknowns with L = 1, from 0: each step of a method reaches one more " +
			"coordinate, which gives the bound. Right, after k gradients, each the slope of one of two kinks, the average of " +
			"SGD with its best step for k: means of 400 runs. The lower curve is an error that no method can beat after k " +
			"flips of the coin.",
		"Слева худшая функция Нестерова от 201 переменной с L = 1, из нуля: каждый шаг метода добирается до ещё одной " +
			"координаты, откуда и оценка. Справа после k градиентов, каждый из которых — наклон одного из двух модулей, среднее " +
			"итераций SGD с лучшим шагом для k: средние 400 запусков. Ниже — то, чего не превзойдёт ни один метод, видевший k " +
			"бросков монеты.",
	},
	Note: Text{
		"Nesterov (2004), section 2.1.2, for methods whose steps lie in the span of the gradients. The coin is that of " +
			"Agarwal et al. (2012), arXiv:1009.0571, with the exact probability in place of their constant: the two functions " +
			"differ only in the bias of the coin, which k flips do not reveal.",
		"Нестеров (2004), раздел 2.1.2, для методов, шаги которых лежат в линейной оболочке градиентов. Монета — из Agarwal и " +
			"др. (2012), arXiv:1009.0571, с точной вероятностью вместо их константы: две функции различаются лишь смещением " +
			"монеты, которого k бросков не выдают.",
	},
	run: runLower,
}

func runLower(s *stage) (*Outcome, error) {
	const n, count = 201, 100
	f, best := worstQuadratic(n)
	bound := make([]float64, count+1)
	for k := range bound {
		bound[k] = s.predict((1/float64(k+1) - 1./(n+1)) / 8)
	}
	root := 2 * (n + 1) / math.Pi // √κ
	beta := (root - 1) / (root + 1)
	k := report.Axis{Label: "k", Log: true}
	left := []report.Curve{dashed("lower bound", steps(count + 1)[1:], bound[1:])}
	var verdict Verdict
	for _, m := range []struct {
		name, ru string
		rule     optim.Rule
	}{
		{"GD", "GD", rules.SGD{LR: schedule.Constant(1)}},
		{"Nesterov", "Нестеров", rules.Nesterov{LR: schedule.Constant(1), Momentum: optim.Set(beta)}},
		{"Polyak", "Поляк", rules.HeavyBall{LR: schedule.Constant(square(1 + beta)), Momentum: optim.Set(square(beta))}},
	} {
		r, err := s.minimize(f, make([]float64, n), m.rule, train.Settings{Steps: count, EvaluateEvery: 1, Optimum: &best})
		if err != nil {
			return nil, err
		}
		y, least, most := make([]float64, len(r.points)), math.Inf(1), 0.0
		for i, p := range r.points {
			y[i] = p.Excess
			least, most = min(least, y[i]/bound[i]), max(most, y[i]/y[0])
		}
		left = append(left, curve(m.name, steps(len(y))[1:], y[1:]))
		verdict = append(verdict,
			atLeast(m.name+": least ratio of f − f* to the bound", m.ru+": наименьшее отношение f − f* к оценке", least, 1-1e-9),
			atMost(m.name+": largest f − f* divided by that of the start", m.ru+": наибольшее f − f* к начальному", most, 1))
	}

	var ks, ends, bounds []float64
	least, most := math.Inf(1), 0.0
	for horizon := 65; horizon <= 4097; horizon = 4*horizon - 3 {
		p, best, delta := coin(3 / (8 * math.Sqrt(float64(horizon))))
		e, err := s.average(p, []float64{0}, rules.SGD{LR: schedule.Constant(0.5 / math.Sqrt(float64(horizon)))}, train.Settings{Batch: 1,
			Steps: horizon, EvaluateEvery: horizon, Optimum: &best, Average: train.Average{Form: train.UniformAverage}}, 400)
		if err != nil {
			return nil, err
		}
		flips := distuv.Binomial{N: float64(horizon), P: 0.5 + delta}
		least2 := s.predict(2 * delta * flips.CDF(float64(horizon/2)))
		ks, ends, bounds = append(ks, float64(horizon)), append(ends, e.last()), append(bounds, least2)
		least = min(least, (e.last()+4*e.sigma[len(e.sigma)-1])/least2)
		most = max(most, e.last()/least2)
	}
	return &Outcome{
		Figure: &report.Figure{Panels: []report.Panel{
			panel("without noise", k, report.Axis{Label: "f − f*", Log: true}, left...),
			panel("with noise", k, report.Axis{Label: "E f(x̄) − f*", Log: true}, dashed("lower bound", ks, bounds), curve("SGD", ks, ends)),
		}},
		Verdict: append(verdict,
			atLeast("SGD: least ratio of E f − f*, with four standard errors, to the bound",
				"SGD: наименьшее отношение E f − f*, с четырьмя стандартными ошибками, к оценке", least, 1),
			atMost("SGD: largest ratio of E f − f* to the bound", "SGD: наибольшее отношение E f − f* к оценке", most, 3),
			equal("SGD: slope", "SGD: наклон", theory.Power(ks, ends).Slope, s.predict(-0.5), 0.07)),
	}, nil
}

// worstQuadratic returns Nesterov's function of n unknowns with L = 1, and its minimum.
func worstQuadratic(n int) (*objective.Funcs[float64], train.Optimum) {
	best := train.Optimum{X: make([]float64, n), F: (1/float64(n+1) - 1) / 8}
	for i := range best.X {
		best.X[i] = 1 - float64(i+1)/float64(n+1)
	}
	return &objective.Funcs[float64]{D: n, FuncGrad: func(dst, x []float64, _ int) float64 {
		f, before := -x[0]/4, 0.0
		for i, v := range x {
			after := 0.0
			if i+1 < n {
				after = x[i+1]
			}
			dst[i] = (2*v - before - after) / 4
			f += square(v-before) / 8
			before = v
		}
		dst[0] -= 0.25
		return f + square(before)/8
	}}, best
}

// coin returns f₊ as the mean of 1000 absolute values, its minimum, and δ. The share ½ + δ of the kinks is at −½; δ is the bias, rounded to
// thousandths.
func coin(bias float64) (*objective.Funcs[float64], train.Optimum, float64) {
	const n = 1000
	heads := n/2 + int(math.Round(n*bias))
	delta := float64(heads)/n - 0.5
	return &objective.Funcs[float64]{N: n, D: 1, FuncGrad: func(dst, x []float64, i int) float64 {
		at := 0.5
		if i < heads {
			at = -0.5
		}
		dst[0] = math.Copysign(1, x[0]-at)
		return math.Abs(x[0] - at)
	}}, train.Optimum{X: []float64{-0.5}, F: 0.5 - delta}, delta
}
