package report_test

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"

	"steepest/report"
)

// halves returns a plane whose left half belongs to the first class and its right half to the last, each with a point at ±1. With three
// classes, one lies between them.
func halves(classes int, panels ...string) *report.Regions {
	r := &report.Regions{Title: "planes", X: "width", Y: "height"}
	for k := range classes {
		r.Classes = append(r.Classes, fmt.Sprintf("class %d", k))
		r.Points = append(r.Points, report.Point{X: 2*float64(k)/float64(classes-1) - 1, Y: float64(k % 2), Class: k})
	}
	for _, title := range panels {
		r.Panels = append(r.Panels, report.Region{Title: title, Shares: func(points []report.Point) [][]float64 {
			shares := make([][]float64, len(points))
			for i, p := range points {
				sum := 0.0
				for k := range classes {
					shares[i] = append(shares[i], math.Exp(-20*math.Abs(p.X-r.Points[k].X)))
					sum += shares[i][k]
				}
				for k := range shares[i] {
					shares[i][k] /= sum
				}
			}
			return shares
		}})
	}
	return r
}

func TestRegionsSVG(t *testing.T) {
	for classes, lines := range map[int]int{2: 1, 3: 4} { // with three classes each line is drawn for both of its sides
		d := drawSVG(t, halves(classes, "a", "b < c", "d", "e", "f"))
		for text, want := range map[string]int{"planes": 1, "b < c": 1, "width": 5, "height": 5, "class 0": 1, "class 1": 1} {
			if n := count(d.texts, text); n != want {
				t.Errorf("%d classes: %q stands %d times, want %d", classes, text, n, want)
			}
		}
		if got := d.strokes("#3C3C3C"); len(got) != 5*lines {
			t.Errorf("%d classes: %d lines in five panels, want %d", classes, len(got), 5*lines)
		}
		// Five panels stand in two rows, of at most three panels of 230 points.
		if d.width != "706pt" {
			t.Errorf("width %s, want 706pt", d.width)
		}
	}
}

// TestRegionsPNG checks the colours left and right of the line.
func TestRegionsPNG(t *testing.T) {
	var b bytes.Buffer
	if err := report.PNG(&b, halves(2, "one")); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	width, height := img.Bounds().Dx(), img.Bounds().Dy()
	at := func(x float64) color.NRGBA {
		return color.NRGBAModel.Convert(img.At(int(x*float64(width)), height/2)).(color.NRGBA)
	}
	blue, red := at(0.4), at(0.8)
	for _, c := range []struct {
		side      string
		got, want color.NRGBA
	}{{"left", blue, mixed(0x09, 0x52, 0xb5)}, {"right", red, mixed(0xc6, 0x3c, 0x0e)}} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.side, c.got, c.want)
		}
	}
}

// mixed returns a colour of 38 % opacity on white.
func mixed(r, g, b float64) color.NRGBA {
	thin := func(v float64) uint8 { return uint8(255*0.62 + v*0.38 + 0.5) }
	return color.NRGBA{thin(r), thin(g), thin(b), 255}
}

// TestRegionsOfDivergedRun: without probabilities, only the points are drawn.
func TestRegionsOfDivergedRun(t *testing.T) {
	r := halves(2, "diverged")
	r.Panels[0].Shares = func(points []report.Point) [][]float64 {
		shares := make([][]float64, len(points))
		for i := range shares {
			shares[i] = []float64{math.NaN(), math.NaN()}
		}
		return shares
	}
	d := drawSVG(t, r)
	if got := d.strokes("#3C3C3C"); len(got) != 0 || count(d.texts, "diverged") != 1 {
		t.Errorf("%d lines, texts %q", len(got), d.texts)
	}
}

func TestRegionsInPage(t *testing.T) {
	r := halves(2, `a "<b>"`)
	r.Note = "a note"
	var b strings.Builder
	if err := report.HTML(&b, &report.Page{Title: "page", Regions: []report.Regions{*r}}); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{
		"<h2>planes</h2>", `<svg role="img" aria-label="planes; a &#34;&lt;b&gt;&#34;" `, `<p class="note">a note</p>`,
	} {
		if strings.Count(page, want) != 1 {
			t.Errorf("%s stands %d times", want, strings.Count(page, want))
		}
	}
	if strings.Contains(page, "<?xml") {
		t.Error("an XML declaration stands in the page")
	}
}

func TestRegionsContract(t *testing.T) {
	stray := halves(2, "one")
	stray.Points[0].Class = 2
	for want, r := range map[string]*report.Regions{
		"report: a picture of regions without panels or points": halves(2),
		"report: a point of class 2, of 2 classes":              stray,
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panic %v, want %s", got, want)
				}
			}()
			report.SVG(&bytes.Buffer{}, r)
		}()
	}
}
