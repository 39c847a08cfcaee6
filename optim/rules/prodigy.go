package rules

import (
	"math"

	"steepest/optim"
	"steepest/optim/schedule"
)

// Prodigy is Adam that finds its step size: d, an estimate of the distance to the solution, which grows from d₀ (Mishchenko and Defazio
// 2024, arXiv:2306.06101, algorithm 4). Defaults: α = 1, β₁ = 0.9, β₂ = 0.999, β₃ = √β₂, ε = 1e-8, λ = 0, d₀ = 1e-6, factor of d 1, no bias
// correction, as in the authors' prodigyopt; optax corrects the bias. All parameters of a model share one d.
type Prodigy struct {
	LR              schedule.Schedule  `help:"factor α of the step size"`
	Beta1           optim.Opt[float64] `range:"0,1" help:"decay β₁ of the average gradient"`
	Beta2           optim.Opt[float64] `range:"0,1" help:"decay β₂ of the average square"`
	Beta3           optim.Opt[float64] `range:"0,1" help:"decay β₃ of the sums in the estimate d"`
	Eps             optim.Opt[float64] `range:"0," help:"ε added to the root, in units of d"`
	WeightDecay     optim.Opt[float64] `range:"0," help:"decay λ"`
	D0              optim.Opt[float64] `range:"(0," help:"estimate d₀ of the distance at the start"`
	DFactor         optim.Opt[float64] `range:"(0," help:"factor of the estimates of the distance; other libraries call it d_coef"`
	Corrected       optim.Opt[bool]    `help:"remove the bias of the averages"`
	SafeguardWarmup bool               `help:"leave the step size out of the estimate's denominator, for schedules that warm up"`
	Preset          Preset             `help:"paper or library whose defaults and conventions apply"`
}

// Chain returns the transform that is the whole step.
func (r Prodigy) Chain() optim.Chain {
	r = r.Resolved().(Prodigy)
	return optim.Chain{optim.Prodigy{
		LR: r.LR, Beta1: r.Beta1.Get(), Beta2: r.Beta2.Get(), Beta3: r.Beta3.Get(), Eps: r.Eps.Get(), Lambda: r.WeightDecay.Get(),
		D0: r.D0.Get(), DFactor: r.DFactor.Get(), Corrected: r.Corrected.Get(), SafeguardWarmup: r.SafeguardWarmup,
	}}
}

// Resolved returns r with its defaults filled in.
func (r Prodigy) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 1)
	r.Beta1, r.Beta2, r.Eps, r.WeightDecay = r.Beta1.Fill(0.9), r.Beta2.Fill(0.999), r.Eps.Fill(1e-8), r.WeightDecay.Fill(0)
	r.Beta3 = r.Beta3.Fill(math.Sqrt(r.Beta2.Get()))
	r.D0, r.DFactor = r.D0.Fill(1e-6), r.DFactor.Fill(1)
	r.Corrected = r.Corrected.Fill(choose(r.Preset, false, false, true, false))
	return r
}
