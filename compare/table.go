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

	"steepest/internal/plural"
	"steepest/report"
)

// Table returns the results, the best method first.
func (r *Result) Table() report.Table {
	ranked, others := r.target(), r.held()
	if r.TuneBy != "" {
		ranked, others = r.TuneBy, slices.DeleteFunc(r.held(), func(name string) bool { return name == r.TuneBy })
		if r.measuresLoss() {
			others = append([]string{""}, others...)
		}
	}
	rows := r.Summaries()
	t := report.Table{Title: "Results", Rows: make([][]report.Cell, len(rows)), Note: r.note(rows)}
	add := func(c report.Column, of func(s *Summary) (text string, sort float64)) {
		t.Columns = append(t.Columns, c)
		for i := range rows {
			text, sort := of(&rows[i])
			t.Rows[i] = append(t.Rows[i], report.Cell{Text: text, Sort: sort})
		}
	}
	add(report.Column{Name: "method"}, func(s *Summary) (string, float64) { return s.Name, 0 })
	add(report.Column{Name: ranked, Help: "median at the end of the budget, by which methods are ranked", Numeric: true},
		func(s *Summary) (string, float64) { return r.finalText(*s), s.Final.Mid })
	for i, s := range rows {
		tied := s.P > significant
		t.Rows[i][0].Strong, t.Rows[i][1].Strong = tied, tied
	}
	for _, name := range others {
		add(report.Column{Name: cmp.Or(name, "f"), Help: "loss, median at the end", Numeric: true},
			func(s *Summary) (string, float64) { v := s.median(name); return r.loss(v), v })
	}
	add(report.Column{Name: "p", Help: "probability of so large a difference from the best method by chance; below 0.05 it is significant", Numeric: true},
		func(s *Summary) (string, float64) { return pText(s == &rows[0], s), s.P })
	add(r.effort(), func(s *Summary) (string, float64) { return count(s.Grads * r.tokens()), s.Grads })
	add(report.Column{Name: "seconds", Help: "seconds to the target, median, evaluations not counted", Numeric: true},
		func(s *Summary) (string, float64) { return number(s.Seconds), s.Seconds })
	add(report.Column{Name: "10–90 %", Help: "lower and upper decile over the seeds"},
		func(s *Summary) (string, float64) {
			return r.loss(s.Final.Low) + " … " + r.loss(s.Final.High), s.Final.High - s.Final.Low
		})
	add(report.Column{Name: "batch", Help: "terms a step draws", Numeric: true},
		func(s *Summary) (string, float64) { batch, text := r.batchOf(s.Entry); return text, float64(batch) })
	if r.judgesTarget() {
		add(report.Column{Name: "p, target", Help: "probability of means so low by chance, were the true one at the target; records of the speedrun ask for less than 0.01", Numeric: true},
			func(s *Summary) (string, float64) { return probability(s.PTarget), s.PTarget })
	}
	add(report.Column{Name: "settings", Help: "options given or chosen by tuning"},
		func(s *Summary) (string, float64) { return settings(s.Options()) + s.byTheorem() + s.atEdge(), 0 })
	return t
}

// note returns the sentences below the table of results.
func (r *Result) note(rows []Summary) string {
	var note strings.Builder
	for _, e := range r.Entries {
		if i := slices.IndexFunc(e.Runs, func(run Run) bool { return run.Failed != "" }); i >= 0 {
			fmt.Fprintf(&note, "%s failed: %s. ", e.Name, e.Runs[i].Failed)
		}
	}
	note.WriteString(r.coverage())
	for _, e := range r.Entries {
		if n := e.Skipped(); n > 0 {
			fmt.Fprintf(&note, "%s skipped %s that were not finite. ", e.Name, plural.Of(n, "gradient"))
		}
	}
	if r.judgesTarget() {
		note.WriteString("p, target: one-sided t-test that the mean is below the target. ")
	}
	if r.Target > 0 {
		on := ""
		if r.TuneBy != "" && r.measuresLoss() {
			on = " on the rows that are fitted to"
		}
		fmt.Fprintf(&note, "Target: %s ≤ %.3g%s, to which %s and seconds count; — not reached by most runs. ", r.target(), r.Target, on, r.effort().Name)
	}
	if r.Seeds == 1 {
		note.WriteString("One seed leaves nothing to test: p needs two.")
	} else {
		fmt.Fprintf(&note, "p: paired t-test over %d seeds against the best method, Holm's correction; — nothing to test. The best and those that no test tells from it have a star, or are bold.", r.Seeds)
	}
	if slices.ContainsFunc(rows, func(s Summary) bool { return s.Edge }) {
		note.WriteString(" edge: the trial chosen lies at the end of its range, where a wider one may hold a better value, so that nothing is tested.")
	}
	return note.String()
}

// effort returns the column of the cost of reaching the target.
func (r *Result) effort() report.Column {
	if r.Tokens > 0 {
		return report.Column{Name: "tokens", Help: "tokens of text to the target, median", Numeric: true}
	}
	return report.Column{Name: "gradients", Help: "gradient evaluations to the target, median", Numeric: true}
}

// tokens returns the number of units of effort of a term.
func (r *Result) tokens() float64 { return float64(max(1, r.Tokens)) }

// coverage says which methods leave parameters to others, or returns "" if none does. Methods with the same coverage share a sentence.
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
		tuned, judged = "loss, "+r.TuneBy, ", and judged by the loss on the data held out for "+r.TuneBy
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
			"of their own%s. %sAn asterisk marks a choice at the end of its range.", plural.Of(r.Race.Trials, "trial"), judged, r.defaulted()),
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
			{Text: r.loss(best.Loss), Sort: best.Loss}, {Text: fmt.Sprint(diverged), Sort: float64(diverged)},
		})
	}
	return t
}

// defaulted names the methods whose first trial is their defaults.
func (r *Result) defaulted() string {
	var names []string
	for i := range r.Entries {
		if trials := r.Entries[i].Trials; len(trials) > 0 && trials[0].Default {
			names = append(names, r.Entries[i].Name)
		}
	}
	if names == nil {
		return ""
	}
	return "The first trial leaves these methods at their defaults: " + strings.Join(names, ", ") + ". "
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

// long matches a number with more digits than a reader needs, such as a step size that a theorem recommends.
var long = regexp.MustCompile(`[0-9]+\.[0-9]{12,}(e[-+]?[0-9]+)?`)

func shorten(text string) string {
	v, _ := strconv.ParseFloat(text, 64) // the expression matches only numbers
	return fmt.Sprintf("%.4g", v)
}

// byTheorem says which theorem decided the step size, if one did.
func (e *Entry) byTheorem() string {
	if e.Theorem == nil {
		return ""
	}
	return " by theorem " + e.Theorem.Name
}

func (r *Result) finalText(s Summary) string {
	switch {
	case math.IsInf(s.Final.Mid, 1) && s.Failed > 0:
		return "failed"
	case math.IsInf(s.Final.Mid, 1):
		return "diverged"
	case s.Failed > 0:
		return fmt.Sprintf("%s (%d failed)", r.loss(s.Final.Mid), s.Failed)
	case s.Diverged > 0:
		return fmt.Sprintf("%s (%d diverged)", r.loss(s.Final.Mid), s.Diverged)
	}
	return r.loss(s.Final.Mid)
}

// atEdge marks a choice at the end of its range.
func (s *Summary) atEdge() string {
	if s.Edge {
		return " (edge)"
	}
	return ""
}

func pText(best bool, s *Summary) string {
	switch {
	case s.Edge && !best:
		return "edge"
	case best && !math.IsNaN(s.P):
		return "best"
	}
	return probability(s.P)
}

// probability writes two digits of a p-value, and a dash where nothing was tested.
func probability(p float64) string {
	switch {
	case math.IsNaN(p):
		return "—"
	case p < 1e-4:
		return "<0.0001"
	}
	return fmt.Sprintf("%.2g", p)
}

// loss writes a value by which runs are compared: with four decimals for a language model, whose differences are small, otherwise with three digits.
func (r *Result) loss(v float64) string {
	if r.Tokens > 0 && finite(v) {
		return strconv.FormatFloat(v, 'f', 4, 64)
	}
	return number(v)
}

// number writes three digits, or a dash for a target that was not reached.
func number(v float64) string {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return "—"
	}
	return fmt.Sprintf("%.3g", v)
}

// count writes a whole number, or a dash for a target that was not reached.
func count(v float64) string {
	if math.IsInf(v, 0) {
		return "—"
	}
	return fmt.Sprintf("%.0f", v)
}
