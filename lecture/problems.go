package lecture

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"steepest/data"
	"steepest/internal/threefry"
	"steepest/objective"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/optimum"
	"steepest/report"
	"steepest/train"
)

var problems = Scene{
	Name:  "problems",
	Title: Text{"The main problem of SGD", "Основная проблема SGD"},
	Claim: Text{
		"With a constant step SGD stops at a floor. A larger batch lowers the floor, but a step costs 2Bn + n operations. " +
			"Gradient descent converges linearly.",
		"С постоянным шагом SGD останавливается на некотором уровне; больший батч понижает его, но шаг стоит 2Bn + n " +
			"операций. Градиентный спуск сходится линейно.",
	},
	Formulas: []string{
		`f(x) =
			\frac{\mu}{2}\|x\|_2^2 + \frac1m \sum_{i=1}^m \log\left(1 + \exp(-y_i \langle a_i,
			x\rangle)\right) \to \min_{x \in \mathbb{R}^n}`,
		`\mathbb{E}f(x_\infty) - f^* \approx \frac12 \tr(H\Sigma),\quad \Sigma = (I - \alpha H)\Sigma(I - \alpha H) +
			\frac{\alpha^2}{B}\left(S + \mathbb{E}[H_i \Sigma H_i] - H \Sigma H\right)`,
	},
	Shows: Text{
		"Strongly convex logistic regression, m = 200, n = 10, μ = 1, step 0.1, on the data and from the start of the public " +
			"notebook. Above with labels ±1, below with the notebook's labels 0 and 1 in the same loss. Neither is the " +
			"published figure, which starts near f − f* = 10: its data or its start are others, and not public.",
		"Сильно выпуклая логистическая регрессия, m = 200, n = 10, μ = 1, шаг 0.1, на данных и из начальной точки публичного " +
			"ноутбука. Сверху метки ±1, снизу — метки 0 и 1 этого ноутбука в той же функции потерь. Опубликованный рисунок " +
			"другой: он начинается около f − f* = 10, его данные или начальная точка иные и не опубликованы.",
	},
	Note: Text{
		"The public notebook puts labels 0 and 1 into a loss that is written for ±1. An example with y " +
			"= 0 then costs log 2 whatever x is, and has no gradient: only the other half of the data is learnt. The curves " +
			"look alike, for the penalty makes most of f. In the floor, H_i and H are the Hessians of f_i and f at x*, and S " +
			"= E[∇f_i(x*)∇f_i(x*)ᵀ].",
		"В публичном ноутбуке метки 0 и 1 подставлены в функцию потерь, записанную для ±1. Пример с y = 0 " +
			"стоит log 2 при любом x, и градиента у него нет: учится только другая половина данных. Кривые похожи, потому " +
			"что бо́льшую часть f составляет регуляризация. В формуле уровня H_i и H — гессианы f_i и f в x*, а S = " +
			"E[∇f_i(x*)∇f_i(x*)ᵀ].",
	},
	run: runProblems,
}

// logisticStep is the step size of the figure.
const logisticStep = 0.1

func runProblems(s *stage) (*Outcome, error) {
	set, err := data.Load("lecture-logistic")
	if err != nil {
		return nil, err
	}
	signs, _, err := data.Binary(set.Y)
	if err != nil {
		return nil, err
	}
	x0 := make([]float64, 10)
	for i, v := range threefry.New(0).Normal(len(x0)) {
		x0[i] = float64(v)
	}
	figure := &report.Figure{Title: "Strongly convex binary logistic regression. m = 200, n = 10, μ = 1."}
	var verdict Verdict
	for _, labels := range []struct {
		name string
		y    []float64
		loss objective.Loss
		gap  float64 // at the start, from the public notebook
	}{
		{"y = ±1", signs, objective.LogisticLoss{}, 2.8},
		{"y ∈ {0, 1}, as in the public notebook", set.Y, zeroOne{}, 1.9},
	} {
		p, err := objective.NewLinear(set.X, labels.y, labels.loss, objective.L2(1))
		if err != nil {
			return nil, err
		}
		plot, measured, err := s.floors(p, x0, labels.name)
		if err != nil {
			return nil, err
		}
		for _, axes := range [][2]string{{"steps", "excess"}, {"steps", "distance"}, {"flops", "excess"}} {
			figure.Panels = append(figure.Panels, report.Panel{Plot: plot, X: axes[0], Y: axes[1]})
		}
		gap := plot.Curves[0].Y["excess"].Mid[0]
		verdict = append(verdict, equal(labels.name+": f(x₀) − f* of the public notebook",
			labels.name+": f(x₀) − f* публичного ноутбука", gap, s.predict(labels.gap), 0.05))
		verdict = append(verdict, measured...)
	}
	return &Outcome{Figure: figure, Verdict: verdict}, nil
}

// floors runs SGD with the batches of the figure, and gradient descent. The curves show one seed; the floors are means over many
// seeds.
func (s *stage) floors(p *objective.Linear[float64], x0 []float64, name string) (*report.Plot, Verdict, error) {
	best, err := optimum.Find(s, p)
	if err != nil {
		return nil, nil, err
	}
	plot := &report.Plot{
		Title: name,
		X:     []report.Axis{{Key: "steps", Label: "iterations"}, {Key: "flops", Label: "FLOPs"}},
		Y:     []report.Axis{{Key: "excess", Label: "f − f*", Log: true}, {Key: "distance", Label: "‖x − x*‖", Log: true}},
	}
	var verdict Verdict
	settings := train.Settings{Steps: 100, EvaluateEvery: 1, Optimum: &train.Optimum{X: best.X, F: best.Value}, Seed: 228}
	rule := rules.SGD{LR: schedule.Constant(logisticStep)}
	for _, batch := range []int{1, 10, 50, 100, 0} {
		settings.Batch = batch
		r, err := s.minimize(p, x0, rule, settings)
		if err != nil {
			return nil, nil, err
		}
		c := report.Curve{Name: fmt.Sprintf("SGD batch %d", batch), X: map[string][]float64{}, Y: map[string]report.Band{}}
		switch batch {
		case 0:
			c.Name = "GD"
		case 1:
			c.Name = "SGD"
		}
		var step, flops, excess, distance []float64
		for _, q := range r.points {
			step, flops = append(step, float64(q.Step)), append(flops, q.FLOPs)
			excess, distance = append(excess, q.Excess), append(distance, q.Distance)
		}
		c.X["steps"], c.X["flops"] = step, flops
		c.Y["excess"], c.Y["distance"] = report.Band{Mid: excess}, report.Band{Mid: distance}
		plot.Curves = append(plot.Curves, c)
		if batch == 0 {
			last := len(r.points) - 1
			known := p.Constants()
			rate := math.Pow(excess[last]/excess[last-20], 1./20)
			verdict = append(verdict,
				atMost(name+": GD, factor of f − f* in a step", name+": GD, множитель f − f* за шаг", rate,
					s.predict(square(1-logisticStep*known.Mu))),
				equal(name+": FLOPs of a step of GD", name+": операций в шаге GD", flops[1], s.predict(4010), 0))
			continue
		}
		long := settings
		long.Steps, long.EvaluateEvery = 200, 5
		e, err := s.average(p, x0, rule, long, 100)
		if err != nil {
			return nil, nil, err
		}
		got := stat.Mean(e.excess[len(e.excess)/2:], nil)
		verdict = append(verdict, equal(fmt.Sprintf("%s: %s, floor divided by that of the formula", name, c.Name),
			fmt.Sprintf("%s: %s, уровень к значению по формуле", name, c.Name), got/noiseFloor(p, best.X, batch), s.predict(1), 0.1))
	}
	return plot, verdict, nil
}

// noiseFloor returns the limit of E f − f* of SGD with a constant step size, for quadratic models of the terms at the minimizer x. It is
// tr(HΣ)/2, where Σ is the stationary covariance.
func noiseFloor(p *objective.Linear[float64], x []float64, batch int) float64 {
	d, n := len(x), float64(p.Len())
	h := mat.NewSymDense(d, nil)
	p.Hess(h, x)
	_, mu := p.Penalties()
	noise := mat.NewDense(d, d, nil)
	rows, curvature := make([]*mat.VecDense, p.Len()), make([]float64, p.Len())
	_, y := p.Data()
	for i := range rows {
		g, a := mat.NewVecDense(d, nil), mat.NewVecDense(d, nil)
		p.Grad(g.RawVector().Data, x, []uint32{uint32(i)})
		noise.RankOne(noise, 1/n, g, g)
		p.RowAxpy(a.RawVector().Data, 1, i)
		rows[i], curvature[i] = a, p.ScalarLoss().Second(p.RowDot(i, x), y[i])
	}
	var step, data, sigma mat.Dense // I − αH, the part H − μI of the data, and Σ
	data.Apply(func(i, j int, v float64) float64 { return v - mu*delta(i, j) }, h)
	step.Apply(func(i, j int, v float64) float64 { return delta(i, j) - logisticStep*v }, h)
	sigma.ReuseAs(d, d)
	for range 200 {
		spread := mat.DenseCopyOf(noise)
		for i, a := range rows {
			spread.RankOne(spread, square(curvature[i])*mat.Inner(a, &sigma, a)/n, a, a)
		}
		var common, next mat.Dense
		common.Product(&data, &sigma, &data)
		spread.Sub(spread, &common)
		spread.Scale(square(logisticStep)/float64(batch), spread)
		next.Product(&step, &sigma, &step)
		sigma.Add(&next, spread)
	}
	var product mat.Dense
	product.Mul(h, &sigma)
	return product.Trace() / 2
}

func delta(i, j int) float64 {
	if i == j {
		return 1
	}
	return 0
}

// zeroOne is the logistic loss of the public notebook, log(1 + e^{−yz}) with y 0 or 1.
type zeroOne struct{ objective.LogisticLoss }

func (zeroOne) CheckLabel(y float64) error {
	if y != 0 && y != 1 {
		return fmt.Errorf("label %v is neither 0 nor 1", y)
	}
	return nil
}

func (l zeroOne) Second(z, y float64) float64 { return y * l.LogisticLoss.Second(z, y) }

func (l zeroOne) Conjugate(u, y float64) float64 {
	switch {
	case y != 0:
		return l.LogisticLoss.Conjugate(u, y)
	case u != 0:
		return math.Inf(1)
	}
	return -math.Ln2
}
