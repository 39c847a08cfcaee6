package optim

import (
	"fmt"

	"steepest/param"
)

// Chain is a list of transforms applied in order. The output of the last one is subtracted from x. A Chain is a Rule.
type Chain []Transformer

// Chain returns c itself.
func (c Chain) Chain() Chain { return c }

// Transforms returns the completed transforms of the chain, or an error that names a hyperparameter out of its range or a transform
// that cannot work.
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

// Gain returns the factor, besides the step size, by which the chain multiplies a constant gradient in the long run: the
// product of the gains of its transforms. A proximal step after the chain has its fixed point at the minimizer only for the
// step size α_k·Gain. If Gain is 0, there is no such step size.
func (c Chain) Gain() float64 {
	gain := 1.0
	for _, t := range c {
		gain *= t.Transform().Gain
	}
	return gain
}

// refuse returns the error with which a transform of the chain refuses a parameter, or nil.
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
