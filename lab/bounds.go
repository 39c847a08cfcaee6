package lab

import (
	"context"
	"fmt"
	"net/url"

	"steepest/compare"
	"steepest/internal/mathml"
	"steepest/report"
	"steepest/theory"
)

// bound is the bound of a theorem for a path.
type bound struct {
	Title     string `json:"title"`
	Statement string `json:"statement"` // in MathML
	Source    string `json:"source"`
	// Printed says that this is the bound as printed, not a sharper one. Held says that all hypotheses are known to hold, not just
	// that none is known to fail.
	Printed bool `json:"printed"`
	Held    bool `json:"held"`
	// Values holds the bound on E f − f* after each step.
	Values report.Band `json:"values"`
}

// promises holds the bounds for a path that a race would draw. If there are none, Note says why.
type promises struct {
	Bounds []bound `json:"bounds"`
	Note   string  `json:"note,omitempty"`
}

// bounds answers with the bounds for a run. It treats the run as a race of one.
func (p *playground) bounds(ctx context.Context, q url.Values) (any, error) {
	t, err := trialOf(ctx, q)
	if err != nil {
		return nil, err
	}
	s := t.settings
	s.EvaluateEvery = 1
	race := compare.Race{Problem: t.function, Entrants: []compare.Entrant{t.entrant}, X0: t.start, Optimum: s.Optimum, Settings: s, Seeds: 1, Seed: s.Seed, Bounds: true}
	result, err := race.Run(ctx)
	if err != nil {
		return nil, err
	}
	out, e := promises{Bounds: []bound{}}, &result.Entries[0]
	for _, b := range e.Bounds {
		if b.Drawn && b.Of != theory.GradientNorm {
			statement, err := mathml.Plain(b.Statement)
			if err != nil {
				return nil, err
			}
			out.Bounds = append(out.Bounds, bound{b.Title, string(statement), b.Source, b.Form == theory.Printed, b.Verdict() == theory.Held, report.Band{Mid: b.Values}})
		}
	}
	switch {
	case len(out.Bounds) > 0:
	case len(e.Bounds) == 0:
		out.Note = theory.Silence(theory.Run{Rule: e.Rule, Settings: s, Skipped: e.Skipped()})
	default:
		out.Note = objection(&e.Bounds[0])
	}
	return out, nil
}

// objection says which hypothesis of a theorem fails for the run.
func objection(b *compare.Bound) string {
	for _, h := range b.Hypotheses {
		if h.Verdict == theory.Broken {
			return fmt.Sprintf("theorem %s asks that %s; here: %s", b.Name, h.Name, h.Text)
		}
	}
	if b.Of == theory.GradientNorm {
		return fmt.Sprintf("theorem %s bounds the gradients, not f − f*; a race draws it", b.Name)
	}
	return fmt.Sprintf("theorem %s gives no number here", b.Name)
}
