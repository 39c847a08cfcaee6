package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"steepest/internal/plural"
	"steepest/report"
)

// Bought compares a method that ran untuned with one that was tuned.
type Bought struct {
	Untuned, Tuned Summary
	// Ratio is the median of Untuned divided by that of Tuned, at the end of the budget. It is NaN if a median is not positive, and +Inf if
	// the method diverged without tuning.
	Ratio float64
	// P is the p-value: the probability of a difference over the seeds at least as large as the measured one, if both were equally good.
	// The test is that of Summary.P, with Holm's correction for the number of pairs. It is NaN if nothing is tested.
	P float64
}

// Bought compares the best untuned method with the best tuned one, and then each method that ran in both ways with itself. It returns nil
// if the race does not have methods of both kinds.
func (r *Result) Bought() []Bought {
	var tuned, untuned []Summary
	for _, s := range r.Summaries() {
		if s.Untuned {
			untuned = append(untuned, s)
		} else if s.Best >= 0 {
			tuned = append(tuned, s)
		}
	}
	if tuned == nil || untuned == nil {
		return nil
	}
	pairs := []Bought{r.bought(untuned[0], tuned[0])}
	for i := range r.Entries {
		for _, u := range untuned {
			same := u.Entrant
			same.Untuned = false
			t := slices.IndexFunc(tuned, func(t Summary) bool { return t.Entry == &r.Entries[i] && t.Spec() == same.Spec() })
			if t >= 0 {
				pairs = append(pairs, r.bought(u, tuned[t]))
			}
		}
	}
	holm(pairs, func(b *Bought) *float64 { return &b.P })
	return pairs
}

func (r *Result) bought(untuned, tuned Summary) Bought {
	b := Bought{Untuned: untuned, Tuned: tuned, Ratio: untuned.Final.Mid / tuned.Final.Mid, P: math.NaN()}
	if !(tuned.Final.Mid > 0 && untuned.Final.Mid > 0) || math.IsInf(tuned.Final.Mid, 1) {
		b.Ratio = math.NaN()
	}
	if !tuned.Edge {
		b.P = pairedP(r.differences(tuned.Entry, untuned.Entry))
	}
	return b
}

// TuningGrads returns the number of gradients of terms that the trials of the entry took.
func (e *Entry) TuningGrads() (n int) {
	for _, t := range e.Trials {
		n += t.Grads
	}
	return n
}

// TuningGrads returns the number of gradients of terms that the trials of all methods took.
func (r *Result) TuningGrads() (n int) {
	for i := range r.Entries {
		n += r.Entries[i].TuningGrads()
	}
	return n
}

// BoughtTable shows Bought as a table. It has no rows if the race does not have methods of both kinds.
func (r *Result) BoughtTable() report.Table {
	ranked := cmp.Or(r.TuneBy, r.target())
	t := report.Table{
		Title: "What tuning bought",
		Columns: []report.Column{
			{Name: "method"},
			{Name: "untuned", Help: ranked + " at the end of the budget, median, on defaults", Numeric: true},
			{Name: "tuned", Help: ranked + " at the end of the budget, median, with the settings that tuning chose", Numeric: true},
			{Name: "ratio", Help: "untuned over tuned: above 1, tuning made the method better", Numeric: true},
			{Name: "p", Help: "probability of so large a difference by chance; below 0.05 it is significant", Numeric: true},
			{Name: r.cost(), Help: "what the trials of the method took, or those of all methods for the best of them", Numeric: true},
		},
		Note: fmt.Sprintf("%s at the end of the budget. p: paired t-test over %d seeds, Holm's correction; — nothing to test. "+
			"A ratio that is significant has a star, or is bold. The best method of the first row was found by the trials of all methods.", ranked, r.Seeds),
	}
	for i, b := range r.Bought() {
		name, cost, p := b.Tuned.Name, b.Tuned.TuningGrads(), probability(b.P)
		if i == 0 {
			name, cost = fmt.Sprintf("best: %s, tuned %s", b.Untuned.Name, b.Tuned.Name), r.TuningGrads()
		}
		if b.Tuned.Edge {
			p = "edge"
		}
		t.Rows = append(t.Rows, []report.Cell{
			{Text: name},
			{Text: r.finalText(b.Untuned), Sort: b.Untuned.Final.Mid},
			{Text: r.finalText(b.Tuned), Sort: b.Tuned.Final.Mid},
			{Text: number(b.Ratio), Sort: b.Ratio, Strong: b.P <= significant},
			{Text: p, Sort: b.P},
			{Text: large(float64(cost) * r.tokens()), Sort: float64(cost)},
		})
	}
	return t
}

// cost returns the name of the cost of trials.
func (r *Result) cost() string { return r.effort().Name + " to tune" }

// tuningVerdict says what tuning gained, or returns "" if the race does not have methods of both kinds.
func (r *Result) tuningVerdict() string {
	pairs := r.Bought()
	if pairs == nil {
		return ""
	}
	b, trials := pairs[0], plural.Of(r.Race.Trials, "trial")
	if math.IsInf(b.Untuned.Final.Mid, 1) {
		return " No method comes to its end without tuning."
	}
	text := fmt.Sprintf(" Without tuning %s ends lowest; %s, the best tuned method, ends %s. Its %s took %s, and those of all methods %s.",
		b.Untuned.Name, b.Tuned.Name, b.lower(), trials, r.inEffort(b.Tuned.TuningGrads()), r.inEffort(r.TuningGrads()))
	return text
}

// lower says how much lower the tuned method ends, and whether that is more than chance.
func (b *Bought) lower() string {
	text := "lower"
	switch {
	case b.Tuned.Final.Mid > b.Untuned.Final.Mid:
		text = "higher"
		if b.Ratio < 1 {
			text = number(1/b.Ratio) + " times " + text
		}
	case b.Tuned.Final.Mid == b.Untuned.Final.Mid:
		text = "as low"
	case !math.IsNaN(b.Ratio):
		text = number(b.Ratio) + " times " + text
	}
	switch {
	case b.Tuned.Edge:
		return text + ", at the end of the range that was searched"
	case math.IsNaN(b.P):
		return text
	case b.P <= significant:
		return text + ", significantly"
	}
	return text + ", which is not significant"
}

// inEffort writes a number of gradients, or of the corresponding tokens.
func (r *Result) inEffort(grads int) string {
	return large(float64(grads)*r.tokens()) + " " + r.effort().Name
}

// large writes a large number with three digits.
func large(v float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e12, " trillion"}, {1e9, " billion"}, {1e6, " million"}} {
		if v >= unit.size {
			return strconv.FormatFloat(v/unit.size, 'g', 3, 64) + unit.name
		}
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}
