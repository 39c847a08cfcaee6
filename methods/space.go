package methods

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"steepest/objective"
)

// Axis is one dimension of a search space: the options that it sets, and the range of their common value in a unit. It is
// searched uniformly in the logarithm.
type Axis struct {
	Options   []string
	Low, High float64
	Unit      Unit
	// Complement searches 1 − value instead, for a momentum close to 1.
	Complement bool
	// Form is the text of the options with %s in the place of the value, such as cosine(%s,0,1000); "" stands for the value alone.
	Form string
	// Aux says that the options only matter if another method updates some parameters, as AdamW does for Muon.
	Aux bool
}

// At returns the value at t in [0, 1] on the axis.
func (a Axis) At(t float64) float64 {
	v := a.Low * math.Pow(a.High/a.Low, t)
	if a.Complement {
		return 1 - v
	}
	return v
}

// Text returns the text of the options at t, with four digits of the value, or of 1 − value with Complement. Digits that all
// values of a narrow range share do not count.
func (a Axis) Text(t float64) string {
	return fmt.Sprintf(cmp.Or(a.Form, "%s"), a.digits(t, 4))
}

// digits writes n digits of the value at t. Digits that all values share, and with Complement the nines, do not count.
func (a Axis) digits(t float64, n int) string {
	v := a.At(t)
	if width := a.High/a.Low - 1; 0 < width && width < 0.1 {
		n += 1 + int(-math.Log10(width))
	}
	if a.Complement {
		n += int(-math.Log10(1 - v))
	}
	return strconv.FormatFloat(v, 'g', n, 64)
}

// Unit is the unit of the ends of an Axis. L is the Lipschitz constant of ∇f, LMax the largest Lipschitz constant of a ∇fᵢ, and R a typical
// length of x (objective.Length).
type Unit uint8

// The units.
const (
	// Absolute is 1, for shares of x and other pure numbers.
	Absolute Unit = iota
	// Lengths is R, for methods that normalize the gradient: their step size has the unit of x.
	Lengths
	// PerL is 1/L, for methods that are linear in the gradient.
	PerL
	// PerLMax is 1/LMax, for methods whose stability depends on single terms.
	PerLMax
	// TimesL is L.
	TimesL
)

// Of returns the value of a unit for a problem with these constants and this typical length of x, or 1 if the constant is not known.
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

// SearchSpace returns the search space for tuning. The default for a method that is linear in the gradient is the step size in units of 1/L,
// and a momentum if it has one. For other methods it is the step size in units of R, and the step size of the method for other parameters.
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
