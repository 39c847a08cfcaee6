package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distmv"
	"gonum.org/v1/gonum/stat/samplemv"

	"steepest/methods"
	"steepest/objective"
	"steepest/optim"
	"steepest/train"
)

// edge reports whether t in [0, 1] lies within a twentieth of an end of an axis. A wider axis might contain a better value.
func edge(t float64) bool { return t < 0.05 || t > 0.95 }

// Tunable reports whether a race that tunes would tune the method: whether it has a setting that is not given.
func (e Entrant) Tunable() bool { return !e.Untuned && len(e.open()) > 0 }

// triesDefaults reports whether the first trial of the method is its defaults: it is meant to run with them, and the user gave no ranges.
func (e *Entrant) triesDefaults() bool { return e.Method.Untuned && e.Ranges == nil }

// checkSpace returns an error if trials would set options that the rule does not have.
func (e *Entry) checkSpace() error {
	var names []string
	for _, f := range optim.Fields(e.Method.Rule) {
		names = append(names, f.Name)
	}
	for _, a := range e.Space {
		for _, name := range a.Options {
			if !slices.Contains(names, name) {
				return fmt.Errorf("compare: %s: trials set the option %s, which its rule does not have; set Untuned to race the rule as it is, "+
					"or make it a struct with this field, as the rules of package optim/rules are", e.Name, name)
			}
		}
	}
	return nil
}

// open returns the axes of Ranges, or else those that are worth searching for the method, without the given options.
func (e *Entrant) open() (axes []methods.Axis) {
	if e.Ranges != nil {
		return e.Ranges
	}
	for _, a := range e.Method.SearchSpace() {
		a.Options = slices.DeleteFunc(slices.Clone(a.Options), func(name string) bool { return e.Given[name] != "" })
		if len(a.Options) > 0 {
			axes = append(axes, a)
		}
	}
	return axes
}

// space returns the search space of a method, in absolute units, for a problem with the constants c and the typical length of x. It leaves out
// options that the user gave or that nothing reads, and axes that set no option.
func space(e *Entry, c objective.Constants, length float64) []methods.Axis {
	_, _, others := e.Plan.Own()
	var axes []methods.Axis
	for _, a := range e.open() {
		if unit := a.Unit.Of(c, length); !a.Aux || others != nil {
			a.Low, a.High, a.Unit = a.Low*unit, a.High*unit, methods.Absolute
			axes = append(axes, a)
		}
	}
	return axes
}

// places returns n evenly spread points of the unit cube, from a scrambled Halton sequence (Owen 2017).
func places(n, dims int, seed uint64) *mat.Dense {
	points := mat.NewDense(n, dims, nil)
	samplemv.Halton{
		Kind: samplemv.Owen, Q: distmv.NewUnitUniform(dims, nil), Src: rand.NewPCG(seed, uint64(dims)),
	}.Sample(points)
	return points
}

// sampleFLOPs bounds the cost of the gradient that determines the units of a search. Language models exceed it; data that fit into memory
// rarely do.
const sampleFLOPs = 1e10

// sample returns the terms that determine the units: nil for all, or some drawn by the seed if a gradient of all is expensive.
func (r *Race) sample() []uint32 {
	n, all := r.Problem.Len(), r.Problem.FLOPs(r.Problem.Len())
	if all <= sampleFLOPs {
		return nil
	}
	return train.NewBatches(train.ShuffleOnce, n, max(1, int(float64(n)*sampleFLOPs/all)), r.Seed+tuningStream).At(0)
}

// typicalGradient returns the root mean square of the elements of ∇f(x), rounded to a power of ten, or 1 if it is 0 or not finite. The gradient
// is over a batch; nil means all terms.
func typicalGradient(p objective.FiniteSum[float64], x []float64, batch []uint32) float64 {
	g := make([]float64, len(x))
	p.Grad(g, x, batch)
	size := floats.Norm(g, 2) / math.Sqrt(float64(len(g)))
	if !(size > 0) || !finite(size) {
		return 1
	}
	return math.Pow10(int(math.Round(math.Log10(size))))
}

// largeEps is the share of a typical gradient, or of its square, above which an ε does more than prevent a division by 0.
const largeEps = 0.003

// smallEps returns new values for options ε of the method that are not small compared with a typical gradient, scaled by its unit. An ε added to
// √v has the unit of gradients, an ε under the root that of their squares. Without this, data in small units would change methods that divide
// by √v. Options that the user gave do not change.
func (e *Entry) smallEps(gradient float64) map[string]string {
	values, options := optim.Options(e.Method.Rule), map[string]string{}
	for name, value := range values {
		place, divides := values[name+"-place"]
		eps, err := strconv.ParseFloat(value, 64)
		if !divides || err != nil || e.Given[name] != "" {
			continue
		}
		unit := gradient
		if place == optim.EpsInside.String() {
			unit *= gradient
		}
		if eps > largeEps*unit {
			options[name] = strconv.FormatFloat(eps*unit, 'g', 4, 64)
		}
	}
	return options
}
