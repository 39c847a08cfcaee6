package lecture

import (
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/palette/moreland"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"steepest/report"
)

var (
	gold   = color.NRGBA{0xff, 0xc8, 0x1e, 255}
	purple = color.NRGBA{0x9b, 0x1f, 0xa8, 255}
	red    = color.NRGBA{0xd6, 0x2b, 0x1f, 255}
	green  = color.NRGBA{0x1a, 0x8f, 0x3c, 255}
	dark   = color.NRGBA{0x30, 0x30, 0x30, 255}
)

// curve returns a line of a report.Plot over the axes of chart.
func curve(name string, x, y []float64) report.Curve {
	return report.Curve{Name: name, X: map[string][]float64{"x": x}, Y: map[string]report.Band{"y": {Mid: y}}}
}

// dashed returns a dashed curve, for values that are not measured.
func dashed(name string, x, y []float64) report.Curve {
	c := curve(name, x, y)
	c.Dashed = true
	return c
}

// panel returns a panel of curves over one pair of axes.
func panel(title string, x, y report.Axis, curves ...report.Curve) report.Panel {
	x.Key, y.Key = "x", "y"
	return report.Panel{Plot: &report.Plot{Title: title, X: []report.Axis{x}, Y: []report.Axis{y}, Curves: curves}}
}

// steps returns 0, 1, …, n−1.
func steps(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i)
	}
	return x
}

// box is a part of the plane.
type box struct{ x0, x1, y0, y1 float64 }

// show sets the range of a plot to the box.
func (b box) show(p *plot.Plot) { p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = b.x0, b.x1, b.y0, b.y1 }

// levels fills the box with the level sets of f, a color for each level. The levels are evenly spaced on the scale of value.
func levels(b box, count int, f func(x, y float64) float64, value func(f float64) float64) plot.Plotter {
	const side = 320
	z := make([]float64, side*side)
	low, high := math.Inf(1), math.Inf(-1)
	for i := range z {
		x := b.x0 + (b.x1-b.x0)*(float64(i%side)+0.5)/side
		y := b.y1 - (b.y1-b.y0)*(float64(i/side)+0.5)/side
		z[i] = value(f(x, y))
		low, high = min(low, z[i]), max(high, z[i])
	}
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	for i := range z {
		level := min(math.Floor((z[i]-low)/(high-low)*float64(count)), float64(count-1))
		img.SetNRGBA(i%side, i/side, coolwarm((level+0.5)/float64(count), 0.45))
	}
	return plotter.NewImage(img, b.x0, b.y0, b.x1, b.y1)
}

func identity(v float64) float64 { return v }

// coolwarm returns a color of the lecture's color map (Moreland 2009), blended with white.
func coolwarm(t, opacity float64) color.NRGBA {
	c, err := warm.At(min(max(t, 0), 1))
	if err != nil {
		panic("lecture: " + err.Error()) // t is a NaN
	}
	r, g, b, _ := c.RGBA()
	thin := func(v uint32) uint8 { return uint8(255 - opacity*(255-float64(v>>8))) }
	return color.NRGBA{thin(r), thin(g), thin(b), 255}
}

var warm = func() interface {
	At(float64) (color.Color, error)
} {
	m := moreland.SmoothBlueRed()
	m.SetMin(0)
	m.SetMax(1)
	return m
}()

// trail returns a line through points of the plane.
func trail(points [][]float64, c color.Color, width float64) *plotter.Line {
	return &plotter.Line{XYs: xys(points), LineStyle: draw.LineStyle{Color: c, Width: vg.Points(width)}}
}

// dots marks points of the plane.
func dots(points [][]float64, g draw.GlyphStyle) *plotter.Scatter {
	return &plotter.Scatter{XYs: xys(points), GlyphStyle: g}
}

func xys(points [][]float64) plotter.XYs {
	out := make(plotter.XYs, len(points))
	for i, p := range points {
		out[i] = plotter.XY{X: p[0], Y: p[1]}
	}
	return out
}

// dot returns the style of a filled circle.
func dot(c color.Color, radius float64) draw.GlyphStyle {
	return draw.GlyphStyle{Color: c, Radius: vg.Points(radius), Shape: draw.CircleGlyph{}}
}

// star returns the style of the mark of an optimum.
func star(c color.Color, radius float64) draw.GlyphStyle {
	return draw.GlyphStyle{Color: c, Radius: vg.Points(radius), Shape: pentagram{}}
}

// pentagram is a filled star of five points.
type pentagram struct{}

func (pentagram) DrawGlyph(c *draw.Canvas, s draw.GlyphStyle, at vg.Point) {
	var p vg.Path
	for i := range 10 {
		r := s.Radius
		if i%2 == 1 {
			r *= 0.42
		}
		angle := math.Pi/2 + math.Pi/5*float64(i)
		corner := vg.Point{X: at.X + r*vg.Length(math.Cos(angle)), Y: at.Y + r*vg.Length(math.Sin(angle))}
		if i == 0 {
			p.Move(corner)
		} else {
			p.Line(corner)
		}
	}
	p.Close()
	c.SetColor(s.Color)
	c.Fill(p)
	c.SetLineStyle(draw.LineStyle{Color: color.Gray{90}, Width: 0.4})
	c.Stroke(p)
}

// arrow is an arrow from one point of the plane to another.
type arrow struct {
	from, to []float64
	draw.LineStyle
}

func (a arrow) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	tail := vg.Point{X: toX(a.from[0]), Y: toY(a.from[1])}
	head := vg.Point{X: toX(a.to[0]), Y: toY(a.to[1])}
	length := math.Hypot(float64(head.X-tail.X), float64(head.Y-tail.Y))
	if length == 0 {
		return
	}
	ux, uy := (head.X-tail.X)/vg.Length(length), (head.Y-tail.Y)/vg.Length(length)
	size := vg.Length(min(7, length))
	neck := vg.Point{X: head.X - size*ux, Y: head.Y - size*uy}
	c.StrokeLine2(a.LineStyle, tail.X, tail.Y, neck.X, neck.Y)
	side := 0.4 * size
	c.FillPolygon(a.Color, []vg.Point{head, {X: neck.X - side*uy, Y: neck.Y + side*ux}, {X: neck.X + side*uy, Y: neck.Y - side*ux}})
}

var dashes = []vg.Length{5, 3}

// pairs returns the points of a curve, without those that a logarithmic axis cannot show.
func pairs(x, y []float64) [][]float64 {
	var out [][]float64
	for i := range x {
		if y[i] > 0 {
			out = append(out, []float64{x[i], y[i]})
		}
	}
	return out
}
