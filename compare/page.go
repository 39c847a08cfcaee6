package compare

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"steepest/internal/plural"
	"steepest/report"
	"steepest/train"
)

// significant is the p-value up to which a difference counts as more than chance.
const significant = 0.05

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
	for _, t := range []report.Table{r.BoughtTable(), r.tuningTable()} {
		if len(t.Rows) > 0 {
			page.Tables = append(page.Tables, t)
		}
	}
	return page
}

func (r *Result) lead() string {
	text := fmt.Sprintf("%s, the same start, the same batches, %s each; ", plural.Of(len(r.Entries), "method"), r.budget())
	if r.Seeds == 1 {
		return text + "one run of each."
	}
	text += fmt.Sprintf("median and 10–90 %% band over %d seeds", r.Seeds)
	if r.Race.Bounds {
		text += ", the mean with its 95 % confidence interval"
	}
	return text + "." + r.verdict() + r.tuningVerdict()
}

// verdict says which method ended lowest, and from which others it differs significantly.
func (r *Result) verdict() string {
	rows := r.Summaries()
	if len(rows) == 1 || math.IsInf(rows[0].Final.Mid, 1) {
		return ""
	}
	var tied []string
	worse, edges, ended := 0, 0, "diverged"
	for _, s := range rows[1:] {
		if s.Failed > 0 {
			ended = "did not come to their end"
		}
		switch {
		case s.Edge && !math.IsInf(s.Final.Mid, 1):
			edges++
		case s.P > significant:
			tied = append(tied, s.Name)
		case s.P <= significant: // and not NaN
			worse++
		}
	}
	best := " " + rows[0].Name + " ends lowest"
	if r.TuneBy != "" {
		best += " on the data held out for " + r.TuneBy
	}
	untested := ""
	if edges > 0 {
		untested = fmt.Sprintf(" %s not tested: the range that was searched may be too narrow.", are(edges))
	}
	switch n := len(tied); {
	case n == 0 && worse == 0 && edges == 0:
		return best + "; the others " + ended + "."
	case n == 0 && worse == 0:
		return best + "." + untested
	case n == 0 && edges > 0:
		return best + ", significantly below all that are tested." + untested
	case n == 0:
		return best + ", significantly below all others."
	case worse == 0:
		return best + ", but no difference is significant." + untested
	case n > 3:
		return fmt.Sprintf("%s; %d others are not significantly worse.", best, n) + untested
	case n == 1:
		return fmt.Sprintf("%s; %s is not significantly worse.", best, tied[0]) + untested
	default:
		return fmt.Sprintf("%s; %s and %s are not significantly worse.", best, strings.Join(tied[:n-1], ", "), tied[n-1]) + untested
	}
}

// are returns "is" or "are" with a number of methods.
func are(n int) string {
	if n == 1 {
		return "1 other is"
	}
	return fmt.Sprintf("%d others are", n)
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
		parts = append(parts, plural.Of(s.Epochs, "epoch"))
	}
	if s.Steps > 0 {
		parts = append(parts, plural.Of(s.Steps, "iteration"))
	}
	if s.Runtime > 0 {
		parts = append(parts, s.Runtime.String())
	}
	if parts == nil {
		parts = []string{"10 epochs"}
	}
	return strings.Join(parts, " or ")
}

// batchOf returns the number of terms that a step of the entry draws, and its text in the table.
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
