package report_test

import (
	"bytes"
	"encoding/json"
	"math"
	"regexp"
	"strings"
	"testing"

	"steepest/report"
)

func render(t *testing.T, p *report.Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.HTML(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// read holds the data that the script of the page reads. null is a nil pointer.
type read struct {
	Plots []struct {
		Title  string
		X, Y   []report.Axis
		Curves []struct {
			Name   string
			Dashed bool
			X      map[string][]*float64
			Y      map[string]struct{ Mid, Low, High []*float64 }
		}
	}
	Styles map[string]struct {
		Light, Dark string
		Dash        []float64
		Width       float64
		Faint       bool
	}
}

func parse(t *testing.T, page string) read {
	t.Helper()
	found := regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`).FindStringSubmatch(page)
	if found == nil {
		t.Fatal("the page holds no data")
	}
	var r read
	if err := json.Unmarshal([]byte(found[1]), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func sameNumbers(t *testing.T, what string, got []*float64, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i, w := range want {
		switch gap := math.IsNaN(w) || math.IsInf(w, 0); {
		case gap != (got[i] == nil):
			t.Fatalf("%s[%d]: gap is %v, want %v", what, i, got[i] == nil, gap)
		case !gap && math.Abs(*got[i]-w) > 5e-8*math.Abs(w):
			t.Fatalf("%s[%d] = %v, want %v", what, i, *got[i], w)
		}
	}
}

func TestHTMLHoldsData(t *testing.T) {
	p := sample(16, 30)
	mid := p.Plots[0].Curves[3].Y["gap"].Mid
	mid[4], mid[5], mid[6] = math.NaN(), math.Inf(1), math.Inf(-1)
	mid[7], mid[8], mid[9] = math.MaxFloat64, math.SmallestNonzeroFloat64, 0
	got := parse(t, render(t, p))
	if len(got.Plots) != 1 || len(got.Plots[0].Curves) != 17 || got.Plots[0].Title != p.Plots[0].Title {
		t.Fatalf("plots: %+v", got.Plots)
	}
	for i, want := range p.Plots[0].X {
		if got.Plots[0].X[i] != want {
			t.Errorf("axis %d = %+v, want %+v", i, got.Plots[0].X[i], want)
		}
	}
	for i, want := range p.Plots[0].Curves {
		c := got.Plots[0].Curves[i]
		if c.Name != want.Name || c.Dashed != want.Dashed || len(c.X) != len(want.X) || len(c.Y) != len(want.Y) {
			t.Fatalf("curve %d = %+v, want %+v", i, c, want)
		}
		for key, x := range want.X {
			sameNumbers(t, want.Name+" x "+key, c.X[key], x)
		}
		for key, y := range want.Y {
			sameNumbers(t, want.Name+" mid "+key, c.Y[key].Mid, y.Mid)
			sameNumbers(t, want.Name+" low "+key, c.Y[key].Low, y.Low)
			sameNumbers(t, want.Name+" high "+key, c.Y[key].High, y.High)
		}
	}
}

func TestStylesDiffer(t *testing.T) {
	type look struct{ light, dash string }
	seen := map[look]string{}
	styles := parse(t, render(t, sample(20, 3))).Styles
	if len(styles) != 21 {
		t.Fatalf("%d styles, want one for each of 20 methods and a bound", len(styles))
	}
	for name, s := range styles {
		dash, _ := json.Marshal(s.Dash)
		l := look{s.Light, string(dash)}
		if other, ok := seen[l]; ok {
			t.Errorf("%q and %q look the same: %v", name, other, l)
		}
		seen[l] = name
	}
}

func TestStyleFollowsName(t *testing.T) {
	p := sample(8, 3)
	want := parse(t, render(t, p)).Styles["AdaGrad"]
	second := report.Plot{Title: "second", X: p.Plots[0].X, Y: p.Plots[0].Y, Curves: p.Plots[0].Curves[5:6]}
	p.Plots = append(p.Plots, second)
	if got := parse(t, render(t, p)).Styles["AdaGrad"]; got.Light != want.Light {
		t.Errorf("AdaGrad is %s, want %s", got.Light, want.Light)
	}
}

// TestDetailsStandBelow: details stand below the tables, and their data after the data of the other plots, because the script reads both
// in the order of the page.
func TestDetailsStandBelow(t *testing.T) {
	p := sample(8, 3)
	p.Details = []report.Plot{{Title: "a detail", X: p.Plots[0].X, Y: p.Plots[0].Y, Curves: p.Plots[0].Curves[5:6]}}
	page := render(t, p)
	if at := strings.Index(page, "<h2>a detail</h2>"); at < strings.Index(page, `<section class="table">`) || at > strings.Index(page, `<section class="facts">`) {
		t.Errorf("the detail stands at byte %d", at)
	}
	plots := parse(t, page).Plots
	if n := strings.Count(page, `<section class="plot">`); n != 2 || len(plots) != 2 || plots[1].Title != "a detail" {
		t.Errorf("%d sections, %d plots", n, len(plots))
	}
}

func TestHTMLEscapes(t *testing.T) {
	const evil = "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>\"'&\u2028{{.}}"
	plain, hostile := sample(2, 3), sample(2, 3)
	hostile.Title, hostile.Lead = evil, evil
	hostile.Plots[0].Title, hostile.Plots[0].Curves[0].Name, hostile.Plots[0].X[0].Label = evil, evil, evil
	hostile.Tables[0].Title, hostile.Tables[0].Note = evil, evil
	hostile.Tables[0].Columns[1] = report.Column{Name: evil, Help: evil, Numeric: true}
	hostile.Tables[0].Rows[0][0].Text = evil
	hostile.Facts[0] = report.Fact{Name: evil, Value: evil}
	want, got := render(t, plain), render(t, hostile)
	for _, tag := range []string{"<script", "</script", "<img", "<!--"} {
		if n, w := strings.Count(got, tag), strings.Count(want, tag); n != w {
			t.Errorf("%d times %q, want %d", n, tag, w)
		}
	}
	r := parse(t, got)
	if name := r.Plots[0].Curves[0].Name; name != evil {
		t.Errorf("name = %q, want %q", name, evil)
	}
	if _, ok := r.Styles[evil]; !ok {
		t.Error("no style for the hostile name")
	}
}

func TestHTMLNeedsNoNetwork(t *testing.T) {
	page := render(t, sample(2, 3))
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]*)"|url\(([^)]*)\)|@import`).FindAllStringSubmatch(page, -1) {
		if m[0] != `href="data:,"` {
			t.Errorf("the page refers to %s", m[0])
		}
	}
}

func TestHTMLSize(t *testing.T) {
	size := len(render(t, sample(20, 100)))
	if size < 200_000 || size > 600_000 {
		t.Errorf("20 methods × 100 points × (5 + 3·3) numbers take %d bytes, want at most 600 kB and not none", size)
	}
}

func TestHTMLTable(t *testing.T) {
	page := render(t, &report.Page{Tables: []report.Table{{
		Title:   "last",
		Columns: []report.Column{{Name: "method"}, {Name: "gap", Help: "lower is better", Numeric: true}},
		Rows: [][]report.Cell{
			{{Text: "SGD"}, {Text: "0.5", Sort: 0.5, Strong: true}},
			{{Text: "GD"}, {Text: "—", Sort: math.NaN()}},
			{{Text: "bad"}, {Text: "diverged", Sort: math.Inf(1)}},
		},
	}}})
	for _, want := range []string{
		`<th scope="col" class="numeric"><button type="button" title="lower is better">gap</button></th>`,
		`<tr><th scope="row">SGD</th><td class="numeric" data-order="0.5"><strong>0.5</strong></td></tr>`,
		`<tr><th scope="row">GD</th><td class="numeric" data-order="">—</td></tr>`,
		`<td class="numeric" data-order="&#43;Infinity">diverged</td>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestContract(t *testing.T) {
	ragged := sample(2, 3)
	ragged.Plots[0].Curves[1].X["time"] = []float64{1, 2}
	halfBand := sample(2, 3)
	band := halfBand.Plots[0].Curves[0].Y["gap"]
	band.High = nil
	halfBand.Plots[0].Curves[0].Y["gap"] = band
	short := sample(2, 3)
	short.Tables[0].Rows[1] = short.Tables[0].Rows[1][:2]
	for want, p := range map[string]*report.Page{
		`report: curve "SGD batch 10": len(`:                             ragged,
		`report: curve "SGD": len(High of Y["gap"]) = 0, want 3`:         halfBand,
		`report: table "After 100 iterations": len(Rows[1]) = 2, want 4`: short,
	} {
		func() {
			defer func() {
				if got, _ := recover().(string); !strings.HasPrefix(got, want) {
					t.Errorf("panic %q, want %q", got, want)
				}
			}()
			report.HTML(&bytes.Buffer{}, p)
		}()
	}
}
