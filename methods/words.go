package methods

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"steepest/internal/suggest"
	"steepest/optim"
)

// methodsElsewhere maps names of methods in other libraries and papers to the names here.
var methodsElsewhere = map[string]string{
	"nag": "nesterov", "sgdm": "heavy-ball", "msgd": "heavy-ball", "polyak": "heavy-ball", "sgd-momentum": "heavy-ball",
	"gradient-descent": "gd", "stochastic-gradient-descent": "sgd", "signsgd": "sign", "sign-sgd": "sign", "ngd": "normalized",
}

// optionsElsewhere maps names of options in other libraries to the names here.
var optionsElsewhere = map[string]string{
	"learning-rate": "lr", "learningrate": "lr", "step-size": "lr", "stepsize": "lr", "eta": "lr", "eta0": "lr", "alpha": "lr",
	"wd": "weight-decay", "decay": "weight-decay", "lambda": "weight-decay", "b1": "beta1", "b2": "beta2", "beta-1": "beta1", "beta-2": "beta2",
	"epsilon": "eps", "mom": "momentum", "mu": "momentum", "damping": "dampening", "ns-steps": "steps",
	"clipnorm": "clip-norm", "global-clipnorm": "clip-norm", "max-norm": "clip-norm", "max-grad-norm": "clip-norm", "grad-clip": "clip-norm",
	"clip-grad-norm": "clip-norm", "gradient-clip-val": "clip-norm", "clipvalue": "clip-value", "clip-grad-value": "clip-value",
	"gradient-accumulation-steps": "accumulate", "accumulation-steps": "accumulate", "accumulate-grad-batches": "accumulate",
	"every-k-schedule": "accumulate", "skip-nan": "skip-nonfinite", "max-consecutive-errors": "skip-nonfinite",
}

// OptionHere returns the name here of an option that other libraries call differently, or the name itself.
func OptionHere(name string) string {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	if here := optionsElsewhere[name]; here != "" {
		return here
	}
	return name
}

// unknownMethod returns the error for an unknown method name.
func unknownMethod(name string) error {
	var names []string
	for _, m := range table {
		names = append(append(names, m.Name), m.Aliases...)
	}
	here := strings.ReplaceAll(strings.ToLower(name), "_", "-")
	if other := methodsElsewhere[here]; slices.Contains(names, other) {
		return fmt.Errorf("unknown method %q; it is called %s here", name, other)
	}
	if slices.ContainsFunc(links, func(l Link) bool { return l.Name == here }) {
		return fmt.Errorf("unknown method %q; it is a link, which stands behind a method, as in adam+%s", name, here)
	}
	for _, separator := range []string{" ", ",", "("} {
		if parts := strings.Fields(strings.ReplaceAll(name, separator, " ")); len(parts) > 1 && separator != "(" &&
			!slices.ContainsFunc(parts, func(part string) bool { return !slices.Contains(names, part) }) {
			return fmt.Errorf("unknown method %q; methods are separated by semicolons: %s", name, strings.Join(parts, ";"))
		}
		first, rest, cut := strings.Cut(name, separator)
		switch first, rest = strings.TrimSpace(first), strings.TrimSpace(rest); {
		case !cut || !slices.Contains(names, first):
		case strings.Contains(rest, "="):
			return fmt.Errorf("unknown method %q; options follow a colon: %s:%s", name, first, strings.TrimSuffix(rest, ")"))
		}
	}
	return suggest.Unknown("method", name, names)
}

// namesWith maps each option to the names of the methods that have it.
var namesWith = sync.OnceValue(func() map[string][]string {
	with := make(map[string][]string)
	for _, m := range table {
		for _, option := range optionNames(m) {
			with[option] = append(with[option], m.Name)
		}
	}
	return with
})

// unknownOption returns the error for an option that a method does not have. It names the right option, or the methods that have it.
func unknownOption(m Method, name string) error {
	names := optionNames(m)
	all := append(slices.Clone(names), preparationNames()...)
	if here := OptionHere(name); slices.Contains(all, here) {
		return fmt.Errorf("unknown option %q; it is called %s here", name, here)
	}
	if near := suggest.Nearest(name, all); near == "" {
		others := namesWith()[OptionHere(name)]
		if n := len(others); n > 0 {
			const most = 4
			return fmt.Errorf("%s has %s, but no option %s; have a look at %s",
				m.Name, strings.Join(names, ", "), OptionHere(name), strings.Join(others[:min(n, most)], ", "))
		}
	}
	return suggest.Unknown("option", name, all)
}

// preparationNames returns the options that every method has.
func preparationNames() []string { return namesOf(optim.Preparation{}.Fields()) }

func optionNames(m Method) []string { return namesOf(optim.Fields(m.Rule)) }

func namesOf(fields []optim.Field) (names []string) {
	for _, f := range fields {
		names = append(names, f.Name)
	}
	return names
}
