package compare

import (
	"math"
	"slices"

	"steepest/report"
	"steepest/train"
)

// axis is a horizontal axis.
type axis struct {
	report.Axis
	of func(train.Point) float64
}

// axes returns the horizontal axes of the race's plot. If there are tokens, they come first.
func (r *Result) axes() []axis {
	if r.Tokens == 0 {
		return axes
	}
	return append([]axis{{report.Axis{Key: "tokens", Label: "tokens"}, func(p train.Point) float64 { return float64(p.Grads) * r.tokens() }}}, axes...)
}

// The horizontal axes of every race.
var axes = []axis{
	{report.Axis{Key: "epochs", Label: "epochs"}, func(p train.Point) float64 { return p.Epochs }},
	{report.Axis{Key: "steps", Label: "iterations"}, func(p train.Point) float64 { return float64(p.Step) }},
	{report.Axis{Key: "grads", Label: "gradient evaluations"}, func(p train.Point) float64 { return float64(p.Grads) }},
	{report.Axis{Key: "flops", Label: "FLOPs"}, func(p train.Point) float64 { return p.FLOPs }},
	{report.Axis{Key: "seconds", Label: "time, s"}, func(p train.Point) float64 { return p.Seconds }},
}

// measure is a vertical axis.
type measure struct {
	report.Axis
	of func(train.Point) float64
}

// The vertical axes; the first two need an optimum.
var measures = []measure{
	{report.Axis{Key: "excess", Label: "|f − f*|", Log: true}, func(p train.Point) float64 { return math.Abs(p.Excess) }},
	{report.Axis{Key: "distance", Label: "‖x − x*‖", Log: true}, func(p train.Point) float64 { return p.Distance }},
	{report.Axis{Key: "loss", Label: "f"}, func(p train.Point) float64 { return p.Loss }},
}

// Plot returns the curves of the race over every axis.
func (r *Result) Plot() report.Plot {
	plot := report.Plot{Title: "Convergence"}
	for _, a := range r.axes() {
		plot.X = append(plot.X, a.Axis)
	}
	if r.Race.Bounds {
		plot.Y = append(plot.Y, r.meanAxes()...)
	}
	for _, m := range r.measures() {
		axis := m.Axis
		axis.Log = axis.Log || r.Optimum == nil && r.measuresLoss() && r.positive()
		plot.Y = append(plot.Y, axis)
	}
	for i := range r.Entries {
		e := &r.Entries[i]
		c := r.curve(e)
		plot.Curves = append(plot.Curves, c)
		if r.Race.Bounds {
			plot.Curves = append(plot.Curves, e.curves(&c)...)
		}
	}
	return plot
}

// positive reports whether there are losses and all are positive, as when the least possible loss is 0. Then a logarithmic axis
// shows small losses well.
func (r *Result) positive() bool {
	seen := false
	for _, e := range r.Entries {
		for _, run := range e.Runs {
			for _, p := range run.Points {
				if p.Loss <= 0 {
					return false
				}
				seen = true
			}
		}
	}
	return seen
}

// measures returns the vertical axes of the race, with held-out measurements last.
func (r *Result) measures() (list []measure) {
	for _, m := range measures {
		known := r.Optimum != nil && (m.Key != "distance" || r.Optimum.X != nil)
		if r.measuresLoss() && (m.Key == "loss" || known) {
			list = append(list, m)
		}
	}
	for i, name := range r.held() {
		list = append(list, measure{report.Axis{Key: name, Label: "loss, " + name}, func(p train.Point) float64 {
			if i < len(p.Measured) {
				return p.Measured[i].Value
			}
			return math.NaN()
		}})
	}
	return list
}

// held returns the names of the other measurements of the runs.
func (r *Race) held() (names []string) {
	for _, m := range r.Settings.Evaluate {
		if m.Name != "" {
			names = append(names, m.Name)
		}
	}
	return names
}

// curve merges the runs of an entry. Their points are at the same steps; runs that diverged are shorter. If these were the
// slower ones, the median of the seconds stays constant until the others have caught up.
func (r *Result) curve(e *Entry) report.Curve {
	c := report.Curve{Name: e.Name, X: map[string][]float64{}, Y: map[string]report.Band{}}
	length := 0
	for _, run := range e.Runs {
		length = max(length, len(run.Points))
	}
	across := func(i int, of func(train.Point) float64) []float64 {
		var values []float64
		for _, run := range e.Runs {
			v := math.Inf(1)
			if i < len(run.Points) && !math.IsNaN(of(run.Points[i])) {
				v = of(run.Points[i])
			}
			values = append(values, v)
		}
		return values
	}
	for _, a := range r.axes() {
		last := 0.0
		for i := range length {
			values := slices.DeleteFunc(across(i, a.of), func(v float64) bool { return math.IsInf(v, 1) })
			last = max(last, spread(values).Mid)
			c.X[a.Key] = append(c.X[a.Key], last)
		}
	}
	for _, m := range r.measures() {
		var band report.Band
		varies := false
		for i := range length {
			s := spread(across(i, m.of))
			band.Low, band.Mid, band.High = append(band.Low, s.Low), append(band.Mid, s.Mid), append(band.High, s.High)
			varies = varies || s.Low != s.High
		}
		if !varies {
			band.Low, band.High = nil, nil
		}
		c.Y[m.Key] = band
	}
	return c
}
