package methods

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"steepest/optim"
)

// Method is a named rule: a row of the table.
type Method struct {
	// Name is the method's name in specifications. Aliases are other names.
	Name    string
	Aliases []string
	// Title is the method's name in prose.
	Title string
	// Formula is the update in one line.
	Formula string
	// Source is the paper of the method.
	Source string
	// Rule is the rule with every field open.
	Rule optim.Rule
	// Family is the kind of method, and so the kind of problems it is for.
	Family Family
	// FullBatch says that the method is meant for full gradients.
	FullBatch bool
	// Untuned says that the method is meant to run with its defaults: it finds its step size, needs no schedule, or is usually run so.
	Untuned bool
	// Space is the search space for tuning; nil stands for the default that SearchSpace returns.
	Space []Axis
	// Same is an equivalent chain of another method and links; "" if there is none.
	Same string
	// Goldens is the file, relative to the root of the module, with trajectories of other programs that test the method.
	Goldens string

	head, tail string // the parts of its specification before and after the options; "" for a row of the table
	routed     bool   // whether options are a piece of their own
}

// Spec returns a specification of the method with options.
func (m Method) Spec(options map[string]string) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(options)) {
		words = append(words, name+"="+options[name])
	}
	separator := ":"
	switch {
	case len(words) == 0:
		separator = ""
	case m.routed:
		separator = "/"
	}
	return cmp.Or(m.head, m.Name) + separator + strings.Join(words, ",") + m.tail
}

// Family is a kind of method.
type Family uint8

// The families.
const (
	// Elementwise methods treat all coordinates alike and suit every problem.
	Elementwise Family = iota
	// Matrix methods are for the matrices of a network. On vectors they fall back to another method, or cost more than they gain.
	Matrix
	// Estimating methods have their own estimate of the gradient. They do not support every problem.
	Estimating
)

var familyNames = []string{"elementwise", "matrix", "estimating"}

// String returns the name in lower case.
func (f Family) String() string { return familyNames[f] }

// Preset is a rule's hyperparameters in one reference.
type Preset struct {
	// Name is the reference: torch. It is "default" for a rule without presets.
	Name   string
	Fields []optim.Field
}

// Presets returns the hyperparameters under each preset of the rule, default preset first.
func (m Method) Presets() []Preset {
	names := presetNames(m.Rule)
	if names == nil {
		return []Preset{{"default", optim.Fields(m.Rule)}}
	}
	var list []Preset
	for _, name := range names {
		rule, err := optim.Configure(m.Rule, map[string]string{"preset": name})
		if err != nil {
			panic("methods: " + err.Error()) // the rule does not know its own preset
		}
		list = append(list, Preset{name, optim.Fields(rule)})
	}
	return list
}

// All returns the methods in the order of the lecture.
func All() []Method { return slices.Clone(table) }

// Untuned returns the specifications that are meant to run with their defaults: methods, in the order of All, and chains with a link that
// finds the step size.
func Untuned() (specs []string) {
	for _, m := range table {
		if m.Untuned {
			specs = append(specs, m.Name)
		}
	}
	for _, l := range links {
		if l.Untuned != "" {
			specs = append(specs, l.Untuned)
		}
	}
	return specs
}

// Find returns the method with a name or an alias.
func Find(name string) (Method, error) {
	for _, m := range table {
		if m.Name == name || slices.Contains(m.Aliases, name) {
			return m, nil
		}
	}
	return Method{}, unknownMethod(name)
}

// Settings lists the options with their defaults: "lr=0.01 momentum=0.9".
func (m Method) Settings() string {
	var words []string
	for _, f := range optim.Fields(m.Rule) {
		words = append(words, fmt.Sprintf("%s=%s", f.Name, f.Value))
	}
	return strings.Join(words, " ")
}
