package lecture

import (
	"context"
	"math"

	"gonum.org/v1/gonum/floats"

	"steepest/objective"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/report"
	"steepest/train"
)

var quasiNewton = Scene{
	Name:  "quasi-newton",
	Title: Text{"Quasi-Newton methods do not improve the stochastic rate", "Квазиньютоновские методы не улучшают стохастическую скорость"},
	Claim: Text{
		"Without noise L-BFGS needs far fewer steps than gradient descent. With noise its online form converges no faster than O(1/k), like " +
			"SGD: curvature changes the constant, and the bottleneck is the variance.",
		"Без шума L-BFGS нужно намного меньше шагов, чем градиентному спуску. С шумом его онлайн-вариант сходится не быстрее O(1/k), " +
			"как и SGD: кривизна меняет константу, а узкое место — дисперсия.",
	},
	Formulas: []string{
		`x_{k+1} = x_k - \alpha_k B_k \nabla f_{i_k}(x_k),\quad s_k = x_{k+1} - x_k,\quad
			y_k = \nabla f_{i_k}(x_{k+1}) - \nabla f_{i_k}(x_k),\quad B_k \approx \left(\nabla^2 f\right)^{-1}`,
	},
	Shows: Text{
		"The quadratic with κ = 50 of the scene on momentum. Left without noise, gradient descent with its best step and L-BFGS " +
			"with the step 1. Right with noise, steps 2/(μk) of SGD and 2/k of online L-BFGS in the end: means over 80 seeds.",
		"Квадратичная функция с κ = 50 из сцены о моменте. Слева без шума: градиентный спуск с лучшим шагом и L-BFGS с шагом 1. " +
			"Справа с шумом: шаги в конце 2/(μk) у SGD и 2/k у онлайн-варианта L-BFGS, средние по 80 запускам.",
	},
	Note: Text{
		"Online L-BFGS of Schraudolph, Yu and Günter (2007), with four pairs: both gradients of a pair are of the same batch, and " +
			"a step costs two gradients.",
		"Онлайн-вариант L-BFGS из Schraudolph и др. (2007) с четырьмя парами: оба градиента пары берутся на одном батче, и шаг " +
			"стоит двух градиентов.",
	},
	run: runQuasiNewton,
}

func runQuasiNewton(s *stage) (*Outcome, error) {
	const kappa, count, every, seeds = 50, 20_000, 200, 80
	h, x0 := []float64{1, 3, 10, kappa}, []float64{1, 1, 1, 1}
	calm := objective.NoisyQuadratic(h, make([]float64, len(h)))
	gd, err := s.minimize(calm, x0, rules.SGD{LR: schedule.Constant(2. / (1 + kappa))}, train.Settings{Steps: 400, EvaluateEvery: 1,
		Optimum: &train.Optimum{}})
	if err != nil {
		return nil, err
	}
	still, err := s.repeat(1, train.Settings{}, func(_ int, settings train.Settings) error {
		return onlineLBFGS(s, s.problem(calm), x0, func(int) float64 { return 1 }, 40, 1, whole, settings.Recorder)
	})
	if err != nil {
		return nil, err
	}
	k, y := gd.excesses()

	noisy := objective.NoisyQuadratic(h, []float64{0.5, 0.5, 0.5, 0.5})
	sgd, err := s.average(noisy, x0, rules.SGD{LR: schedule.Inverse{Initial: 1. / (4 * kappa), Decay: 1. / (8 * kappa)}},
		train.Settings{Batch: 1, Steps: count, EvaluateEvery: every, Optimum: &train.Optimum{}}, seeds)
	if err != nil {
		return nil, err
	}
	online, err := s.repeat(seeds, train.Settings{}, func(_ int, settings train.Settings) error {
		batches := train.NewBatches(train.WithReplacement, noisy.Len(), 1, settings.Seed)
		return onlineLBFGS(s, s.problem(noisy), x0, func(k int) float64 { return 2 / float64(k+2) }, count, every, batches.At, settings.Recorder)
	})
	if err != nil {
		return nil, err
	}
	excess := report.Axis{Label: "f − f*", Log: true}
	ends := []float64{300, count}
	return &Outcome{
		Figure: &report.Figure{Panels: []report.Panel{
			panel("without noise", report.Axis{Label: "iterations"}, excess, curve("GD / SGD", k, positive(y)),
				curve("L-BFGS", still.step, positive(still.excess))),
			panel("with noise", report.Axis{Label: "iterations", Log: true}, excess, curve("GD / SGD", sgd.step[1:], sgd.excess[1:]),
				curve("L-BFGS", online.step[1:], online.excess[1:]), dashed("slope −1", ends, []float64{1. / 300, 1. / count})),
		}},
		Verdict: Verdict{
			atMost("without noise: steps of L-BFGS to 10⁻¹⁰ by those of GD", "без шума: шагов L-BFGS до 10⁻¹⁰ к шагам GD",
				reach(still.step, still.excess, 1e-10)/reach(k, y, 1e-10), s.predict(0.2)),
			equal("with noise, SGD: slope", "с шумом, SGD: наклон", sgd.slope(5000), s.predict(-1), 0.15),
			atLeast("with noise, L-BFGS: slope", "с шумом, L-BFGS: наклон", online.slope(5000), s.predict(-1)-0.15),
			atLeast("final f − f* of L-BFGS divided by that of SGD", "итог f − f* L-BFGS к итогу SGD", online.last()/sgd.last(), s.predict(0.2)),
		},
	}, nil
}

// positive leaves out values that are only rounding errors.
func positive(y []float64) []float64 {
	out := make([]float64, len(y))
	for i, v := range y {
		if out[i] = v; v < 1e-16 {
			out[i] = math.NaN()
		}
	}
	return out
}

// onlineLBFGS runs the method with a memory of four pairs on a problem with the minimum 0, and records f at regular intervals.
func onlineLBFGS(
	ctx context.Context, p objective.FiniteSum[float64], x0 []float64, lr func(k int) float64, count, every int,
	batch func(k int) []uint32, recorder train.Recorder,
) error {
	d := len(x0)
	x, g, after := append([]float64(nil), x0...), make([]float64, d), make([]float64, d)
	var s, y [][]float64 // the last pairs, the oldest first
	for k := 0; ; k++ {
		if k%every == 0 {
			if err := recorder.Record(train.Point{Step: k, Excess: p.Loss(x, nil)}); err != nil {
				return err
			}
		}
		if k == count || ctx.Err() != nil {
			return context.Cause(ctx)
		}
		p.Grad(g, x, batch(k))
		step := twoLoops(g, s, y)
		floats.Scale(-lr(k), step)
		floats.Add(x, step)
		p.Grad(after, x, batch(k))
		change := make([]float64, d)
		floats.SubTo(change, after, g)
		if floats.Dot(step, change) > 1e-12*floats.Dot(step, step) {
			s, y = append(s, step), append(y, change)
		}
		if len(s) > 4 {
			s, y = s[1:], y[1:]
		}
	}
}

// twoLoops returns Bg for the inverse Hessian B of L-BFGS (Nocedal and Wright 2006, algorithm 7.4).
func twoLoops(g []float64, s, y [][]float64) []float64 {
	q, share := append([]float64(nil), g...), make([]float64, len(s))
	for i := len(s) - 1; i >= 0; i-- {
		share[i] = floats.Dot(s[i], q) / floats.Dot(s[i], y[i])
		floats.AddScaled(q, -share[i], y[i])
	}
	scale := 0.01 // before there is a pair
	if last := len(s) - 1; last >= 0 {
		scale = floats.Dot(s[last], y[last]) / floats.Dot(y[last], y[last])
	}
	floats.Scale(scale, q)
	for i := range s {
		floats.AddScaled(q, share[i]-floats.Dot(y[i], q)/floats.Dot(s[i], y[i]), s[i])
	}
	return q
}
