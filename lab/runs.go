package lab

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"steepest/report"
	"steepest/runs"
)

// row is a run in the table on the page.
type row struct {
	Name    string             `json:"name"`
	Status  runs.Status        `json:"status"`
	Message string             `json:"message,omitempty"`
	Curve   string             `json:"curve"` // the name of its group
	Last    map[string]float64 `json:"last"`
	Seconds float64            `json:"seconds"` // duration so far; 0 if unknown
	Config  map[string]string  `json:"config"`  // the keys in which the runs differ
}

// list answers with the table of the selected runs, and the keys by which they can be grouped.
func (s *server) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	v, err := viewOf(q)
	if err != nil {
		refuse(w, err)
		return
	}
	out := struct {
		Folder  bool     `json:"folder"`
		All     int      `json:"all"`
		Rows    []row    `json:"rows"`
		Keys    []string `json:"keys"`
		Version int      `json:"version"`
		Error   string   `json:"error,omitempty"`
	}{Rows: []row{}, Keys: []string{}}
	failed := s.runs.read(func(all []*runs.Run, version int) {
		out.All, out.Version = len(all), version
		list := meant(all, q)
		if len(list) == 0 {
			return
		}
		curves := make(map[*runs.Run]string)
		for _, g := range grouped(list, v.Group) {
			for _, r := range g.runs {
				curves[r] = g.name
			}
		}
		for _, key := range runs.Differing(list) {
			if !strings.HasPrefix(key, "held_out.") {
				out.Keys = append(out.Keys, key)
			}
		}
		for _, r := range list {
			out.Rows = append(out.Rows, rowOf(r, curves[r], out.Keys))
		}
	})
	out.Folder = !errors.Is(failed, fs.ErrNotExist)
	if failed != nil && out.Folder {
		out.Error = failed.Error()
	}
	answer(w, out)
}

// rowOf returns the row of a run, with its values of the keys.
func rowOf(r *runs.Run, curve string, keys []string) row {
	out := row{
		Name: r.Name, Status: r.Status, Message: r.Ending.Message, Curve: curve, Last: make(map[string]float64), Seconds: r.Duration().Seconds(),
		Config: make(map[string]string),
	}
	for _, name := range r.Record.Names() {
		if last := r.Record.Last(name); !math.IsNaN(last) {
			out.Last[name] = last
		}
	}
	for _, key := range keys {
		if value := r.Value(key); value != "" {
			out.Config[key] = value
		}
	}
	return out
}

// viewOf reads a view from the parameters of an address.
func viewOf(q url.Values) (v View, err error) {
	v = View{X: q.Get("x"), Y: q.Get("y")}
	for _, key := range q["group"] {
		if key != "" {
			v.Group = append(v.Group, key)
		}
	}
	if text := q.Get("smooth"); text != "" {
		if v.Smooth, err = strconv.ParseFloat(text, 64); err != nil || !(v.Smooth >= 0 && v.Smooth < 1) {
			return v, fmt.Errorf("smooth is %q, want a number from 0 to below 1", text)
		}
	}
	return v, nil
}

// meant returns the runs that match all words of a search. A word is part of the name, the entrant or the status of the run, or a condition
// such as lr=0.1.
func meant(all []*runs.Run, q url.Values) []*runs.Run {
	list := slices.Clone(all)
	for _, word := range strings.Fields(q.Get("where")) {
		key, pattern, condition := strings.Cut(word, "=")
		list = slices.DeleteFunc(list, func(r *runs.Run) bool {
			if !condition {
				return !strings.Contains(strings.ToLower(r.Name+" "+r.Config["entrant"]+" "+string(r.Status)), strings.ToLower(word))
			}
			value := cmp.Or(r.Value(key), r.Value("options."+key), r.Value("problem."+key))
			return !fits(value, pattern)
		})
	}
	return list
}

// fits reports whether a value is that of a condition: the same text, the same number, or a match of a pattern such as 0.*.
func fits(value, pattern string) bool {
	if value == pattern {
		return true
	}
	a, errA := strconv.ParseFloat(value, 64)
	b, errB := strconv.ParseFloat(pattern, 64)
	if errA == nil && errB == nil {
		return a == b
	}
	match, err := path.Match(pattern, value)
	return err == nil && match
}

// plot answers with the curves of a view.
func (s *server) plot(w http.ResponseWriter, r *http.Request) {
	v, err := viewOf(r.URL.Query())
	if err != nil {
		refuse(w, err)
		return
	}
	var p report.Plot
	_ = s.runs.read(func(all []*runs.Run, _ int) { p = plot(meant(all, r.URL.Query()), v) }) // list reports the error
	text, err := report.Data([]report.Plot{p})
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text) // the client has gone
}

// download answers with a file of the selected runs: runs.csv and runs.jsonl hold all measurements, runs.svg and runs.html the curves of the
// view.
func (s *server) download(w http.ResponseWriter, r *http.Request) {
	q, name := r.URL.Query(), r.PathValue("name")
	v, err := viewOf(q)
	if err != nil {
		refuse(w, err)
		return
	}
	files := map[string]struct {
		kind  string
		write func(io.Writer, []*runs.Run) error
	}{
		"runs.csv":   {"text/csv", runs.CSV},
		"runs.jsonl": {"application/jsonl", runs.JSONL},
		"runs.svg":   {"image/svg+xml", func(out io.Writer, list []*runs.Run) error { return drawn(out, list, v, q["logx"], q["logy"]) }},
		"runs.html":  {"text/html; charset=utf-8", func(out io.Writer, list []*runs.Run) error { return written(out, list, v) }},
	}
	file, ok := files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	var text strings.Builder // a buffer, so that a slow client does not hold the lock of the folder
	_ = s.runs.read(func(all []*runs.Run, _ int) { err = file.write(&text, meant(all, q)) })
	if err != nil {
		refuse(w, err)
		return
	}
	attach(w, name, file.kind, func(out io.Writer) error {
		_, err := io.WriteString(out, text.String())
		return err
	})
}

// drawn writes the curves of a view as SVG.
func drawn(out io.Writer, list []*runs.Run, v View, logx, logy []string) error {
	p := plot(list, v)
	if len(p.X) == 0 || len(p.Y) == 0 {
		return fmt.Errorf("there is nothing to draw")
	}
	x, y := chosen(p.X, v.X), chosen(p.Y, v.Y)
	p.X, p.Y = scaled(p.X, x, logx), scaled(p.Y, y, logy)
	return report.SVG(out, &report.Figure{Panels: []report.Panel{{Plot: &p, X: x, Y: y}}})
}

// scaled returns a copy of the axes in which a parameter of an address sets the scale of the axis with the key: 1 is logarithmic, 0 is linear.
// Without the parameter nothing changes.
func scaled(axes []report.Axis, key string, parameter []string) []report.Axis {
	axes = slices.Clone(axes)
	for i, axis := range axes {
		if axis.Key == key && len(parameter) > 0 {
			axes[i].Log = parameter[0] == "1"
		}
	}
	return axes
}

// written writes a page about the runs: a plot for each quantity, and the table.
func written(out io.Writer, list []*runs.Run, v View) error {
	page := report.Page{Title: "Runs", Lead: fmt.Sprintf("%d runs; medians, with a band from the 10 %% to the 90 %% quantile where a curve has several runs.", len(list))}
	if v.Smooth > 0 {
		page.Lead += fmt.Sprintf(" Smoothed: an exponential moving average with the factor %g per point, corrected for its start at 0.", v.Smooth)
	}
	all := plot(list, v)
	for _, y := range all.Y {
		p := plot(list, View{X: v.X, Y: y.Key, Group: v.Group, Smooth: v.Smooth})
		x := chosen(p.X, v.X)
		p.X = slices.DeleteFunc(slices.Clone(p.X), func(a report.Axis) bool { return a.Key != x })
		p.Title, p.Y = y.Label, []report.Axis{y}
		page.Plots = append(page.Plots, p)
	}
	table := report.Table{Title: "Runs", Columns: []report.Column{{Name: "run"}, {Name: "status"}, {Name: "steps", Numeric: true}}}
	keys := runs.Differing(list)
	for _, y := range all.Y {
		table.Columns = append(table.Columns, report.Column{Name: y.Label, Numeric: true, Help: "the last value"})
	}
	for _, key := range keys {
		table.Columns = append(table.Columns, report.Column{Name: key})
	}
	for _, r := range list {
		step := r.Record.Last("step")
		cells := []report.Cell{{Text: r.Name}, {Text: string(r.Status)}, {Text: number(step), Sort: step}}
		for _, y := range all.Y {
			last := r.Record.Last(y.Key)
			cells = append(cells, report.Cell{Text: number(last), Sort: last})
		}
		for _, key := range keys {
			cells = append(cells, report.Cell{Text: r.Config[key]})
		}
		table.Rows = append(table.Rows, cells)
	}
	page.Tables = []report.Table{table}
	return report.HTML(out, &page)
}

func number(v float64) string {
	if math.IsNaN(v) {
		return "—"
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}
