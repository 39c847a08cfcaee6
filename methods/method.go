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
	// Name is how a specification calls the method, and Aliases are other names for it.
	Name    string
	Aliases []string
	// Title is the method's name in prose.
	Title string
	// Formula is the update in one line.
	Formula string
	// Source is the paper it comes from.
	Source string
	// Rule is the rule with every field open.
	Rule optim.Rule
	// Family says what kind of method it is, and with that, which problems it is for.
	Family Family
	// FullBatch says that the method is meant for the gradient of the whole sum.
	FullBatch bool
	// Untuned says that the method is meant to run on its defaults: it finds its step size or needs no schedule, or people run it so.
	Untuned bool
	// Space is what is worth searching, all of it at once; nil stands for that of the method's kind, which SearchSpace returns.
	Space []Axis
	// Same is the same as a chain of other methods and links; "" if there is none.
	Same string
	// Goldens is the file, from the root of the module, whose trajectories by other programs hold the method.
	Goldens string

	head, tail string // of its specification: what stands before and behind the options; "" for a row of the table
	routed     bool   // whether options are a piece by themselves
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
	// Elementwise methods treat each coordinate alike, and suit every problem.
	Elementwise Family = iota
	// Matrix methods are for the matrices of a network. They treat vectors as another method does, or at a cost that they do not
	// repay.
	Matrix
	// Estimating methods set themselves apart by their estimate of the gradient. Not every problem has what they need.
	Estimating
)

var familyNames = []string{"elementwise", "matrix", "estimating"}

// String returns the name in lower case.
func (f Family) String() string { return familyNames[f] }

// Preset is a rule's hyperparameters as one reference has them.
type Preset struct {
	// Name is the reference: torch. It is "default" for a rule without presets.
	Name   string
	Fields []optim.Field
}

// Presets returns the hyperparameters under each preset of the rule, the default one first.
func (m Method) Presets() []Preset {
	names := presetNames(m.Rule)
	if names == nil {
		return []Preset{{"default", optim.Fields(m.Rule)}}
	}
	var list []Preset
	for _, name := range names {
		rule, err := optim.Configure(m.Rule, map[string]string{"preset": name})
		if err != nil {
			panic("methods: " + err.Error()) // a preset that its own rule does not know
		}
		list = append(list, Preset{name, optim.Fields(rule)})
	}
	return list
}

// All returns the methods in the order of the lecture.
func All() []Method { return slices.Clone(table) }

// Untuned returns the specifications of what is meant to run on its defaults: methods, in the order of All, and chains with a link that
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

// Find returns the method of a name or an alias.
func Find(name string) (Method, error) {
	for _, m := range table {
		if m.Name == name || slices.Contains(m.Aliases, name) {
			return m, nil
		}
	}
	return Method{}, unknownMethod(name)
}

// Settings lists the options with their defaults as a specification would: "lr=0.01 momentum=0.9".
func (m Method) Settings() string {
	var words []string
	for _, f := range optim.Fields(m.Rule) {
		words = append(words, fmt.Sprintf("%s=%s", f.Name, f.Value))
	}
	return strings.Join(words, " ")
}
