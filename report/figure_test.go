package report_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"steepest/report"
)

// drawing holds the parts of an SVG that the tests check.
type drawing struct {
	width, height string
	texts         []string
	paths         []path
}

type path struct{ d, style string }

func drawSVG(t *testing.T, f report.Picture) drawing {
	t.Helper()
	var b bytes.Buffer
	if err := report.SVG(&b, f); err != nil {
		t.Fatal(err)
	}
	var d drawing
	inText := false
	for decoder := xml.NewDecoder(&b); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return d
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			inText = e.Name.Local == "text"
			attr := map[string]string{}
			for _, a := range e.Attr {
				attr[a.Name.Local] = a.Value
			}
			switch e.Name.Local {
			case "svg":
				d.width, d.height = attr["width"], attr["height"]
			case "path":
				d.paths = append(d.paths, path{attr["d"], attr["style"]})
			}
		case xml.CharData:
			if inText {
				d.texts = append(d.texts, string(e))
			}
		case xml.EndElement:
			inText = false
		}
	}
}

// strokes counts the points of each line of a colour that has at least two segments, in the order of drawing.
func (d drawing) strokes(hue string) []int {
	var points []int
	for _, p := range d.paths {
		if strings.Contains(p.style, "fill:none") && strings.Contains(strings.ToUpper(p.style), "STROKE:"+hue) {
			if n := len(regexp.MustCompile(`[ML]`).FindAllString(p.d, -1)); n > 2 {
				points = append(points, n)
			}
		}
	}
	return points
}

const blue = "#0952B5" // the first hue

// steps is a plot of one curve with the values at 0, 1, 2, …
func steps(log bool, low, mid, high []float64) *report.Plot {
	x := make([]float64, len(mid))
	for i := range x {
		x[i] = float64(i)
	}
	return &report.Plot{
		Title:  "one curve",
		X:      []report.Axis{{Key: "k", Label: "iterations"}},
		Y:      []report.Axis{{Key: "f", Label: "f(x) − f*", Log: log}},
		Curves: []report.Curve{{Name: "SGD & <friends>", X: map[string][]float64{"k": x}, Y: map[string]report.Band{"f": {Mid: mid, Low: low, High: high}}}},
	}
}

func geometric(n int) []float64 {
	y := make([]float64, n)
	for i := range y {
		y[i] = math.Pow(10, -8*float64(i)/float64(n-1))
	}
	return y
}

func TestSVGGaps(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		log  bool
		at   map[int]float64
		want []int
	}{
		"whole":          {true, nil, []int{50}},
		"NaN":            {true, map[int]float64{20: nan}, []int{20, 29}},
		"Inf":            {false, map[int]float64{20: math.Inf(1), 21: math.Inf(-1)}, []int{20, 28}},
		"zero on log":    {true, map[int]float64{10: 0, 30: -1}, []int{10, 19, 19}},
		"zero on linear": {false, map[int]float64{10: 0, 30: -1}, []int{50}},
		"at both ends":   {true, map[int]float64{0: nan, 49: nan}, []int{48}},
	} {
		t.Run(name, func(t *testing.T) {
			y := geometric(50)
			for i, v := range c.at {
				y[i] = v
			}
			got := drawSVG(t, &report.Figure{Panels: []report.Panel{{Plot: steps(c.log, nil, y, nil)}}}).strokes(blue)
			if !slices.Equal(got, c.want) {
				t.Errorf("lines of %v points, want %v", got, c.want)
			}
		})
	}
}

func TestSVGLogAxis(t *testing.T) {
	d := drawSVG(t, &report.Figure{Panels: []report.Panel{{Plot: steps(true, nil, geometric(5), nil)}}})
	for _, want := range []string{"10⁰", "10⁻²", "10⁻⁴", "10⁻⁶", "10⁻⁸", "0", "4", "iterations", "f(x) − f*", "one curve", "SGD & <friends>"} {
		if n := count(d.texts, want); n != 1 {
			t.Errorf("%q stands %d times in %q", want, n, d.texts)
		}
	}
}

// TestSVGNames: control characters in a name, which XML does not have, leave the file readable.
func TestSVGNames(t *testing.T) {
	plot := steps(true, nil, geometric(5), nil)
	plot.Curves[0].Name = "a\x00\x1b[31mb"
	if d := drawSVG(t, &report.Figure{Panels: []report.Panel{{Plot: plot}}}); count(d.texts, "a\ufffd\ufffd[31mb") != 1 {
		t.Errorf("texts %q", d.texts)
	}
}

func count(list []string, want string) (n int) {
	for _, s := range list {
		if s == want {
			n++
		}
	}
	return n
}

// A band whose lower quantile is not positive reaches down to the foot of the axis. Its median has all its points.
func TestSVGBand(t *testing.T) {
	mid := geometric(9)
	low, high := make([]float64, 9), make([]float64, 9)
	for i, v := range mid {
		low[i], high[i] = v/2, 2*v
	}
	low[8] = -1
	high[4] = math.NaN()
	d := drawSVG(t, &report.Figure{Panels: []report.Panel{{Plot: steps(true, low, mid, high)}}})
	var bands []int
	for _, p := range d.paths {
		if strings.Contains(p.style, "fill-opacity") {
			bands = append(bands, len(regexp.MustCompile(`[ML]`).FindAllString(p.d, -1)))
			if strings.Contains(p.d, "NaN") || strings.Contains(p.d, "Inf") {
				t.Errorf("the band is %s", p.d)
			}
		}
	}
	if !slices.Equal(bands, []int{8, 8}) {
		t.Errorf("bands of %v corners, want two over four points each", bands)
	}
	if got := d.strokes(blue); !slices.Equal(got, []int{9}) {
		t.Errorf("lines of %v points, want 9", got)
	}
}

func TestSVGSharedLegend(t *testing.T) {
	p := &sample(16, 20).Plots[0]
	f := &report.Figure{Title: "heading", Panels: []report.Panel{{Plot: p, X: "iter", Y: "gap"}, {Plot: p, Y: "grad"}, {Plot: p, X: "flops", Y: "gap"}}}
	d := drawSVG(t, f)
	for _, want := range []string{"heading", "SGD", "Muon", "bound for SGD", "FLOPs", "‖∇f(x)‖"} {
		if n := count(d.texts, want); n != 1 {
			t.Errorf("%q stands %d times", want, n)
		}
	}
	if n := count(d.texts, "iterations"); n != 2 {
		t.Errorf("%d panels over iterations, want 2", n)
	}
	if n := count(d.texts, p.Title); n != 0 {
		t.Errorf("the title that all panels share stands %d times beside the heading", n)
	}
	// The bound is only known for the gap, and only over iterations.
	if got := d.strokes("#555555"); !slices.Equal(got, []int{20}) {
		t.Errorf("bounds of %v points, want one of 20", got)
	}
}

func TestPNG(t *testing.T) {
	var b bytes.Buffer
	err := report.PNG(&b, &report.Figure{Panels: []report.Panel{{Plot: steps(true, nil, geometric(9), nil)}}})
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	// 480 + 2·8 points wide; 24 title, 320 panel, 16 legend and 3·8 margin high; 192/72 pixels a point.
	if got, want := img.Bounds().Size(), (image.Point{X: 1323, Y: 1024}); got != want {
		t.Errorf("size %v, want %v", got, want)
	}
	if n := pixels(img, color.NRGBA{0x09, 0x52, 0xb5, 255}); n < 1000 {
		t.Errorf("%d pixels of the curve's colour", n)
	}
}

func pixels(img image.Image, want color.NRGBA) (n int) {
	r := img.Bounds()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if color.NRGBAModel.Convert(img.At(x, y)) == want {
				n++
			}
		}
	}
	return n
}

func TestFigureWithoutValues(t *testing.T) {
	for _, log := range []bool{false, true} {
		p := steps(log, nil, []float64{math.NaN(), math.Inf(1)}, nil)
		if got := drawSVG(t, &report.Figure{Panels: []report.Panel{{Plot: p}}}).strokes(blue); len(got) != 0 {
			t.Errorf("lines of %v points from no values", got)
		}
	}
}

func TestUnknownAxis(t *testing.T) {
	defer func() {
		if got, want := recover(), `report: plot "one curve" has no horizontal axis "time"`; got != want {
			t.Errorf("panic %v, want %s", got, want)
		}
	}()
	report.SVG(io.Discard, &report.Figure{Panels: []report.Panel{{Plot: steps(true, nil, geometric(3), nil), X: "time"}}})
}
