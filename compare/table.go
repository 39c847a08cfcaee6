package compare

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"steepest/report"
)

// Table returns the results, the best method first.
func (r *Result) Table() report.Table {
	what := "f − f*"
	if r.Optimum == nil {
		what = "f"
	}
	ranked, others := what, r.held()
	if r.TuneBy != "" {
		ranked, others = r.TuneBy, append([]string{""}, slices.DeleteFunc(r.held(), func(name string) bool { return name == r.TuneBy })...)
	}
	t := report.Table{
		Title: "Results",
		Columns: []report.Column{
			{Name: "method"},
			{Name: ranked, Help: "median at the end of the budget, by which methods are ranked", Numeric: true},
			{Name: "p", Help: "probability of so large a difference from the best method by chance; below 0.05 it is significant", Numeric: true},
			{Name: "gradients", Help: "gradient evaluations to the target, median", Numeric: true},
			{Name: "seconds", Help: "seconds to the target, median, evaluations not counted", Numeric: true},
			{Name: "10–90 %", Help: "lower and upper decile over the seeds"},
			{Name: "batch", Help: "terms a step draws", Numeric: true},
			{Name: "settings", Help: "options given or chosen by tuning"},
		},
		Note: fmt.Sprintf("p: paired t-test over %d seeds against the best method, Holm's correction; — nothing to test. The best and those that no test tells from it have a star, or are bold.", r.Seeds),
	}
	if r.Seeds == 1 {
		t.Note = "One seed leaves nothing to test: p needs two."
	}
	if r.Target > 0 {
		t.Note = fmt.Sprintf("Target: %s ≤ %.3g, to which gradients and seconds count; — not reached by most runs. ", what, r.Target) + t.Note
	}
	rows := r.Summaries()
	if slices.ContainsFunc(rows, func(s Summary) bool { return s.Edge }) {
		t.Note += " edge: the trial chosen lies at the end of its range, where a wider one may hold a better value, so that nothing is tested."
	}
	for _, e := range slices.Backward(r.Entries) {
		if n := e.Skipped(); n > 0 {
			t.Note = fmt.Sprintf("%s skipped %s that were not finite. ", e.Name, quantity(float64(n), "gradient")) + t.Note
		}
	}
	t.Note = r.coverage() + t.Note
	for _, e := range r.Entries {
		if i := slices.IndexFunc(e.Runs, func(run Run) bool { return run.Failed != "" }); i >= 0 {
			t.Note = fmt.Sprintf("%s failed: %s. ", e.Name, e.Runs[i].Failed) + t.Note
		}
	}
	for _, name := range slices.Backward(others) {
		t.Columns = slices.Insert(t.Columns, 2, report.Column{Name: cmp.Or(name, "f"), Help: "loss, median at the end", Numeric: true})
	}
	for i, s := range rows {
		batch, batchText := r.batchOf(s.Entry)
		tied := s.P > significant
		t.Rows = append(t.Rows, []report.Cell{
			{Text: s.Name, Strong: tied},
			{Text: finalText(s), Sort: s.Final.Mid, Strong: tied},
			{Text: pText(i, s), Sort: s.P},
			{Text: count(s.Grads), Sort: s.Grads},
			{Text: number(s.Seconds), Sort: s.Seconds},
			{Text: fmt.Sprintf("%s … %s", number(s.Final.Low), number(s.Final.High)), Sort: s.Final.High - s.Final.Low},
			{Text: batchText, Sort: float64(batch)},
			{Text: settings(s.Options()) + s.byTheorem() + s.atEdge()},
		})
		for _, name := range slices.Backward(others) {
			v, row := s.median(name), &t.Rows[len(t.Rows)-1]
			*row = slices.Insert(*row, 2, report.Cell{Text: number(v), Sort: v})
		}
	}
	return t
}

// coverage says which methods leave parameters to others; "" if none does. Methods of which the same is true share a sentence.
func (r *Result) coverage() string {
	names := make(map[string][]string)
	var order []string
	for _, e := range r.Entries {
		text := e.Plan.Coverage()
		if text != "" && names[text] == nil {
			order = append(order, text)
		}
		names[text] = append(names[text], e.Name)
	}
	var note strings.Builder
	for _, text := range order {
		verb := "updates"
		if len(names[text]) > 1 {
			verb = "each update"
		}
		fmt.Fprintf(&note, "%s %s %s. ", strings.Join(names[text], ", "), verb, text)
	}
	return note.String()
}

func (r *Result) tuningTable() report.Table {
	tuned, judged := "loss", ""
	if r.TuneBy != "" {
		tuned, judged = "loss, "+r.TuneBy, ", and judged by the loss on the rows held out for "+r.TuneBy
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
			"of their own%s. An asterisk marks a choice at the end of its range.", quantity(float64(r.Race.Trials), "trial"), judged),
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
	case math.IsInf(s.Final.Mid, 1) && s.Failed > 0:
		return "failed"
	case math.IsInf(s.Final.Mid, 1):
		return "diverged"
	case s.Failed > 0:
		return fmt.Sprintf("%s (%d failed)", number(s.Final.Mid), s.Failed)
	case s.Diverged > 0:
		return fmt.Sprintf("%s (%d diverged)", number(s.Final.Mid), s.Diverged)
	}
	return number(s.Final.Mid)
}

// atEdge marks a choice at the end of its range.
func (s *Summary) atEdge() string {
	if s.Edge {
		return " (edge)"
	}
	return ""
}

func pText(place int, s Summary) string {
	p := s.P
	switch {
	case s.Edge && place > 0:
		return "edge"
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
