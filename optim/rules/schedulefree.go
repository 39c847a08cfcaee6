package rules

import (
	"steepest/optim"
	"steepest/optim/schedule"
)

// ScheduleFreeSGD is z ← z − α(g + λy), x ← (1−c)x + cz, with g taken at y = (1−β)z + βx and c = α²/Σα² (Defazio et al. 2024,
// arXiv:2405.15682): SGD without a decreasing schedule. Defaults: α = 1, β = 0.9, λ = 0. The average x is evaluated and saved; it is the
// parameter of schedulefree's eval mode. With a schedule, optax computes c from the step size of the next step.
type ScheduleFreeSGD struct {
	LR          schedule.Schedule  `help:"step size α"`
	Momentum    optim.Opt[float64] `range:"0,1" help:"place β of the gradient, from the iterate to the average"`
	WeightDecay optim.Opt[float64] `range:"0," help:"decay λ"`
	Weights
}

// Chain returns the step size and the average.
func (r ScheduleFreeSGD) Chain() optim.Chain {
	r = r.Resolved().(ScheduleFreeSGD)
	return optim.Chain{optim.LearningRate{LR: r.LR}, r.average(r.Momentum.Get(), r.WeightDecay.Get())}
}

// Resolved returns r with its defaults filled in.
func (r ScheduleFreeSGD) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 1)
	r.Momentum, r.WeightDecay, r.Weights = r.Momentum.Fill(0.9), r.WeightDecay.Fill(0), r.Weights.resolved()
	return r
}

// ScheduleFreeAdamW is ScheduleFreeSGD on g/(√v̂ + ε), v ← β₂v + (1−β₂)g², v̂ = v/(1−β₂ᵗ), with β₁ in the place of β (Defazio et al.
// 2024, arXiv:2405.15682, algorithm 1). Defaults: α = 0.0025, β₁ = 0.9, β₂ = 0.999, ε = 1e-8, λ = 0; in Keras, c = 1/t.
type ScheduleFreeAdamW struct {
	LR          schedule.Schedule  `help:"step size α"`
	Beta1       optim.Opt[float64] `range:"0,1" help:"place β₁ of the gradient, from the iterate to the average"`
	Beta2       optim.Opt[float64] `range:"0,1" help:"decay β₂ of the average square"`
	Eps         optim.Opt[float64] `range:"0," help:"ε added to the root"`
	WeightDecay optim.Opt[float64] `range:"0," help:"decay λ"`
	Weights
}

// Chain returns the division by the root mean square, the step size and the average.
func (r ScheduleFreeAdamW) Chain() optim.Chain {
	r = r.Resolved().(ScheduleFreeAdamW)
	return optim.Chain{
		optim.MeanSquare{Gamma: r.Beta2.Get(), Eps: r.Eps.Get(), EpsPlace: optim.EpsOutside, Corrected: true},
		optim.LearningRate{LR: r.LR}, r.average(r.Beta1.Get(), r.WeightDecay.Get()),
	}
}

// Resolved returns r with its defaults filled in.
func (r ScheduleFreeAdamW) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.0025)
	r.Beta1, r.Beta2, r.Eps = r.Beta1.Fill(0.9), r.Beta2.Fill(0.999), r.Eps.Fill(1e-8)
	r.WeightDecay, r.Weights = r.WeightDecay.Fill(0), r.Weights.resolved()
	return r
}

// Weights sets the weights tʳ·max αᵖ of the iterates in the average of a schedule-free method. Defaults: p = 2, r = 0; Keras p = 0.
type Weights struct {
	WeightLRPower   optim.Opt[float64] `range:"0," help:"power p of the step size in the weight of an iterate"`
	WeightStepPower float64            `range:"0," help:"power r of the step's number in the weight of an iterate"`
	Preset          Preset             `help:"paper or library whose defaults and conventions apply"`
}

func (w Weights) resolved() Weights {
	w.WeightLRPower = w.WeightLRPower.Fill(choose(w.Preset, 2.0, 2, 2, 0))
	return w
}

func (w Weights) average(beta, lambda float64) optim.ScheduleFree {
	return optim.ScheduleFree{Beta: beta, Lambda: lambda, LRPower: w.WeightLRPower.Get(), StepPower: w.WeightStepPower}
}
