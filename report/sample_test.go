package report_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"steepest/report"
)

// methods of the sample, with the rate and the noise floor of each.
var methods = []struct {
	name        string
	rate, floor float64
}{
	{"SGD", 0.05, 3e-2}, {"SGD batch 10", 0.06, 4e-3}, {"SGD batch 100", 0.07, 4e-4}, {"Heavy ball", 0.09, 8e-3},
	{"Nesterov", 0.1, 6e-3}, {"AdaGrad", 0.06, 2e-3}, {"RMSProp", 0.12, 1e-2}, {"Adam", 0.13, 3e-3},
	{"AdamW", 0.125, 3e-3}, {"NAdam", 0.14, 2.5e-3}, {"Lion", 0.09, 2e-2}, {"Signum", 0.08, 2.5e-2},
	{"SAG", 0.15, 0}, {"SAGA", 0.16, 0}, {"SVRG", 0.18, 0}, {"Muon", 0.15, 1e-3},
}

// sample returns a page like that of a comparison: decaying noisy curves of count methods with the given number of points, over five
// horizontal and three vertical axes.
func sample(count, points int) *report.Page {
	rng := rand.New(rand.NewPCG(1, 2))
	plot := report.Plot{
		Title: "Strongly convex logistic regression, n = 200, d = 10, μ = 1",
		X: []report.Axis{{Key: "iter", Label: "iterations"}, {Key: "epoch", Label: "epochs"},
			{Key: "grad", Label: "gradient evaluations", Log: true}, {Key: "flops", Label: "FLOPs", Log: true},
			{Key: "time", Label: "time, s"}},
		Y: []report.Axis{{Key: "gap", Label: "f(x) − f*", Log: true}, {Key: "grad", Label: "‖∇f(x)‖", Log: true},
			{Key: "acc", Label: "accuracy"}},
	}
	table := report.Table{
		Title: "After 100 iterations",
		Columns: []report.Column{{Name: "method"},
			{Name: "f(x) − f*", Help: "Median over 10 seeds of the last suboptimality", Numeric: true},
			{Name: "time to 10⁻²", Help: "Median time until f(x) − f* < 10⁻², in seconds", Numeric: true},
			{Name: "rank", Help: "Mean rank over seeds", Numeric: true}},
		Note: "Marked: not worse than the best one by a Wilcoxon signed-rank test over 10 seeds, Holm-corrected, at 5 %.",
	}
	for m := range count {
		kind := methods[m%len(methods)]
		name := kind.name
		if m >= len(methods) {
			name = fmt.Sprintf("%s (%d)", name, m/len(methods)+1)
		}
		curve, last := decay(rng, kind.rate, kind.floor, points, math.Pow(10, float64(m%4)/3))
		curve.Name = name
		plot.Curves = append(plot.Curves, curve)
		reached := report.Cell{Text: "—", Sort: math.NaN()}
		if kind.floor < 5e-3 {
			t := 0.01 / kind.rate
			reached = report.Cell{Text: fmt.Sprintf("%.3f", t), Sort: t}
		}
		table.Rows = append(table.Rows, []report.Cell{{Text: name}, {Text: fmt.Sprintf("%.2e", last), Sort: last, Strong: last < 1e-6},
			reached, {Text: fmt.Sprintf("%.1f", 1+float64(m)), Sort: float64(m), Strong: m == 2}})
	}
	plot.Curves = append(plot.Curves, bound(points))
	return &report.Page{
		Title:  "Sixteen methods on logistic regression",
		Lead:   "SVRG reaches the solution first by iterations; counted in gradient evaluations SAGA is level with it. Medians and quartiles over 10 seeds.",
		Plots:  []report.Plot{plot},
		Tables: []report.Table{table},
		Facts: []report.Fact{{Name: "machine", Value: "2 cores, AVX-512"}, {Name: "version", Value: "Steepest 1.0, Go 1.26"},
			{Name: "seeds", Value: "1–10, the same batches for all methods"}, {Name: "tuning", Value: "12 step sizes a method, 3 seeds"}},
	}
}

func decay(rng *rand.Rand, rate, floor float64, points int, cost float64) (c report.Curve, last float64) {
	c.X = map[string][]float64{}
	var gap, grad, acc report.Band
	drift := 0.0
	for i := range points {
		k := float64(i)
		for key, scale := range map[string]float64{"iter": 1, "epoch": 0.1 * cost, "grad": 32 * cost, "flops": 4010 * cost, "time": 1.3e-4 * cost} {
			c.X[key] = append(c.X[key], k*scale)
		}
		drift = 0.8*drift + 0.3*rng.NormFloat64()
		last = 4*math.Exp(-rate*k*2) + floor*math.Exp(drift)
		spread := math.Exp(0.6 * math.Min(1, 0.1+k/40))
		push(&gap, last, spread)
		push(&grad, math.Sqrt(last), math.Sqrt(spread))
		push(&acc, 0.97-0.4*last/(last+1), 1.01)
	}
	c.Y = map[string]report.Band{"gap": gap, "grad": grad, "acc": acc}
	return c, last
}

func push(b *report.Band, mid, spread float64) {
	b.Mid, b.Low, b.High = append(b.Mid, mid), append(b.Low, mid/spread), append(b.High, mid*spread)
}

func bound(points int) report.Curve {
	c := report.Curve{Name: "bound for SGD", Dashed: true, X: map[string][]float64{}, Y: map[string]report.Band{}}
	for i := range points {
		c.X["iter"] = append(c.X["iter"], float64(i))
	}
	y := slices.Clone(c.X["iter"])
	for i, k := range y {
		y[i] = 6*math.Pow(0.93, k) + 0.08
	}
	c.Y["gap"] = report.Band{Mid: y}
	return c
}
