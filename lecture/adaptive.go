package lecture

import (
	"fmt"
	"math"

	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/report"
)

var adaptive = Scene{
	Name:  "adaptive",
	Title: Text{"RMSProp, AdaDelta, Adam and the bias of the start", "RMSProp, Adadelta, Adam и смещение начала"},
	Claim: Text{
		"An average of squares that starts at 0 is too small by the factor 1 − γᵏ at first, and makes the first steps of " +
			"RMSProp too long. Adam corrects this bias. AdaGrad's steps decrease for ever, those of the others do not.",
		"Скользящее среднее квадратов, начатое с 0, вначале занижено в 1 − γᵏ раз, и первые шаги RMSProp слишком длинны. " +
			"Adam исправляет это смещение. Шаги Adagrad убывают всегда, у остальных — нет.",
	},
	Formulas: []string{
		`v^{(k)} = \gamma v^{(k-1)} + (1-\gamma) \left(g^{(k)}\right)^2\ \Rightarrow\ \mathbb{E}v^{(k)} = (1-\gamma^k)\,\mathbb{E}g^2`,
		`\hat m = \frac{m^{(k)}}{1-\beta_1^k},\quad \hat v = \frac{v^{(k)}}{1-\beta_2^k},\quad
			x^{(k)} = x^{(k-1)} - \alpha\,\frac{\hat m}{\sqrt{\hat v} + \epsilon}`,
	},
	Shows: Text{
		"The length of each step, in units of α, where the gradient is always the same: Adam's is 1, the others' are what " +
			"the formulas say (dashed). AdaDelta has no α, and starts with √ε.",
		"Длина каждого шага в единицах α при постоянном градиенте: у Adam она равна 1, у остальных — как по формулам " +
			"(пунктир). У Adadelta нет α, и начинает он с √ε.",
	},
	run: runAdaptive,
}

func runAdaptive(s *stage) (*Outcome, error) {
	const alpha, gamma, slope, count = 0.001, 0.99, 3, 3000
	line := &objective.Funcs[float64]{D: 1,
		FuncGrad: func(dst, x []float64, _ int) float64 {
			dst[0] = slope
			return slope * x[0]
		},
	}
	lr := schedule.Constant(alpha)
	k := make([]float64, count)
	for i := range k {
		k[i] = float64(i + 1)
	}
	var curves []report.Curve
	var verdict Verdict
	for _, m := range []struct {
		name string
		rule optim.Rule
		law  func(k float64) float64 // the step in units of α; nil if it has no simple form
	}{
		{"Adam", rules.Adam{LR: lr}, func(float64) float64 { return 1 }},
		{"RMSProp, γ = 0.99", rules.RMSProp{LR: lr, Gamma: optim.Set(gamma)},
			func(k float64) float64 { return 1 / math.Sqrt(1-math.Pow(gamma, k)) }},
		{"RMSProp, corrected", rules.RMSProp{LR: lr, Gamma: optim.Set(gamma), Corrected: true}, func(float64) float64 { return 1 }},
		{"AdaGrad", rules.AdaGrad{LR: lr}, func(k float64) float64 { return 1 / math.Sqrt(k) }},
		{"AdaDelta", rules.AdaDelta{LR: schedule.Constant(1)}, nil},
	} {
		path, err := s.path(line, []float64{0}, m.rule, count, whole)
		if err != nil {
			return nil, err
		}
		y, law, worst := make([]float64, count), make([]float64, count), 0.0
		for i := range y {
			y[i] = (path[i][0] - path[i+1][0]) / alpha
			if m.law != nil {
				law[i] = s.predict(m.law(k[i]))
				worst = max(worst, math.Abs(y[i]/law[i]-1))
			}
		}
		curves = append(curves, curve(m.name, k, y))
		switch {
		case m.law == nil:
			rho, eps := 0.9, 1e-6
			want := s.predict(slope * math.Sqrt(eps) / math.Sqrt((1-rho)*slope*slope+eps))
			verdict = append(verdict, equal("AdaDelta, first step by √ε·g/√((1−ρ)g² + ε)", "Adadelta, первый шаг к √ε·g/√((1−ρ)g² + ε)",
				y[0]*alpha/want, 1, 1e-9))
		case m.name == "Adam" || m.name == "RMSProp, corrected":
			verdict = append(verdict, atMost(m.name+": largest relative deviation of a step from α",
				m.name+": наибольшее относительное отклонение шага от α", worst, 1e-6))
		default:
			curves = append(curves, dashed("law of "+m.name, k, law))
			verdict = append(verdict, atMost(m.name+": largest relative deviation of a step from the law",
				m.name+": наибольшее относительное отклонение шага от формулы", worst, 1e-5))
		}
		if m.name == "RMSProp, γ = 0.99" {
			verdict = append(verdict, equal(fmt.Sprintf("%s: first step in units of α, 1/√(1−γ)", m.name),
				fmt.Sprintf("%s: первый шаг в единицах α, 1/√(1−γ)", m.name), y[0], s.predict(10), 1e-4))
		}
	}
	return &Outcome{
		Figure: &report.Figure{Panels: []report.Panel{panel("Steps under a constant gradient",
			report.Axis{Label: "iteration k", Log: true}, report.Axis{Label: "step / α", Log: true}, curves...)}},
		Verdict: verdict,
	}, nil
}
