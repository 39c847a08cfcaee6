package report

import (
	"bytes"
	"image/color"
	"io"
	"unicode"

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

// heading draws a centred text, in smaller letters if it would be too wide.
func heading(c draw.Canvas, x, y vg.Length, size float64, text string, room vg.Length) {
	style := letters(size)
	if width := style.Width(text); width > room {
		style = letters(size * float64(room/width))
	}
	style.XAlign = draw.XCenter
	c.FillText(style, vg.Point{X: x, Y: y - 3}, text)
}
