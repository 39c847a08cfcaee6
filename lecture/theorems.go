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

// measuredMoment is a remark on the σ² of the lecture.
var measuredMoment = Text{
	"The lecture calls σ² a bound on the variance; it is one on the second moment E‖∇f_i(x_k)‖². No such bound holds on " +
		"all of ℝⁿ for a strongly convex f, so σ² is measured along the run.",
	"В лекции σ² названо оценкой дисперсии; это оценка второго момента E‖∇f_i(x_k)‖². Для сильно выпуклой f на всём ℝⁿ такой " +
		"оценки нет, поэтому σ² измерено вдоль траектории.",
}

var plConstant = Scene{
	Name:  "pl-constant",
	Title: Text{"Smooth PL case, constant step", "Гладкий PL-случай с постоянным шагом"},
	Claim: Text{
		"SGD with a constant step α < 1/(2μ) comes down linearly to a floor of at most Lσ²α/(4μ).",
		"SGD с постоянным шагом α < 1/(2μ) линейно спускается до уровня не выше Lσ²α/(4μ).",
	},
	Formulas: []string{
		`\mathbb{E}[f(x_k) - f^*] \le (1 - 2\alpha\mu)^k [f(x_0) - f^*] + \frac{L\sigma^2\alpha}{4\mu}`,
	},
	Shows: Text{
		"Quadratics with noise ± u, from x = 1: the mean of 400 runs, the printed bound dashed, and what its proof gives for " +
			"the second moment of each step. With κ = 1 the latter is exact.",
		"Квадратичные функции с шумом ± u, из x = 1: среднее 400 запусков, напечатанная оценка пунктиром и то, что даёт её " +
			"доказательство для второго момента каждого шага. При κ = 1 последняя точна.",
	},
	Note: measuredMoment,
	run: func(s *stage) (*Outcome, error) {
		settings, theorems := train.Settings{Steps: 512, EvaluateEvery: 8}, []string{"pl-constant", "pl"}
		return s.held(
			known("κ = 1, α = 0.1", "κ = 1, α = 0.1", objective.NoisyQuadratic([]float64{1}, []float64{1}), []float64{1},
				trial{rule: rules.SGD{LR: schedule.Constant(0.1)}, settings: settings, seeds: 400, theorems: theorems, tight: 1.2}),
			known("κ = 5, α = 0.05", "κ = 5, α = 0.05", objective.NoisyQuadratic([]float64{1, 5}, []float64{0.6, 0.8}), []float64{3, 3},
				trial{rule: rules.SGD{LR: schedule.Constant(0.05)}, settings: settings, seeds: 400, theorems: theorems, tight: 8}),
		)
	},
}

var convexConstant = Scene{
	Name:  "convex-constant",
	Title: Text{"Convex case, constant step and average", "Гладкий выпуклый случай с постоянным шагом"},
	Claim: Text{
		"The average of the iterates of SGD with a constant step satisfies a bound with two terms. The step R/(σ√k), for " +
			"which the number of steps must be known, makes the terms equal and gives the error O(1/√k).",
		"Для среднего итераций SGD с постоянным шагом верна оценка из двух слагаемых; шаг R/(σ√k), знающий конец, делает их " +
			"равными, а ошибку — O(1/√k).",
	},
	Formulas: []string{
		`\mathbb{E}[f(\bar x_k) - f^*] \le \frac{\|x_0 - x^*\|^2}{2\alpha k} + \frac{\alpha\sigma^2}{2},\quad
			\bar x_k = \frac1k \sum_{t=0}^{k-1} x_t`,
		`\alpha = \frac{\|x_0 - x^*\|}{\sigma\sqrt k}:\quad \mathbb{E}[f(\bar x_k) - f^*] \le \frac{\|x_0 - x^*\|\,\sigma}{\sqrt k}`,
	},
	Shows: Text{
		"Left, ε|x| ± x with ε = 2/√1600 and the best step for 1600 steps: the bound is nearly reached. Right, log(1 + " +
			"e^{∓x}) from 4 with the step 1. Means of 400 runs.",
		"Слева ε|x| ± x с ε = 2/√1600 и лучшим шагом для 1600 шагов: оценка почти достигается. Справа log(1 + e^{∓x}) из 4 с " +
			"шагом 1. Средние 400 запусков.",
	},
	Note: Text{
		"The theorem holds for any convex f; smoothness is not needed. The best step gives a bound at one step only, the last.",
		"Теорема верна для любой выпуклой f; гладкость не нужна. Лучший шаг даёт оценку лишь в одной точке, в конце.",
	},
	run: func(s *stage) (*Outcome, error) {
		const horizon = 1600
		uniform := train.Settings{Steps: horizon, EvaluateEvery: 16, Average: train.Average{Form: train.UniformAverage}}
		kink := objective.NoisyAbs(2 / math.Sqrt(horizon))
		best := schedule.Constant(1 / math.Sqrt(kink.Known.SecondMoment*horizon))
		o, err := s.held(
			known("ε|x| ± x, best α", "ε|x| ± x, лучший α", kink, []float64{1},
				trial{rule: rules.SGD{LR: best}, settings: uniform, seeds: 400, theorems: []string{"convex-constant"}, tight: 2}),
			known("log(1 + e^∓x), α = 1", "log(1 + e^∓x), α = 1", objective.TwoLogistic(), []float64{4},
				trial{rule: rules.SGD{LR: schedule.Constant(1)}, settings: uniform, seeds: 400,
					theorems: []string{"convex-constant", "convex"}}),
		)
		if err != nil {
			return nil, err
		}
		k, end, err := s.worstOfSGD()
		if err != nil {
			return nil, err
		}
		o.Verdict = append(o.Verdict, equal("slope over k of ε|x| ± x with ε = 2/√k and the best step for k",
			"наклон по k для ε|x| ± x с ε = 2/√k и лучшим шагом для k", theory.Power(k, end).Slope,
			s.predict(theory.Complexities[1].SGD), 0.07))
		return o, nil
	},
}

var convexDecreasing = Scene{
	Name:  "convex-decreasing",
	Title: Text{"Convex case, decreasing step", "Гладкий выпуклый случай с убывающим шагом"},
	Claim: Text{
		"With α_k = α₀/√(k+1), and the step sizes as weights of the average, the error is O(log k/√k). The number of steps " +
			"need not be known.",
		"При α_k = α₀/√(k+1) и среднем, взвешенном по шагам, ошибка равна O(log k/√k), и знать конец не нужно.",
	},
	Formulas: []string{
		`\bar x_k = \frac{\sum_{t=0}^{k-1} \alpha_t x_t}{\sum_{t=0}^{k-1} \alpha_t},\quad
			\mathbb{E}[f(\bar x_k) - f^*] \le \frac{5\|x_0 - x^*\|^2}{4\alpha_0\sqrt k} + 5\alpha_0\sigma^2\,\frac{\log(k+1)}{\sqrt k}`,
	},
	Shows: Text{
		"Means of 1000 runs with α₀ = 1, the printed bound dashed, and the sum that it was rounded from: five times lower in " +
			"the first term and twenty times in the second.",
		"Средние 1000 запусков при α₀ = 1, напечатанная оценка пунктиром и сумма, из которой она получена округлением: в " +
			"пять раз ниже в первом слагаемом и в двадцать раз во втором.",
	},
	Note: Text{
		"The hypotheses of the slide are those of another theorem (Garrigos and Gower, section 5: L_max, and the noise at " +
			"x*). Under the second moment of the lecture the inequality is true as well, for every α₀ > 0.",
		"Условия слайда взяты из другой теоремы (Garrigos и Gower, раздел 5: L_max и шум в x*). При втором моменте, как в " +
			"лекции, неравенство тоже верно, причём для любого α₀ > 0.",
	},
	run: func(s *stage) (*Outcome, error) {
		weighted := train.Settings{Steps: 400, EvaluateEvery: 8, Average: train.Average{Form: train.StepAverage}}
		t := trial{rule: rules.SGD{LR: schedule.InvSqrt{Initial: 1}}, settings: weighted, seeds: 1000,
			theorems: []string{"convex-decreasing", "convex"}, tight: 6}
		return s.held(
			known("log(1 + e^∓x), from 4", "log(1 + e^∓x), из 4", objective.TwoLogistic(), []float64{4}, t),
			known("0.2|x| ± x, from 1", "0.2|x| ± x, из 1", objective.NoisyAbs(0.2), []float64{1}, t),
		)
	},
}

var strongDecreasing = Scene{
	Name:  "pl-decreasing",
	Title: Text{"Strongly convex case, decreasing step, and its trap", "Основные результаты сходимости SGD"},
	Claim: Text{
		"With α_k = (2k+1)/(2μ(k+1)²) SGD converges as O(1/k).",
		"С убывающим шагом α_k = (2k+1)/(2μ(k+1)²) SGD сходится как O(1/k).",
	},
	Formulas: []string{`\mathbb{E}[f(x_{k+1}) - f^*] \le \frac{L\sigma^2}{2\mu^2(k+1)}`},
	Shows: Text{
		"Left, κ = 1.5: means of 400 runs and the bounds. Right, κ = 20: the first steps, 1/(2μ) = κ/2 · 1/L, throw x far " +
			"away before it converges, and make σ² large, too; the safe schedule starts at 1/(2L).",
		"Слева κ = 1.5: средние 400 запусков и оценки. Справа κ = 20: первые шаги, 1/(2μ) = κ/2 · 1/L, отбрасывают x далеко, " +
			"прежде чем он сойдётся, а с ним и σ²; безопасное расписание начинает с 1/(2L).",
	},
	Note: Text{
		"The bound holds in both pictures, but for κ = 20 it is useless, since the first steps make σ² very large. Safe " +
			"schedule: Gower et al. (2019), theorem 3.2.",
		"Оценка верна на обоих рисунках, но при κ = 20 бесполезна: σ² таково, каким его сделали первые шаги. Безопасное " +
			"расписание: Gower и др. (2019), теорема 3.2.",
	},
	run: runStrongDecreasing,
}

func runStrongDecreasing(s *stage) (*Outcome, error) {
	settings := train.Settings{Steps: 4096, EvaluateEvery: 32}
	left, verdict, e, err := s.hold(known("κ = 1.5", "κ = 1.5", objective.NoisyQuadratic([]float64{1, 1.5}, []float64{0.6,
		0.8}), []float64{1, 1},
		trial{rule: rules.SGD{LR: schedule.StronglyConvex{Mu: 1}}, settings: settings, seeds: 400,
			theorems: []string{"pl-decreasing", "pl"}, tight: 4}))
	if err != nil {
		return nil, err
	}
	verdict = append(verdict, equal("κ = 1.5: slope", "κ = 1.5: наклон", e.slope(64), s.predict(theory.Complexities[0].SGD), 0.1))
	steep := objective.NoisyQuadratic([]float64{1, 4, 20}, []float64{0.5, 0.5, 0.1})
	var curves []report.Curve
	highest := map[string]float64{}
	for _, c := range []struct {
		name string
		lr   schedule.Schedule
	}{{"(2k+1)/(2μ(k+1)²)", schedule.StronglyConvex{Mu: 1}}, {"safe schedule", schedule.Switch{Mu: 1, L: 20}}} {
		t := train.Settings{Batch: 1, Steps: 4096, EvaluateEvery: 1, Optimum: &train.Optimum{X: make([]float64, 3)}}
		e, err := s.average(steep, []float64{1, 1, 1}, rules.SGD{LR: c.lr}, t, 20)
		if err != nil {
			return nil, err
		}
		for _, v := range e.excess {
			highest[c.name] = max(highest[c.name], v/e.excess[0])
		}
		curves = append(curves, curve(c.name, e.step[1:], e.excess[1:]))
	}
	right := panel("κ = 20", report.Axis{Label: "iterations", Log: true}, report.Axis{Label: "E f − f*", Log: true}, curves...)
	verdict = append(verdict,
		atLeast("κ = 20: largest f − f* divided by that of the start", "κ = 20: наибольшее f − f* к начальному",
			highest["(2k+1)/(2μ(k+1)²)"], 1e6),
		atMost("κ = 20, safe schedule: largest f − f* divided by that of the start",
			"κ = 20, безопасное расписание: наибольшее f − f* к начальному",
			highest["safe schedule"], 1))
	return &Outcome{Figure: &report.Figure{Panels: []report.Panel{left, right}}, Verdict: verdict}, nil
}

// worstOfSGD returns, for several k, f − f* after k steps of averaged SGD on its worst function, with the best step size.
func (s *stage) worstOfSGD() (k, end []float64, err error) {
	for horizon := 64; horizon <= 4096; horizon *= 4 {
		f := objective.NoisyAbs(2 / math.Sqrt(float64(horizon)))
		lr := schedule.Constant(1 / math.Sqrt(f.Known.SecondMoment*float64(horizon)))
		e, err := s.average(f, []float64{1}, rules.SGD{LR: lr}, train.Settings{Batch: 1, Steps: horizon, EvaluateEvery: horizon,
			Optimum: &train.Optimum{X: []float64{0}}, Average: train.Average{Form: train.UniformAverage}}, 400)
		if err != nil {
			return nil, nil, err
		}
		k, end = append(k, float64(horizon)), append(end, e.last())
	}
	return k, end, nil
}
