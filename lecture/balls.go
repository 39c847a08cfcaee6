package lecture

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"steepest/optim/norm"
	"steepest/report"
)

var balls = Scene{
	Name:  "balls",
	Title: Text{"Unit balls of other norms, and where their oracle points", "Что насчёт других норм?"},
	Claim: Text{
		"The direction of steepest descent depends on the norm in which length is measured: the linear minimization oracle " +
			"returns the point of the unit ball that minimizes ⟨g, x⟩, and ⟨g, LMO(g)⟩ = −‖g‖*.",
		"Направление наискорейшего спуска зависит от нормы, в которой измеряется длина: LMO — точка единичного шара, самая " +
			"дальняя в сторону убывания вдоль градиента, и ⟨g, LMO(g)⟩ = −‖g‖*.",
	},
	Formulas: []string{
		`\LMO_{\|\cdot\|}(g) = \argmin_{\|x\| = 1} \langle g, x\rangle,\quad \langle g, \LMO(g)\rangle = -\|g\|_* = -\|g\|_q,\quad
			\frac1p + \frac1q = 1`,
	},
	Shows: Text{
		"Normal points of the plane, where ‖a‖_p ≤ 1, for the p of the lecture. The arrow is the oracle's answer to g = (1, " +
			"0.6), and the line is the level set of ⟨g, x⟩ through that point.",
		"Нормально распределённые точки плоскости с ‖a‖_p ≤ 1 для тех же p, что в лекции. Стрелка — ответ LMO на g = (1, " +
			"0.6), прямая — достигнутый уровень ⟨g, x⟩.",
	},
	Note: Text{
		"For p < 1 there is no norm, for its ball is not convex: the middle of two of its corners lies outside. The oracle " +
			"then points to a corner, as for p = 1. For p = 100500 the power underflows, so that lengths are first divided " +
			"by the largest entry.",
		"При p < 1 это не норма, так как шар не выпуклый: середина между двумя его вершинами лежит вне его. LMO тогда " +
			"показывает на вершину, как при p = 1. При p = 100500 степень исчезает в машинном нуле, поэтому длины сначала " +
			"делятся на наибольшую координату.",
	},
	run: runBalls,
}

func runBalls(s *stage) (*Outcome, error) {
	g := []float64{1, 0.6}
	picture := &report.Charts{Title: "Unit balls of ‖·‖_p, and the oracle", Width: 215, Height: 225, Columns: 3}
	var verdict Verdict
	for _, p := range []float64{0.5, 0.8, 1, 2, 3, 100500} {
		best, err := s.oracle(g, p)
		if err != nil {
			return nil, err
		}
		dual := norm.Lp(max(p, 1)).Dual()
		want, err := (&norm.Oracle[float64]{Norm: dual}).Value(g, 2, 1)
		if err != nil {
			return nil, err
		}
		rim, lowest := rim(p), math.Inf(1)
		for _, x := range rim {
			lowest = min(lowest, floats.Dot(g, x))
		}
		verdict = append(verdict,
			equal(fmt.Sprintf("p = %g: −⟨g, LMO(g)⟩, the dual norm", p), fmt.Sprintf("p = %g: −⟨g, LMO(g)⟩, двойственная норма", p),
				-floats.Dot(g, best), s.predict(want), 1e-12),
			atMost(fmt.Sprintf("p = %g: ⟨g, LMO(g)⟩ less the least ⟨g, x⟩ on the sphere", p),
				fmt.Sprintf("p = %g: ⟨g, LMO(g)⟩ минус наименьшее ⟨g, x⟩ на сфере", p), floats.Dot(g, best)-lowest, 1e-12))
		if p < 1 {
			middle := []float64{0.5, 0.5}
			verdict = append(verdict, atLeast(fmt.Sprintf("p = %g: ‖(½, ½)‖, the middle of two corners", p),
				fmt.Sprintf("p = %g: ‖(½, ½)‖, середина между вершинами", p), length(middle, p), 1.1))
		}
		picture.Plots = append(picture.Plots, ballChart(p, g, best, rim))
	}
	return &Outcome{Figure: picture, Verdict: verdict}, nil
}

// oracle returns the linear minimization oracle of ‖·‖_p at g. For p < 1 it uses ℓ1, whose ball has the same corners.
func (s *stage) oracle(g []float64, p float64) ([]float64, error) {
	turned := []float64{s.sign() * g[0], s.sign() * g[1]}
	best := make([]float64, 2)
	_, err := (&norm.Oracle[float64]{Norm: norm.Lp(max(p, 1))}).LMO(best, turned, 2, 1)
	return best, err
}

// length returns ‖x‖_p for any p > 0.
func length(x []float64, p float64) float64 {
	largest := max(math.Abs(x[0]), math.Abs(x[1]))
	if largest == 0 {
		return 0
	}
	sum := math.Pow(math.Abs(x[0])/largest, p) + math.Pow(math.Abs(x[1])/largest, p)
	return largest * math.Pow(sum, 1/p)
}

// rim returns the sphere ‖x‖_p = 1 as a closed line that includes the corners.
func rim(p float64) [][]float64 {
	const n = 1440
	var out [][]float64
	for i := range n + 1 {
		sin, cos := math.Sincos(2 * math.Pi * float64(i%n) / n)
		if i%(n/4) == 0 {
			sin, cos = math.Round(sin), math.Round(cos)
		}
		by := length([]float64{cos, sin}, p)
		out = append(out, []float64{cos / by, sin / by})
	}
	return out
}

func ballChart(p float64, g, best []float64, rim [][]float64) *plot.Plot {
	chart := report.NewChart(fmt.Sprintf("p = %g", p), report.Axis{}, report.Axis{})
	random := rand.New(rand.NewPCG(1, 1))
	var inside [][]float64
	for range 1200 {
		if a := []float64{random.NormFloat64(), random.NormFloat64()}; length(a, p) <= 1 {
			inside = append(inside, a)
		}
	}
	ball := &plotter.Polygon{XYs: []plotter.XYs{xys(rim)}, Color: report.Hue(0, 0.14)}
	ball.LineStyle = draw.LineStyle{Color: report.Hue(0, 1), Width: 0.9}
	along := []float64{-g[1], g[0]} // the level set of ⟨g, x⟩
	level := trail([][]float64{{best[0] - 3*along[0], best[1] - 3*along[1]}, {best[0] + 3*along[0], best[1] + 3*along[1]}},
		dark, 0.8)
	level.Dashes = dashes
	chart.Add(report.NewGrid(), ball, dots(inside, dot(report.Hue(0, 0.5), 1.1)), level,
		arrow{[]float64{0, 0}, best, draw.LineStyle{Color: red, Width: vg.Points(1.6)}})
	box{-1.25, 1.25, -1.25, 1.25}.show(chart)
	return chart
}
