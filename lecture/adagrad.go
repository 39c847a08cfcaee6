package lecture

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"

	"steepest/compare"
	"steepest/data"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/optimum"
	"steepest/report"
	"steepest/train"
)

var adagrad = Scene{
	Name:  "adagrad",
	Title: Text{"AdaGrad on sparse features", "Adagrad на разреженных признаках"},
	Claim: Text{
		"The step of a rare and informative feature decays more slowly: after k steps it is α/√v_j, and v_j grows with how " +
			"often the feature occurs. On sparse problems AdaGrad can be much better than SGD.",
		"Шаг обучения для редких информативных признаков убывает медленнее: после k шагов он равен α/√v_j, а v_j растёт с " +
			"частотой признака. На разреженных задачах Adagrad может существенно превосходить SGD.",
	},
	Formulas: []string{
		`v_j^{(k)} = v_j^{(k-1)} + \left(g_j^{(k)}\right)^2,\quad
			x_j^{(k)} = x_j^{(k-1)} - \alpha \frac{g_j^{(k)}}{\sqrt{v_j^{(k)} + \epsilon}}`,
	},
	Shows: Text{
		"Logistic regression on 2000 rows of 200 binary features, of which the j-th is set with probability 1/(j+1). Left: " +
			"the step that AdaGrad ends with, by the frequency of the feature. Right: a race with the step size tuned in " +
			"twelve trials for each, median and deciles over five seeds.",
		"Логистическая регрессия на 2000 строк с 200 бинарными признаками, j-й равен 1 с вероятностью 1/(j+1). Слева: шаг, с " +
			"которым заканчивает Adagrad, в зависимости от частоты признака. Справа: сравнение, в котором шаг каждого метода " +
			"подобран за двенадцать попыток; медиана и децили по пяти запускам.",
	},
	run: runAdagrad,
}

func runAdagrad(s *stage) (*Outcome, error) {
	p, frequency, err := sparseProblem()
	if err != nil {
		return nil, err
	}
	best, err := optimum.Find(s, p)
	if err != nil {
		return nil, err
	}
	const alpha, epochs = 0.5, 5
	o, err := optim.New[float64](rules.AdaGrad{LR: schedule.Constant(alpha)}, p.Params())
	if err != nil {
		return nil, err
	}
	x, g := make([]float64, len(frequency)), make([]float64, len(frequency))
	batches := train.NewBatches(train.Reshuffle, p.Len(), 1, 1)
	for k := range epochs * p.Len() {
		p.Grad(g, x, batches.At(k))
		if err := o.Step(x, g); err != nil {
			return nil, err
		}
	}
	var often, step, logOften, logStep []float64 // for the features that occur, the rarest first
	sums := o.State().Vectors["adagrad.s/weight"]
	for _, j := range byFrequency(frequency) {
		if v := sums[j]; frequency[j] > 0 {
			often, step = append(often, frequency[j]), append(step, alpha/math.Sqrt(v+1e-6))
			logOften, logStep = append(logOften, math.Log(frequency[j])), append(logStep, math.Log(step[len(step)-1]))
		}
	}
	offset, slope := stat.LinearRegression(logOften, logStep, nil, false)

	result, final, err := s.race(compare.Race{
		Problem: p, Trials: 12, Seeds: 5, Optimum: &train.Optimum{X: best.X, F: best.Value},
		Settings: train.Settings{Batch: 1, Sampling: train.Reshuffle, Epochs: epochs},
	}, "sgd:name=SGD", "adagrad:name=AdaGrad")
	if err != nil {
		return nil, err
	}
	right := result.Plot()
	right.Title = "f − f*, step sizes tuned"
	fitted := make([]float64, len(often))
	for i, f := range often {
		fitted[i] = math.Exp(offset) * math.Pow(f, slope)
	}
	return &Outcome{
		Figure: &report.Figure{Panels: []report.Panel{
			panel("α/√v_j after 5 epochs", report.Axis{Label: "frequency of the feature", Log: true},
				report.Axis{Label: "step", Log: true},
				curve("AdaGrad", often, step), dashed(fmt.Sprintf("slope %.2f", slope), often, fitted)),
			{Plot: &right, X: "epochs", Y: "excess"},
		}},
		Verdict: Verdict{
			equal("slope of log step over log frequency", "наклон логарифма шага по логарифму частоты", slope, s.predict(-0.5), 0.1),
			atMost("final f − f* of AdaGrad divided by that of SGD", "итоговое f − f* Adagrad к итогу SGD",
				final["AdaGrad"]/final["SGD"], s.predict(0.5)),
			atMost("final f − f* of AdaGrad divided by that of the start", "итоговое f − f* Adagrad к начальному",
				final["AdaGrad"]/(p.Loss(make([]float64, len(frequency)), nil)-best.Value), 0.01),
		},
	}, nil
}

// byFrequency lists the features, the rarest first.
func byFrequency(frequency []float64) []int {
	list := make([]int, len(frequency))
	for j := range list {
		list[j] = j
	}
	slices.SortStableFunc(list, func(i, j int) int { return cmp.Compare(frequency[i], frequency[j]) })
	return list
}

// sparseProblem returns logistic regression on binary features of decreasing frequency, and the frequency of each.
func sparseProblem() (*objective.Linear[float64], []float64, error) {
	const n, d = 2000, 200
	random := rand.New(rand.NewPCG(5, 0))
	weights := make([]float64, d)
	for j := range weights {
		weights[j] = 4 * (2*float64(j%2) - 1)
	}
	rows := &data.CSR{Rows: n, Cols: d, Indptr: []int{0}}
	y, frequency := make([]float64, n), make([]float64, d)
	for i := range y {
		score := 0.0
		for j := range d {
			if random.Float64() < 1/float64(j+2) {
				rows.Indices, rows.Values = append(rows.Indices, uint32(j)), append(rows.Values, 1)
				score += weights[j]
				frequency[j] += 1. / n
			}
		}
		rows.Indptr = append(rows.Indptr, len(rows.Indices))
		y[i] = math.Copysign(1, random.Float64()-1/(1+math.Exp(score)))
	}
	p, err := objective.Logistic(rows, y, objective.L2(1e-3))
	return p, frequency, err
}
