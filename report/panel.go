package report

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// plot draws the bands, above them the measured curves, and above those the curves that are not measurements.
func (p Panel) plot(look map[string]style) *plot.Plot {
	x, y := p.axis("horizontal", p.Plot.X, p.X), p.axis("vertical", p.Plot.Y, p.Y)
	out := plot.New()
	var bands, measured, others []plot.Plotter
	spanX, spanY := span{log: x.Log}, span{log: y.Log}
	for _, c := range p.Curves {
		s, curve := look[c.Name], over(c, x, y)
		lines := &measured
		if c.Dashed || c.Of != "" {
			lines = &others
		}
		for _, part := range curve.stretches(curve.hasMid) {
			spanX.hold(part.x)
			spanY.hold(part.mid)
			*lines = append(*lines, part.draw(s))
		}
		for _, part := range curve.stretches(curve.hasBand) {
			spanY.hold(part.low)
			spanY.hold(part.high)
			bands = append(bands, &band{part, &spanY, s.onPaper(0.16)})
		}
	}
	out.Add(NewGrid())
	out.Add(bands...)
	out.Add(measured...)
	out.Add(others...)
	setAxis(&out.X, x, &spanX, 0)
	setAxis(&out.Y, y, &spanY, 0.04)
	return out
}

// axis finds the axis with the key.
func (p Panel) axis(which string, axes []Axis, key string) Axis {
	for _, a := range axes {
		if key == "" || a.Key == key {
			return a
		}
	}
	panic(fmt.Sprintf("report: plot %q has no %s axis %q", p.Title, which, key))
}

func setAxis(a *plot.Axis, want Axis, s *span, margin float64) {
	s.widen(margin)
	a.Min, a.Max = s.low, s.high
	a.Label.Text, a.Label.Padding = want.Label, 3
	a.Scale, a.Tick.Marker = plot.LinearScale{}, linear{}
	if want.Log {
		a.Scale, a.Tick.Marker = plot.LogScale{}, decades{}
	}
	a.Padding = 0
	a.LineStyle = draw.LineStyle{Color: color.Gray{110}, Width: 0.6}
	a.Tick.LineStyle, a.Tick.Length = a.LineStyle, 4
	restyle(&a.Label.TextStyle, 9.5)
	restyle(&a.Tick.Label, 8.5)
}

// seen is a curve over a pair of axes: values at positions. low and high are nil if there is no band.
type seen struct {
	x, mid, low, high []float64
	logX, logY        bool
}

// over returns the curve over the axes, without points if it lacks one of the axes.
func over(c Curve, x, y Axis) seen {
	if c.X[x.Key] == nil || c.Y[y.Key].Mid == nil {
		return seen{}
	}
	b := c.Y[y.Key]
	return seen{c.X[x.Key], b.Mid, b.Low, b.High, x.Log, y.Log}
}

// hasMid reports whether the axes can show the median at i.
func (c seen) hasMid(i int) bool {
	return finite(c.x[i]) && finite(c.mid[i]) && (!c.logX || c.x[i] > 0) && (!c.logY || c.mid[i] > 0)
}

// hasBand reports whether the axes can show the band at i; its lower end may lie below a logarithmic axis.
func (c seen) hasBand(i int) bool {
	return c.low != nil && c.hasMid(i) && finite(c.low[i]) && finite(c.high[i])
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// stretches cuts the curve at missing points.
func (c seen) stretches(has func(int) bool) []seen {
	var out []seen
	from := 0
	for i := 0; i <= len(c.x); i++ {
		if i < len(c.x) && has(i) {
			continue
		}
		if i > from {
			cut := seen{x: c.x[from:i], mid: c.mid[from:i]}
			if c.low != nil {
				cut.low, cut.high = c.low[from:i], c.high[from:i]
			}
			out = append(out, cut)
		}
		from = i + 1
	}
	return out
}

// draw returns the line through the medians, or a dot for a single point between gaps.
func (c seen) draw(s style) plot.Plotter {
	points := make(plotter.XYs, len(c.x))
	for i := range points {
		points[i] = plotter.XY{X: c.x[i], Y: c.mid[i]}
	}
	if len(points) == 1 {
		dot := draw.GlyphStyle{Color: s.onPaper(1), Radius: 2, Shape: draw.CircleGlyph{}}
		return &plotter.Scatter{XYs: points, GlyphStyle: dot}
	}
	return &plotter.Line{XYs: points, LineStyle: s.line()}
}

// line returns the line style of a curve on paper; screen pixels become points.
func (s style) line() draw.LineStyle {
	line := draw.LineStyle{Color: s.onPaper(1), Width: vg.Points(0.75 * s.Width)}
	for _, d := range s.Dash {
		line.Dashes = append(line.Dashes, vg.Points(0.75*d))
	}
	return line
}

// band fills the area between the quantiles of a stretch. On a logarithmic axis, parts below the axis end at its lower end.
type band struct {
	seen
	axis  *span
	color color.Color
}

func (b *band) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	outline := make([]vg.Point, 2*len(b.x))
	for i, x := range b.x {
		outline[i] = vg.Point{X: toX(x), Y: toY(max(b.high[i], b.axis.low))}
		outline[len(outline)-1-i] = vg.Point{X: toX(x), Y: toY(max(b.low[i], b.axis.low))}
	}
	c.FillPolygon(b.color, outline)
}

// span is the range of an axis.
type span struct {
	log       bool
	held      bool
	low, high float64
}

// hold widens the span to contain the values, except those that a logarithmic axis cannot show.
func (s *span) hold(values []float64) {
	for _, v := range values {
		switch {
		case s.log && v <= 0:
		case !s.held:
			s.held, s.low, s.high = true, v, v
		default:
			s.low, s.high = min(s.low, v), max(s.high, v)
		}
	}
}

// widen adds a margin relative to the span, and gives an empty or single-valued span a width.
func (s *span) widen(margin float64) {
	switch {
	case !s.held:
		s.low, s.high = 1, 10
	case s.log && s.low == s.high:
		s.low, s.high = s.low/2, s.high*2
	case s.log:
		pad := math.Pow(s.high/s.low, margin)
		s.low, s.high = s.low/pad, s.high*pad
	case s.low == s.high:
		s.low, s.high = s.low-1, s.high+1
	default:
		pad := margin * (s.high - s.low)
		s.low, s.high = s.low-pad, s.high+pad
	}
}
