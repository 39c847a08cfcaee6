package lecture

import (
	"math"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/report"
	"steepest/train"
)

var momentum = Scene{
	Name:  "momentum",
	Title: Text{"Momentum does not improve the stochastic rate", "Ускорение не улучшает стохастическую скорость"},
	Claim: Text{
		"Without noise the momentum of Polyak and Nesterov turns a number of steps ∝ κ into one ∝ √κ. With noise the rate " +
			"stays O(1/k): the bottleneck is the variance, not the condition number.",
		"Без шума моменты Поляка и Нестерова превращают число шагов ∝ κ в ∝ √κ. С шумом скорость остаётся O(1/k): узкое " +
			"место — дисперсия, а не число обусловленности.",
	},
	Formulas: []string{
		`\text{GD: } \left(\frac{\kappa-1}{\kappa+1}\right)^{2k},\quad
			\text{Polyak: } \left(\frac{\sqrt\kappa-1}{\sqrt\kappa+1}\right)^{2k},\quad
			\text{SGD: } \mathbb{E}f(x_k) - f^* = \mathcal{O}\left(\frac1k\right)`,
	},
	Shows: Text{
		"A quadratic with κ = 50. Left without noise, each method with its best constant step. Right with noise of the same " +
			"variance everywhere and decreasing steps, multiplied by 1 − β for momentum: means over 40 seeds.",
		"Квадратичная функция с κ = 50. Слева без шума, у каждого метода свой лучший постоянный шаг. Справа с шумом " +
			"постоянной дисперсии и убывающим шагом, у методов с моментом умноженным на 1−β: средние по 40 запускам.",
	},
	run: runMomentum,
}

func runMomentum(s *stage) (*Outcome, error) {
	const kappa = 50
	h := []float64{1, 3, 10, kappa}
	// Without noise.
	calm := objective.NoisyQuadratic(h, make([]float64, len(h)))
	root := math.Sqrt(kappa)
	beta := square((root - 1) / (root + 1))
	nesterov := (root - 1) / (root + 1)
	x0 := []float64{1, 1, 1, 1}
	var left []report.Curve
	reached := map[string]float64{}
	for _, m := range []struct {
		name string
		rule optim.Rule
	}{
		{"GD / SGD", rules.SGD{LR: schedule.Constant(2. / (1 + kappa))}},
		{"Polyak", rules.HeavyBall{LR: schedule.Constant(4 / square(1+root)), Momentum: optim.Set(beta)}},
		{"Nesterov", rules.Nesterov{LR: schedule.Constant(1. / kappa), Momentum: optim.Set(nesterov)}},
	} {
		r, err := s.minimize(calm, x0, m.rule, train.Settings{Steps: 400, EvaluateEvery: 1, Optimum: &train.Optimum{}})
		if err != nil {
			return nil, err
		}
		x, y := make([]float64, len(r.points)), make([]float64, len(r.points))
		reached[m.name] = math.Inf(1)
		for k, p := range r.points {
			x[k], y[k] = float64(k), p.Excess
			if p.Excess < 1e-16 {
				y[k] = math.NaN() // only rounding errors
			}
			if p.Excess < 1e-10 && math.IsInf(reached[m.name], 1) {
				reached[m.name] = float64(k)
			}
		}
		left = append(left, curve(m.name, x, y))
	}

	// With noise: the step of SGD goes from 1/(4L) to 2/(μk).
	noisy := objective.NoisyQuadratic(h, []float64{0.5, 0.5, 0.5, 0.5})
	lr := func(share float64) schedule.Schedule {
		return schedule.Inverse{Initial: share / (4 * kappa), Decay: 1. / (8 * kappa)}
	}
	var right []report.Curve
	slopes, ends := map[string]float64{}, map[string]float64{}
	for _, m := range []struct {
		name string
		rule optim.Rule
	}{
		{"GD / SGD", rules.SGD{LR: lr(1)}},
		{"Polyak", rules.HeavyBall{LR: lr(1 - beta), Momentum: optim.Set(beta)}},
		{"Nesterov", rules.Nesterov{LR: lr(1 - nesterov), Momentum: optim.Set(nesterov)}},
	} {
		e, err := s.average(noisy, x0, m.rule, train.Settings{Batch: 1, Steps: 20000, EvaluateEvery: 200, Optimum: &train.Optimum{}}, 40)
		if err != nil {
			return nil, err
		}
		slopes[m.name], ends[m.name] = e.slope(5000), e.last()
		right = append(right, curve(m.name, e.step[1:], e.excess[1:]))
	}
	guide := []float64{300, 20000}
	right = append(right, dashed("slope −1", guide, []float64{1. / 300, 1. / 20000}))
	excess := report.Axis{Label: "f − f*", Log: true}
	verdict := Verdict{
		atMost("steps of Polyak to 10⁻¹⁰ by those of GD; 1/√κ = 0.14", "шагов Поляка до 10⁻¹⁰ к шагам GD; 1/√κ = 0.14",
			reached["Polyak"]/reached["GD / SGD"], s.predict(2/root)),
		atMost("steps of Nesterov to 10⁻¹⁰ by those of GD", "шагов Нестерова до 10⁻¹⁰ к шагам GD",
			reached["Nesterov"]/reached["GD / SGD"], s.predict(3/root)),
	}
	for _, name := range []string{"GD / SGD", "Polyak", "Nesterov"} {
		verdict = append(verdict, equal("slope with noise, "+name, "наклон с шумом, "+name, slopes[name], s.predict(-1), 0.15))
	}
	verdict = append(verdict,
		equal("final f − f* of Polyak divided by that of SGD", "итог f − f* Поляка к итогу SGD", ends["Polyak"]/ends["GD / SGD"],
			s.predict(1), 0.1),
		equal("final f − f* of Nesterov divided by that of SGD", "итог f − f* Нестерова к итогу SGD",
			ends["Nesterov"]/ends["GD / SGD"], s.predict(1), 0.1))
	return &Outcome{
		Figure: &report.Figure{Panels: []report.Panel{
			panel("without noise", report.Axis{Label: "iterations"}, excess, left...),
			panel("with noise", report.Axis{Label: "iterations", Log: true}, excess, right...),
		}},
		Verdict: verdict,
	}, nil
}
