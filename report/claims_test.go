package report_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"steepest/report"
)

// claimed returns a page with a curve, two bounds on it, and claims of every kind.
func claimed() *report.Page {
	x := map[string][]float64{"k": {1, 2, 3}}
	curve := func(name string, y ...float64) report.Curve {
		return report.Curve{Name: name, X: x, Y: map[string]report.Band{"f": {Mid: y}}}
	}
	printed, sharper := curve("SGD ≤ printed", 9, 8, 7), curve("SGD ≤ sharper", 6, 5, 4)
	printed.Of, printed.Dashed, sharper.Of, sharper.Faint = "SGD", true, "SGD", true
	return &report.Page{
		Title: "claims",
		Plots: []report.Plot{{
			Title: "race", X: []report.Axis{{Key: "k", Label: "k"}}, Y: []report.Axis{{Key: "f", Label: "f", Log: true}},
			Curves: []report.Curve{curve("Adam", 1, 1, 1), curve("SGD", 3, 2, 1), printed, sharper},
		}},
		Claims: []report.Claims{{Of: "SGD", Note: "mean: 1", List: []report.Claim{
			{
				Curve: "SGD ≤ printed", Name: "printed", Title: "convex", Statement: "f(x_k) ≤ R²/k", Source: "<book>",
				Value: "7", Ratio: "7",
				Checks:    []report.Check{{Name: "f is convex"}, {Name: "α ≤ 1/L", Text: "0.5, and the limit is 1"}},
				Constants: []report.Fact{{Name: "R", Value: "2, computed"}},
			},
			{Curve: "SGD ≤ sharper", Name: "sharper", Statement: "f ≤ 4", Value: "4", Ratio: "4",
				Checks: []report.Check{{Name: "noise", Verdict: report.Unknown, Text: "not measured"}}},
			{Name: "third", Statement: "f ≤ 0", Why: "it is broken", Value: "—", Ratio: "—",
				Checks: []report.Check{
					{Name: "f is convex"}, {Name: "no noise", Verdict: report.Broken, Text: "there is"}, {Name: "x", Verdict: report.Unknown},
				}},
			{Name: "fourth", Statement: "f ≤ 8", Value: "8"},
			{Name: "fifth", Statement: "f ≤ ∞", Why: "it says nothing", Value: "—", Ratio: "—", Checks: []report.Check{{Name: "f is convex"}}},
		}}},
	}
}

func TestClaimsText(t *testing.T) {
	var b bytes.Buffer
	if err := report.ClaimsText(&b, &claimed().Claims[0], 0, false); err != nil {
		t.Fatal(err)
	}
	want := `SGD  mean: 1
✓ printed  7 at the end, 7 times the mean
  f(x_k) ≤ R²/k
  ✓ f is convex  ✓ α ≤ 1/L: 0.5, and the limit is 1
? sharper  4 at the end, 4 times the mean
  f ≤ 4
  ? noise: not measured
also:  ✓ fourth 8
not drawn:  ✗ third: no noise  ✓ fifth: it says nothing
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

// TestClaimsTextFits: no line is wider than the width, and colors do not change where lines break.
func TestClaimsTextFits(t *testing.T) {
	for width := 30; width < 60; width++ {
		var plain, colored bytes.Buffer
		c := &claimed().Claims[0]
		for _, err := range []error{report.ClaimsText(&plain, c, width, false), report.ClaimsText(&colored, c, width, true)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		for line := range strings.Lines(plain.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("%d columns, want %d: %q", n, width, line)
			}
		}
		for _, code := range []string{"\x1b[0m", "\x1b[1m", "\x1b[32m", "\x1b[31m", "\x1b[90m"} {
			if !strings.Contains(colored.String(), code) {
				t.Fatalf("no %q", code)
			}
			colored = *bytes.NewBufferString(strings.ReplaceAll(colored.String(), code, ""))
		}
		if colored.String() != plain.String() {
			t.Errorf("width %d: with color\n%s\nwithout\n%s", width, colored.String(), plain.String())
		}
	}
}

func TestClaimsInHTML(t *testing.T) {
	page := render(t, claimed())
	for _, want := range []string{
		`<h3><i data-curve="SGD"></i>SGD <span>mean: 1</span></h3>`,
		`<b><i data-curve="SGD ≤ printed"></i>printed</b> convex`,
		`<p class="statement"><math><mrow><mi>f</mi>`,
		`<cite>&lt;book&gt;</cite>`,
		`<li class="held"><i aria-label="held">✓</i><span><b>α ≤ 1/L</b> 0.5, and the limit is 1</span></li>`,
		`<li class="unknown"><i aria-label="unknown">?</i>`,
		`<li class="broken"><i aria-label="broken">✗</i>`,
		`<tr class="broken"><th scope="row"><b>third</b>`,
		`<p class="why">not drawn: it is broken</p>`,
		`<div><dt>R</dt><dd>2, computed</dd></div>`,
		`<details><summary>1 more that is not drawn</summary>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(render(t, sample(2, 3)), `class="claims"`) {
		t.Error("a page without claims has a section for them")
	}
}

// TestCurvesAbout: a curve about another curve has its colour but another line style, and takes no colour of its own.
func TestCurvesAbout(t *testing.T) {
	styles := parse(t, render(t, claimed())).Styles
	sgd, printed, sharper := styles["SGD"], styles["SGD ≤ printed"], styles["SGD ≤ sharper"]
	if printed.Light != sgd.Light || sharper.Dark != sgd.Dark || sgd.Light == styles["Adam"].Light {
		t.Errorf("styles %+v", styles)
	}
	if printed.Dash == nil || sharper.Dash != nil || printed.Width >= sgd.Width || !sharper.Faint || printed.Faint {
		t.Errorf("printed %+v, sharper %+v, SGD %+v", printed, sharper, sgd)
	}
	var b bytes.Buffer
	f := report.Figure{Panels: []report.Panel{{Plot: &claimed().Plots[0]}}}
	if err := report.SVG(&b, &f); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{">≤ printed</text>", ">≤ sharper</text>", "stroke-opacity:0.4"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in the figure", want)
		}
	}
}
