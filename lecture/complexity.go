package lecture

import (
	"math"

	"steepest/data"
	"steepest/objective"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/report"
	"steepest/theory"
	"steepest/train"
)

var complexity = Scene{
	Name:  "complexity",
	Title: Text{"The complexity of GD and SGD", "Результаты для градиентного спуска"},
	Claim: Text{
		"To reach an error ε under PL, gradient descent needs O(log 1/ε) steps and SGD O(1/ε). In the convex and in the " +
			"non-convex case they need O(1/ε) and O(1/ε²).",
		"Для точности ε при условии PL градиентному спуску нужно O(log 1/ε) шагов, а SGD — O(1/ε); в выпуклом и в невыпуклом " +
			"случае O(1/ε) и O(1/ε²).",
	},
	Formulas: []string{
		`\text{GD: } \mathcal{O}\left(\log\frac1\varepsilon\right),\ \mathcal{O}\left(\frac1\varepsilon\right),\
			\mathcal{O}\left(\frac1\varepsilon\right),\quad \text{SGD: } \mathcal{O}\left(\frac1\varepsilon\right),\
			\mathcal{O}\left(\frac1{\varepsilon^2}\right),\ \mathcal{O}\left(\frac1{\varepsilon^2}\right)`,
	},
	Shows: Text{
		"Errors after k steps on log-log axes. If a class has a worst function for each k, that function is used. Dashed: the " +
			"slopes of the table.",
		"Ошибка после k шагов в логарифмических осях, на функциях, худших в своём классе для каждого k, где такая есть; " +
			"пунктир — наклоны из таблицы.",
	},
	Note: Text{
		"In the non-convex row ε bounds ‖∇f‖², not ‖∇f‖. GD is plain, without acceleration, and SGD meets noise at the " +
			"solution: with none it has the rates of GD.",
		"В невыпуклой строке ε ограничивает ‖∇f‖², а не ‖∇f‖. GD — без ускорения, а у SGD в решении есть шум: без него его " +
			"скорости — те же, что у GD.",
	},
	run: runComplexity,
}

func runComplexity(s *stage) (*Outcome, error) {
	var verdict Verdict
	var panels []report.Panel
	k := report.Axis{Label: "k", Log: true}

	// PL: a quadratic.
	q := objective.NoisyQuadratic([]float64{1, 1.5}, []float64{0.6, 0.8})
	settings := train.Settings{Steps: 1 << 13, EvaluateEvery: 64, Batch: 1, Optimum: &train.Optimum{X: []float64{0, 0}}}
	sgd, err := s.average(q, []float64{1, 1}, rules.SGD{LR: schedule.Switch{Mu: 1, L: 1.5}}, settings, 100)
	if err != nil {
		return nil, err
	}
	gd, err := s.minimize(q, []float64{1, 1}, rules.SGD{LR: schedule.Constant(0.5)}, train.Settings{Steps: 24, EvaluateEvery: 1,
		Optimum: settings.Optimum})
	if err != nil {
		return nil, err
	}
	x, y := gd.excesses()
	panels = append(panels, panel("PL: f − f*", k, report.Axis{Label: "f − f*", Log: true},
		curve("GD", x[1:], y[1:]), curve("SGD", sgd.step[1:], sgd.excess[1:]), guide("slope −1", -1, 64, 1<<13, sgd.last())))
	verdict = append(verdict,
		equal("PL, GD: factor of a step, (1 − αμ)²", "PL, GD: множитель за шаг, (1 − αμ)²", math.Exp(theory.Linear(x[1:], y[1:]).Slope),
			s.predict(0.25), 0.005),
		equal("PL, SGD: slope", "PL, SGD: наклон", sgd.slope(256), s.predict(theory.Complexities[0].SGD), 0.1))

	// Convex: the worst function for each number of steps.
	var steps, gdEnds []float64
	for n := 16; n <= 1024; n *= 4 {
		end, err := s.worstOfGD(n)
		if err != nil {
			return nil, err
		}
		steps, gdEnds = append(steps, float64(n)), append(gdEnds, end)
	}
	sgdSteps, sgdEnds, err := s.worstOfSGD()
	if err != nil {
		return nil, err
	}
	panels = append(panels, panel("convex: f − f*", k, report.Axis{Label: "f − f*", Log: true},
		curve("GD", steps, gdEnds), curve("SGD", sgdSteps, sgdEnds), guide("slope −1", -1, 16, 1024, gdEnds[len(gdEnds)-1]),
		guide("slope −½", -0.5, 64, 4096, sgdEnds[len(sgdEnds)-1])))
	verdict = append(verdict,
		equal("convex, GD: slope", "выпуклый, GD: наклон", theory.Power(steps, gdEnds).Slope,
			s.predict(theory.Complexities[1].GD), 0.03),
		equal("convex, SGD: slope", "выпуклый, SGD: наклон", theory.Power(sgdSteps, sgdEnds).Slope,
			s.predict(theory.Complexities[1].SGD), 0.07))

	// Not convex: the mean square of the gradient along the path, with the step ∝ 1/√k that is best for k steps.
	gdSteps, gdSquares, sgdSquares, err := s.notConvex()
	if err != nil {
		return nil, err
	}
	panels = append(panels, panel("not convex: mean ‖∇f‖²", k, report.Axis{Label: "mean ‖∇f‖²", Log: true},
		curve("GD", gdSteps, gdSquares), curve("SGD", gdSteps, sgdSquares)))
	verdict = append(verdict,
		equal("not convex, GD: slope", "невыпуклый, GD: наклон", theory.Power(gdSteps, gdSquares).Slope,
			s.predict(theory.Complexities[2].GD), 0.1),
		equal("not convex, SGD: slope", "невыпуклый, SGD: наклон", theory.Power(gdSteps, sgdSquares).Slope,
			s.predict(theory.Complexities[2].SGD), 0.12))
	return &Outcome{Figure: &report.Figure{Panels: panels}, Verdict: verdict}, nil
}

// guide returns a straight line on logarithmic axes that ends at a given value.
func guide(name string, slope, from, to, end float64) report.Curve {
	return dashed(name, []float64{from, to}, []float64{2 * end * math.Pow(from/to, slope), 2 * end})
}

// worstOfGD returns f − f* after n steps of gradient descent on its worst function: Huber's function, whose linear part the steps do not
// leave (Drori and Teboulle 2014, theorem 2).
func (s *stage) worstOfGD(n int) (float64, error) {
	one := &data.Dense{Rows: 1, Cols: 1, Data: []float64{1}}
	p, err := objective.Huber(one, []float64{0}, 1/float64(2*n+1))
	if err != nil {
		return 0, err
	}
	r, err := s.minimize(p, []float64{1}, rules.SGD{LR: schedule.Constant(1)}, train.Settings{Steps: n, EvaluateEvery: n,
		Optimum: &train.Optimum{}})
	if err != nil {
		return 0, err
	}
	return r.points[len(r.points)-1].Excess, nil
}

// notConvex runs gradient descent and SGD on x² + 3 sin²x with noise ± 1, for growing numbers of steps. It returns the mean of ‖∇f‖²
// over each run. The step size of SGD balances the two terms of its bound.
func (s *stage) notConvex() (k, gd, sgd []float64, err error) {
	ripple := objective.Ripple()
	slope := make([]float64, 1)
	square := func(x []float64) float64 {
		ripple.Grad(slope, x, nil)
		return slope[0] * slope[0]
	}
	noisy := &objective.Funcs[float64]{N: 2, D: 1,
		FuncGrad: func(dst, x []float64, i int) float64 {
			f, sign := ripple.Grad(dst, x, nil), float64(2*i-1)
			dst[0] += sign
			return f + sign*x[0]
		},
	}
	const lipschitz = 8 // Lipschitz constant of the derivative
	for n := 256; n <= 1<<14; n *= 4 {
		mean := func(lr float64, batch func(k int) []uint32) (float64, error) {
			return measured(s, func() (float64, error) {
				path, err := s.path(noisy, []float64{3}, rules.SGD{LR: schedule.Constant(lr)}, n, batch)
				total := 0.0
				for _, x := range path {
					total += square(x) / float64(n)
				}
				return total, err
			})
		}
		still, err := mean(1./lipschitz, whole)
		if err != nil {
			return nil, nil, nil, err
		}
		var total float64
		const seeds = 40
		for seed := range seeds {
			got, err := mean(0.5/math.Sqrt(float64(n)), train.NewBatches(train.WithReplacement, 2, 1, uint64(seed)).At)
			if err != nil {
				return nil, nil, nil, err
			}
			total += got / seeds
		}
		k, gd, sgd = append(k, float64(n)), append(gd, still), append(sgd, total)
	}
	return k, gd, sgd, nil
}
