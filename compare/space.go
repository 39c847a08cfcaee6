package compare

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distmv"
	"gonum.org/v1/gonum/stat/samplemv"

	"steepest/methods"
	"steepest/objective"
)

// edge reports whether the place t in [0, 1] lies in the outer twentieth of an axis, where a wider one might hold a better value.
func edge(t float64) bool { return t < 0.05 || t > 0.95 }

// space returns what is searched for a method on a problem with these constants and this typical length of x, in absolute units. Options that the user gave are not searched,
// nor those that nothing reads. An axis that then sets nothing is dropped.
func space(e *Entry, c objective.Constants, length float64) []methods.Axis {
	_, _, others := e.Plan.Own()
	var axes []methods.Axis
	for _, a := range e.Method.SearchSpace() {
		if a.Aux && others == nil {
			continue
		}
		var open []string
		for _, name := range a.Options {
			if e.Given[name] == "" {
				open = append(open, name)
			}
		}
		if unit := unitOf(a.Unit, c, length); len(open) > 0 {
			a.Options, a.Low, a.High, a.Unit = open, a.Low*unit, a.High*unit, methods.Absolute
			axes = append(axes, a)
		}
	}
	return axes
}

// unitOf returns the value of a unit for a problem; 1 where the constant is not known.
func unitOf(u methods.Unit, c objective.Constants, length float64) float64 {
	unit := 1.0
	switch u {
	case methods.Lengths:
		unit = length
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
