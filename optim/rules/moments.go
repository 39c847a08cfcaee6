package rules

import (
	"steepest/optim"
	"steepest/optim/schedule"
)

// RAdam is Adam with the momentum step αm̂ until the variance of 1/√v̂ is bounded. After that it scales Adam's step by the rectification (Liu et al.
// 2020, arXiv:1908.03265, algorithm 2). Defaults: those of Adam; torch has ε in the place optim.EpsHat.
type RAdam struct{ Adam }

// Chain returns the rectified ratio of moments, and the step size.
func (r RAdam) Chain() optim.Chain {
	r = r.Resolved().(RAdam)
	m := r.moments()
	m.Rectified = true
	return optim.Chain{m, optim.LearningRate{LR: r.LR}}
}

// Resolved returns r with its defaults filled in.
func (r RAdam) Resolved() optim.Rule {
	r.Eps = r.Eps.Fill(1e-8)
	r.EpsPlace = r.EpsPlace.Fill(choose(r.Preset, optim.EpsOutside, optim.EpsHat, optim.EpsOutside, optim.EpsOutside))
	r.Adam = r.Adam.Resolved().(Adam)
	return r
}

// AdaBelief is Adam with v ← β₂v + (1−β₂)(g − m)² + ε (Zhuang et al. 2020, arXiv:2010.07468, algorithm 2): it makes long steps where gradients are
// as predicted. Defaults: those of Adam, but ε = 1e-16, in v and added to its root. In optax the two ε may differ.
type AdaBelief struct {
	LR    schedule.Schedule  `help:"step size α"`
	Beta1 optim.Opt[float64] `range:"0,1" help:"decay β₁ of the average gradient"`
	Beta2 optim.Opt[float64] `range:"0,1" help:"decay β₂ of the average square"`
	Eps   optim.Opt[float64] `range:"0," help:"ε, added to v in each step and to its root"`
}

// Chain returns the ratio of moments, and the step size.
func (r AdaBelief) Chain() optim.Chain {
	r = r.Resolved().(AdaBelief)
	return optim.Chain{
		optim.AdaptiveMoments{Beta1: r.Beta1.Get(), Beta2: r.Beta2.Get(), Eps: r.Eps.Get(), EpsRoot: r.Eps.Get(), Second: optim.SecondOfBelief},
		optim.LearningRate{LR: r.LR},
	}
}

// Resolved returns r with its defaults filled in.
func (r AdaBelief) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.001)
	r.Beta1, r.Beta2, r.Eps = r.Beta1.Fill(0.9), r.Beta2.Fill(0.999), r.Eps.Fill(1e-16)
	return r
}

// Yogi is Adam with v ← v − (1−β₂)·sign(v − g²)·g², which grows fast and shrinks slowly (Zaheer et al. 2018, algorithm 2). Defaults: α = 0.01,
// β₁ = 0.9, β₂ = 0.999, ε = 1e-3, v from 1e-6 and m from 0; optax has m from 1e-6, too.
type Yogi struct {
	LR      schedule.Schedule  `help:"step size α"`
	Beta1   optim.Opt[float64] `range:"0,1" help:"decay β₁ of the average gradient"`
	Beta2   optim.Opt[float64] `range:"0,1" help:"v moves by 1−β₂ times the square of the gradient"`
	Eps     optim.Opt[float64] `range:"0," help:"ε added to the root"`
	Initial optim.Opt[float64] `range:"0," help:"v before the first step"`
	Mean    optim.Opt[float64] `range:"0," help:"average gradient m before the first step"`
	Preset  Preset             `help:"paper or library whose defaults and conventions apply"`
}

// Chain returns the ratio of moments, and the step size.
func (r Yogi) Chain() optim.Chain {
	r = r.Resolved().(Yogi)
	return optim.Chain{
		optim.AdaptiveMoments{
			Beta1: r.Beta1.Get(), Beta2: r.Beta2.Get(), Eps: r.Eps.Get(), Initial: r.Initial.Get(), InitialMean: r.Mean.Get(), Second: optim.SecondOfYogi,
		},
		optim.LearningRate{LR: r.LR},
	}
}

// Resolved returns r with its defaults filled in.
func (r Yogi) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.01)
	r.Beta1, r.Beta2 = r.Beta1.Fill(0.9), r.Beta2.Fill(0.999)
	r.Eps, r.Initial, r.Mean = r.Eps.Fill(1e-3), r.Initial.Fill(1e-6), r.Mean.Fill(choose(r.Preset, 0, 0, 1e-6, 0))
	return r
}

// Adamax is Adam in the ℓ∞ norm, w ← max(β₂w, |g|), x ← x − αm̂/w (Kingma and Ba 2015, arXiv:1412.6980, algorithm 2). Defaults: α = 0.002, β₁ = 0.9,
// β₂ = 0.999, ε = 1e-8 beside |g|; Keras α = 0.001, ε = 1e-7 beside w.
type Adamax struct {
	LR       schedule.Schedule         `help:"step size α"`
	Beta1    optim.Opt[float64]        `range:"0,1" help:"decay β₁ of the average gradient"`
	Beta2    optim.Opt[float64]        `range:"0,1" help:"decay β₂ of the largest gradient"`
	Eps      optim.Opt[float64]        `range:"0," help:"ε"`
	EpsPlace optim.Opt[optim.EpsPlace] `help:"ε inside or outside the maximum"`
	Preset   Preset                    `help:"paper or library whose defaults and conventions apply"`
}

// Chain returns the division by the largest gradient, and the step size.
func (r Adamax) Chain() optim.Chain {
	r = r.Resolved().(Adamax)
	return optim.Chain{
		optim.LargestMoment{Beta1: r.Beta1.Get(), Beta2: r.Beta2.Get(), Eps: r.Eps.Get(), EpsPlace: r.EpsPlace.Get()},
		optim.LearningRate{LR: r.LR},
	}
}

// Resolved returns r with its defaults filled in.
func (r Adamax) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, choose(r.Preset, 0.002, 0.002, 0.002, 0.001))
	r.Beta1, r.Beta2 = r.Beta1.Fill(0.9), r.Beta2.Fill(0.999)
	r.Eps = r.Eps.Fill(choose(r.Preset, 1e-8, 1e-8, 1e-8, 1e-7))
	r.EpsPlace = r.EpsPlace.Fill(choose(r.Preset, optim.EpsInside, optim.EpsInside, optim.EpsInside, optim.EpsOutside))
	return r
}

// AdEMAMix is AdamW with a second, slow average s of the gradient, x ← x − α((m̂ + as)/(√v̂ + ε) + λx) (Pagliardini, Ablin and Grangier 2024,
// arXiv:2409.03137, algorithm 1). Defaults: α = 0.001, β₁ = 0.9, β₂ = 0.999, β₃ = 0.9999, a = 5, ε = 1e-8, λ = 0, no warm-up of a and β₃.
type AdEMAMix struct {
	LR          schedule.Schedule  `help:"step size α"`
	Beta1       optim.Opt[float64] `range:"0,1" help:"decay β₁ of the fast average gradient"`
	Beta2       optim.Opt[float64] `range:"0,1" help:"decay β₂ of the average square"`
	Beta3       optim.Opt[float64] `range:"0,1" help:"decay β₃ of the slow average gradient"`
	Mix         optim.Opt[float64] `range:"0," help:"weight a of the slow average; other libraries call it alpha"`
	Warmup      float64            `range:"0," help:"steps in which a and β₃ rise; 0 for none"`
	Eps         optim.Opt[float64] `range:"0," help:"ε added to the root"`
	WeightDecay optim.Opt[float64] `range:"0," help:"decay λ"`
}

// Chain returns the ratio of moments, the decay, and the step size.
func (r AdEMAMix) Chain() optim.Chain {
	r = r.Resolved().(AdEMAMix)
	return optim.Chain{
		optim.MixedMoments{Beta1: r.Beta1.Get(), Beta2: r.Beta2.Get(), Beta3: r.Beta3.Get(), Alpha: r.Mix.Get(), Warmup: r.Warmup, Eps: r.Eps.Get()},
		optim.Decay{Lambda: r.WeightDecay.Get()}, optim.LearningRate{LR: r.LR},
	}
}

// Resolved returns r with its defaults filled in.
func (r AdEMAMix) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.001)
	r.Beta1, r.Beta2, r.Beta3 = r.Beta1.Fill(0.9), r.Beta2.Fill(0.999), r.Beta3.Fill(0.9999)
	r.Mix, r.Eps, r.WeightDecay = r.Mix.Fill(5), r.Eps.Fill(1e-8), r.WeightDecay.Fill(0)
	return r
}

// ADOPT divides by the root of the average of past squares, without the current one: u = clip(g/max(√v, ε), t^¼), m ← β₁m + (1−β₁)u, x ← x − αm,
// v ← β₂v + (1−β₂)g². So it converges for every β₂ (Taniguchi et al. 2024, arXiv:2411.02853, algorithm 2). The first gradient only sets v. Defaults:
// α = 0.001, β₁ = 0.9, β₂ = 0.9999, ε = 1e-6.
type ADOPT struct {
	LR    schedule.Schedule  `help:"step size α"`
	Beta1 optim.Opt[float64] `range:"0,1" help:"decay β₁ of the average update"`
	Beta2 optim.Opt[float64] `range:"0,1" help:"decay β₂ of the average square"`
	Eps   optim.Opt[float64] `range:"0," help:"smallest value ε of the root"`
}

// Chain returns the division, the average and the step size.
func (r ADOPT) Chain() optim.Chain {
	r = r.Resolved().(ADOPT)
	return optim.Chain{
		optim.PastMeanSquare{Gamma: r.Beta2.Get(), Eps: r.Eps.Get()}, optim.Average{Mu: schedule.Constant(r.Beta1.Get())}, optim.LearningRate{LR: r.LR},
	}
}

// Resolved returns r with its defaults filled in.
func (r ADOPT) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.001)
	r.Beta1, r.Beta2, r.Eps = r.Beta1.Fill(0.9), r.Beta2.Fill(0.9999), r.Eps.Fill(1e-6)
	return r
}

// Adan is Adam with a Nesterov momentum computed from differences d = g − g₋ of gradients, x ← (x − α(m̂ + wn̂)/(√v̂ + ε))/(1 + αλ). m, n
// and v are the averages of g, d and (g + wd)² (Xie et al. 2022, arXiv:2208.06677, algorithm 1). Defaults: α = 0.001, β₁ = 0.98, β₂ =
// 0.92, β₃ = 0.99, w = β₂, ε = 1e-8, λ = 0, as in the authors' code; optax has w = 1 − β₂, a second ε = 1e-8 inside the root, and
// decoupled decay.
type Adan struct {
	LR          schedule.Schedule  `help:"step size α"`
	Beta1       optim.Opt[float64] `range:"0,1" help:"decay β₁ of the average gradient"`
	Beta2       optim.Opt[float64] `range:"0,1" help:"decay β₂ of the average difference"`
	Beta3       optim.Opt[float64] `range:"0,1" help:"decay β₃ of the average square"`
	Weight      optim.Opt[float64] `range:"0," help:"weight w of the differences"`
	Eps         optim.Opt[float64] `range:"0," help:"ε added to the root"`
	EpsRoot     optim.Opt[float64] `range:"0," help:"a second ε, inside the root"`
	WeightDecay optim.Opt[float64] `range:"0," help:"decay λ"`
	Preset      Preset             `help:"paper or library whose defaults and conventions apply"`
}

// Chain returns the ratio of moments, the step size and the decay.
func (r Adan) Chain() optim.Chain {
	r = r.Resolved().(Adan)
	m := optim.DifferenceMoments{
		Beta1: r.Beta1.Get(), Beta2: r.Beta2.Get(), Beta3: r.Beta3.Get(), Weight: r.Weight.Get(), Eps: r.Eps.Get(), EpsRoot: r.EpsRoot.Get(),
	}
	lr := optim.LearningRate{LR: r.LR}
	if r.Preset == Optax {
		return optim.Chain{m, optim.Decay{Lambda: r.WeightDecay.Get()}, lr}
	}
	return optim.Chain{m, lr, optim.ProximalDecay{Lambda: r.WeightDecay.Get()}}
}

// Resolved returns r with its defaults filled in.
func (r Adan) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.001)
	r.Beta1, r.Beta2, r.Beta3 = r.Beta1.Fill(0.98), r.Beta2.Fill(0.92), r.Beta3.Fill(0.99)
	r.Weight = r.Weight.Fill(choose(r.Preset, r.Beta2.Get(), r.Beta2.Get(), 1-r.Beta2.Get(), r.Beta2.Get()))
	r.Eps, r.EpsRoot, r.WeightDecay = r.Eps.Fill(1e-8), r.EpsRoot.Fill(choose(r.Preset, 0, 0, 1e-8, 0)), r.WeightDecay.Fill(0)
	return r
}

// StableAdamW is AdamW that, instead of clipping gradients, divides the step of each parameter, including the decay, by max(1, RMS). RMS
// is the root mean square of g/√v̂ (Wortsman et al. 2023, arXiv:2304.13013, algorithm 2). Defaults: α = 0.001, β₁ = 0.9, β₂ = 0.99, ε =
// 1e-8, λ = 0.01.
type StableAdamW struct {
	LR          schedule.Schedule  `help:"step size α"`
	Beta1       optim.Opt[float64] `range:"0,1" help:"decay β₁ of the average gradient"`
	Beta2       optim.Opt[float64] `range:"0,1" help:"decay β₂ of the average square"`
	Eps         optim.Opt[float64] `range:"0," help:"ε added to the root, and the smallest root in RMS"`
	WeightDecay optim.Opt[float64] `range:"0," help:"decay λ"`
}

// Chain returns the clipped update, and the step size.
func (r StableAdamW) Chain() optim.Chain {
	r = r.Resolved().(StableAdamW)
	return optim.Chain{
		optim.StableMoments{Beta1: r.Beta1.Get(), Beta2: r.Beta2.Get(), Eps: r.Eps.Get(), Lambda: r.WeightDecay.Get()},
		optim.LearningRate{LR: r.LR},
	}
}

// Resolved returns r with its defaults filled in.
func (r StableAdamW) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.001)
	r.Beta1, r.Beta2 = r.Beta1.Fill(0.9), r.Beta2.Fill(0.99)
	r.Eps, r.WeightDecay = r.Eps.Fill(1e-8), r.WeightDecay.Fill(0.01)
	return r
}

// MARS is AdamW on gradients of reduced variance, c = g + γβ₁/(1−β₁)·(g − g₋), clipped to norm 1 for each parameter (Yuan et al. 2024,
// arXiv:2411.10438, algorithm 2, with g₋ from the previous step). Defaults: α = 0.003, β₁ = 0.95, β₂ = 0.99, γ = 0.025, ε = 1e-8, λ = 0. The
// MARS of pytorch_optimizer also adds 1e-15 to every v.
type MARS struct {
	LR          schedule.Schedule  `help:"step size α"`
	Beta1       optim.Opt[float64] `range:"0,1" help:"decay β₁ of the average gradient"`
	Beta2       optim.Opt[float64] `range:"0,1" help:"decay β₂ of the average square"`
	Gamma       optim.Opt[float64] `range:"0," help:"strength γ of the correction"`
	Eps         optim.Opt[float64] `range:"0," help:"ε added to the root"`
	WeightDecay optim.Opt[float64] `range:"0," help:"decay λ"`
}

// Chain returns the correction, its norm's limit, the ratio of moments, the decay, and the step size.
func (r MARS) Chain() optim.Chain {
	r = r.Resolved().(MARS)
	beta1 := r.Beta1.Get()
	return optim.Chain{
		optim.Extrapolate{Gamma: r.Gamma.Get() * beta1 / (1 - beta1)}, optim.ClipNorm{Limit: 1, Each: true},
		optim.AdaptiveMoments{Beta1: beta1, Beta2: r.Beta2.Get(), Eps: r.Eps.Get()},
		optim.Decay{Lambda: r.WeightDecay.Get()}, optim.LearningRate{LR: r.LR},
	}
}

// Resolved returns r with its defaults filled in.
func (r MARS) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.003)
	r.Beta1, r.Beta2, r.Gamma = r.Beta1.Fill(0.95), r.Beta2.Fill(0.99), r.Gamma.Fill(0.025)
	r.Eps, r.WeightDecay = r.Eps.Fill(1e-8), r.WeightDecay.Fill(0)
	return r
}
