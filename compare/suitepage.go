package compare

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"steepest/internal/plural"
	"steepest/report"
)

// Page returns the suite as a report: the profiles, the scores, the work on each problem, what tuning chose, the curves of each problem, and
// the facts given by the caller.
func (s *Suite) Page(title string, facts []report.Fact) *report.Page {
	page := &report.Page{Title: title, Lead: s.Statement(), Plots: []report.Plot{s.Plot()}, Facts: facts}
	for _, t := range []report.Table{s.ScoreTable(), s.WorkTable(), s.settingsTable()} {
		if len(t.Rows) > 0 {
			page.Tables = append(page.Tables, t)
		}
	}
	for i := range s.Problems {
		page.Details = append(page.Details, s.Problems[i].plot())
	}
	return page
}

// plot returns the curves of the race over gradients and steps, in the quantity of the target.
func (p *Problem) plot() report.Plot {
	plot := p.Plot()
	plot.Title = p.Name
	plot.X = slices.DeleteFunc(plot.X, func(a report.Axis) bool { return a.Key != "grads" && a.Key != "steps" })
	slices.Reverse(plot.X)
	plot.Y = plot.Y[:1]
	for _, c := range plot.Curves {
		maps.DeleteFunc(c.X, func(key string, _ []float64) bool { return key != "grads" && key != "steps" })
		maps.DeleteFunc(c.Y, func(key string, _ report.Band) bool { return key != plot.Y[0].Key })
	}
	return plot
}

// Statement says which method has the largest score, from which others it differs significantly, and what tuning bought.
func (s *Suite) Statement() string {
	rows := s.Profiles()
	seeds := s.Problems[0].Seeds
	text := fmt.Sprintf("%s on %s, %s each, the same batches for the same seed. ",
		plural.Of(len(rows), "method"), plural.Of(len(s.Problems), "problem"), plural.Of(seeds, "seed"))
	if rows[0].Score.High == 0 {
		return text + "No method reaches a target."
	}
	text += fmt.Sprintf("%s has the largest score, %.2f", rows[0].Name, rows[0].Score.Mid)
	var tied, lower []string
	for _, row := range rows[1:] {
		switch {
		case row.P <= significant:
			lower = append(lower, row.Name)
		case !math.IsNaN(row.P):
			tied = append(tied, row.Name)
		}
	}
	switch {
	case seeds == 1:
		text += "; with one seed no difference is tested"
	case tied == nil && lower != nil:
		text += ", significantly above all others"
	case lower == nil && tied != nil:
		text += ", but no difference is significant"
	case tied != nil:
		text += fmt.Sprintf("; not significantly lower: %s; significantly lower: %s", strings.Join(tied, ", "), strings.Join(lower, ", "))
	}
	return text + "." + s.tuningStatement()
}

// tuningStatement says what tuning gained, or returns "" if the suite does not have methods of both kinds.
func (s *Suite) tuningStatement() string {
	untuned, tuned, p := s.Bought()
	if untuned == nil {
		return ""
	}
	text := fmt.Sprintf(" Without tuning %s has the largest score, %.2f; %s, the best tuned method, has %.2f",
		untuned.Name, untuned.Score.Mid, tuned.Name, tuned.Score.Mid)
	switch {
	case p <= significant:
		text += ", a significant difference"
	case !math.IsNaN(p):
		text += ", a difference that is not significant"
	}
	tuning, counted := s.Grads()
	return text + fmt.Sprintf(". Its trials took %s gradients, and those of all methods %s, %.2g times as many as all counted runs.",
		large(float64(tuned.TuningGrads)), large(float64(tuning)), float64(tuning)/float64(counted))
}

// Plot returns the profiles, the best method first.
func (s *Suite) Plot() report.Plot {
	plot := report.Plot{
		Title: "Performance profile",
		X:     []report.Axis{{Key: "factor", Label: fmt.Sprintf("τ, %v to the target over those of the best method", s.Work)}},
		Y:     []report.Axis{{Key: "share", Label: "share of the problems solved within τ"}},
	}
	for _, row := range s.Profiles() {
		factors := row.factors(s.limit())
		band := report.Band{}
		for _, factor := range factors {
			share := row.Share(factor)
			band.Low, band.Mid, band.High = append(band.Low, share.Low), append(band.Mid, share.Mid), append(band.High, share.High)
		}
		if len(row.scores) == 1 {
			band.Low, band.High = nil, nil
		}
		plot.Curves = append(plot.Curves, report.Curve{Name: row.Name, X: map[string][]float64{"factor": factors}, Y: map[string]report.Band{"share": band}})
	}
	return plot
}

// factors returns the factors between which the profile is constant, up to a limit: 1, the ratios of all seeds, each with a factor just below, and the
// limit.
func (row *Profile) factors(limit float64) []float64 {
	factors := []float64{1, limit}
	for _, ratios := range row.ratios {
		for _, r := range ratios {
			if 1 < r && r <= limit {
				factors = append(factors, max(1, r*(1-1e-6)), r)
			}
		}
	}
	slices.Sort(factors)
	return slices.Compact(factors)
}

// ScoreTable ranks the methods by the area under their profiles.
func (s *Suite) ScoreTable() report.Table {
	t := report.Table{
		Title: "Scores",
		Columns: []report.Column{
			{Name: "method"},
			{Name: "score", Help: fmt.Sprintf("area under the profile up to τ = %g, over that of a method that is the best everywhere: the median over the seeds", s.limit()), Numeric: true},
			{Name: "p", Help: "probability of so large a difference from the best score by chance; below 0.05 it is significant", Numeric: true},
			{Name: "10–90 %", Help: "lower and upper decile of the score over the seeds"},
			{Name: "reached", Help: "problems whose target most runs reached", Numeric: true},
			{Name: "fastest", Help: "problems on which no other method took less", Numeric: true},
			{Name: "gradients to tune", Help: "gradients that the trials of the method took on all problems", Numeric: true},
		},
		Note: fmt.Sprintf("Score: the share of the problems on which a method takes at most τ times the %v of the best one, on average over τ from 1 to %g (AlgoPerf). "+
			"p: paired t-test over %d seeds against the best score, Holm's correction. The tests are over the seeds, and say nothing of other problems. "+
			"The best and those that no test tells from it have a star, or are bold.", s.Work, s.limit(), s.Problems[0].Seeds),
	}
	if s.Problems[0].Seeds == 1 {
		t.Note = "One seed leaves nothing to test: p needs two."
	}
	for i, row := range s.Profiles() {
		tied, p := row.P > significant, probability(row.P)
		if i == 0 {
			p = "best"
		}
		t.Rows = append(t.Rows, []report.Cell{
			{Text: row.Name, Strong: tied},
			{Text: fmt.Sprintf("%.3f", row.Score.Mid), Sort: row.Score.Mid, Strong: tied},
			{Text: p, Sort: row.P},
			{Text: fmt.Sprintf("%.3f … %.3f", row.Score.Low, row.Score.High)},
			{Text: fmt.Sprint(row.Reached), Sort: float64(row.Reached)},
			{Text: fmt.Sprint(row.Fastest), Sort: float64(row.Fastest)},
			{Text: large(float64(row.TuningGrads)), Sort: float64(row.TuningGrads)},
		})
	}
	return t
}

// WorkTable shows the work of each method to reach the target of each problem.
func (s *Suite) WorkTable() report.Table {
	name := s.Work.String()
	t := report.Table{
		Title:   strings.ToUpper(name[:1]) + name[1:] + " to the target",
		Columns: []report.Column{{Name: "method"}},
		Note:    "Medians over the seeds; — not reached by most runs. The least of a problem has a star, or is bold." + s.absent(),
	}
	rows := s.Profiles()
	for i := range s.Problems {
		p := &s.Problems[i]
		help := "no target"
		if p.Target > 0 {
			help = fmt.Sprintf("target: %s ≤ %.3g", p.target(), p.Target)
		}
		t.Columns = append(t.Columns, report.Column{Name: p.Name, Help: help, Numeric: true})
	}
	for _, row := range rows {
		cells := []report.Cell{{Text: row.Name}}
		for i, work := range row.Work {
			best := !math.IsInf(work, 1) && !slices.ContainsFunc(rows, func(other Profile) bool { return other.Work[i] < work })
			text := count(work)
			if s.Work == Seconds {
				text = number(work)
			}
			cells = append(cells, report.Cell{Text: text, Sort: work, Strong: best})
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// absent says which methods do not run on some problems, or returns "" if all do.
func (s *Suite) absent() string {
	var list []string
	names := s.methods()
	for _, p := range s.Problems {
		for _, name := range slices.Sorted(maps.Keys(p.Absent)) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		var problems []string
		for _, p := range s.Problems {
			if p.Absent[name] != "" {
				problems = append(problems, p.Name)
			}
		}
		if problems != nil {
			list = append(list, name+" on "+strings.Join(problems, ", "))
		}
	}
	if list == nil {
		return ""
	}
	return " Does not run, and counts as not reaching the target: " + strings.Join(list, "; ") + "."
}

// settingsTable shows what tuning chose on each problem.
func (s *Suite) settingsTable() report.Table {
	t := report.Table{
		Title:   "Settings that tuning chose",
		Columns: []report.Column{{Name: "method"}},
		Note:    "On each problem by the end of its trials; an asterisk marks a choice at the end of its range, where a wider one might hold a better value.",
	}
	for _, p := range s.Problems {
		t.Columns = append(t.Columns, report.Column{Name: p.Name})
	}
	for _, row := range s.Profiles() {
		if row.Untuned {
			continue
		}
		cells := []report.Cell{{Text: row.Name}}
		for _, p := range s.Problems {
			text := "—"
			if i := slices.IndexFunc(p.Entries, func(e Entry) bool { return e.Name == row.Name }); i >= 0 {
				e := &p.Entries[i]
				text = settings(e.Options())
				if e.Best >= 0 && e.Trials[e.Best].Edge {
					text += " *"
				}
			}
			cells = append(cells, report.Cell{Text: text})
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}
