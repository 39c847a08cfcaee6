package optim

import (
	"fmt"

	"steepest/param"
)

// Chain is a list of transforms applied in order, the last one's output being subtracted from x. A Chain is a Rule.
type Chain []Transformer

// Chain returns c itself.
func (c Chain) Chain() Chain { return c }

// Transforms returns the transforms of the chain, complete, or an error that names a hyperparameter which is out of its range or
// a transform that cannot work.
func (c Chain) Transforms() ([]Transform, error) {
	list := make([]Transform, len(c))
	for i, t := range c {
		if t == nil {
			return nil, fmt.Errorf("transform %d of a chain is nil", i+1)
		}
		if err := check(t); err != nil {
			return nil, err
		}
		var err error
		if list[i], err = t.Transform().complete(); err != nil {
			return nil, fmt.Errorf("transform %q: %w", list[i].Name, err)
		}
	}
	return list, nil
}

// Gain returns the factor by which the chain multiplies a gradient that stays the same, besides the step size: the
// product of the gains of its transforms. A proximal step after the chain needs the step size α_k·Gain to have its fixed
// point at the minimizer; if Gain is 0 no step size does.
func (c Chain) Gain() float64 {
	gain := 1.0
	for _, t := range c {
		gain *= t.Transform().Gain
	}
	return gain
}

// refuse returns why a transform of the chain refuses a parameter.
func (c Chain) refuse(p param.Param) error {
	for _, element := range c {
		t := element.Transform()
		if t.Check == nil || t.Skip != nil && t.Skip(p) {
			continue
		}
		if err := t.Check(p); err != nil {
			return fmt.Errorf("%s %w", t.Name, err)
		}
	}
	return nil
}
