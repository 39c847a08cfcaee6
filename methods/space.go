package methods

import (
	"math"
	"slices"

	"steepest/objective"
)

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

// Unit is what the ends of an Axis are multiples of. L is the Lipschitz constant of ∇f, LMax the largest of a ∇fᵢ, and R a length that is
// typical of x (objective.Length).
type Unit uint8

// The units.
const (
	// Absolute ends stand as they are, as suits shares of x.
	Absolute Unit = iota
	// Lengths is R, as suits methods that normalize the gradient: their step size has the unit of x.
	Lengths
	// PerL is 1/L, as suits methods that are linear in the gradient.
	PerL
	// PerLMax is 1/LMax, where single terms decide what is stable.
	PerLMax
	// TimesL is L.
	TimesL
)

// Of returns the value of a unit for a problem with these constants and this typical length of x; 1 where the constant is not known.
func (u Unit) Of(c objective.Constants, length float64) float64 {
	unit := 1.0
	switch u {
	case Lengths:
		unit = length
	case PerL:
		unit = 1 / c.L
	case PerLMax:
		unit = 1 / c.LMax
	case TimesL:
		unit = c.L
	}
	if !(unit > 0) || math.IsInf(unit, 1) {
		return 1
	}
	return unit
}

// lr returns the axis of the step size.
func lr(low, high float64, unit Unit) Axis {
	return Axis{Options: []string{"lr"}, Low: low, High: high, Unit: unit}
}

// SearchSpace returns what is worth searching. Without a Space of its own, a method that is linear in the gradient is searched in units
// of 1/L, together with a momentum if it has one, and any other in units of R, together with the step size of what it leaves to another method.
func (m Method) SearchSpace() []Axis {
	options := optionNames(m)
	linear := m.Rule.Chain().Gain() != 0
	switch {
	case m.Space != nil:
		return m.Space
	case m.Family == Estimating:
		return []Axis{lr(1e-2, 10, PerLMax)}
	case linear && slices.Contains(options, "momentum"):
		return []Axis{lr(1e-4, 10, PerL), {Options: []string{"momentum"}, Low: 0.01, High: 0.5, Complement: true}}
	case linear:
		return []Axis{lr(1e-3, 10, PerL)}
	case slices.Contains(options, "aux-lr"):
		return []Axis{lr(1e-4, 1, Lengths), {Options: []string{"aux-lr"}, Low: 1e-4, High: 1e-1, Unit: Lengths, Aux: true}}
	}
	return []Axis{lr(1e-4, 1, Lengths)}
}
