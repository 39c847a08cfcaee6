package theory

import (
	"fmt"
	"slices"

	"steepest/internal/suggest"
	"steepest/optim"
)

// Theorem is a statement about a class of problems and a method.
type Theorem struct {
	// Name is a short name, and Title says what the theorem is about.
	Name, Title string
	// Form says whether this is the printed statement or a sharper one.
	Form Form
	// Of is the quantity that the theorem bounds.
	Of Quantity
	// Statement is the bound as a formula, and Source says where it comes from.
	Statement, Source string

	check func(*claim) curve
}

// Theorems returns all theorems, in the order of the lecture, each printed form before its sharper form.
func Theorems() []Theorem {
	return slices.Concat(onPL, onConvex, onStrong, onNoise, onVariance, onDescent, onRegression, onFlow, onReduction, onScheduleFree, onDoG, onCompressed,
		onNormalized)
}

// Find returns the theorem with a name, or an error that suggests a name.
func Find(name string) (Theorem, error) {
	all := Theorems()
	names := make([]string, len(all))
	for i, t := range all {
		names[i] = t.Name
	}
	i, err := suggest.Index("theorem", name, names)
	if err != nil {
		return Theorem{}, err
	}
	return all[i], nil
}

// Apply checks the hypotheses of the theorem for a run on a problem, and returns the bound that it implies.
func (t Theorem) Apply(p Problem, r Run) Bound {
	c := claim{Bound: Bound{Theorem: t, l: p.L}, p: p, r: r}
	c.smoothObjective()
	c.wholeGradients()
	c.iterate()
	c.curve = t.check(&c)
	return c.Bound
}

// Bounds returns the bounds for a run on a problem, from the theorems about its method, its steps and the average that it evaluates,
// with their hypotheses checked. A bound with a broken hypothesis does not hold.
func Bounds(p Problem, r Run) []Bound {
	var bounds []Bound
	for _, t := range Theorems() {
		if b := t.Apply(p, r); b.Speaks() {
			bounds = append(bounds, b)
		}
	}
	return bounds
}

// Silence returns the reason why Bounds returns nothing for a run, in a sentence.
func Silence(r Run) string {
	_, preparation := optim.Unprepared(r.Rule)
	switch {
	case !preparation.Keeps():
		return "no theorem here speaks of gradients that are clipped, averaged or skipped before the rule takes them"
	case r.Settings.Local != nil:
		return "no theorem here speaks of local steps"
	case r.Settings.Compress.On():
		return fmt.Sprintf("no theorem here speaks of %s with compressed gradients and these steps", r.methodName())
	case r.Skipped > 0:
		return "no theorem here speaks of a run that skipped gradients"
	}
	return fmt.Sprintf("no theorem here speaks of %s with these steps, batches and average", r.methodName())
}
