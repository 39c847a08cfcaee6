package optim

import "steepest/param"

// Decay adds λx to the update. Before LearningRate it is the decoupled weight decay αλx of torch and optax (Loshchilov
// and Hutter 2019); after it, a decay that the step size does not touch; at the head of a chain, the gradient of
// (λ/2)‖x‖². Skip, if not nil, names the parameters that do not decay.
type Decay struct {
	Lambda float64 `range:"0," help:"decay λ"`
	Skip   func(param.Param) bool
}

// Transform keeps nothing.
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

// CautiousDecay is Decay for those coordinates alone that the update does not move away from 0, those with u·x ≥ 0: there the
// two do not work against each other (Chen et al. 2025, arXiv:2510.12402, algorithm 1).
type CautiousDecay Decay

// Transform keeps nothing.
func (r CautiousDecay) Transform() Transform {
	t := Decay(r).Transform()
	t.Mixes, t.Gain, t.Rest = false, 0, nil
	t.Tile32, t.Tile64 = cautiousDecay[float32], cautiousDecay[float64]
	return t
}

func cautiousDecay[T param.Float](c *Coeffs, t *Tile[T]) {
	lambda := T(c[1])
	for i, x := range t.X {
		u := t.In[i]
		if u*x >= 0 {
			u += T(lambda * x)
		}
		t.U[i] = u
	}
}

// DecayAfter is the weight decay of the x that the step leads to, x ← (1−αλ)(x − u), as the update (1−αλ)u + αλx. It
// stands behind LearningRate. The first step of a parameter does not decay.
type DecayAfter struct {
	Lambda float64 `range:"0,"`
}

// Transform keeps nothing.
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

// planDecay enters the decay, which is c₁ but behind LearningRate, where it is c₁ by the step size.
func planDecay(_ param.Param, s *Step, c *Coeffs, a *Assignment) { a.Decay += c[1] / s.LR }

// ProximalDecay is the decay by a proximal step, x ← (x − u)/(1+αλ), as Adan has it. It stands behind LearningRate.
type ProximalDecay struct {
	Lambda float64 `range:"0,"`
}

// Transform keeps nothing.
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

// DecayBeside is the decay αλx beside an update that has its step size within, as where momentum stands behind LearningRate. It stands
// at the end of the chain.
type DecayBeside struct {
	Lambda float64 `range:"0,"`
}

// Transform keeps nothing.
func (r DecayBeside) Transform() Transform {
	return Transform{
		Name:  "decay",
		Begin: func(s *Step, _ []float64, c *Coeffs) { c[0], c[1] = 1, s.LR*r.Lambda },
		Mixes: true,
		Plan:  planDecay,
	}
}
