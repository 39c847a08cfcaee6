package compare

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"steepest/optim"
	"steepest/theory"
	"steepest/train"
)

// setStep sets the option lr: a schedule, or a theorem that decides the step size.
func (e *Entrant) setStep(text string) (err error) {
	name, named := strings.CutPrefix(text, "theory(")
	name, closed := strings.CutSuffix(name, ")")
	switch {
	case text == "":
		return nil
	case named && closed:
		t, err := theory.Find(strings.TrimSpace(name))
		if err != nil {
			return fmt.Errorf("option lr: %w", err)
		}
		e.Theorem = &t
	case text != "theory":
		e.Method.Rule, err = optim.Configure(e.Method.Rule, map[string]string{"lr": text})
		return err
	}
	e.Theory = true
	delete(e.Given, "lr")
	return nil
}

// settings returns the settings of a race, with those that the entrant overrides.
func (e *Entrant) settings(s train.Settings) train.Settings {
	if e.Batch >= 0 {
		s.Batch = e.Batch
	}
	if e.Average != nil {
		s.Average = *e.Average
	}
	return s
}

// Advised returns the entrant with the step size and the average that its theorem recommends for runs on a problem. They count as
// given options from then on. If no theorem decides its step size, the entrant is returned unchanged.
func (e Entrant) Advised(p theory.Problem, s train.Settings) (Entrant, error) {
	if !e.Theory {
		return e, nil
	}
	b, err := e.advice(p, e.settings(s))
	if err != nil {
		return e, fmt.Errorf("compare: %s: %s", e.Name, strings.TrimPrefix(err.Error(), "theory: "))
	}
	if e.Average != nil && e.Average.Form != b.Average.Form {
		return e, fmt.Errorf("compare: %s: the step size of theorem %s goes with the average %v, not %v; another one is named as in "+
			"lr=theory(noise-constant)", e.Name, b.Name, b.Average.Form, e.Average.Form)
	}
	text := fmt.Sprint(b.Step)
	if e.Method.Rule, err = optim.Configure(e.Method.Rule, map[string]string{"lr": text}); err != nil {
		return e, fmt.Errorf("compare: %s: theorem %s recommends no step size here: %w", e.Name, b.Name, err)
	}
	s = e.settings(s)
	before := s.Average
	s.Average = b.Average
	if held := b.Apply(p, theory.Run{Rule: e.Method.Rule, Settings: s}); held.Verdict() == theory.Broken {
		return e, fmt.Errorf("compare: %s: theorem %s says nothing of this run%s", e.Name, b.Name, objection(&held, true))
	}
	e.Given = maps.Clone(e.Given)
	if e.Given == nil {
		e.Given = make(map[string]string)
	}
	e.Given["lr"] = text
	if b.Average.Form != before.Form {
		e.Average = &b.Average
	}
	e.Theory, e.Theorem = false, &b.Theorem
	return e, nil
}

// advice returns the bound of the theorem that decides the step size of the rule.
func (e *Entrant) advice(p theory.Problem, s train.Settings) (theory.Bound, error) {
	if e.Theorem == nil {
		return theory.Recommend(p, e.Method.Rule, s)
	}
	b := e.Theorem.Apply(p, theory.Run{Rule: e.Method.Rule, Settings: s})
	if b.Step == nil {
		return b, fmt.Errorf("theorem %s recommends no step size here%s", b.Name, objection(&b, false))
	}
	return b, nil
}

// objection returns, after a colon, the first broken hypothesis on the settings of the run, or on anything else.
func objection(b *theory.Bound, settings bool) string {
	for _, verdict := range []theory.Verdict{theory.Broken, theory.Unknown} {
		i := slices.IndexFunc(b.Hypotheses, func(h theory.Hypothesis) bool { return h.Verdict == verdict && (settings || !h.Setting) })
		if i >= 0 {
			return fmt.Sprintf(": %s: %s", b.Hypotheses[i].Name, b.Hypotheses[i].Text)
		}
	}
	return ""
}

// advise lets theorems decide the step sizes that are left to them.
func (r *Race) advise() error {
	if !slices.ContainsFunc(r.Entrants, func(e Entrant) bool { return e.Theory }) {
		return nil
	}
	facts, entrants := r.known(), slices.Clone(r.Entrants)
	for i, e := range entrants {
		var err error
		if entrants[i], err = e.Advised(facts, r.Settings); err != nil {
			return err
		}
	}
	r.Entrants = entrants
	return nil
}

// known returns the constants of the race for theorems.
func (r *Race) known() theory.Problem { return theory.New(r.Problem, r.start(r.Seed), r.Optimum) }
