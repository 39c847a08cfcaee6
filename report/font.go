package report

import (
	"image/color"
	"sync"

	"codeberg.org/go-fonts/dejavu/dejavusans"
	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// fonts holds DejaVu Sans, which has the letters of mathematics that gonum's own fonts lack: ∇, ‖, x̄, superscripts.
var fonts = sync.OnceValue(func() *font.Cache {
	face, err := opentype.Parse(dejavusans.TTF)
	if err != nil {
		panic("report: DejaVu Sans: " + err.Error())
	}
	return font.NewCache(font.Collection{{Font: sans, Face: face}})
})

var sans = font.Font{Typeface: "DejaVu", Variant: "Sans", Style: xfont.StyleNormal, Weight: xfont.WeightNormal}

// letters is the text style of a size in points.
func letters(size float64) text.Style {
	var style text.Style
	restyle(&style, size)
	return style
}

// restyle sets the letters of a text style and keeps its alignment.
func restyle(s *text.Style, size float64) {
	s.Color = color.Gray{30}
	s.Font = font.From(sans, vg.Points(size))
	s.Handler = text.Plain{Fonts: fonts()}
}
