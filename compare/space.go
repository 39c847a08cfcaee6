package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distmv"
	"gonum.org/v1/gonum/stat/samplemv"

	"steepest/methods"
	"steepest/objective"
)

// Axis is one dimension of a search on a problem: the options it sets and the range of their common value, searched uniformly
// in the logarithm.
type Axis struct {
	Options   []string
	Low, High float64
	// Complement searches 1 − value instead, as suits a momentum close to 1.
	Complement bool
}

// String writes the axis as a reader would: "lr in [0.001, 10]".
func (a Axis) String() string {
	low, high := a.Low, a.High
	if a.Complement {
		low, high = 1-a.High, 1-a.Low
	}
	return fmt.Sprintf("%s in [%.3g, %.3g]", strings.Join(a.Options, " = "), low, high)
}

// at returns the value at the place t in [0, 1] of the axis.
func (a Axis) at(t float64) float64 {
	v := a.Low * math.Pow(a.High/a.Low, t)
	if a.Complement {
		return 1 - v
	}
	return v
}

// edge reports whether the place t lies in the outer twentieth of the axis, where a wider one might hold a better value.
func (a Axis) edge(t float64) bool { return t < 0.05 || t > 0.95 }

// space returns what is searched for a method on a problem with these constants. Options that the user gave are not searched,
// and an axis that then sets nothing is dropped.
func space(e Entrant, c objective.Constants) []Axis {
	var axes []Axis
	for _, a := range e.Method.Space {
		var open []string
		for _, name := range a.Options {
			if e.Given[name] == "" {
				open = append(open, name)
			}
		}
		if unit := unitOf(a.Unit, c); len(open) > 0 {
			axes = append(axes, Axis{open, a.Low * unit, a.High * unit, a.Complement})
		}
	}
	return axes
}

// unitOf returns the value of a unit for a problem; 1 where the constant is not known.
func unitOf(u methods.Unit, c objective.Constants) float64 {
	unit := 1.0
	switch u {
	case methods.PerL:
		unit = 1 / c.L
	case methods.PerLMax:
		unit = 1 / c.LMax
	case methods.TimesL:
		unit = c.L
	}
	if !(unit > 0) || math.IsInf(unit, 1) {
		return 1
	}
	return unit
}

// places returns n points of the unit cube, spread evenly by a scrambled Halton sequence (Owen 2017).
func places(n, dims int, seed uint64) *mat.Dense {
	points := mat.NewDense(n, dims, nil)
	samplemv.Halton{
		Kind: samplemv.Owen, Q: distmv.NewUnitUniform(dims, nil), Src: rand.NewPCG(seed, uint64(dims)),
	}.Sample(points)
	return points
}
