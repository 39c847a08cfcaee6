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
	h, x0 := []float64{1, 3, 10, kappa}, []float64{1, 1, 1, 1}
	calm := objective.NoisyQuadratic(h, make([]float64, len(h)))
	noisy := objective.NoisyQuadratic(h, []float64{0.5, 0.5, 0.5, 0.5})
	root := math.Sqrt(kappa)
	methods := []struct {
		name       string
		best, beta float64 // the best constant step without noise, and the momentum
		rule       func(lr schedule.Schedule, beta float64) optim.Rule
	}{
		{"GD / SGD", 2. / (1 + kappa), 0, func(lr schedule.Schedule, _ float64) optim.Rule { return rules.SGD{LR: lr} }},
		{"Polyak", 4 / square(1+root), square((root - 1) / (root + 1)), func(lr schedule.Schedule, beta float64) optim.Rule {
			return rules.HeavyBall{LR: lr, Momentum: optim.Set(beta)}
		}},
		{"Nesterov", 1. / kappa, (root - 1) / (root + 1), func(lr schedule.Schedule, beta float64) optim.Rule {
			return rules.Nesterov{LR: lr, Momentum: optim.Set(beta)}
		}},
	}
	var left, right []report.Curve
	reached, slopes, ends := map[string]float64{}, map[string]float64{}, map[string]float64{}
	for _, m := range methods {
		r, err := s.minimize(calm, x0, m.rule(schedule.Constant(m.best), m.beta),
			train.Settings{Steps: 400, EvaluateEvery: 1, Optimum: &train.Optimum{}})
		if err != nil {
			return nil, err
		}
		k, y := r.excesses()
		reached[m.name] = reach(k, y, 1e-10)
		left = append(left, curve(m.name, k, positive(y)))

		// The step of SGD goes from 1/(4L) to 2/(μk).
		lr := schedule.Inverse{Initial: (1 - m.beta) / (4 * kappa), Decay: 1. / (8 * kappa)}
		e, err := s.average(noisy, x0, m.rule(lr, m.beta), train.Settings{Batch: 1, Steps: 20000, EvaluateEvery: 200, Optimum: &train.Optimum{}}, 40)
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
	for _, m := range methods {
		verdict = append(verdict, equal("slope with noise, "+m.name, "наклон с шумом, "+m.name, slopes[m.name], s.predict(-1), 0.15))
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
