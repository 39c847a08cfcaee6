package compare

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"steepest/report"
	"steepest/theory"
)

// The vertical axes of means over the seeds, with bounds: of f − f*, and of the average over the steps of ‖∇f‖* in the norm of the method.
var (
	meanAxis     = report.Axis{Key: "mean", Label: "mean of f − f*", Log: true}
	gradientAxis = report.Axis{Key: "gradient", Label: "mean of the average ‖∇f‖*", Log: true}
)

// meanAxes returns the axes of the means. The first one has bounds, if any bound is drawn.
func (r *Result) meanAxes() []report.Axis {
	drawn := func(gradients bool) bool {
		return slices.ContainsFunc(r.Entries, func(e Entry) bool {
			return e.ofGradients() == gradients && slices.ContainsFunc(e.Bounds, func(b Bound) bool { return b.Drawn })
		})
	}
	switch {
	case !drawn(true):
		return []report.Axis{meanAxis}
	case drawn(false):
		return []report.Axis{meanAxis, gradientAxis}
	}
	return []report.Axis{gradientAxis, meanAxis}
}

// curves returns the drawn bounds, over the positions of the entry's own curve. It adds the means to that curve.
func (e *Entry) curves(own *report.Curve) (list []report.Curve) {
	own.Y[meanAxis.Key] = e.Mean()
	mean, axis := e.Measured()
	own.Y[axis.Key] = mean
	for _, b := range e.Bounds {
		if b.Drawn {
			list = append(list, report.Curve{
				Name: e.boundName(&b), Of: e.Name, Dashed: b.Form == theory.Printed, Faint: b.Verdict() != theory.Held,
				X: own.X, Y: map[string]report.Band{axis.Key: {Mid: b.Values}},
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
				reason := theory.Silence(theory.Run{Rule: e.Rule, Settings: e.settings(r.Settings), Skipped: e.Skipped()})
				switch {
				case e.unmeasured && slices.ContainsFunc(e.Runs, func(r Run) bool { return r.Failed != "" || r.Last().Step == 0 }):
					reason = "it is on the gradients of all runs, and one has ended before its first step or failed"
				case e.unmeasured:
					reason = "it is on the gradient over all terms, which would take too long to measure at each step"
				}
				all = append(all, report.Claims{Of: e.Name, Note: "no bound: " + reason})
			}
			continue
		}
		mean, axis := e.Measured()
		end := len(mean.Mid) - 1
		c := report.Claims{Of: e.Name, Note: axis.Label + " at the end: " + number(mean.Mid[end])}
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
