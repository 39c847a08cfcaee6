package lecture

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"

	"steepest/data"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/optimum"
	"steepest/report"
	"steepest/train"
)

var newton = Scene{
	Name: "newton",
	Title: Text{"O(1/k) without strong convexity: the Newton-type method",
		"Двухфазный метод Ньютона: O(1/k) без сильной выпуклости"},
	Claim: Text{
		"A two-phase Newton-type method reaches O(1/k) without strong convexity, at the price of SGD.",
		"Двухфазный метод Ньютона достигает O(1/k) без сильной выпуклости, и шаг его стоит столько же, сколько шаг SGD.",
	},
	Formulas: []string{
		`w \gets w - \gamma\left[\nabla f_i(\bar w) + \nabla^2 f_i(\bar w)(w - \bar w)\right],\quad
			\nabla^2 f_i = \ell''\, a_i a_i^\top`,
	},
	Shows: Text{
		"Logistic regression of ten unknowns without a penalty, means over 8 seeds: averaged SGD with a constant step stops " +
			"at a floor, the Newton-type method around the running average does not. Its form with two phases must know the " +
			"number of steps, so each k has its own run.",
		"Логистическая регрессия с десятью неизвестными без регуляризации, средние по 8 запускам: усреднённый SGD с " +
			"постоянным шагом останавливается, метод ньютоновского типа вокруг текущего среднего — нет. Форма с двумя фазами " +
			"знает конец, поэтому у каждого k свой запуск.",
	},
	Note: Text{
		"Bach and Moulines (2013), arXiv:1306.2119. The proof is for the form with two phases, the experiments are with the " +
			"running average; here the former is far from its rate. The result holds for least squares and for losses such as " +
			"the logistic, not for every smooth convex f. The bound of their theorem 2 is 3·10⁸ here, so only its slope is " +
			"drawn.",
		"Bach и Moulines (2013), arXiv:1306.2119. Доказана форма с двумя фазами, а в их экспериментах — текущее среднее; " +
			"здесь первая ещё далека от своей скорости. Это результат для наименьших квадратов и для таких функций потерь, " +
			"как логистическая, а не для любой гладкой выпуклой f. Оценка их теоремы 2 здесь равна 3·10⁸, поэтому нарисован " +
			"только наклон.",
	},
	run: runNewton,
}

func runNewton(s *stage) (*Outcome, error) {
	p, err := unitLogistic(2000, 10)
	if err != nil {
		return nil, err
	}
	best, err := optimum.Find(s, p)
	if err != nil {
		return nil, err
	}
	gamma := s.sign() * 1 / (2 * p.SquaredRadius())
	settings := train.Settings{Batch: 1, Steps: 200_000, EvaluateEvery: 4000, Optimum: &train.Optimum{X: best.X, F: best.Value},
		Average: train.Average{Form: train.UniformAverage}}
	var curves []report.Curve
	ends, slopes := map[string]float64{}, map[string]float64{}
	for _, m := range []struct {
		name string
		rule optim.Rule
	}{
		{"averaged SGD, step 4/R²", rules.SGD{LR: schedule.Constant(8 * gamma)}},
		{"Newton-type, step 1/(2R²)", train.NewtonSGD{LR: schedule.Constant(gamma)}},
	} {
		e, err := s.repeat(8, settings, func(_ int, settings train.Settings) error {
			_, err := train.Minimize(s, p, make([]float64, 10), m.rule, settings) // the method needs a linear model
			return err
		})
		if err != nil {
			return nil, err
		}
		curves = append(curves, curve(m.name, e.step[1:], e.excess[1:]))
		ends[m.name], slopes[m.name] = e.last(), e.slope(20_000)
	}
	k, end, err := s.twoPhases(p, settings)
	if err != nil {
		return nil, err
	}
	curves = append(curves, curve("Newton-type, two phases", k, end), guide("slope −1", -1, 3000, 200_000,
		ends["Newton-type, step 1/(2R²)"]))
	return &Outcome{
		Figure: &report.Figure{Panels: []report.Panel{panel("Logistic regression without a penalty",
			report.Axis{Label: "iterations", Log: true}, report.Axis{Label: "E f(x̄) − f*", Log: true}, curves...)}},
		Verdict: Verdict{
			equal("Newton-type: slope", "метод ньютоновского типа: наклон", slopes["Newton-type, step 1/(2R²)"], s.predict(-1), 0.25),
			equal("averaged SGD: slope", "усреднённый SGD: наклон", slopes["averaged SGD, step 4/R²"], 0, 0.3),
			atMost("final f − f* of the Newton-type method divided by that of averaged SGD",
				"итог метода ньютоновского типа к итогу усреднённого SGD",
				ends["Newton-type, step 1/(2R²)"]/ends["averaged SGD, step 4/R²"], s.predict(0.5)),
			atMost("two phases: final f − f* divided by that of averaged SGD", "две фазы: итог к итогу усреднённого SGD",
				end[len(end)-1]/ends["averaged SGD, step 4/R²"], s.predict(0.8)),
		},
	}, nil
}

// twoPhases returns f − f* after k steps of the form of the method that the theorem covers. Each k has its own run.
func (s *stage) twoPhases(p *objective.Linear[float64], settings train.Settings) (k, end []float64, err error) {
	for n := 3125; n <= 200_000; n *= 4 {
		settings.Steps, settings.EvaluateEvery = n, n
		e, err := s.repeat(8, settings, func(_ int, settings train.Settings) error {
			rule := train.NewtonSGD{TwoPhase: true, LR: schedule.Constant(s.sign() / p.SquaredRadius())}
			_, err := train.Minimize(s, p, make([]float64, 10), rule, settings)
			return err
		})
		if err != nil {
			return nil, nil, err
		}
		k, end = append(k, float64(n)), append(end, e.last())
	}
	return k, end, nil
}

// unitLogistic returns logistic regression on normal rows of length 1, with labels drawn from a logistic model.
func unitLogistic(n, d int) (*objective.Linear[float64], error) {
	random := rand.New(rand.NewPCG(8, 0))
	rows, y := &data.Dense{Rows: n, Cols: d, Data: make([]float64, n*d)}, make([]float64, n)
	for i := range n {
		row, score := rows.Row(i), 0.0
		for j := range row {
			row[j] = random.NormFloat64() / math.Sqrt(float64(j+1))
		}
		size := floats.Norm(row, 2)
		for j := range row {
			row[j] /= size
			score += 8 * row[j] / math.Sqrt(float64(d)) * float64(1-2*(j%2))
		}
		y[i] = math.Copysign(1, 1/(1+math.Exp(-score))-random.Float64())
	}
	return objective.Logistic(rows, y)
}
