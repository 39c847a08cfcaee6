package rules

import (
	"steepest/optim"
	"steepest/optim/schedule"
	"steepest/param"
)

// SGD is stochastic gradient descent, x ← x − αg (Robbins and Monro 1951): gradient descent when the batch is the whole
// sum. Default: α = 0.01.
type SGD struct {
	LR schedule.Schedule `help:"step size α"`
}

// Chain returns the step size alone.
func (r SGD) Chain() optim.Chain {
	r = r.Resolved().(SGD)
	return optim.Chain{optim.LearningRate{LR: r.LR}}
}

// HeavyBall is SGD with Polyak's momentum (1964), b ← μb + (1−d)g, x ← x − αb. The first b is g for any dampening d, as in
// torch. Defaults: α = 0.01, μ = 0.9, d = 0, step size after the momentum; torch has α = 0.001, Keras has the step size
// inside the momentum.
type HeavyBall struct {
	LR        schedule.Schedule  `help:"step size α"`
	Momentum  optim.Opt[float64] `range:"0,1" help:"momentum μ"`
	Dampening float64            `range:"0,1" help:"dampening d of the gradient"`
	LRPlace   optim.Opt[LRPlace] `help:"step size after the momentum or inside it"`
	Preset    Preset             `help:"paper or library whose defaults and conventions apply"`
}

// Chain returns the running sum and the step size in the order of LRPlace.
func (r HeavyBall) Chain() optim.Chain {
	r = r.Resolved().(HeavyBall)
	return inOrder(r.LRPlace.Get(), optim.Trace{Mu: r.Momentum.Get(), Dampening: r.Dampening}, optim.LearningRate{LR: r.LR})
}

// Nesterov is SGD with Nesterov's momentum (1983) in one of three forms: with the parameters at the look-ahead point, b ← μb + g,
// x ← x − α(g + μb) (Sutskever et al. 2013); the same with an average (Dozat 2016); or the original, with the gradient at the
// look-ahead point but not the parameters, v ← μv + αg(x − μv), x ← x − v. Defaults: α = 0.01, μ = 0.9, step size after the
// momentum; torch has α = 0.001, Keras has the step size inside the momentum.
type Nesterov struct {
	LR       schedule.Schedule  `help:"step size α"`
	Momentum optim.Opt[float64] `range:"0,1" help:"momentum μ"`
	Form     NesterovForm       `help:"look-ahead on a sum or an average, or the gradient taken ahead"`
	LRPlace  optim.Opt[LRPlace] `help:"step size after the momentum or inside it"`
	Preset   Preset             `help:"paper or library whose defaults and conventions apply"`
}

// Chain returns the look-ahead of the running sum or average, and the step size.
func (r Nesterov) Chain() optim.Chain {
	r = r.Resolved().(Nesterov)
	var velocity optim.Transformer = optim.Trace{Mu: r.Momentum.Get(), Nesterov: true}
	switch r.Form {
	case NesterovDozat:
		velocity = optim.Average{Mu: schedule.Constant(r.Momentum.Get()), Nesterov: true}
	case NesterovAhead:
		return optim.Chain{optim.LearningRate{LR: r.LR}, optim.Trace{Mu: r.Momentum.Get(), Ahead: true}}
	}
	return inOrder(r.LRPlace.Get(), velocity, optim.LearningRate{LR: r.LR})
}

// AdaGrad is s ← s + g², x ← x − αg/√(s + ε) (Duchi, Hazan and Singer 2011). Defaults: α = 0.01, s₀ = 0, ε = 1e-6 inside
// the root; torch ε = 1e-10 outside; optax and Keras s₀ = 0.1, ε = 1e-7 inside, Keras α = 0.001.
type AdaGrad struct {
	LR       schedule.Schedule         `help:"step size α"`
	Initial  optim.Opt[float64]        `range:"0," help:"sum of squares s₀ before the first step"`
	Eps      optim.Opt[float64]        `range:"0," help:"ε"`
	EpsPlace optim.Opt[optim.EpsPlace] `help:"ε inside or outside the root"`
	Preset   Preset                    `help:"paper or library whose defaults and conventions apply"`
}

// Chain returns the division by the root of the sum of squares, and the step size.
func (r AdaGrad) Chain() optim.Chain {
	r = r.Resolved().(AdaGrad)
	return optim.Chain{optim.SumSquares{Initial: r.Initial.Get(), Eps: r.Eps.Get(), EpsPlace: r.EpsPlace.Get()}, optim.LearningRate{LR: r.LR}}
}

// FTRL is FTRL-Proximal, the method of linear models that learn online (McMahan et al. 2013): n ← n + g², q = (β + √n)/α + λ₂,
// z ← z + g − (q − q₋)x, x ← −(z − λ₁sign(z))/q where |z| > λ₁ and 0 elsewhere. z starts so that x is the start. Without λ₁ and λ₂ it is AdaGrad
// with ε = β. Defaults: α = 0.1, β = 1, no penalties, n₀ = 0; Keras α = 0.001, β = 0, n₀ = 0.1, its l2 is λ₂/2, and z starts at 0.
type FTRL struct {
	LR      schedule.Schedule  `help:"step size α"`
	Beta    optim.Opt[float64] `range:"0," help:"β added to the root of the sum of squares"`
	L1      float64            `range:"0," help:"penalty λ₁‖x‖₁, added to the sum over the steps"`
	L2      float64            `range:"0," help:"penalty (λ₂/2)‖x‖², added to this sum; λ₂‖x‖² in the preset keras"`
	Initial optim.Opt[float64] `range:"0," help:"sum of squares n₀ before the first step"`
	Preset  Preset             `help:"paper or library whose defaults and conventions apply"`
}

// Chain returns the transform that is the whole step.
func (r FTRL) Chain() optim.Chain {
	r = r.Resolved().(FTRL)
	l2 := choose(r.Preset, 1.0, 1, 1, 2) * r.L2
	return optim.Chain{optim.FollowLeader{LR: r.LR, Beta: r.Beta.Get(), L1: r.L1, L2: l2, Initial: r.Initial.Get()}}
}

// RMSProp is v ← γv + (1−γ)g², x ← x − αg/√(v + ε) (Tieleman and Hinton 2012), with three extensions: centered
// subtracts the square of the average gradient from v (Graves 2013), momentum sums the steps, and corrected removes the
// bias of v. Defaults: α = 0.001, γ = 0.9, ε = 1e-8 inside the root, no momentum, v₀ = 0; torch α = 0.01, γ = 0.99, ε
// outside, and the step size after the momentum instead of inside it; Keras ε = 1e-7.
type RMSProp struct {
	LR        schedule.Schedule         `help:"step size α"`
	Gamma     optim.Opt[float64]        `range:"0,1" help:"decay γ of the average of squares"`
	Eps       optim.Opt[float64]        `range:"0," help:"ε"`
	EpsPlace  optim.Opt[optim.EpsPlace] `help:"ε inside or outside the root"`
	Initial   optim.Opt[float64]        `range:"0," help:"average of squares v₀ before the first step"`
	Centered  bool                      `help:"divide by the deviation instead of the root mean square"`
	Corrected bool                      `help:"remove the bias of the averages"`
	Momentum  optim.Opt[float64]        `range:"0,1" help:"momentum μ"`
	Nesterov  bool                      `help:"look ahead of the momentum"`
	LRPlace   optim.Opt[LRPlace]        `help:"step size after the momentum or inside it"`
	Preset    Preset                    `help:"paper or library whose defaults and conventions apply"`
}

// Chain returns the division by the root mean square or the deviation, and the step size, with the momentum if there is one.
func (r RMSProp) Chain() optim.Chain {
	r = r.Resolved().(RMSProp)
	scaled := optim.MeanSquare{
		Gamma: r.Gamma.Get(), Initial: r.Initial.Get(), Eps: r.Eps.Get(), EpsPlace: r.EpsPlace.Get(),
		Corrected: r.Corrected, Centered: r.Centered,
	}
	if r.Momentum.Get() == 0 {
		return optim.Chain{scaled, optim.LearningRate{LR: r.LR}}
	}
	velocity := optim.Trace{Mu: r.Momentum.Get(), Nesterov: r.Nesterov}
	return append(optim.Chain{scaled}, inOrder(r.LRPlace.Get(), velocity, optim.LearningRate{LR: r.LR})...)
}

// AdaDelta is x ← x − α√(d+ε)/√(v+ε)·g with running averages v of g² and d of the squared updates (Zeiler 2012, arXiv:1212.5701, algorithm 1).
// Defaults: α = 1, ρ = 0.9, ε = 1e-6; Keras α = 0.001, ρ = 0.95, ε = 1e-7.
type AdaDelta struct {
	LR     schedule.Schedule  `help:"factor α of the update"`
	Rho    optim.Opt[float64] `range:"0,1" help:"decay ρ of both averages"`
	Eps    optim.Opt[float64] `range:"0," help:"ε in both roots"`
	Preset Preset             `help:"paper or library whose defaults and conventions apply"`
}

// Chain returns the ratio of root mean squares, and the step size.
func (r AdaDelta) Chain() optim.Chain {
	r = r.Resolved().(AdaDelta)
	return optim.Chain{optim.SquareRatio{Rho: r.Rho.Get(), Eps: r.Eps.Get()}, optim.LearningRate{LR: r.LR}}
}

// Adam is m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², x ← x − αm̂/(√v̂ + ε) with m̂ = m/(1−β₁ᵗ) and v̂ = v/(1−β₂ᵗ) (Kingma and
// Ba 2015, arXiv:1412.6980, algorithm 1). Defaults: α = 0.001, β₁ = 0.9, β₂ = 0.999, ε = 1e-8; Keras ε = 1e-7 in the place optim.EpsHat.
type Adam struct {
	LR       schedule.Schedule         `help:"step size α"`
	Beta1    optim.Opt[float64]        `range:"0,1" help:"decay β₁ of the average gradient"`
	Beta2    optim.Opt[float64]        `range:"0,1" help:"decay β₂ of the average square"`
	Eps      optim.Opt[float64]        `range:"0," help:"ε"`
	EpsPlace optim.Opt[optim.EpsPlace] `help:"ε inside or outside the root, or before the correction of bias"`
	EpsRoot  float64                   `range:"0," help:"a second ε, inside the root"`
	Biased   bool                      `help:"no bias correction of the averages"`
	Preset   Preset                    `help:"paper or library whose defaults and conventions apply"`
}

// Chain returns the ratio of moments, and the step size.
func (r Adam) Chain() optim.Chain {
	r = r.Resolved().(Adam)
	return optim.Chain{r.moments(), optim.LearningRate{LR: r.LR}}
}

func (r Adam) moments() optim.AdaptiveMoments {
	return optim.AdaptiveMoments{
		Beta1: r.Beta1.Get(), Beta2: r.Beta2.Get(), Eps: r.Eps.Get(), EpsPlace: r.EpsPlace.Get(), EpsRoot: r.EpsRoot,
		Biased: r.Biased,
	}
}

// AMSGrad is Adam divided by the root of the largest v so far (Reddi, Kale and Kumar 2018, arXiv:1904.09237). Defaults: those of Adam, and
// the paper's form, which corrects no bias; torch and Keras take the maximum of the biased v, optax of the corrected.
type AMSGrad struct {
	Adam
	Form optim.Opt[optim.Maximum] `help:"maximum of the biased or of the corrected v, or no correction at all"`
}

// Chain returns the ratio of moments with the maximum, and the step size.
func (r AMSGrad) Chain() optim.Chain {
	r = r.Resolved().(AMSGrad)
	m := r.moments()
	m.Maximum = r.Form.Get()
	return optim.Chain{m, optim.LearningRate{LR: r.LR}}
}

// AdamW is Adam with decoupled weight decay, x ← x − α(m̂/(√v̂ + ε) + λx) (Loshchilov and Hutter 2019, arXiv:1711.05101). Defaults: those of
// Adam, and λ = 0.01; optax λ = 1e-4, Keras λ = 0.004.
type AdamW struct {
	Adam
	WeightDecay optim.Opt[float64]     `range:"0," help:"decay λ"`
	Skip        func(param.Param) bool // names the parameters that do not decay; nil skips none
}

// Chain returns the ratio of moments, the decay, and the step size.
func (r AdamW) Chain() optim.Chain {
	r = r.Resolved().(AdamW)
	return optim.Chain{r.moments(), optim.Decay{Lambda: r.WeightDecay.Get(), Skip: r.Skip}, optim.LearningRate{LR: r.LR}}
}

// NAdam is Adam that looks ahead as Nesterov does (Dozat 2016): m̂ = βₜ₊₁m/(1−Πβ) + (1−βₜ)g/(1−Πβ), with βₜ constant, or
// rising as β₁(1 − ½·0.96^(tψ)). Defaults: those of Adam, ψ = 0 (constant); torch α = 0.002, ψ = 0.004; Keras ψ = 1,
// ε = 1e-7 outside.
type NAdam struct {
	Adam
	MomentumDecay optim.Opt[float64] `range:"0," help:"ψ of the rise of β₁; 0 keeps it constant"`
}

// Chain returns the ratio of moments with the look-ahead, and the step size.
func (r NAdam) Chain() optim.Chain {
	r = r.Resolved().(NAdam)
	m := r.moments()
	m.Nesterov, m.MomentumDecay = true, r.MomentumDecay.Get()
	return optim.Chain{m, optim.LearningRate{LR: r.LR}}
}

// NAGGS is the accelerated gradient flow with noise by Gauss–Seidel splitting (Leplat, Merkulov, Katrutsa, Bershatsky
// and Oseledets 2022, arXiv:2209.14937): γ ← (γ + αμ)/(1+α), v ← (γv + αμx − αg)/(γ + αμ), x ← (x + αv)/(1+α). Defaults: α = 0.05, μ = 1,
// γ₀ = 1.5 in the paper's order; the preset Torch follows the authors' torch code, α = 0.01, γ₀ = 1.
type NAGGS struct {
	LR     schedule.Schedule          `help:"step size α of the flow"`
	Mu     optim.Opt[float64]         `range:"0," help:"strong convexity μ to assume"`
	Gamma  optim.Opt[float64]         `range:"(0," help:"damping γ₀ at the start"`
	Form   optim.Opt[optim.FlowOrder] `help:"order of the updates, or γ frozen"`
	Preset Preset                     `help:"paper or library whose defaults and conventions apply"`
}

// Chain returns the transform that is the whole step.
func (r NAGGS) Chain() optim.Chain {
	r = r.Resolved().(NAGGS)
	return optim.Chain{optim.AcceleratedFlow{LR: r.LR, Mu: r.Mu.Get(), Gamma: r.Gamma.Get(), Order: r.Form.Get()}}
}

// Lion is x ← x − α(sign(β₁m + (1−β₁)g) + λx), m ← β₂m + (1−β₂)g (Chen et al. 2023, arXiv:2302.06675, algorithm 2).
// Defaults: α = 1e-4, β₁ = 0.9, β₂ = 0.99, λ = 0; optax λ = 0.001, Keras α = 0.001.
type Lion struct {
	LR          schedule.Schedule      `help:"step size α"`
	Beta1       optim.Opt[float64]     `range:"0,1" help:"weight β₁ of the average in the sign"`
	Beta2       optim.Opt[float64]     `range:"0,1" help:"decay β₂ of the average"`
	WeightDecay optim.Opt[float64]     `range:"0," help:"decay λ"`
	Skip        func(param.Param) bool // names the parameters that do not decay; nil skips none
	Preset      Preset                 `help:"paper or library whose defaults and conventions apply"`
}

// Chain returns the sign of the average, the decay, and the step size.
func (r Lion) Chain() optim.Chain {
	r = r.Resolved().(Lion)
	return optim.Chain{optim.SignOfAverage{Beta1: r.Beta1.Get(), Beta2: r.Beta2.Get()}, optim.Decay{Lambda: r.WeightDecay.Get(), Skip: r.Skip}, optim.LearningRate{LR: r.LR}}
}

// Fromage is x ← (x − α‖x‖/‖g‖·g)/√(1+α²), the norms by parameter (Bernstein et al. 2020, arXiv:2002.03432, algorithm 1).
// Defaults: α = 0.01, no floor under the norms; optax has the floor 1e-6.
type Fromage struct {
	LR      schedule.Schedule  `help:"relative step size α"`
	MinNorm optim.Opt[float64] `range:"0," help:"floor under both norms"`
	Preset  Preset             `help:"paper or library whose defaults and conventions apply"`
}

// Chain returns the transform that is the whole step.
func (r Fromage) Chain() optim.Chain {
	r = r.Resolved().(Fromage)
	return optim.Chain{optim.RelativeStep{LR: r.LR, MinNorm: r.MinNorm.Get()}}
}

// SignDescent is x ← x − α·sign(g) (Bernstein et al. 2018, arXiv:1802.04434, algorithm 1): normalized steepest descent in ℓ∞. Default:
// α = 0.001.
type SignDescent struct {
	LR schedule.Schedule `help:"step size α"`
}

// Chain returns the sign, and the step size.
func (r SignDescent) Chain() optim.Chain {
	r = r.Resolved().(SignDescent)
	return optim.Chain{optim.Signs{}, optim.LearningRate{LR: r.LR}}
}

// NormalizedDescent is the lecture's normalized gradient descent, x ← x − αg/‖g‖₂: normalized steepest descent in ℓ2, of all
// parameters together. Default: α = 0.01.
type NormalizedDescent struct {
	LR schedule.Schedule `help:"step size α"`
}

// Chain returns the division by the norm, and the step size.
func (r NormalizedDescent) Chain() optim.Chain {
	r = r.Resolved().(NormalizedDescent)
	return optim.Chain{optim.Normalize{}, optim.LearningRate{LR: r.LR}}
}

// inOrder returns momentum and step size in the order of the place.
func inOrder(place LRPlace, velocity, lr optim.Transformer) optim.Chain {
	if place == LRInside {
		return optim.Chain{lr, velocity}
	}
	return optim.Chain{velocity, lr}
}
