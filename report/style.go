package report

import (
	"encoding/json"
	"image/color"
	"iter"
	"slices"
	"strconv"
)

// style is how a curve looks, on paper and on a dark screen.
type style struct {
	Light string    `json:"light"`
	Dark  string    `json:"dark"`
	Dash  []float64 `json:"dash"`
	Width float64   `json:"width"`
	Faint bool      `json:"faint,omitempty"`
}

// faint is the opacity of a faint curve.
const faint = 0.4

// hues are seven colours, for light and dark mode, that normal and colour-blind eyes can distinguish. They were found by a
// search from Okabe and Ito's palette that maximizes the smallest OKLab distance under the deuteranopia, protanopia and
// tritanopia of Machado et al. (2009), with a lower limit on the contrast to the background.
var hues = [7][2]string{
	{"#0952b5", "#3878d8"}, // blue
	{"#c63c0e", "#ff7a1c"}, // vermilion
	{"#20856b", "#0ab488"}, // green
	{"#b476b5", "#ef8cea"}, // mauve
	{"#d38f11", "#fcd840"}, // amber
	{"#2da0ff", "#8eeffd"}, // sky
	{"#7b1e4f", "#b4457e"}, // wine
}

// ink is the colour of curves that are not measurements.
var ink = [2]string{"#555555", "#bbbbbb"}

// dashes are the dashes of measured curves. The next one is used when all hues are taken, which gives 21 styles.
var dashes = [3][]float64{nil, {9, 3}, {3, 3}}

// bounds are the dashes of curves that are not measurements.
var bounds = [3][]float64{{6, 5}, {1.5, 4}, {10, 4, 1.5, 4}}

// styles assigns a style to each name in the order of first appearance, so that a method looks the same in every plot.
func styles(plots iter.Seq[*Plot]) map[string]style {
	of := map[string]style{}
	measured, drawn := 0, 0
	for p := range plots {
		for _, c := range p.Curves {
			if _, ok := of[c.Name]; ok {
				continue
			}
			s := style{Faint: c.Faint}
			about, known := of[c.Of]
			switch {
			case known:
				s.Light, s.Dark, s.Width = about.Light, about.Dark, 1
				if c.Dashed {
					s.Dash = bounds[0]
				}
			case c.Dashed:
				s.Light, s.Dark, s.Dash, s.Width = ink[0], ink[1], bounds[drawn%len(bounds)], 1.25
				drawn++
			default:
				hue := hues[measured%len(hues)]
				s.Light, s.Dark, s.Dash, s.Width = hue[0], hue[1], dashes[measured/len(hues)%len(dashes)], 1.75
				measured++
			}
			of[c.Name] = s
		}
	}
	return of
}

// onPaper returns the light colour with an opacity from 0 to 1, which is reduced for a faint curve.
func (s style) onPaper(opacity float64) color.NRGBA {
	if s.Faint {
		opacity *= faint
	}
	var rgb [3]uint8
	for i := range rgb {
		rgb[i] = hex(s.Light[1+2*i])<<4 | hex(s.Light[2+2*i])
	}
	return color.NRGBA{rgb[0], rgb[1], rgb[2], uint8(255*opacity + 0.5)}
}

func hex(digit byte) uint8 {
	if digit <= '9' {
		return digit - '0'
	}
	return digit - 'a' + 10
}

// Looks returns the styles of the first n measured curves of a page, as JSON for chart.js.
func Looks(n int) json.RawMessage {
	p, list := Plot{}, make([]style, n)
	for i := range list {
		p.Curves = append(p.Curves, Curve{Name: strconv.Itoa(i)})
	}
	of := styles(slices.Values([]*Plot{&p}))
	for i := range list {
		list[i] = of[strconv.Itoa(i)]
	}
	text, err := json.Marshal(list)
	if err != nil {
		panic("report: " + err.Error())
	}
	return text
}
