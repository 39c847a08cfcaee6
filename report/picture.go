package report

import (
	"bytes"
	"image/color"
	"io"
	"slices"
	"unicode"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Picture is a still picture: a *Figure or a *Regions.
type Picture interface{ arrange() arrangement }

// arrangement is a picture with its layout.
type arrangement interface {
	size() (width, height vg.Length)
	draw(draw.Canvas)
}

// SVG writes the picture as a vector image. Text stays text: a viewer without DejaVu Sans uses another sans-serif font.
func SVG(w io.Writer, p Picture) error {
	a := p.arrange()
	canvas := vgsvg.New(a.size())
	a.draw(draw.New(canvas))
	var image bytes.Buffer
	if _, err := canvas.WriteTo(&image); err != nil {
		return err
	}
	text := bytes.ReplaceAll(image.Bytes(), []byte("font-family:DejaVu Sans;"), []byte("font-family:'DejaVu Sans',Verdana,sans-serif;"))
	_, err := w.Write(bytes.Map(allowed, text))
	return err
}

// allowed replaces characters that XML does not have, such as those of a name with control characters.
func allowed(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\t' {
		return unicode.ReplacementChar
	}
	return r
}

// dpi gives a PNG two pixels for each pixel of a common screen.
const dpi = 192

// PNG writes the picture as a bitmap of 192 dots per inch.
func PNG(w io.Writer, p Picture) error {
	a := p.arrange()
	canvas := vgimg.NewWith(vgimg.UseWH(a.size()), vgimg.UseDPI(dpi))
	a.draw(draw.New(canvas))
	_, err := vgimg.PngCanvas{Canvas: canvas}.WriteTo(w)
	return err
}

// paper makes the canvas white and returns the part within the margins, below the title if there is one.
func paper(c draw.Canvas, title string) draw.Canvas {
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	c = draw.Crop(c, margin, -margin, margin, -margin)
	if title != "" {
		heading(c, c.Center().X, c.Max.Y-titleRoom/2, 13, title, c.Size().X)
		c = draw.Crop(c, 0, 0, 0, -titleRoom)
	}
	return c
}

// sheet holds plots in rows, each with a title above it.
type sheet struct {
	columns int
	plots   [][]*plot.Plot // nil after the last plot of the last row
	titles  []string       // of all plots; "" for none
}

// add adds a plot, whose own title must be empty.
func (s *sheet) add(p *plot.Plot, title string) {
	column := len(s.titles) % s.columns
	if column == 0 {
		s.plots = append(s.plots, make([]*plot.Plot, s.columns))
	}
	s.plots[len(s.plots)-1][column] = p
	s.titles = append(s.titles, title)
}

// titled reports whether a plot has a title.
func (s *sheet) titled() bool {
	return slices.ContainsFunc(s.titles, func(title string) bool { return title != "" })
}

// drawPlots draws the plots with the padding of tiles. The titles of a row have the same height.
func (s *sheet) drawPlots(c draw.Canvas, tiles draw.Tiles) {
	tiles.Rows, tiles.Cols = len(s.plots), s.columns
	for i, row := range plot.Align(s.plots, tiles, c) {
		for j, cell := range row {
			if p := s.plots[i][j]; p != nil {
				p.Draw(cell)
				data := p.DataCanvas(cell)
				heading(c, data.Center().X, data.Max.Y+margin, 10, s.titles[i*s.columns+j], data.Size().X+2*margin)
			}
		}
	}
}

// heading draws a centred text, in smaller letters if it would be too wide.
func heading(c draw.Canvas, x, y vg.Length, size float64, text string, room vg.Length) {
	style := letters(size)
	if width := style.Width(text); width > room {
		style = letters(size * float64(room/width))
	}
	style.XAlign = draw.XCenter
	c.FillText(style, vg.Point{X: x, Y: y - 3}, text)
}
