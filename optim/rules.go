package optim

import (
	"steepest/optim/matfun"
	"steepest/optim/norm"
	"steepest/optim/schedule"
	"steepest/param"
)

// SGD is stochastic gradient descent, x ← x − αg (Robbins and Monro 1951): gradient descent when the batch is the whole
// sum. Default: α = 0.01.
type SGD struct {
	LR schedule.Schedule `help:"step size α"`
}

// Chain is the step size alone.
func (r SGD) Chain() Chain {
	r = r.Resolved().(SGD)
	return Chain{LearningRate(r.LR)}
}

// HeavyBall is SGD with Polyak's momentum (1964), b ← μb + (1−d)g, x ← x − αb. The first b is g, whatever the dampening
// d, as in torch. Defaults: α = 0.01, μ = 0.9, d = 0, the step size after the momentum; torch α = 0.001, Keras the step
// size inside the momentum.
type HeavyBall struct {
	LR        schedule.Schedule `help:"step size α"`
	Momentum  Option            `range:"0,1" help:"momentum μ"`
	Dampening float64           `range:"0,1" help:"dampening d of the gradient"`
	LRPlace   LRPlace           `help:"step size after the momentum or inside it"`
	Preset    Preset            `help:"reference to follow"`
}

// Chain is the running sum and the step size in the order of LRPlace.
func (r HeavyBall) Chain() Chain {
	r = r.Resolved().(HeavyBall)
	return inOrder(r.LRPlace, Trace(r.Momentum.value, r.Dampening, false), LearningRate(r.LR))
}

// Nesterov is SGD with Nesterov's momentum (1983), the parameters standing at the look-ahead point: b ← μb + g,
// x ← x − α(g + μb) (Sutskever et al. 2013), or the same on an average (Dozat 2016). Defaults: α = 0.01, μ = 0.9, the
// step size after the momentum; torch α = 0.001, Keras the step size inside the momentum.
type Nesterov struct {
	LR       schedule.Schedule `help:"step size α"`
	Momentum Option            `range:"0,1" help:"momentum μ"`
	Form     NesterovForm      `help:"look-ahead on a sum or on an average"`
	LRPlace  LRPlace           `help:"step size after the momentum or inside it"`
	Preset   Preset            `help:"reference to follow"`
}

// Chain is the look-ahead of the running sum or average, and the step size.
func (r Nesterov) Chain() Chain {
	r = r.Resolved().(Nesterov)
	velocity := Trace(r.Momentum.value, 0, true)
	if r.Form == NesterovDozat {
		velocity = Average(r.Momentum.value, true, false)
	}
	return inOrder(r.LRPlace, velocity, LearningRate(r.LR))
}

// AdaGrad is s ← s + g², x ← x − αg/√(s + ε) (Duchi, Hazan and Singer 2011). Defaults: α = 0.01, s₀ = 0, ε = 1e-6 inside
// the root; torch ε = 1e-10 outside; optax and Keras s₀ = 0.1, ε = 1e-7 inside, Keras α = 0.001.
type AdaGrad struct {
	LR      schedule.Schedule `help:"step size α"`
	Initial Option            `range:"0," help:"sum of squares s₀ before the first step"`
	Eps     Option            `range:"0," help:"ε"`
	Place   EpsPlace          `help:"ε inside or outside the root"`
	Preset  Preset            `help:"reference to follow"`
}

// Chain is the division by the root of the sum of squares, and the step size.
func (r AdaGrad) Chain() Chain {
	r = r.Resolved().(AdaGrad)
	return Chain{SumSquares(r.Initial.value, r.Eps.value, r.Place), LearningRate(r.LR)}
}

// RMSProp is v ← γv + (1−γ)g², x ← x − αg/√(v + ε) (Tieleman and Hinton 2012), with three extensions: centered
// subtracts the square of the average gradient from v (Graves 2013), momentum sums the steps, and corrected removes the
// bias of v. Defaults: α = 0.001, γ = 0.9, ε = 1e-8 inside the root, no momentum, v₀ = 0; torch α = 0.01, γ = 0.99, ε
// outside, and the step size after the momentum instead of inside it; Keras ε = 1e-7.
type RMSProp struct {
	LR        schedule.Schedule `help:"step size α"`
	Gamma     Option            `range:"0,1" help:"decay γ of the average of squares"`
	Eps       Option            `range:"0," help:"ε"`
	Place     EpsPlace          `help:"ε inside or outside the root"`
	Initial   float64           `range:"0," help:"average of squares v₀ before the first step"`
	Centered  bool              `help:"divide by the deviation instead of the root mean square"`
	Corrected bool              `help:"remove the bias of the averages"`
	Momentum  float64           `range:"0,1" help:"momentum μ"`
	Nesterov  bool              `help:"look ahead of the momentum"`
	LRPlace   LRPlace           `help:"step size after the momentum or inside it"`
	Preset    Preset            `help:"reference to follow"`
}

// Chain is the division by the root mean square or the deviation, and the step size, with the momentum if there is one.
func (r RMSProp) Chain() Chain {
	r = r.Resolved().(RMSProp)
	scaling := MeanSquare
	if r.Centered {
		scaling = Deviation
	}
	scaled := scaling(r.Gamma.value, r.Initial, r.Eps.value, r.Place, r.Corrected)
	if r.Momentum == 0 {
		return Chain{scaled, LearningRate(r.LR)}
	}
	return append(Chain{scaled}, inOrder(r.LRPlace, Trace(r.Momentum, 0, r.Nesterov), LearningRate(r.LR))...)
}

// AdaDelta is x ← x − α√(d+ε)/√(v+ε)·g with running averages v of g² and d of the squared updates (Zeiler 2012).
// Defaults: α = 1, ρ = 0.9, ε = 1e-6; Keras α = 0.001, ρ = 0.95, ε = 1e-7.
type AdaDelta struct {
	LR     schedule.Schedule `help:"factor α of the update"`
	Rho    Option            `range:"0,1" help:"decay ρ of both averages"`
	Eps    Option            `range:"0," help:"ε in both roots"`
	Preset Preset            `help:"reference to follow"`
}

// Chain is the ratio of root mean squares, and the step size.
func (r AdaDelta) Chain() Chain {
	r = r.Resolved().(AdaDelta)
	return Chain{SquareRatio(r.Rho.value, r.Eps.value), LearningRate(r.LR)}
}

// Adam is m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², x ← x − αm̂/(√v̂ + ε) with m̂ = m/(1−β₁ᵗ) and v̂ = v/(1−β₂ᵗ) (Kingma and
// Ba 2015). Defaults: α = 0.001, β₁ = 0.9, β₂ = 0.999, ε = 1e-8; Keras ε = 1e-7 in the form EpsHat.
type Adam struct {
	LR      schedule.Schedule `help:"step size α"`
	Beta1   Option            `range:"0,1" help:"decay β₁ of the average gradient"`
	Beta2   Option            `range:"0,1" help:"decay β₂ of the average square"`
	Eps     Option            `range:"0," help:"ε"`
	Place   EpsPlace          `help:"ε inside or outside the root, or before the correction of bias"`
	EpsRoot float64           `range:"0," help:"a second ε, inside the root"`
	Preset  Preset            `help:"reference to follow"`
}

// Chain is the ratio of moments, and the step size.
func (r Adam) Chain() Chain {
	r = r.Resolved().(Adam)
	return Chain{AdaptiveMoments(r.moments()), LearningRate(r.LR)}
}

func (r Adam) moments() Moments {
	return Moments{Beta1: r.Beta1.value, Beta2: r.Beta2.value, Eps: r.Eps.value, Place: r.Place, EpsRoot: r.EpsRoot}
}

// AMSGrad is Adam divided by the root of the largest v so far (Reddi, Kale and Kumar 2018). Defaults: those of Adam, and
// the paper's form, which corrects no bias; torch and Keras take the maximum of the biased v, optax of the corrected.
type AMSGrad struct {
	Adam
	Form AMSGradForm `help:"maximum of the biased or of the corrected v, or no correction at all"`
}

// Chain is the ratio of moments with the maximum, and the step size.
func (r AMSGrad) Chain() Chain {
	r = r.Resolved().(AMSGrad)
	m := r.moments()
	m.AMSGrad = r.Form
	return Chain{AdaptiveMoments(m), LearningRate(r.LR)}
}

// AdamW is Adam with decoupled weight decay, x ← x − α(m̂/(√v̂ + ε) + λx) (Loshchilov and Hutter 2019). Defaults: those of
// Adam, and λ = 0.01; optax λ = 1e-4, Keras λ = 0.004.
type AdamW struct {
	Adam
	WeightDecay Option                 `range:"0," help:"decay λ"`
	Skip        func(param.Param) bool // names the parameters that do not decay; nil skips none
}

// Chain is the ratio of moments, the decay, and the step size.
func (r AdamW) Chain() Chain {
	r = r.Resolved().(AdamW)
	return Chain{AdaptiveMoments(r.moments()), Decay(r.WeightDecay.value, r.Skip), LearningRate(r.LR)}
}

// NAdam is Adam that looks ahead as Nesterov does (Dozat 2016): m̂ = βₜ₊₁m/(1−Πβ) + (1−βₜ)g/(1−Πβ), with βₜ constant, or
// rising as β₁(1 − ½·0.96^(tψ)). Defaults: those of Adam, ψ = 0 (constant); torch α = 0.002, ψ = 0.004; Keras ψ = 1,
// ε = 1e-7 outside.
type NAdam struct {
	Adam
	MomentumDecay Option `range:"0," help:"ψ of the rise of β₁; 0 keeps it constant"`
}

// Chain is the ratio of moments with the look-ahead, and the step size.
func (r NAdam) Chain() Chain {
	r = r.Resolved().(NAdam)
	m := r.moments()
	m.Nesterov, m.MomentumDecay = true, r.MomentumDecay.value
	return Chain{AdaptiveMoments(m), LearningRate(r.LR)}
}

// NAGGS is the accelerated gradient flow with noise by Gauss–Seidel splitting (Leplat, Merkulov, Katrutsa, Bershatsky
// and Oseledets 2022): γ ← (γ + αμ)/(1+α), v ← (γv + αμx − αg)/(γ + αμ), x ← (x + αv)/(1+α). Defaults: α = 0.05, μ = 1,
// γ₀ = 1.5 in the paper's order; the preset Torch follows the authors' torch code, α = 0.01, γ₀ = 1.
type NAGGS struct {
	LR     schedule.Schedule `help:"step size α of the flow"`
	Mu     Option            `range:"0," help:"strong convexity μ to assume"`
	Gamma  Option            `range:"(0," help:"damping γ₀ at the start"`
	Form   NAGGSForm         `help:"order of the updates, or γ frozen"`
	Preset Preset            `help:"reference to follow"`
}

// Chain is the flow, which is a whole step by itself.
func (r NAGGS) Chain() Chain {
	r = r.Resolved().(NAGGS)
	return Chain{AcceleratedFlow(r.LR, r.Mu.value, r.Gamma.value, r.Form)}
}

// Lion is x ← x − α(sign(β₁m + (1−β₁)g) + λx), m ← β₂m + (1−β₂)g (Chen et al. 2023). Defaults: α = 1e-4, β₁ = 0.9,
// β₂ = 0.99, λ = 0; optax λ = 0.001, Keras α = 0.001.
type Lion struct {
	LR          schedule.Schedule      `help:"step size α"`
	Beta1       Option                 `range:"0,1" help:"weight β₁ of the average in the sign"`
	Beta2       Option                 `range:"0,1" help:"decay β₂ of the average"`
	WeightDecay Option                 `range:"0," help:"decay λ"`
	Skip        func(param.Param) bool // names the parameters that do not decay; nil skips none
	Preset      Preset                 `help:"reference to follow"`
}

// Chain is the sign of the average, the decay, and the step size.
func (r Lion) Chain() Chain {
	r = r.Resolved().(Lion)
	return Chain{SignOfAverage(r.Beta1.value, r.Beta2.value), Decay(r.WeightDecay.value, r.Skip), LearningRate(r.LR)}
}

// Fromage is x ← (x − α‖x‖/‖g‖·g)/√(1+α²), the norms by parameter (Bernstein et al. 2020). Defaults: α = 0.01, no floor
// under the norms; optax has the floor 1e-6.
type Fromage struct {
	LR      schedule.Schedule `help:"relative step size α"`
	MinNorm Option            `range:"0," help:"floor under both norms"`
	Preset  Preset            `help:"reference to follow"`
}

// Chain is the relative step, which is a whole step by itself.
func (r Fromage) Chain() Chain {
	r = r.Resolved().(Fromage)
	return Chain{RelativeStep(r.LR, r.MinNorm.value)}
}

// SignDescent is x ← x − α·sign(g) (Bernstein et al. 2018, algorithm 1): normalized steepest descent in ℓ∞. Default:
// α = 0.001.
type SignDescent struct {
	LR schedule.Schedule `help:"step size α"`
}

// Chain is the sign, and the step size.
func (r SignDescent) Chain() Chain {
	r = r.Resolved().(SignDescent)
	return Chain{LMO(Oracle{Norm: norm.LInf}), LearningRate(r.LR)}
}

// NormalizedDescent is the lecture's normalized gradient descent, x ← x − αg/‖g‖₂: normalized steepest descent in ℓ2, of all
// parameters together. Default: α = 0.01.
type NormalizedDescent struct {
	LR schedule.Schedule `help:"step size α"`
}

// Chain is the division by the norm, and the step size.
func (r NormalizedDescent) Chain() Chain {
	r = r.Resolved().(NormalizedDescent)
	return Chain{Normalize(), LearningRate(r.LR)}
}

// SteepestDescent is the lecture's steepest descent in a norm of each matrix by itself, x ← x + α·lmo(g), or, if regularized,
// x ← x + α‖g‖*·lmo(g), the minimum of ⟨g, d⟩ + ‖d‖²/2α (Bernstein and Newhouse 2024, arXiv:2409.20325, proposition 1). In the
// spectral norm it is spectral descent, which is Muon without momentum. A vector is a matrix of one column. Defaults: α = 0.01, the
// spectral norm.
type SteepestDescent struct {
	LR          schedule.Schedule     `help:"step size α"`
	Norm        norm.Norm             `help:"norm of the ball"`
	Regularized bool                  `help:"multiply by the dual norm"`
	Polar       Choice[matfun.Preset] `help:"how polar factors are computed for the spectral norm"`
}

// Chain is the oracle, and the step size.
func (r SteepestDescent) Chain() Chain {
	r = r.Resolved().(SteepestDescent)
	return Chain{
		LMO(Oracle{Norm: r.Norm, Iteration: r.Polar.value.Iteration(), Regularized: r.Regularized}),
		LearningRate(r.LR),
	}
}

// inOrder returns momentum and step size in the order of the place.
func inOrder(place LRPlace, velocity, lr Transform) Chain {
	if place == LRInside {
		return Chain{lr, velocity}
	}
	return Chain{velocity, lr}
}
