package methods

import (
	"fmt"
	"math"
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
	// Space is what is worth searching, all of it at once.
	Space []Axis
	// Goldens is the file, from the root of the module, whose trajectories by other programs hold the method.
	Goldens string
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

// Axis is one dimension of a search space: the options it sets, and the range of their common value in a unit, searched
// uniformly in the logarithm.
type Axis struct {
	Options   []string
	Low, High float64
	Unit      Unit
	// Complement searches 1 − value instead, as suits a momentum close to 1.
	Complement bool
	// Aux says that the options are read only where a parameter is left to another method, as Muon leaves vectors to AdamW.
	Aux bool
}

// At returns the value at the place t in [0, 1] of the axis.
func (a Axis) At(t float64) float64 {
	v := a.Low * math.Pow(a.High/a.Low, t)
	if a.Complement {
		return 1 - v
	}
	return v
}

// Unit is what the ends of an Axis are multiples of. L is the Lipschitz constant of ∇f, and LMax the largest of a ∇fᵢ.
type Unit uint8

// The units.
const (
	// Absolute ends stand as they are, as suits methods that normalize the gradient.
	Absolute Unit = iota
	// PerL is 1/L, as suits methods that are linear in the gradient.
	PerL
	// PerLMax is 1/LMax, where single terms decide what is stable.
	PerLMax
	// TimesL is L.
	TimesL
)

// lr returns the axis of the step size.
func lr(low, high float64, unit Unit) Axis {
	return Axis{Options: []string{"lr"}, Low: low, High: high, Unit: unit}
}

// momentum is the axis of a momentum between 0.5 and 0.99.
var momentum = Axis{Options: []string{"momentum"}, Low: 0.01, High: 0.5, Complement: true}

// All returns the methods in the order of the lecture.
func All() []Method { return slices.Clone(table) }

// Find returns the method of a name or an alias.
func Find(name string) (Method, error) { return find(table, name) }

func find(list []Method, name string) (Method, error) {
	for _, m := range list {
		if m.Name == name || slices.Contains(m.Aliases, name) {
			return m, nil
		}
	}
	return Method{}, unknownMethod(list, name)
}

// Settings lists the options with their defaults as a specification would: "lr=0.01 momentum=0.9".
func (m Method) Settings() string {
	var words []string
	for _, f := range optim.Fields(m.Rule) {
		words = append(words, fmt.Sprintf("%s=%s", f.Name, f.Value))
	}
	return strings.Join(words, " ")
}
