package report

import (
	"embed"
	"encoding/json"
	"html/template"
	"io"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"

	"steepest/internal/mathml"
)

//go:embed assets
var assets embed.FS

var page = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"css":   func(name string) template.CSS { return template.CSS(asset(name)) },
	"js":    func(name string) template.JS { return template.JS(asset(name)) },
	"order": order,
	"svg":   inline,
	"formula": func(text string) (template.HTML, error) {
		formula, err := mathml.Plain(text)
		return template.HTML(formula), err
	},
}).ParseFS(assets, "assets/page.html"))

func asset(name string) string {
	text, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic("report: " + err.Error())
	}
	return string(text)
}

// HTML writes the page as one file that needs no network: the plots with their data, over axes that the reader can choose, the
// regions, the tables, which are sorted by a click on a column, the detail plots, and the facts. The address of the page contains
// the view, so that a link shows the same view. Numbers have eight significant digits.
func HTML(w io.Writer, p *Page) error {
	plots := slices.Concat(p.Plots, p.Details) // in the order of the page
	for i := range plots {
		plots[i].check()
	}
	for i := range p.Tables {
		p.Tables[i].check()
	}
	data, err := Data(plots)
	if err != nil {
		return err
	}
	return page.Execute(w, struct {
		*Page
		Data template.JS
	}{p, template.JS(data)})
}

// Data returns plots with the styles of their curves as JSON for the script of a page. It escapes <, > and &, so that no name can close the
// script element.
func Data(plots []Plot) ([]byte, error) {
	return json.Marshal(map[string]any{"plots": plots, "styles": styles(pointers(plots))})
}

// Asset returns a file for pages: report.css, chart.js, uPlot.min.css or uPlot.iife.min.js. It panics for other names.
func Asset(name string) []byte { return []byte(asset(name)) }

// inline draws regions for a page, without the title, which the page shows already.
func inline(r Regions) (template.HTML, error) {
	label := template.HTMLEscapeString(r.summary())
	r.Title = ""
	var b strings.Builder
	err := SVG(&b, &r)
	_, image, _ := strings.Cut(b.String(), "<svg ")
	return template.HTML(`<svg role="img" aria-label="` + label + `" ` + image), err
}

// pointers iterates over the addresses of the elements.
func pointers[T any](list []T) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for i := range list {
			if !yield(&list[i]) {
				return
			}
		}
	}
}

// order returns the sort key of a cell as a JavaScript number, or "" for NaN.
func order(c Cell) string {
	switch {
	case math.IsNaN(c.Sort):
		return ""
	case math.IsInf(c.Sort, 0):
		return strconv.FormatFloat(c.Sort, 'g', -1, 64)[:1] + "Infinity"
	}
	return strconv.FormatFloat(c.Sort, 'g', -1, 64)
}
