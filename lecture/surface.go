package lecture

import (
	"cmp"
	"image/color"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"steepest/report"
)

// surface plots the graph of a function of two variables, seen from above at an angle, with paths on it. The axes of the plot are hidden,
// since surface draws its own.
type surface struct {
	box
	top   float64 // end of the vertical axis, which starts at 0
	f     func(x, y float64) float64
	shade func(f float64) float64 // position in the color map, from 0 to 1
	ticks [3][]float64
	names [3]string
	paths []surfacePath
	best  []float64 // marked by a star
}

// surfacePath is a line on a surface, with a dot at its end.
type surfacePath struct {
	points [][]float64
	color  color.Color
}

// The view angles of the lecture's figure, in radians, and the ratio of the height of the box to its sides.
const (
	azimuth   = -128 * math.Pi / 180
	elevation = 43 * math.Pi / 180
	boxHeight = 0.75
)

// project returns the position of a point on paper, and how near the point is.
func (s *surface) project(x, y, z float64) (px, py, near float64) {
	u, v := (x-s.x0)/(s.x1-s.x0)-0.5, (y-s.y0)/(s.y1-s.y0)-0.5
	w := boxHeight * (z/s.top - 0.5)
	sin, cos := math.Sincos(azimuth)
	up, along := math.Sincos(elevation)
	return -sin*u + cos*v, -cos*up*u - sin*up*v + along*w, cos*along*u + sin*along*v + up*w
}

// chart returns a plot that shows only the surface.
func (s *surface) chart(title string) *plot.Plot {
	p := report.NewChart(title, report.Axis{}, report.Axis{})
	p.HideAxes()
	p.Add(s)
	box{-0.85, 0.85, -0.85, 0.8}.show(p)
	return p
}

// Plot draws the surface, the far parts first.
func (s *surface) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	at := func(x, y, z float64) vg.Point {
		px, py, _ := s.project(x, y, z)
		return vg.Point{X: toX(px), Y: toY(py)}
	}
	s.drawAxes(c, at)
	type tile struct {
		corners []vg.Point
		color   color.Color
		near    float64
	}
	var tiles []tile
	const side = 36
	for i := range side {
		for j := range side {
			var t tile
			sum := 0.0
			for _, d := range [4][2]int{{0, 0}, {1, 0}, {1, 1}, {0, 1}} {
				x := s.x0 + (s.x1-s.x0)*float64(i+d[0])/side
				y := s.y0 + (s.y1-s.y0)*float64(j+d[1])/side
				z := min(s.f(x, y), s.top)
				_, _, near := s.project(x, y, z)
				t.corners, t.near, sum = append(t.corners, at(x, y, z)), t.near+near, sum+z
			}
			t.color = coolwarm(s.shade(sum/4), 0.6)
			tiles = append(tiles, t)
		}
	}
	slices.SortStableFunc(tiles, func(a, b tile) int { return cmp.Compare(a.near, b.near) })
	for _, t := range tiles {
		c.FillPolygon(t.color, t.corners)
		c.StrokeLines(draw.LineStyle{Color: t.color, Width: 0.3}, append(t.corners, t.corners[0]))
	}
	c.DrawGlyph(star(gold, 7), at(s.best[0], s.best[1], s.f(s.best[0], s.best[1])))
	for _, path := range s.paths {
		var line []vg.Point
		for _, w := range path.points {
			line = append(line, at(w[0], w[1], min(s.f(w[0], w[1]), s.top)))
		}
		c.StrokeLines(draw.LineStyle{Color: path.color, Width: 1.4}, line)
		c.DrawGlyph(dot(path.color, 2.8), line[len(line)-1])
	}
}

// drawAxes draws the floor, and the ticks along the two edges in front and the height on the left.
func (s *surface) drawAxes(c draw.Canvas, at func(x, y, z float64) vg.Point) {
	thin := draw.LineStyle{Color: color.Gray{215}, Width: 0.5}
	style := report.Letters(8)
	mark := func(from, to vg.Point, value float64, aside vg.Length) {
		c.StrokeLine2(thin, from.X, from.Y, to.X, to.Y)
		text := strconv.FormatFloat(value, 'g', -1, 64)
		c.FillText(style, vg.Point{X: from.X - style.Width(text)/2 + aside, Y: from.Y - 11}, text)
	}
	for _, x := range s.ticks[0] {
		mark(at(x, s.y0, 0), at(x, s.y1, 0), x, 7)
	}
	for _, y := range s.ticks[1] {
		mark(at(s.x0, y, 0), at(s.x1, y, 0), y, -7)
	}
	for _, z := range s.ticks[2] {
		from, to := at(s.x0, s.y1, z), at(s.x1, s.y1, z)
		corner := at(s.x1, s.y0, z)
		c.StrokeLines(thin, []vg.Point{from, to, corner})
		text := strconv.FormatFloat(z, 'g', -1, 64)
		c.FillText(style, vg.Point{X: from.X - style.Width(text) - 5, Y: from.Y - 3}, text)
	}
	edge := draw.LineStyle{Color: color.Gray{110}, Width: 0.7}
	floor := []vg.Point{at(s.x0, s.y1, s.top), at(s.x0, s.y1, 0), at(s.x0, s.y0, 0), at(s.x1, s.y0, 0)}
	c.StrokeLines(edge, floor)
	label := report.Letters(10)
	middle := at((s.x0+s.x1)/2, s.y0, 0)
	c.FillText(label, vg.Point{X: middle.X + 14, Y: middle.Y - 28}, s.names[0])
	middle = at(s.x0, (s.y0+s.y1)/2, 0)
	c.FillText(label, vg.Point{X: middle.X - 28, Y: middle.Y - 28}, s.names[1])
	top := at(s.x0, s.y1, s.top)
	c.FillText(label, vg.Point{X: top.X - 12, Y: top.Y + 8}, s.names[2])
}
