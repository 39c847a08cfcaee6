package cli

import (
	"errors"
	"fmt"
	"strings"

	"steepest/model"
	"steepest/objective"
	"steepest/train"
)

// function is a problem of --function.
type function struct {
	*objective.Function
	flags problemFlags
}

func (f problemFlags) newFunction() (problem, error) {
	made, err := objective.NewNamed(f.Function, f.Kappa, f.Noise)
	switch {
	case errors.Is(err, objective.ErrKappa):
		return nil, usage("", "--kappa: %w", err)
	case errors.Is(err, objective.ErrNoise):
		return nil, usage("", "--noise: %w", err)
	case err != nil:
		return nil, usage("", "--function: %w", err)
	}
	return function{made, f}, nil
}

func (p function) sum() objective.FiniteSum[float64]             { return p.Function }
func (p function) single() (objective.FiniteSum[float32], error) { return objective.Single(p.Function) }
func (p function) traits() traits                                { return traits{epochs: 1000, whole: p.Len() == 1, closed: true} }
func (p function) sample() *sample                               { return nil }

func (p function) title() string {
	name := p.Name
	if p.flags.Function == "quadratic" {
		name = fmt.Sprintf("quadratic, condition number %g", p.flags.Kappa)
	}
	if p.flags.Noise > 0 {
		name = fmt.Sprintf("%s, noise %g", strings.TrimSuffix(name, ", noisy"), p.flags.Noise)
	}
	return name
}

func (p function) describe() string {
	if p.flags.Noise > 0 {
		return fmt.Sprintf("%s, %d unknowns, %d terms", p.title(), p.D, p.Len())
	}
	return fmt.Sprintf("%s, %d unknowns, no noise", p.title(), p.D)
}

func (p function) start(uint64) ([]float64, string) { return p.Start, fmt.Sprint(p.Start) }

func (p function) json() problemJSON { return problemJSON{Name: p.title(), Unknowns: p.D} }

func (p function) measures(bool) ([]train.Measure, error) { return nil, nil }

func (p function) saved(x []float64) *model.Model {
	return &model.Model{Kind: model.Point, Params: []model.Param{{Name: "x", Shape: []int{len(x)}, Values: x}}}
}
