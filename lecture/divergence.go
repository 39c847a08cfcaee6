package lecture

import (
	"fmt"
	"time"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"steepest/internal/threefry"
	"steepest/objective"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/report"
)

var divergence = Scene{
	Name:  "divergence",
	Title: Text{"SGD with a constant step does not converge", "Типичное поведение: SGD с постоянным шагом не сходится"},
	Claim: Text{
		"On linear regression SGD with the constant step 1 and batches of 2 comes near the least squares solution and then " +
			"wanders around it, while gradient descent with the same step converges.",
		"В линейной регрессии SGD с постоянным шагом 1 и батчем 2 подходит к решению наименьших квадратов и затем блуждает " +
			"вокруг него, а градиентный спуск с тем же шагом сходится.",
	},
	Formulas: []string{
		`f(w) = \frac{1}{2N}\|Xw - y\|^2,\quad w_{k+1} = w_k - \alpha\,\nabla f_{B_k}(w_k),\quad |B_k| = 2,\ \alpha = 1`,
		`\mathbb{E} f(w_k) - f^* \le \frac{L \sigma^2 \alpha}{4\mu}`,
	},
	Shows: Text{
		"The path in the plane of the weights, and the line that the weights define; the published frame is step 279. Green: " +
			"the batch, the line through its two points, and the weights of that line, toward which the step goes.",
		"Траектория на плоскости весов и прямая, которую они задают; опубликованный кадр — шаг 279. Зелёным — батч, прямая " +
			"через две его точки и её веса, к которым направлен шаг.",
	},
	Note: Text{
		"Data and batches are those of the published video, drawn by JAX's random numbers. The bound takes for σ² the second " +
			"moment of the gradient of a batch at w*.",
		"Данные и батчи — те же, что в опубликованном видео: они получены генератором случайных чисел JAX. В оценке σ² — " +
			"второй момент градиента батча в точке w*.",
	},
	Video: "https://fmin.xyz/docs/visualizations/sgd_divergence.mp4",
	run:   runDivergence,
}

// The published frame, and the length of the video.
const (
	publishedStep   = 279
	divergenceSteps = 300
)

func runDivergence(s *stage) (*Outcome, error) {
	p := newRegression()
	rule := rules.SGD{LR: schedule.Constant(1)}
	batches := make([][]uint32, divergenceSteps)
	key := threefry.New(0)
	for k := range batches {
		key, _ = key.Split()
		for _, i := range key.Choice(p.Len(), 2) {
			batches[k] = append(batches[k], uint32(i))
		}
	}
	path, err := s.path(p, lineStart, rule, divergenceSteps, func(k int) []uint32 { return batches[k] })
	if err != nil {
		return nil, err
	}
	whole, err := s.path(p, lineStart, rule, divergenceSteps, whole)
	if err != nil {
		return nil, err
	}

	least := p.Loss(p.best, nil)
	excess := make([]float64, len(path))
	for k, w := range path {
		excess[k] = p.Loss(w, nil) - least
	}
	known := p.Constants()
	// The lecture's bound, with the second moment of the mean of two gradients, whose mean is 0 at the minimizer.
	n := float64(p.Len())
	moment := objective.SecondMoment(p, p.best) / 2 * (n - 2) / (n - 1)
	end := path[publishedStep]
	window := box{p.best[0] - 3, p.best[0] + 3, p.best[1] - 3, p.best[1] + 3}
	surface := levels(window, 20, func(x, y float64) float64 { return p.Loss([]float64{x, y}, nil) }, identity)
	video := lineVideo{p, path, batches, window, surface}
	return &Outcome{
		Figure: video.frame(publishedStep),
		Motion: &report.Animation{
			Frames: divergenceSteps / 3,
			Frame:  func(i int) report.Picture { return video.frame(3 * i) },
			Delay:  80 * time.Millisecond,
		},
		Verdict: Verdict{
			equal("f(w₀), published as 3.23", "f(w₀), опубликовано 3.23", p.Loss(path[0], nil), s.predict(3.2313), 1e-4),
			equal("w₁ at step 279, published as 3.01", "w₁ на шаге 279, опубликовано 3.01", end[0], s.predict(3.00952), 1e-5),
			equal("w₂ at step 279, published as 3.84", "w₂ на шаге 279, опубликовано 3.84", end[1], s.predict(3.84307), 1e-5),
			equal("f at step 279, published as 0.03", "f на шаге 279, опубликовано 0.03", p.Loss(end, nil), s.predict(0.0288307), 1e-6),
			atLeast("mean of f − f* over the last 100 steps, by that over the 100 before",
				"среднее f − f* за последние 100 шагов к среднему за 100 до них",
				stat.Mean(excess[201:], nil)/stat.Mean(excess[101:201], nil), 0.5),
			atMost("mean of f − f* over the last 100 steps, and the bound", "среднее f − f* за последние 100 шагов и оценка",
				stat.Mean(excess[201:], nil), s.predict(known.L*moment/(4*known.Mu))),
			atMost("f − f* of gradient descent after 300 steps", "f − f* градиентного спуска после 300 шагов",
				p.Loss(whole[divergenceSteps], nil)-least, 1e-12),
		},
	}, nil
}

// lineVideo is the lecture's video. Its method frame draws a step.
type lineVideo struct {
	regression
	path    [][]float64
	batches [][]uint32
	window  box
	surface plot.Plotter
}

func (v lineVideo) frame(k int) report.Picture {
	w := v.path[k]
	var x, y []float64 // the points of the batch
	for _, i := range v.batches[k] {
		x, y = append(x, v.x[i]), append(y, v.y[i])
	}
	theirs := fit(x, y)

	weights := report.NewChart(fmt.Sprintf("step %d: f = %.4f", k, v.Loss(w, nil)), report.Axis{Label: "w₁"},
		report.Axis{Label: "w₂"})
	weights.Add(v.surface, trail(v.path[:k+1], purple, 1.2), dots([][]float64{v.best}, star(gold, 8)),
		dots([][]float64{theirs}, star(green, 6)), dots([][]float64{w}, dot(dark, 3)))
	v.window.show(weights)

	data := report.NewChart(fmt.Sprintf("w₁ = %.2f, w₂ = %.2f", w[0], w[1]), report.Axis{Label: "x"}, report.Axis{Label: "y"})
	across := func(w []float64) [][]float64 { return [][]float64{{-0.52, w[1] - 0.52*w[0]}, {0.52, w[1] + 0.52*w[0]}} }
	batchLine := trail(across(theirs), green, 1)
	batchLine.Dashes = dashes
	data.Add(report.NewGrid(), dots(pairs(v.x, v.y), dot(report.Hue(0, 0.8), 2)), batchLine, trail(across(w), red, 1.6),
		dots(pairs(x, y), dot(green, 3.4)))
	box{-0.54, 0.54, 2, 6}.show(data)
	return &report.Charts{
		Title: "Stochastic gradient descent, batch 2",
		Plots: []*plot.Plot{weights, data},
		Legend: []report.Mark{
			{Name: "w_k", Line: draw.LineStyle{Color: purple, Width: vg.Points(1.6)}},
			{Name: "optimum", Glyph: star(gold, 6)},
			{Name: "the batch and its optimum", Glyph: star(green, 5)},
		},
	}
}
