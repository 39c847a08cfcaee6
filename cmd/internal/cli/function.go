package cli

import (
	"fmt"
	"math"

	"steepest/internal/suggest"
	"steepest/model"
	"steepest/objective"
	"steepest/train"
)

// function is a problem of --function.
type function struct {
	*objective.Function
	flags problemFlags
}

var functions = map[string]func() *objective.Function{
	"rosenbrock": objective.Rosenbrock,
	"beale":      objective.Beale,
	"himmelblau": objective.Himmelblau,
	"booth":      objective.Booth,
	"ripple":     objective.Ripple,
}

func (f problemFlags) newFunction() (problem, error) {
	switch {
	case f.Function != "quadratic":
		if make, ok := functions[f.Function]; ok {
			return function{make(), f}, nil
		}
		names := []string{"rosenbrock", "beale", "himmelblau", "booth", "ripple", "quadratic"}
		return nil, usage("", "--function: %w", suggest.Unknown("function", f.Function, names))
	case !(f.Kappa >= 1) || math.IsInf(f.Kappa, 1):
		return nil, usage("", "--kappa: a condition number is at least 1, and %v is not", f.Kappa)
	}
	return function{objective.Quadratic(2, f.Kappa), f}, nil
}

func (p function) sum() objective.FiniteSum[float64]             { return p.Function }
func (p function) single() (objective.FiniteSum[float32], error) { return objective.Single(p.Function) }
func (p function) traits() traits                                { return traits{epochs: 1000, whole: true, closed: true} }
func (p function) sample() *sample                               { return nil }

func (p function) title() string {
	if p.flags.Function == "quadratic" {
		return fmt.Sprintf("quadratic, condition number %g", p.flags.Kappa)
	}
	return p.Name
}

func (p function) describe() string {
	return fmt.Sprintf("%s, %d unknowns, no noise", p.title(), p.D)
}

func (p function) start(uint64) ([]float64, string) { return p.Start, fmt.Sprint(p.Start) }

func (p function) json() problemJSON { return problemJSON{Name: p.title(), Unknowns: p.D} }

func (p function) measures(bool) ([]train.Measure, error) { return nil, nil }

func (p function) saved(x []float64) *model.Model {
	return &model.Model{Kind: model.Point, Params: []model.Param{{Name: "x", Shape: []int{len(x)}, Values: x}}}
}
