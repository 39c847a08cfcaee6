package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"steepest/data"
	"steepest/internal/printable"
	"steepest/model"
	"steepest/report"
)

type inspectCmd struct {
	Model string `arg:"" placeholder:"MODEL" help:"A model that steepest fit -o or minimize --model has saved; - is the standard input."`
	Top   int    `group:"output" default:"20" placeholder:"N" help:"Number of weights to show for each score, the largest first; 0 for all (${default})."`
	JSON  bool   `group:"output" name:"json" help:"All of it as JSON."`
}

// Help shows how inspect is used.
func (inspectCmd) Help() string {
	return `Shows what a model consists of: the loss, the classes, the scaling, what made it, and the weights by name, the largest first. A
weight belongs to the scaled feature; per unit, it is divided by the scale. fit --errors saves the standard errors of the weights. Examples:

    steepest inspect model.json
    steepest inspect model.json --top 0 --json`
}

// inspection describes the parts of a model.
type inspection struct {
	Kind      model.Kind      `json:"kind"`
	Loss      string          `json:"loss,omitempty"`
	Classes   []string        `json:"classes,omitempty"`
	Features  int             `json:"features,omitempty"`
	Seen      int             `json:"features_seen,omitempty"` // if the model has not seen all
	Scale     data.Scale      `json:"scale,omitempty"`
	Imputed   bool            `json:"imputed,omitempty"`
	Hashing   *data.VWOptions `json:"hashing,omitempty"`
	Intercept bool            `json:"intercept,omitempty"`
	Layers    string          `json:"layers,omitempty"`
	Params    []paramJSON     `json:"parameters"`
	Scores    []scoreJSON     `json:"scores,omitempty"`
	About     json.RawMessage `json:"about,omitempty"`
}

// paramJSON is the size of a parameter.
type paramJSON struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"`
}

// scoreJSON is a score of a linear model.
type scoreJSON struct {
	Class     string       `json:"class,omitempty"` // the class that a large score means
	Intercept *real        `json:"intercept,omitempty"`
	Error     *real        `json:"intercept_standard_error,omitempty"`
	Nonzero   int          `json:"nonzero_weights"`
	Weights   []weightJSON `json:"weights"`
}

// weightJSON is the weight of a feature.
type weightJSON struct {
	Feature string `json:"feature"`
	Weight  real   `json:"weight"`                   // weight of the scaled feature
	Error   *real  `json:"standard_error,omitempty"` // of Weight
	PerUnit *real  `json:"per_unit"`                 // weight of the feature in its own unit; null if rows are scaled
}

// Run shows the model.
func (c *inspectCmd) Run(w *world) error {
	if c.Top < 0 {
		return usage("0 is for all", "--top: %d is negative", c.Top)
	}
	m, err := readModel(c.Model)
	if err != nil {
		return err
	}
	i := c.inspect(m)
	if c.JSON {
		return writeJSON(w.stdout, i)
	}
	if _, err := io.WriteString(w.stdout, i.String()); err != nil {
		return err
	}
	for _, s := range i.Scores {
		fmt.Fprintln(w.stdout)
		if err := report.Text(w.stdout, s.table(), w.stdout.width, w.stdout.color); err != nil {
			return err
		}
	}
	return nil
}

// inspect returns the description of a model.
func (c *inspectCmd) inspect(m *model.Model) inspection {
	i := inspection{Kind: m.Kind, Loss: m.Loss, Features: m.Columns, About: m.About}
	if m.Classes != nil {
		i.Classes = classNames(m)
	}
	i.Seen, i.Hashing = len(m.Features.Kept), m.Hashing
	i.Scale, i.Imputed, i.Intercept = m.Features.Scale, m.Features.Means != nil, m.Features.Intercept
	if m.Kind == model.Network {
		i.Layers = layersOf(m)
	}
	for _, p := range m.Params {
		i.Params = append(i.Params, paramJSON{p.Name, p.Shape})
	}
	if m.Kind != model.Linear {
		return i
	}
	shape := m.Params[0].Shape
	width := shape[len(shape)-1]
	rows := len(m.Params[0].Values) / width
	for k := range rows {
		s := c.score(m, m.Params[0].Values[k*width:(k+1)*width])
		switch {
		case len(i.Classes) == 0:
		case rows > 1:
			s.Class = i.Classes[k]
		default:
			s.Class = i.Classes[1]
		}
		i.Scores = append(i.Scores, s)
	}
	return i
}

// score sorts the weights of a score by magnitude.
func (c *inspectCmd) score(m *model.Model, x []float64) (s scoreJSON) {
	f := m.Features
	errorOf := func(k int) *real {
		if m.StandardErrors == nil {
			return nil
		}
		return pointer(real(m.StandardErrors[k])) // only models with one score have standard errors
	}
	if last := len(x) - 1; f.Intercept {
		s.Intercept, s.Error, x = pointer(real(x[last])), errorOf(last), x[:last]
	}
	for k, v := range x {
		j := k
		if f.Kept != nil {
			j = int(f.Kept[k])
		}
		name := fmt.Sprintf("feature %d", j+data.FirstFeature(m.Hashing, m.ZeroBased))
		if m.Names != nil {
			name = m.Names[j]
		}
		weight := weightJSON{Feature: name, Weight: real(v), Error: errorOf(k)}
		switch {
		case f.Scaling.Scale != nil:
			weight.PerUnit = pointer(real(v / f.Scaling.Scale[k]))
		case f.Scale == "":
			weight.PerUnit = pointer(real(v))
		}
		if v != 0 {
			s.Nonzero++
		}
		s.Weights = append(s.Weights, weight)
	}
	slices.SortStableFunc(s.Weights, func(a, b weightJSON) int {
		return cmp.Compare(math.Abs(float64(b.Weight)), math.Abs(float64(a.Weight)))
	})
	if c.Top > 0 {
		s.Weights = s.Weights[:min(c.Top, len(s.Weights))]
	}
	return s
}

// layersOf writes the widths of a network, such as 2 → 64 → 1, with its activation, and whether it has norms and biases.
func layersOf(m *model.Model) string {
	text := ""
	for _, p := range m.Params {
		if len(p.Shape) == 2 {
			if text == "" {
				text = fmt.Sprint(p.Shape[1])
			}
			text += fmt.Sprintf(" → %d", p.Shape[0])
		}
	}
	text += ", " + m.Layers.Activation.String()
	if m.Layers.LayerNorm {
		text += ", layer norm"
	}
	if m.Layers.NoBias {
		text += ", no biases"
	}
	return text
}

// maker holds the information in a model about the run that made it.
type maker struct {
	Method, Solver, Penalty, Version string
	Problem                          struct{ Name string }
	Objective                        *float64
}

// String formats everything except the weights for people.
func (i inspection) String() string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s %s\n", name, printable.Text(fmt.Sprintf(format, args...)))
	}
	line("model", "%s", i.Kind)
	if i.Layers != "" {
		line("layers", "%s", i.Layers)
	}
	if i.Loss != "" {
		line("loss", "%s", i.Loss)
	}
	if i.Classes != nil {
		names := i.Classes
		if len(names) > 10 {
			names = append(slices.Clone(names[:10]), fmt.Sprintf("and %d more", len(i.Classes)-10))
		}
		line("classes", "%s", strings.Join(names, ", "))
	}
	if i.Features > 0 {
		text := fmt.Sprint(i.Features)
		if i.Seen > 0 {
			text += fmt.Sprintf(", of which the model sees %d", i.Seen)
		}
		line("features", "%s", text)
		if h := i.Hashing; h != nil {
			text := fmt.Sprintf("2^%d columns", h.Bits)
			if h.HashAll {
				text += ", of whole numbers too"
			}
			if h.Interactions != nil {
				text += ", interactions " + strings.Join(h.Interactions, ", ")
			}
			line("hashing", "%s", text)
		}
		scale := string(i.Scale)
		if scale == "" {
			scale = "none"
		}
		if i.Imputed {
			scale += ", after missing values are replaced by means"
		}
		line("scaling", "%s", scale)
	}
	for _, p := range i.Params {
		line("parameter", "%s, %s", p.Name, times(p.Shape))
	}
	var by maker
	if json.Unmarshal(i.About, &by) == nil { // models may lack it
		if by.Method+by.Solver != "" {
			line("made by", "%s on %s, by %s", cmp.Or(by.Method, by.Solver), by.Problem.Name, by.Version)
		}
		if by.Penalty != "" {
			line("penalty", "%s", by.Penalty)
		}
		if by.Objective != nil {
			line("objective", "%.10g", *by.Objective)
		}
	}
	return b.String()
}

// times writes a shape, such as 10 × 64.
func times(shape []int) string {
	var parts []string
	for _, n := range shape {
		parts = append(parts, fmt.Sprint(n))
	}
	return strings.Join(parts, " × ")
}

// table returns the weights of a score.
func (s scoreJSON) table() *report.Table {
	t := &report.Table{Columns: []report.Column{{Name: "feature"}, {Name: "weight", Numeric: true}, {Name: "per unit", Numeric: true}}}
	cell := func(v *real) report.Cell {
		if v == nil {
			return report.Cell{}
		}
		return report.Cell{Text: fmt.Sprintf("%.6g", *v)}
	}
	row := func(name string, weight real, deviation, unit *real) {
		cells := []report.Cell{{Text: printable.Text(name)}, cell(&weight), cell(unit)}
		if len(t.Columns) > 3 {
			cells = append(cells, cell(deviation))
		}
		t.Rows = append(t.Rows, cells)
	}
	if s.Error != nil || len(s.Weights) > 0 && s.Weights[0].Error != nil {
		t.Columns = append(t.Columns, report.Column{Name: "std. error", Numeric: true})
	}
	if s.Class != "" {
		t.Title = printable.Text("Score for " + s.Class)
	}
	if s.Intercept != nil {
		row("(intercept)", *s.Intercept, s.Error, nil)
	}
	for _, v := range s.Weights {
		row(v.Feature, v.Weight, v.Error, v.PerUnit)
	}
	t.Note = fmt.Sprintf("%d weights are not 0.", s.Nonzero)
	return t
}
