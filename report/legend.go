package report

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Mark is an entry of a legend: a glyph if it has a shape, otherwise a line.
type Mark struct {
	Name  string
	Line  draw.LineStyle
	Glyph draw.GlyphStyle
}

// draw draws the mark from (x, y) to the right, in a width, and its name after a gap.
func (m Mark) draw(c draw.Canvas, x, y, width, gap vg.Length) {
	if m.Glyph.Shape != nil {
		c.DrawGlyph(m.Glyph, vg.Point{X: x + width/2, Y: y})
	} else {
		c.StrokeLine2(m.Line, x, y, x+width, y)
	}
	c.FillText(letters(9), vg.Point{X: x + width + gap, Y: y - 3}, m.Name)
}

// drawRow draws marks side by side at height y, in the middle of the canvas.
func drawRow(c draw.Canvas, y vg.Length, marks []Mark, width, gap vg.Length) {
	const apart = 18
	room := vg.Length(-apart)
	for _, m := range marks {
		room += apart + width + gap + letters(9).Width(m.Name)
	}
	x := c.Center().X - room/2
	for _, m := range marks {
		m.draw(c, x, y, width, gap)
		x += apart + width + gap + letters(9).Width(m.Name)
	}
}
