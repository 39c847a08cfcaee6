package lecture

import (
	"fmt"
	"math"
	"slices"

	"steepest/internal/parallel"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/report"
	"steepest/train"
)

var decay = Scene{
	Name:  "adamw",
	Title: Text{"AdamW against ℓ₂-regularization in Adam", "AdamW против ℓ₂-регуляризации в Adam"},
	Claim: Text{
		"In Adam the term λx of an ℓ₂ penalty is divided by √v̂ like the rest of the gradient, so that weights with large " +
			"gradients hardly decay. AdamW takes the decay out of the division: all weights shrink by (1 − αλ) in a step.",
		"В Adam добавка λx от ℓ₂-регуляризации делится на √v̂, как и весь градиент, поэтому веса с большими градиентами " +
			"почти не затухают. AdamW выносит затухание из деления: за шаг все веса уменьшаются в (1 − αλ) раз.",
	},
	Formulas: []string{
		`x_j^{(k)} = x_j^{(k-1)} - \alpha\left(\frac{\hat m_j}{\sqrt{\hat v_j} + \epsilon} + \lambda x_j^{(k-1)}\right)`,
		`g_j = \pm s_j:\quad \text{AdamW: } \mathbb{E}x_j^{(k)} \approx (1 - \alpha\lambda)^k x_j^{(0)},\quad
			\text{Adam} + \ell_2: \mathbb{E}x_j^{(k)} \approx e^{-\alpha\lambda k/s_j} x_j^{(0)}`,
	},
	Shows: Text{
		"Two weights whose gradients are pure noise, ±0.5 and ±5, from x = 1: means over 200 seeds, and the formulas dashed.",
		"Два веса, градиенты которых — чистый шум, ±0.5 и ±5, из x = 1: средние по 200 запускам, формулы — пунктиром.",
	},
	run: runDecay,
}

func runDecay(s *stage) (*Outcome, error) {
	const alpha, lambda, count, every, seeds = 0.002, 0.05, 10000, 100, 200
	scale := []float64{0.5, 5}
	noise := func(lambda float64) objective.FiniteSum[float64] {
		return s.problem(&objective.Funcs[float64]{N: 2, D: 2,
			FuncGrad: func(dst, x []float64, i int) (f float64) {
				for j, w := range x {
					noise := float64(2*i-1) * scale[j]
					dst[j] = noise + lambda*w
					f += noise*w + lambda/2*w*w
				}
				return f
			},
		})
	}
	adam := rules.Adam{LR: schedule.Constant(alpha)}
	k := steps(count/every + 1)
	for i := range k {
		k[i] *= every
	}
	var curves []report.Curve
	var verdict Verdict
	for _, m := range []struct {
		name string
		p    objective.FiniteSum[float64]
		rule optim.Rule
		law  func(k, scale float64) float64
	}{
		{"AdamW", noise(0), rules.AdamW{Adam: adam, WeightDecay: optim.Set(s.sign() * lambda)},
			func(k, _ float64) float64 { return math.Pow(1-alpha*lambda, k) }},
		{"Adam + ℓ₂", noise(lambda), adam, func(k, scale float64) float64 { return math.Exp(-alpha * lambda * k / scale) }},
	} {
		mean, err := measured(s, func() ([][]float64, error) { return meanPath(m.p, m.rule, count, every, seeds) })
		if err != nil {
			return nil, err
		}
		for j, size := range scale {
			y, law := make([]float64, len(k)), make([]float64, len(k))
			for i := range k {
				y[i], law[i] = mean[i][j], s.predict(m.law(k[i], size))
			}
			name := fmt.Sprintf("%s, gradient ±%g", m.name, size)
			curves = append(curves, curve(name, k, y))
			if m.name != "AdamW" || j == 0 {
				curves = append(curves, dashed(fmt.Sprintf("law of %s", name), k, law))
			}
			verdict = append(verdict, equal(name+": mean of x after 10000 steps",
				fmt.Sprintf("%s, градиент ±%g: среднее x после 10000 шагов",
					m.name, size), y[len(y)-1], law[len(law)-1], 0.03))
		}
	}
	return &Outcome{
		Figure: &report.Figure{Panels: []report.Panel{panel("How weights decay", report.Axis{Label: "iterations"},
			report.Axis{Label: "E x"}, curves...)}},
		Verdict: verdict,
	}, nil
}

// meanPath returns the mean over seeds of every every-th iterate from x = 1.
func meanPath(p objective.FiniteSum[float64], rule optim.Rule, count, every, seeds int) ([][]float64, error) {
	paths, failed := make([][][]float64, seeds), make([]error, seeds)
	parallel.For(seeds, func(_, seed int) {
		paths[seed], failed[seed] = noisyPath(p, rule, count, every, uint64(seed))
	})
	mean := make([][]float64, count/every+1)
	for i := range mean {
		mean[i] = make([]float64, objective.Dim(p))
		for seed, path := range paths {
			if failed[seed] != nil {
				return nil, failed[seed]
			}
			for j, v := range path[i] {
				mean[i][j] += v / float64(seeds)
			}
		}
	}
	return mean, nil
}

func noisyPath(p objective.FiniteSum[float64], rule optim.Rule, count, every int, seed uint64) ([][]float64, error) {
	o, err := optim.New[float64](rule, p.Params())
	if err != nil {
		return nil, err
	}
	batches := train.NewBatches(train.WithReplacement, p.Len(), 1, seed)
	x, g := make([]float64, objective.Dim(p)), make([]float64, objective.Dim(p))
	for j := range x {
		x[j] = 1
	}
	path := [][]float64{slices.Clone(x)}
	for k := 1; k <= count; k++ {
		p.Grad(g, x, batches.At(k))
		if err := o.Step(x, g); err != nil {
			return nil, err
		}
		if k%every == 0 {
			path = append(path, slices.Clone(x))
		}
	}
	return path, nil
}
