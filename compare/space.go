package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distmv"
	"gonum.org/v1/gonum/stat/samplemv"

	"steepest/objective"
)

// Axis is one dimension of a search space: the options it sets and the range of their common value, searched uniformly
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

// space returns what is searched for a method: the step size, and the momentum or the damping where a method stands or
// falls with it. Step sizes of methods that are linear in the gradient are in units of 1/L, or of 1/LMax where single terms decide
// what is stable, those of methods that normalize it are absolute. Options that the user gave are not searched.
func space(e Entrant, c objective.Constants) []Axis {
	l, lMax := finiteOr1(c.L), finiteOr1(c.LMax)
	lr := func(low, high float64) Axis { return Axis{Options: []string{"lr"}, Low: low, High: high} }
	var axes []Axis
	switch e.Method.Name {
	case "gd", "sgd":
		axes = []Axis{lr(1e-3/l, 10/l)}
	case "heavy-ball", "nesterov":
		axes = []Axis{lr(1e-4/l, 10/l), {Options: []string{"momentum"}, Low: 0.01, High: 0.5, Complement: true}}
	case "sag", "saga", "svrg", "lsvrg", "newton-sgd":
		axes = []Axis{lr(1e-2/lMax, 10/lMax)}
	case "adagrad", "shampoo":
		axes = []Axis{lr(1e-3, 10)}
	case "adadelta":
		axes = []Axis{lr(1e-2, 1e3)}
	case "nag-gs":
		axes = []Axis{lr(1e-2, 1), {Options: []string{"mu", "gamma"}, Low: 1e-3 * l, High: 10 * l}}
	case "normalized", "fromage":
		axes = []Axis{lr(1e-4, 1)}
	case "sign", "lion", "scion":
		axes = []Axis{lr(1e-5, 1e-1)}
	case "muon", "normuon", "dion":
		axes = []Axis{lr(1e-4, 1), {Options: []string{"aux-lr"}, Low: 1e-4, High: 1e-1}}
	default:
		axes = []Axis{lr(1e-4, 1)}
	}
	return openAxes(axes, e.Given)
}

// finiteOr1 returns a constant, or 1 where it is not known.
func finiteOr1(l float64) float64 {
	if math.IsInf(l, 1) || l <= 0 {
		return 1
	}
	return l
}

// openAxes drops the options that are given, and the axes that then set nothing.
func openAxes(axes []Axis, given map[string]string) []Axis {
	var open []Axis
	for _, a := range axes {
		var options []string
		for _, name := range a.Options {
			if given[name] == "" {
				options = append(options, name)
			}
		}
		if a.Options = options; len(options) > 0 {
			open = append(open, a)
		}
	}
	return open
}

// places returns n points of the unit cube, spread evenly by a scrambled Halton sequence (Owen 2017).
func places(n, dims int, seed uint64) *mat.Dense {
	points := mat.NewDense(n, dims, nil)
	samplemv.Halton{
		Kind: samplemv.Owen, Q: distmv.NewUnitUniform(dims, nil), Src: rand.NewPCG(seed, uint64(dims)),
	}.Sample(points)
	return points
}
