package optim

import (
	"steepest/internal/simd"
	"steepest/param"
)

// Decay adds λx to the update. Its place in the chain decides what this means:
//
//	before LearningRate   the decoupled weight decay αλx of torch and optax (Loshchilov and Hutter 2019, arXiv:1711.05101)
//	after LearningRate    a decay that does not depend on the step size
//	first in the chain    the gradient of (λ/2)‖x‖²
//
// Skip, if not nil, reports which parameters do not decay.
type Decay struct {
	Lambda float64 `range:"0," help:"decay λ"`
	Skip   func(param.Param) bool
}

// Transform implements Transformer. It has no state.
func (r Decay) Transform() Transform {
	return Transform{
		Name:  "decay",
		Begin: func(_ *Step, _ []float64, c *Coeffs) { c[0], c[1] = 1, r.Lambda },
		Mixes: true,
		Rest:  &Rest{},
		Skip:  r.Skip,
		Gain:  1,
		Plan:  planDecay,
	}
}

// CautiousDecay is Decay only at coordinates that the update does not move away from 0, those with u·x ≥ 0. There decay and update do
// not oppose each other (Chen et al. 2025, arXiv:2510.12402, algorithm 1).
type CautiousDecay Decay

// Transform implements Transformer. It has no state.
func (r CautiousDecay) Transform() Transform {
	t := Decay(r).Transform()
	t.Mixes, t.Gain, t.Rest = false, 0, nil
	t.Tile32, t.Tile64 = cautiousDecay[float32], cautiousDecay[float64]
	return t
}

func cautiousDecay[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.DecayAgreeing(c[1:], t.U, t.In, t.X, t.take())
}

// DecayAfter decays the new x, x ← (1−αλ)(x − u), which is the update (1−αλ)u + αλx. It belongs after LearningRate. The
// first step of a parameter does not decay.
type DecayAfter struct {
	Lambda float64 `range:"0,"`
}

// Transform implements Transformer. It has no state.
func (r DecayAfter) Transform() Transform {
	return Transform{
		Name: "decay",
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			c[0] = 1
			if s.Age > 0 {
				c[1] = s.LR * r.Lambda
				c[0] = 1 - float64(s.LR*r.Lambda)
			}
		},
		Mixes: true,
		Plan:  planDecay,
	}
}

// planDecay adds the decay λ to the plan: c₁ divided by the step size, which is 1 before LearningRate.
func planDecay(_ param.Param, s *Step, c *Coeffs, a *Assignment) { a.Decay += c[1] / s.LR }

// planLambda returns the Plan of a transform that contains the decay αλx.
func planLambda(lambda float64) func(param.Param, *Step, *Coeffs, *Assignment) {
	return func(_ param.Param, _ *Step, _ *Coeffs, a *Assignment) { a.Decay += lambda }
}

// ProximalDecay is the decay by a proximal step, x ← (x − u)/(1+αλ), as in Adan. It belongs after LearningRate.
type ProximalDecay struct {
	Lambda float64 `range:"0,"`
}

// Transform implements Transformer. It has no state.
func (r ProximalDecay) Transform() Transform {
	return Transform{
		Name: "decay",
		Begin: func(s *Step, _ []float64, c *Coeffs) {
			c[0] = 1 / (1 + float64(s.LR*r.Lambda))
			c[1] = s.LR * r.Lambda * c[0]
		},
		Mixes: true,
		Plan:  planDecay,
	}
}

// DecayBeside adds the decay αλx to an update that already contains the step size, as when momentum follows LearningRate. It belongs at
// the end of the chain.
type DecayBeside struct {
	Lambda float64 `range:"0,"`
}

// Transform implements Transformer. It has no state.
func (r DecayBeside) Transform() Transform {
	return Transform{
		Name:  "decay",
		Begin: func(s *Step, _ []float64, c *Coeffs) { c[0], c[1] = 1, s.LR*r.Lambda },
		Mixes: true,
		Plan:  planDecay,
	}
}
