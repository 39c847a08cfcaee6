package lecture

import (
	"gonum.org/v1/gonum/stat"

	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
	"steepest/report"
)

var amsgrad = Scene{
	Name:  "amsgrad",
	Title: Text{"Adam does not converge on a simple convex problem", "Adam не сходится для простой выпуклой задачи"},
	Claim: Text{
		"There are convex problems of one unknown on which Adam goes to the worst point. AMSGrad, which divides by the root " +
			"of the largest v so far, goes to the best.",
		"Есть выпуклые задачи с одной переменной, на которых Adam идёт в худшую точку. AMSGrad, который делит на корень из " +
			"наибольшего из прошлых v, идёт в лучшую.",
	},
	Formulas: []string{
		`f_k(x) = \begin{cases} 3x & k = 1, 4, 7, \dots \\ -x & k = 2, 3, 5, 6, \dots \end{cases},\quad x \in [-1, 1],\quad
			\frac13 \sum_{k=1}^3 f_k(x) = \frac{x}{3}`,
		`\hat v^{(k)} = \max\left(\hat v^{(k-1)}, v^{(k)}\right),\quad
			x^{(k)} = x^{(k-1)} - \alpha_k \frac{m^{(k)}}{\sqrt{\hat v^{(k)}}}`,
	},
	Shows: Text{
		"The example of Reddi, Kale and Kumar (2018), theorem 1: β₁ = 0, β₂ = 1/10, α_k = 0.5/√k. The sum falls to the left, " +
			"so that −1 is the minimizer. The large gradient comes once in three steps, and Adam divides it by its own size.",
		"Пример Reddi, Kale и Kumar (2018), теорема 1: β₁ = 0, β₂ = 1/10, α_k = 0.5/√k. Сумма убывает влево, минимум в −1. " +
			"Большой градиент приходит раз в три шага, и Adam делит его на его же величину.",
	},
	Note: Text{
		"SGD has no trouble with the problem. The theorem needs β₁ < √β₂, and a β₂ chosen before the problem.",
		"У SGD с этой задачей трудностей нет. Теорема требует β₁ < √β₂ и того, чтобы β₂ было выбрано раньше задачи.",
	},
	run: runAmsgrad,
}

func runAmsgrad(s *stage) (*Outcome, error) {
	const count = 6000
	lr := schedule.InvSqrt{Initial: 0.5}
	adam := rules.Adam{LR: lr, Beta1: optim.Set(0.0), Beta2: optim.Set(0.1), Eps: optim.Set(0.0)}
	var curves []report.Curve
	var verdict Verdict
	for _, m := range []struct {
		name string
		rule optim.Rule
		end  float64
	}{
		{"Adam", adam, 1},
		{"AMSGrad", rules.AMSGrad{Adam: adam}, -1},
		{"SGD", rules.SGD{LR: lr}, -1},
	} {
		o, err := optim.New[float64](m.rule, []param.Param{{Name: "x"}})
		if err != nil {
			return nil, err
		}
		x, y := []float64{0}, []float64{0}
		for k := 1; k <= count; k++ {
			g := []float64{-s.sign()}
			if k%3 == 1 {
				g[0] = 3 * s.sign()
			}
			if err := o.Step(x, g); err != nil {
				return nil, err
			}
			x[0] = min(max(x[0], -1), 1)
			y = append(y, x[0])
		}
		if m.name != "SGD" { // the curve of SGD coincides with that of AMSGrad
			curves = append(curves, curve(m.name, steps(count + 1)[1:], y[1:]))
		}
		verdict = append(verdict, equal(m.name+": mean of x over the last third", m.name+": среднее x за последнюю треть",
			stat.Mean(y[2*count/3:], nil), s.predict(m.end), 0.05))
	}
	ends := []float64{1, count}
	curves = append(curves, dashed("minimizer", ends, []float64{-1, -1}))
	return &Outcome{
		Figure: &report.Figure{Panels: []report.Panel{panel("Reddi, Kale and Kumar's example",
			report.Axis{Label: "iterations", Log: true}, report.Axis{Label: "x"}, curves...)}},
		Verdict: verdict,
	}, nil
}
