package compare

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"steepest/report"
	"steepest/train"
)

// significant is the p-value up to which a difference counts as more than chance.
const significant = 0.05

// The horizontal axes of a race's plot.
var axes = []struct {
	report.Axis
	of func(train.Point) float64
}{
	{report.Axis{Key: "epochs", Label: "epochs"}, func(p train.Point) float64 { return p.Epochs }},
	{report.Axis{Key: "steps", Label: "iterations"}, func(p train.Point) float64 { return float64(p.Step) }},
	{report.Axis{Key: "grads", Label: "gradient evaluations"}, func(p train.Point) float64 { return float64(p.Grads) }},
	{report.Axis{Key: "flops", Label: "FLOPs"}, func(p train.Point) float64 { return p.FLOPs }},
	{report.Axis{Key: "seconds", Label: "time, s"}, func(p train.Point) float64 { return p.Seconds }},
}

// measure is a vertical axis.
type measure struct {
	report.Axis
	of func(train.Point) float64
}

// The vertical axes; the first two need an optimum.
var measures = []measure{
	{report.Axis{Key: "excess", Label: "|f − f*|", Log: true}, func(p train.Point) float64 { return math.Abs(p.Excess) }},
	{report.Axis{Key: "distance", Label: "‖x − x*‖", Log: true}, func(p train.Point) float64 { return p.Distance }},
	{report.Axis{Key: "loss", Label: "f"}, func(p train.Point) float64 { return p.Loss }},
}

// Page returns the race as a report: the curves, the table of results, what tuning searched and found, and the facts
// given by the caller followed by those of the race.
func (r *Result) Page(title string, facts []report.Fact) *report.Page {
	page := &report.Page{
		Title:  title,
		Lead:   r.lead(),
		Plots:  []report.Plot{r.Plot()},
		Claims: r.claims(),
		Tables: []report.Table{r.Table()},
		Facts:  append(slices.Clone(facts), r.facts()...),
	}
	if t := r.tuningTable(); len(t.Rows) > 0 {
		page.Tables = append(page.Tables, t)
	}
	return page
}

func (r *Result) lead() string {
	text := fmt.Sprintf("%s, the same start, the same batches, %s each; ", quantity(float64(len(r.Entries)), "method"), r.budget())
	if r.Seeds == 1 {
		return text + "one run of each."
	}
	text += fmt.Sprintf("median and 10–90 %% band over %d seeds", r.Seeds)
	if r.Race.Bounds {
		text += ", the mean with its 95 % confidence interval"
	}
	return text + "." + r.verdict()
}

// verdict says which method ended lowest, and from which others that is significantly so.
func (r *Result) verdict() string {
	rows := r.Summaries()
	if len(rows) == 1 || math.IsInf(rows[0].Final.Mid, 1) {
		return ""
	}
	var tied []string
	worse := 0
	for _, s := range rows[1:] {
		switch {
		case s.P > significant:
			tied = append(tied, s.Name)
		case s.P <= significant: // and not NaN
			worse++
		}
	}
	best := " " + rows[0].Name + " ends lowest"
	switch n := len(tied); {
	case n == 0 && worse == 0:
		return best + "; the others diverged."
	case n == 0:
		return best + ", significantly below all others."
	case worse == 0:
		return best + ", but no difference is significant."
	case n > 3:
		return fmt.Sprintf("%s; %d others are not significantly worse.", best, n)
	case n == 1:
		return fmt.Sprintf("%s; %s is not significantly worse.", best, tied[0])
	default:
		return fmt.Sprintf("%s; %s and %s are not significantly worse.", best, strings.Join(tied[:n-1], ", "), tied[n-1])
	}
}

// Plot returns the curves of the race over every axis.
func (r *Result) Plot() report.Plot {
	plot := report.Plot{Title: "Convergence"}
	for _, a := range axes {
		plot.X = append(plot.X, a.Axis)
	}
	if r.Race.Bounds {
		plot.Y = append(plot.Y, meanAxis)
	}
	for _, m := range r.measures() {
		axis := m.Axis
		axis.Log = axis.Log || r.Optimum == nil && r.positive()
		plot.Y = append(plot.Y, axis)
	}
	for i := range r.Entries {
		e := &r.Entries[i]
		c := r.curve(e)
		plot.Curves = append(plot.Curves, c)
		if r.Race.Bounds {
			plot.Curves = append(plot.Curves, e.curves(&c)...)
		}
	}
	return plot
}

// positive reports whether there are losses and all are positive, as where the least possible is 0: then logarithms tell small
// ones apart.
func (r *Result) positive() bool {
	seen := false
	for _, e := range r.Entries {
		for _, run := range e.Runs {
			for _, p := range run.Points {
				if p.Loss <= 0 {
					return false
				}
				seen = true
			}
		}
	}
	return seen
}

// measures returns the vertical axes that the race has, those of what is held out at the end.
func (r *Result) measures() (list []measure) {
	for _, m := range measures {
		unknown := r.Optimum == nil || m.Key == "distance" && r.Optimum.X == nil
		if m.Key == "loss" || !unknown {
			list = append(list, m)
		}
	}
	for i, name := range r.held() {
		list = append(list, measure{report.Axis{Key: name, Label: "loss, " + name}, func(p train.Point) float64 {
			if i < len(p.Measured) {
				return p.Measured[i].Value
			}
			return math.NaN()
		}})
	}
	return list
}

// held returns the names of the other measurements of the runs.
func (r *Result) held() (names []string) {
	for _, m := range r.Settings.Evaluate {
		if m.Name != "" {
			names = append(names, m.Name)
		}
	}
	return names
}

// curve merges the runs of an entry, whose points stand at the same steps; runs that diverged are shorter. Where those were
// the slower ones, the median of the seconds stands still until the others have caught up.
func (r *Result) curve(e *Entry) report.Curve {
	c := report.Curve{Name: e.Name, X: map[string][]float64{}, Y: map[string]report.Band{}}
	length := 0
	for _, run := range e.Runs {
		length = max(length, len(run.Points))
	}
	across := func(i int, of func(train.Point) float64) []float64 {
		var values []float64
		for _, run := range e.Runs {
			v := math.Inf(1)
			if i < len(run.Points) && !math.IsNaN(of(run.Points[i])) {
				v = of(run.Points[i])
			}
			values = append(values, v)
		}
		return values
	}
	for _, a := range axes {
		last := 0.0
		for i := range length {
			values := slices.DeleteFunc(across(i, a.of), func(v float64) bool { return math.IsInf(v, 1) })
			last = max(last, spread(values).Mid)
			c.X[a.Key] = append(c.X[a.Key], last)
		}
	}
	for _, m := range r.measures() {
		var band report.Band
		varies := false
		for i := range length {
			s := spread(across(i, m.of))
			band.Low, band.Mid, band.High = append(band.Low, s.Low), append(band.Mid, s.Mid), append(band.High, s.High)
			varies = varies || s.Low != s.High
		}
		if !varies {
			band.Low, band.High = nil, nil
		}
		c.Y[m.Key] = band
	}
	return c
}

// Table returns the results, the best method first.
func (r *Result) Table() report.Table {
	what := "f − f*"
	if r.Optimum == nil {
		what = "f"
	}
	t := report.Table{
		Title: "Results",
		Columns: []report.Column{
			{Name: "method"},
			{Name: what, Help: "median at the end of the budget", Numeric: true},
			{Name: "p", Help: "probability of so large a difference from the best method by chance; below 0.05 it is significant", Numeric: true},
			{Name: "gradients", Help: "gradient evaluations to the target, median", Numeric: true},
			{Name: "seconds", Help: "seconds to the target, median, evaluations not counted", Numeric: true},
			{Name: "10–90 %", Help: "lower and upper decile over the seeds"},
			{Name: "batch", Help: "terms a step draws", Numeric: true},
			{Name: "settings", Help: "options given or chosen by tuning"},
		},
		Note: fmt.Sprintf("p: paired t-test over %d seeds against the best method, Holm's correction; — nothing to test.", r.Seeds),
	}
	if r.Seeds == 1 {
		t.Note = "One seed leaves nothing to test: p needs two."
	}
	if r.Target > 0 {
		t.Note = fmt.Sprintf("Target: %s ≤ %.3g; — not reached by most runs. ", what, r.Target) + t.Note
	}
	for _, name := range r.held() {
		t.Columns = slices.Insert(t.Columns, 2, report.Column{Name: name, Help: "loss on what is held out for it, median at the end", Numeric: true})
	}
	for i, s := range r.Summaries() {
		batch, batchText := r.batchOf(s.Entry)
		tied := s.P > significant
		t.Rows = append(t.Rows, []report.Cell{
			{Text: s.Name, Strong: tied},
			{Text: finalText(s), Sort: s.Final.Mid, Strong: tied},
			{Text: pText(i, s.P), Sort: s.P},
			{Text: count(s.Grads), Sort: s.Grads},
			{Text: number(s.Seconds), Sort: s.Seconds},
			{Text: fmt.Sprintf("%s … %s", number(s.Final.Low), number(s.Final.High)), Sort: s.Final.High - s.Final.Low},
			{Text: batchText, Sort: float64(batch)},
			{Text: settings(s.Options()) + s.byTheorem()},
		})
		for _, name := range r.held() {
			var values []float64
			for _, run := range s.Runs {
				values = append(values, run.measured(name))
			}
			v, row := spread(values).Mid, &t.Rows[len(t.Rows)-1]
			*row = slices.Insert(*row, 2, report.Cell{Text: number(v), Sort: v})
		}
	}
	return t
}

func (r *Result) tuningTable() report.Table {
	tuned := "loss"
	if r.TuneBy != "" {
		tuned += ", " + r.TuneBy
	}
	t := report.Table{
		Title: "Tuning",
		Columns: []report.Column{
			{Name: "method"},
			{Name: "searched", Help: "options and ranges, uniform in the logarithm"},
			{Name: "chosen"},
			{Name: tuned, Help: "at the end of the trial chosen", Numeric: true},
			{Name: "diverged", Help: "trials that diverged", Numeric: true},
		},
		Note: fmt.Sprintf("Every method is tuned in %s of the whole budget, placed by a scrambled Halton sequence, on batches "+
			"of their own. An asterisk marks a choice at the end of its range.", quantity(float64(r.Race.Trials), "trial")),
	}
	for i := range r.Entries {
		e := &r.Entries[i]
		if e.Best < 0 {
			continue
		}
		best, diverged := e.Trials[e.Best], 0
		for _, trial := range e.Trials {
			if math.IsInf(trial.Loss, 1) {
				diverged++
			}
		}
		chosen := settings(best.Options)
		if best.Edge {
			chosen += " *"
		}
		var searched []string
		for _, a := range e.Space {
			searched = append(searched, a.String())
		}
		t.Rows = append(t.Rows, []report.Cell{
			{Text: e.Name}, {Text: strings.Join(searched, ", ")}, {Text: chosen},
			{Text: number(best.Loss), Sort: best.Loss}, {Text: fmt.Sprint(diverged), Sort: float64(diverged)},
		})
	}
	return t
}

func (r *Result) facts() []report.Fact {
	s := r.Settings
	facts := []report.Fact{
		{Name: "Budget", Value: r.budget() + " a run"},
		{Name: "Sampling", Value: s.Sampling.String()},
		{Name: "Seeds", Value: fmt.Sprintf("%d … %d", r.Seed, r.Seed+uint64(r.Seeds)-1)},
		{Name: "Race", Value: fmt.Sprintf("%.1f s in all, tuning included, several runs at a time", r.Elapsed.Seconds())},
	}
	if s.Average.Form != train.LastIterate {
		facts = append(facts, report.Fact{Name: "Average", Value: s.Average.Form.String()})
	}
	return facts
}

func (r *Result) budget() string {
	s := r.Settings
	var parts []string
	if s.Epochs > 0 {
		parts = append(parts, quantity(s.Epochs, "epoch"))
	}
	if s.Steps > 0 {
		parts = append(parts, quantity(float64(s.Steps), "iteration"))
	}
	if s.Runtime > 0 {
		parts = append(parts, s.Runtime.String())
	}
	if parts == nil {
		parts = []string{"10 epochs"}
	}
	return strings.Join(parts, " or ")
}

// batchOf returns the number of terms that a step of the entry draws, and what the table calls it.
func (r *Result) batchOf(e *Entry) (int, string) {
	batch := e.Batch
	if batch < 0 {
		batch = r.Settings.Batch
	}
	if batch == 0 {
		return r.Problem.Len(), "full"
	}
	return batch, fmt.Sprint(batch)
}

func settings(options map[string]string) string {
	if len(options) == 0 {
		return "defaults"
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(options)) {
		parts = append(parts, name+"="+long.ReplaceAllStringFunc(options[name], shorten))
	}
	return strings.Join(parts, " ")
}

// long is a number with more digits than a reader needs, as theorems recommend.
var long = regexp.MustCompile(`[0-9]+\.[0-9]{7,}(e[-+]?[0-9]+)?`)

func shorten(text string) string {
	v, _ := strconv.ParseFloat(text, 64) // which the expression has read
	return fmt.Sprintf("%.4g", v)
}

// byTheorem says which theorem decided the step size, if one did.
func (e *Entry) byTheorem() string {
	if e.Theorem == nil {
		return ""
	}
	return " by theorem " + e.Theorem.Name
}

func finalText(s Summary) string {
	switch {
	case math.IsInf(s.Final.Mid, 1):
		return "diverged"
	case s.Diverged > 0:
		return fmt.Sprintf("%s (%d diverged)", number(s.Final.Mid), s.Diverged)
	}
	return number(s.Final.Mid)
}

func pText(place int, p float64) string {
	switch {
	case math.IsNaN(p):
		return "—"
	case place == 0:
		return "best"
	case p < 1e-4:
		return "<0.0001"
	}
	return fmt.Sprintf("%.2g", p)
}

// number writes three digits, and a dash for what was not reached.
func number(v float64) string {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return "—"
	}
	return fmt.Sprintf("%.3g", v)
}

// count writes a whole number, and a dash for what was not reached.
func count(v float64) string {
	if math.IsInf(v, 0) {
		return "—"
	}
	return fmt.Sprintf("%.0f", v)
}

func quantity(n float64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.FormatFloat(n, 'f', -1, 64) + " " + noun + "s"
}
