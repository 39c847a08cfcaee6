package compare

import (
	"fmt"
	"math"
	"strings"

	"steepest/report"
	"steepest/theory"
)

// meanAxis is the vertical axis of the mean and the bounds on it.
var meanAxis = report.Axis{Key: "mean", Label: "mean of f − f*", Log: true}

// curves returns the drawn bounds, over the positions of the entry's own curve. It adds the mean to that curve.
func (e *Entry) curves(own *report.Curve) (list []report.Curve) {
	own.Y[meanAxis.Key] = e.Mean()
	for _, b := range e.Bounds {
		if b.Drawn {
			list = append(list, report.Curve{
				Name: e.boundName(&b), Of: e.Name, Dashed: b.Form == theory.Printed, Faint: b.Verdict() != theory.Held,
				X: own.X, Y: map[string]report.Band{meanAxis.Key: {Mid: b.Values}},
			})
		}
	}
	return list
}

// boundName is the name of a bound's curve.
func (e *Entry) boundName(b *Bound) string { return e.Name + " ≤ " + b.Name }

// claims returns the bounds as a page shows them. For an entry without bounds it says why there are none.
func (r *Result) claims() (all []report.Claims) {
	for i := range r.Entries {
		e := &r.Entries[i]
		if len(e.Bounds) == 0 {
			if r.Race.Bounds {
				run := theory.Run{Rule: e.Rule, Settings: e.settings(r.Settings), Skipped: e.Skipped()}
				all = append(all, report.Claims{Of: e.Name, Note: "no bound: " + theory.Silence(run)})
			}
			continue
		}
		mean := e.Mean()
		end := len(mean.Mid) - 1
		c := report.Claims{Of: e.Name, Note: "mean of f − f* at the end: " + number(mean.Mid[end])}
		if mean.Low != nil && mean.Low[end] < mean.High[end] {
			c.Note += fmt.Sprintf(" ± %s over %d seeds, with 95 %% confidence", number(mean.High[end]-mean.Mid[end]), r.Seeds)
		}
		for _, b := range e.Bounds {
			c.List = append(c.List, e.claim(&b, mean, r.Optimum.F))
		}
		all = append(all, c)
	}
	return all
}

// claim returns a bound as a page shows it, with the mean at the end.
func (e *Entry) claim(b *Bound, mean report.Band, f float64) report.Claim {
	c := report.Claim{
		Name: b.Name, Title: b.Title, Statement: b.Statement, Source: b.Source,
		Value: number(b.End()), Ratio: number(b.Ratio(mean.Mid[len(mean.Mid)-1])),
	}
	var settings []string
	for _, h := range b.Hypotheses {
		if h.Setting { // it holds, otherwise the theorem would not apply to the run
			settings = append(settings, h.Name)
			continue
		}
		c.Checks = append(c.Checks, report.Check{Name: h.Name, Verdict: verdicts[h.Verdict], Text: found(h)})
	}
	if settings != nil {
		c.Checks = append(c.Checks, report.Check{Name: strings.Join(settings, ", ")})
	}
	for _, k := range b.Constants {
		c.Constants = append(c.Constants, report.Fact{Name: k.Symbol, Value: fmt.Sprintf("%.4g, %v", k.Value, k.Origin)})
	}
	switch standing := b.Standing(mean, f); {
	case b.Contradicted(mean, f):
		c.Checks = append(c.Checks, report.Check{Name: standing.String(), Verdict: report.Broken,
			Text: "an error of Steepest, a hypothesis or the bound, unless it is the chance of 1 in 40 that such a band leaves"})
	case standing != Above:
		c.Standing = standing.String()
	}
	switch {
	case b.Drawn:
		c.Curve = e.boundName(b)
	case b.Verdict() == theory.Broken:
		c.Why, c.Value, c.Ratio = "a hypothesis is broken", "—", "—"
	case !finite(b.End()):
		c.Why = "it says nothing of the end"
	}
	return c
}

// found returns the result of checking a hypothesis, with its number.
func found(h theory.Hypothesis) string {
	if v := fmt.Sprintf("%.4g", h.Value); !math.IsNaN(h.Value) && !strings.Contains(h.Text, v) {
		return v + " " + h.Text
	}
	return h.Text
}

var verdicts = map[theory.Verdict]report.Verdict{
	theory.Held: report.Held, theory.Unknown: report.Unknown, theory.Broken: report.Broken,
}
