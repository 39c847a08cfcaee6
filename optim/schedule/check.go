package schedule

import (
	"cmp"
	"errors"
	"fmt"
	"math"
)

// Check returns an error if a schedule cannot work: its phases do not fit into its steps, it has no steps, or a step size is negative or
// not finite. For a schedule of another package it checks only the first step size.
func Check(s Schedule) error {
	if c, ok := s.(interface{ check() error }); ok {
		if err := c.check(); err != nil {
			return err
		}
	}
	if lr := s.At(0); !(lr >= 0) || math.IsInf(lr, 1) {
		return fmt.Errorf("the step size starts at %v; want a finite number that is not negative", lr)
	}
	return nil
}

func (s StronglyConvex) check() error { return positiveConstant("μ", s.Mu) }

func (s Switch) check() error {
	return cmp.Or(positiveConstant("μ", s.Mu), positiveConstant("L", s.L))
}

func (s Inverse) check() error { return atLeast0("the decay", s.Decay) }

func (s Exponential) check() error { return hasRate(s.Rate) }

func (s Step) check() error { return hasRate(s.Rate) }

func (s Polynomial) check() error {
	return cmp.Or(hasSteps(s.Steps), atLeast0("the power", s.Power), hasLimits(s))
}

func (s PowerCool) check() error {
	return cmp.Or(hasSteps(s.Steps), positiveConstant("the factor", s.Factor), atLeast0("the power", s.Power))
}

func (s Cosine) check() error { return cmp.Or(hasSteps(s.Steps), hasLimits(s)) }

func (s Trapezoid) check() error {
	if s.Warmup < 0 || s.Decay < 0 || s.Warmup > s.Steps-s.Decay {
		return fmt.Errorf("a warm-up of %d steps and a decay of %d do not fit into %d steps", s.Warmup, s.Decay, s.Steps)
	}
	return cmp.Or(hasSteps(s.Steps), hasLimits(s))
}

func (s Warmup) check() error {
	if s.Then == nil {
		return errors.New("the warm-up leads to no schedule")
	}
	return Check(s.Then)
}

func (s Delay) check() error {
	if s.From < 0 || s.To < s.From || s.Steps < 0 || s.Steps > s.To {
		return fmt.Errorf("a delay of %d steps from step %d to step %d; want steps in this order, and no delay to before the start", s.Steps, s.From, s.To)
	}
	if s.Then == nil {
		return errors.New("the delay is of no schedule")
	}
	return Check(s.Then)
}

func (s Piecewise) check() error { return hasPieces(s.Boundaries, s.Values) }

func (s Linear) check() error { return hasPieces(s.Boundaries, s.Values) }

func hasPieces(boundaries []int, values []float64) error {
	if len(values) != len(boundaries)+1 {
		return fmt.Errorf("%d values and %d boundaries; want one value more than boundaries", len(values), len(boundaries))
	}
	before := 0
	for _, k := range boundaries {
		if k <= before {
			return fmt.Errorf("boundary %d must be a step after %d", k, before)
		}
		before = k
	}
	for _, v := range values {
		if err := atLeast0("a value", v); err != nil {
			return err
		}
	}
	return nil
}

// hasLimits returns an error if a schedule falls below 0 or reaches infinity.
func hasLimits(s Schedule) error {
	switch lowest, highest := Extremes(s); {
	case math.IsInf(highest, 1):
		return errors.New("it grows to +Inf; want finite numbers")
	case !(lowest >= 0):
		return fmt.Errorf("it falls to %v; want numbers that are not negative", lowest)
	}
	return nil
}

func atLeast0(name string, v float64) error {
	if !(v >= 0) || math.IsInf(v, 1) {
		return fmt.Errorf("%s is %v; want a finite number that is not negative", name, v)
	}
	return nil
}

func positiveConstant(name string, v float64) error {
	if !(v > 0) || math.IsInf(v, 1) {
		return fmt.Errorf("%s = %v; want a positive number", name, v)
	}
	return nil
}

// hasRate returns an error for a factor that makes the step size 0 or negative, or lets it grow without a limit.
func hasRate(r float64) error {
	if !(r > 0) || math.IsInf(r, 1) {
		return fmt.Errorf("the rate is %v; want a positive number", r)
	}
	if r > 1 {
		return errors.New("it grows without a limit; linear and piecewise grow to a last value")
	}
	return nil
}

// hasSteps returns an error if a schedule has less than one step.
func hasSteps(steps int) error {
	if steps < 1 {
		return fmt.Errorf("it goes from its first step size to its last over %d steps; want at least 1", steps)
	}
	return nil
}
