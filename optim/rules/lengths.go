package rules

import (
	"steepest/optim"
	"steepest/optim/schedule"
)

// LAMB is AdamW with steps in proportion to the norm of the parameter, x ← x − α‖x‖/‖u‖·u with u = m̂/(√v̂ + ε) + λx (You et al. 2019,
// arXiv:1904.00962, algorithm 2). Defaults: α = 0.001, β₁ = 0.9, β₂ = 0.999, ε = 1e-6, λ = 0.
type LAMB struct {
	LR          schedule.Schedule  `help:"relative step size α"`
	Beta1       optim.Opt[float64] `range:"0,1" help:"decay β₁ of the average gradient"`
	Beta2       optim.Opt[float64] `range:"0,1" help:"decay β₂ of the average square"`
	Eps         optim.Opt[float64] `range:"0," help:"ε added to the root"`
	WeightDecay optim.Opt[float64] `range:"0," help:"decay λ"`
}

// Chain returns the ratio of moments, the decay, the ratio of norms and the step size.
func (r LAMB) Chain() optim.Chain {
	r = r.Resolved().(LAMB)
	return optim.Chain{
		optim.AdaptiveMoments{Beta1: r.Beta1.Get(), Beta2: r.Beta2.Get(), Eps: r.Eps.Get()},
		optim.Decay{Lambda: r.WeightDecay.Get()}, optim.TrustRatio{Coefficient: 1}, optim.LearningRate{LR: r.LR},
	}
}

// Resolved returns r with its defaults filled in.
func (r LAMB) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.001)
	r.Beta1, r.Beta2 = r.Beta1.Fill(0.9), r.Beta2.Fill(0.999)
	r.Eps, r.WeightDecay = r.Eps.Fill(1e-6), r.WeightDecay.Fill(0)
	return r
}

// LARS is momentum of steps in proportion to the norm of the parameter, b ← μb + ακ‖x‖/‖u‖·u with u = g + λx, x ← x − b (You, Gitman and Ginsburg
// 2017, arXiv:1708.03888, algorithm 1). It divides by the norm of the sum u, as optax does; the paper adds the norms of g and λx. Defaults: α = 1,
// μ = 0.9, κ = 0.001, λ = 0.
type LARS struct {
	LR          schedule.Schedule  `help:"step size α"`
	Momentum    optim.Opt[float64] `range:"0,1" help:"momentum μ"`
	Nesterov    bool               `help:"look ahead of the momentum"`
	Trust       optim.Opt[float64] `range:"(0," help:"factor κ of the ratio of norms"`
	WeightDecay optim.Opt[float64] `range:"0," help:"decay λ"`
}

// Chain returns the decay, the ratio of norms, the step size and the momentum.
func (r LARS) Chain() optim.Chain {
	r = r.Resolved().(LARS)
	return optim.Chain{
		optim.Decay{Lambda: r.WeightDecay.Get()}, optim.TrustRatio{Coefficient: r.Trust.Get()}, optim.LearningRate{LR: r.LR},
		optim.Trace{Mu: r.Momentum.Get(), Nesterov: r.Nesterov},
	}
}

// Resolved returns r with its defaults filled in.
func (r LARS) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 1)
	r.Momentum, r.Trust, r.WeightDecay = r.Momentum.Fill(0.9), r.Trust.Fill(0.001), r.WeightDecay.Fill(0)
	return r
}

// DoG is SGD that finds its step size: the largest distance from x₀ so far, divided by the root of the sum of all ‖g‖² (Ivgi, Hinder and Carmon 2023,
// arXiv:2302.12022, equation 1). Both are over all parameters together, or, as L-DoG, for each parameter. The authors evaluate an average of the
// iterates. Defaults: factor α = 1, distance at the start 1e-6·(1 + ‖x₀‖), ε = 1e-8.
type DoG struct {
	LR      schedule.Schedule  `help:"factor α of the step size"`
	Initial optim.Opt[float64] `range:"(0," help:"distance at the start, in units of 1 + ‖x₀‖"`
	Eps     optim.Opt[float64] `range:"0," help:"ε added to the sum of squares"`
	Layered bool               `help:"distances and sums for each parameter separately: L-DoG"`
}

// Chain returns the division of the distance by the gradients, and the factor.
func (r DoG) Chain() optim.Chain {
	r = r.Resolved().(DoG)
	return optim.Chain{optim.DistanceOverGradients{Initial: r.Initial.Get(), Eps: r.Eps.Get(), Layered: r.Layered}, optim.LearningRate{LR: r.LR}}
}

// Resolved returns r with its defaults filled in.
func (r DoG) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 1)
	r.Initial, r.Eps = r.Initial.Fill(1e-6), r.Eps.Fill(1e-8)
	return r
}

// Rprop moves each coordinate against the sign of its gradient by its own step αs. s grows while the sign stays the same and shrinks when it changes
// (Riedmiller and Braun 1993, without backtracking). It needs full gradients, since noise changes signs. Defaults: α = 0.01, factors 0.5 and 1.2, s
// within [1e-4, 5000]; torch states these bounds multiplied by α. The rprop of optax 0.2.8 makes each update one step late.
type Rprop struct {
	LR     schedule.Schedule  `help:"step size α with which all coordinates begin"`
	Shrink optim.Opt[float64] `range:"(0,1" help:"factor of the step if the sign changes"`
	Grow   optim.Opt[float64] `range:"1," help:"factor of the step if the sign stays"`
	Min    optim.Opt[float64] `range:"(0," help:"smallest step, in units of α"`
	Max    optim.Opt[float64] `range:"(0," help:"largest step, in units of α"`
}

// Chain returns the step of each sign, and the step size.
func (r Rprop) Chain() optim.Chain {
	r = r.Resolved().(Rprop)
	return optim.Chain{
		optim.Resilient{Shrink: r.Shrink.Get(), Grow: r.Grow.Get(), Min: r.Min.Get(), Max: r.Max.Get()}, optim.LearningRate{LR: r.LR},
	}
}

// Resolved returns r with its defaults filled in.
func (r Rprop) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.01)
	r.Shrink, r.Grow = r.Shrink.Fill(0.5), r.Grow.Fill(1.2)
	r.Min, r.Max = r.Min.Fill(1e-4), r.Max.Fill(5000)
	return r
}
