package lecture

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"steepest/optim"
	"steepest/optim/matrix"
	"steepest/optim/norm"
	"steepest/optim/schedule"
	"steepest/param"
	"steepest/report"
)

var nonEuclidean = Scene{
	Name:  "norms",
	Title: Text{"Steepest descent in other norms, regularized and normalized", "Неевклидовы записи методов"},
	Claim: Text{
		"In any norm the regularized step is x + α‖g‖*·LMO(g) and the normalized one x + α·LMO(g); for matrices as for " +
			"vectors. In the operator norm LMO(G) = −UVᵀ.",
		"В любой норме регуляризованный шаг равен x + α‖g‖*·LMO(g), а нормированный — x + α·LMO(g); для матриц так же, как " +
			"для векторов. В операторной норме LMO(G) = −UVᵀ.",
	},
	Formulas: []string{
		`\argmin_x \left( \langle g, x - x_k\rangle + \frac{1}{2\alpha}\|x - x_k\|^2 \right) = x_k + \alpha \|g\|_* \LMO(g),\quad
			\min = -\frac\alpha2 \|g\|_*^2`,
		`\argmin_{\|x - x_k\| = \alpha} \langle g, x - x_k\rangle = x_k + \alpha\,\LMO(g),\quad \min = -\alpha \|g\|_*`,
	},
	Shows: Text{
		"Above, the normalized steps from x_k with g = (1, 0.5) to the spheres of three norms; below, the level sets of the " +
			"regularized models, and the step.",
		"Сверху — нормированные шаги из x_k при g = (1, 0.5) на сферы трёх норм; снизу — линии уровня регуляризованных " +
			"моделей и шаг.",
	},
	run: runNonEuclidean,
}

func runNonEuclidean(s *stage) (*Outcome, error) {
	picture := &report.Charts{Columns: 3, Width: 225, Height: 230}
	g := []float64{1, 0.5}
	const alpha = 1
	plane := []struct {
		name string
		norm norm.Norm
		p    float64
	}{{"ℓ₁", norm.L1, 1}, {"ℓ₂", norm.L2, 2}, {"ℓ∞", norm.LInf, math.Inf(1)}}
	for _, regularized := range []bool{false, true} {
		for _, n := range plane {
			step, err := s.steepest(n.norm, g, []int{2}, alpha, regularized)
			if err != nil {
				return nil, err
			}
			title := n.name + ", normalized"
			if regularized {
				title = n.name + ", regularized"
			}
			chart := report.NewChart(title, report.Axis{}, report.Axis{})
			window := box{-2.1, 1.5, -1.8, 1.8}
			model := func(x, y float64) float64 {
				value := g[0]*x + g[1]*y
				if regularized {
					value += square(planeNorm(x, y, n.p)) / (2 * alpha)
				}
				return value
			}
			chart.Add(levels(window, 16, model, identity))
			if !regularized {
				sphere := &plotter.Polygon{XYs: []plotter.XYs{xys(circleOf(n.p))}}
				sphere.LineStyle = draw.LineStyle{Color: dark, Width: vg.Points(1)}
				chart.Add(sphere)
			}
			chart.Add(arrow{[]float64{0, 0}, step, draw.LineStyle{Color: red, Width: vg.Points(1.8)}}, dots([][]float64{{0,
				0}}, dot(dark, 2.5)))
			window.show(chart)
			picture.Plots = append(picture.Plots, chart)
		}
	}
	verdict, err := s.compareNorms()
	return &Outcome{Figure: picture, Verdict: verdict}, err
}

// compareNorms computes both steps in many norms for a random 5 × 3 matrix, and searches random matrices for a better step.
func (s *stage) compareNorms() (Verdict, error) {
	const rows, cols, alpha = 5, 3, 0.7
	random := rand.New(rand.NewPCG(2, 7))
	draw := func() []float64 {
		m := make([]float64, rows*cols)
		for i := range m {
			m[i] = random.NormFloat64()
		}
		return m
	}
	g := draw()
	var verdict Verdict
	margin := math.Inf(1) // by which the step beats the best other matrix
	for _, n := range []struct {
		name, ru string
		norm     norm.Norm
	}{
		{"ℓ₁", "ℓ₁", norm.L1}, {"ℓ₂", "ℓ₂", norm.L2}, {"ℓ∞", "ℓ∞", norm.LInf}, {"operator norm", "операторная норма", norm.Spectral},
		{"nuclear norm", "ядерная норма", norm.Nuclear}, {"longest row", "наибольшая длина строки", norm.MaxRow},
		{"longest column", "наибольшая длина столбца", norm.MaxColumn}, {"Schatten's norm, p = 3", "норма Шаттена, p = 3", norm.Schatten(3)},
	} {
		oracle := &norm.Oracle[float64]{Norm: n.norm}
		dual, err := oracle.Dual(g, rows, cols)
		if err != nil {
			return nil, err
		}
		value := func(d []float64, regularized bool) float64 {
			size, _ := oracle.Value(d, rows, cols) // fails only for NaN
			if !regularized {
				return alpha * floats.Dot(g, d) / size // on the sphere
			}
			return floats.Dot(g, d) + square(size)/(2*alpha)
		}
		worst := 0.0
		for _, regularized := range []bool{false, true} {
			step, err := s.steepest(n.norm, g, []int{rows, cols}, alpha, regularized)
			if err != nil {
				return nil, err
			}
			got, want := value(step, regularized), s.predict(-alpha*dual)
			if regularized {
				want = s.predict(-alpha * square(dual) / 2)
			}
			worst = max(worst, math.Abs(got/want-1))
			for range 300 {
				other := draw()
				floats.Scale(0.3, other)
				floats.Add(other, step)
				margin = min(margin, value(other, regularized)-got)
			}
		}
		verdict = append(verdict, atMost(n.name+": relative error of both minima by the formulas",
			n.ru+": относительная ошибка обоих минимумов по формулам", worst, 1e-12))
	}
	return append(verdict, atLeast("least advantage of a step over 300 random ones nearby",
		"наименьшее преимущество шага над 300 случайными рядом с ним", margin, 0)), nil
}

// steepest returns the step of the library's rule from 0 for the gradient g.
func (s *stage) steepest(n norm.Norm, g []float64, shape []int, alpha float64, regularized bool) ([]float64, error) {
	rule := matrix.SteepestDescent{LR: schedule.Constant(alpha), Norm: optim.Set(n), Regularized: regularized}
	o, err := optim.New[float64](rule, []param.Param{{Name: "x", Shape: shape}})
	if err != nil {
		return nil, err
	}
	x, turned := make([]float64, len(g)), make([]float64, len(g))
	floats.AddScaled(turned, s.sign(), g)
	return x, o.Step(x, turned)
}

// planeNorm returns ‖(x, y)‖_p, also for p = ∞.
func planeNorm(x, y, p float64) float64 {
	if math.IsInf(p, 1) {
		return max(math.Abs(x), math.Abs(y))
	}
	return length([]float64{x, y}, p)
}

// circleOf returns the unit sphere of ‖·‖_p.
func circleOf(p float64) [][]float64 {
	var out [][]float64
	for i := range 360 {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / 360)
		by := planeNorm(cos, sin, p)
		out = append(out, []float64{cos / by, sin / by})
	}
	return out
}
