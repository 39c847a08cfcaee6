package matrix

import (
	"math"

	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim"
	"steepest/optim/schedule"
	"steepest/param"
)

// SOAP is Adam in the eigenbasis of Shampoo's moments (Vyas et al. 2024, arXiv:2409.11321, algorithm 3, as in the authors' code): with
// G' = Q_LᵀGQ_R, m ← β₁m + (1−β₁)G', v ← β₂v + (1−β₂)G'², x ← x − α·Q_L(m̂/√v̂)Q_Rᵀ, and then x ← x − αλx. The first step only sets the
// bases to the eigenvectors of the moments. Later one step of the power method updates them every few steps. Vectors use plain Adam,
// with ε added before the bias correction of v (EpsHat). Defaults: α = 0.003, β₁ = β₂ = 0.95, the moments' decay equal to β₂, ε = 1e-8,
// λ = 0.01, bases every 10 steps, sides of up to 10000.
type SOAP struct {
	LR            schedule.Schedule  `help:"step size α"`
	Beta1         optim.Opt[float64] `range:"0,1" help:"decay β₁ of the average gradient"`
	Beta2         optim.Opt[float64] `range:"0,1" help:"decay β₂ of the average square"`
	ShampooBeta   optim.Opt[float64] `range:"0,1" help:"decay of the moments of the sides"`
	Eps           optim.Opt[float64] `range:"0," help:"ε added to the root"`
	WeightDecay   optim.Opt[float64] `range:"0," help:"decay λ"`
	BasisInterval optim.Opt[int]     `range:"1," help:"steps from one change of the bases to the next"`
	MaxOrder      optim.Opt[int]     `range:"0," help:"length of the longest side that has a basis"`
	Biased        bool               `help:"no bias correction of the averages of the gradient and of its square"`
}

// Chain returns Adam in the bases, the step size and the decay after it.
func (r SOAP) Chain() optim.Chain {
	r = r.Resolved().(SOAP)
	return optim.Chain{
		InEigenbasis{
			Beta1: r.Beta1.Get(), Beta2: r.Beta2.Get(), ShampooBeta: r.ShampooBeta.Get(), Eps: r.Eps.Get(),
			BasisInterval: r.BasisInterval.Get(), MaxOrder: r.MaxOrder.Get(), Biased: r.Biased,
		},
		optim.LearningRate{LR: r.LR},
		optim.DecayAfter{Lambda: r.WeightDecay.Get()},
	}
}

// InEigenbasis is SOAP's T. Its fields have the same meaning as in SOAP.
type InEigenbasis struct {
	Beta1, Beta2, ShampooBeta, Eps float64
	BasisInterval, MaxOrder        int
	// Biased omits the bias correction of Adam's averages.
	Biased bool
}

// Transform implements Transformer. Its state is that of the bases, and Adam's moments in the bases.
func (o InEigenbasis) Transform() optim.Transform {
	return optim.Transform{
		Name:  "soap",
		Slots: append(o.slots(), optim.Slot{Name: "m"}, optim.Slot{Name: "v"}),
		Begin: func(s *optim.Step, _ []float64, c *optim.Coeffs) {
			if s.Age > 0 {
				optim.AdaptiveMoments{Beta1: o.Beta1, Beta2: o.Beta2, Eps: o.Eps, EpsPlace: optim.EpsHat, Biased: o.Biased}.
					Begin(&optim.Step{Age: s.Age - 1}, nil, c)
			}
		},
		Plan: func(p param.Param, _ *optim.Step, _ *optim.Coeffs, a *optim.Assignment) {
			if o.orders(p) == [2]int{} {
				a.Other = "adam"
			}
		},
		FLOPs: o.flops(4),
		Whole32: func() optim.Whole[float32] {
			return (&soap[float32]{eigenbasis: eigenbasis[float32]{InEigenbasis: o}}).transform
		},
		Whole64: func() optim.Whole[float64] {
			return (&soap[float64]{eigenbasis: eigenbasis[float64]{InEigenbasis: o}}).transform
		},
	}
}

// soap is InEigenbasis with its memory.
type soap[T param.Float] struct {
	eigenbasis[T]
	coeffs optim.Coeffs
}

func (e *soap[T]) transform(k int, c *optim.Coeffs, t *optim.Tensor[T]) error {
	return e.forMatrices(t, func(i int, s *matrixState[T]) error {
		s.m, s.v = nth(t.S[momentSlot], i, len(s.in)), nth(t.S[momentSlot+1], i, len(s.in))
		g, unit := e.enter(s, s.in)
		if k == 0 {
			clear(s.u)
			return e.begin(s)
		}
		e.coeffs = *c
		e.coeffs[8] = math.Ldexp(c[8], -unit) // ε
		e.turned = scratch.Grow(e.turned, len(g))
		e.turn(e.turned, s, g, false)
		simd.AdaptiveMoments(e.coeffs[:], e.turned, e.turned, s.m, s.v, nil)
		e.turn(s.u, s, e.turned, true)
		if k%e.BasisInterval == 0 {
			return e.follow(s)
		}
		return nil
	})
}
