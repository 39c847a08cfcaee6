package rules

import (
	"steepest/optim"
	"steepest/optim/schedule"
)

// DAdaptAdam is Adam that finds its step size: d, a lower bound of the distance to the solution, which grows from d₀ (Defazio and Mishchenko 2023,
// arXiv:2301.07733, algorithm 5). Defaults: α = 1, β₁ = 0.9, β₂ = 0.999, ε = 1e-8, λ = 0, d₀ = 1e-6, no limit of growth, no bias correction,
// as in the authors' dadaptation; optax corrects the bias. The decay is decoupled (decouple=True in dadaptation). All parameters share one d.
type DAdaptAdam struct {
	LR          schedule.Schedule  `help:"factor α of the step size"`
	Beta1       optim.Opt[float64] `range:"0,1" help:"decay β₁ of the average gradient"`
	Beta2       optim.Opt[float64] `range:"0,1" help:"decay β₂ of the average square"`
	Eps         optim.Opt[float64] `range:"0," help:"ε added to the root"`
	WeightDecay optim.Opt[float64] `range:"0," help:"decay λ"`
	D0          optim.Opt[float64] `range:"(0," help:"estimate d₀ of the distance at the start"`
	Growth      float64            `range:"0," help:"largest factor of the estimate in a step; 0 for no limit"`
	Corrected   optim.Opt[bool]    `help:"remove the bias of the averages"`
	Preset      Preset             `help:"paper or library whose defaults and conventions apply"`
}

// Chain returns the transform that is the whole step.
func (r DAdaptAdam) Chain() optim.Chain {
	r = r.Resolved().(DAdaptAdam)
	return optim.Chain{optim.DAdaptMoments{
		LR: r.LR, Beta1: r.Beta1.Get(), Beta2: r.Beta2.Get(), Eps: r.Eps.Get(), Lambda: r.WeightDecay.Get(), D0: r.D0.Get(), Growth: r.Growth,
		Corrected: r.Corrected.Get(),
	}}
}

// Resolved returns r with its defaults filled in.
func (r DAdaptAdam) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 1)
	r.Beta1, r.Beta2, r.Eps, r.WeightDecay = r.Beta1.Fill(0.9), r.Beta2.Fill(0.999), r.Eps.Fill(1e-8), r.WeightDecay.Fill(0)
	r.D0, r.Corrected = r.D0.Fill(1e-6), r.Corrected.Fill(choose(r.Preset, false, false, true, false))
	return r
}

// DAdaptSGD is SGD that finds its step size, as DAdaptAdam does (Defazio and Mishchenko 2023, arXiv:2301.07733, algorithm 4). Defaults: α = 1, no
// momentum, d₀ = 1e-6, no limit of growth, as in the authors' dadaptation.
type DAdaptSGD struct {
	LR       schedule.Schedule  `help:"factor α of the step size"`
	Momentum optim.Opt[float64] `range:"0,1" help:"momentum μ: share of the old x in the new x"`
	D0       optim.Opt[float64] `range:"(0," help:"estimate d₀ of the distance at the start"`
	Growth   float64            `range:"0," help:"largest factor of the estimate in a step; 0 for no limit"`
}

// Chain returns the transform that is the whole step.
func (r DAdaptSGD) Chain() optim.Chain {
	r = r.Resolved().(DAdaptSGD)
	return optim.Chain{optim.DAdaptSteps{LR: r.LR, Mu: r.Momentum.Get(), D0: r.D0.Get(), Growth: r.Growth}}
}

// Resolved returns r with its defaults filled in.
func (r DAdaptSGD) Resolved() optim.Rule {
	r.LR, r.Momentum, r.D0 = schedule.OrConstant(r.LR, 1), r.Momentum.Fill(0), r.D0.Fill(1e-6)
	return r
}
