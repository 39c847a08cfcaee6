package methods

import (
	"steepest/optim"
	"steepest/optim/matrix"
	"steepest/optim/norm"
	"steepest/optim/schedule"
)

// Link is a transform that may follow a method in a chain: a row of the table of links.
type Link struct {
	// Name is the link's name in a chain.
	Name string
	// Formula is the transform of the update u in one line.
	Formula string
	// Transform holds the hyperparameters with their defaults. The first one may be given without its name: decay:0.1.
	Transform optim.Transformer
	// Place is the link's place in the chain.
	Place Place
	// Matrices says that the link is for matrices between layers.
	Matrices bool
	// Untuned, for a link that finds the step size, is a chain with the link that is meant to run with its defaults; "" for other links.
	Untuned string
}

// Place is the place of a link relative to the decay and the step size of the method that it follows.
type Place uint8

// The places.
const (
	// Front links come before the decay and the step size.
	Front Place = iota
	// Shrinks replaces the method's own decay.
	Shrinks
	// Steps sets the place of the method's step size.
	Steps
	// Wholes replaces the decay and the step size.
	Wholes
	// Behinds links come after the decay and the step size.
	Behinds
	// Heads links come before the method itself, and see the gradient.
	Heads
)

// Links returns the table of links.
func Links() []Link { return append([]Link(nil), links...) }

var links = []Link{
	{Name: "momentum", Formula: "b ← μb + u,  u ← b", Transform: optim.Trace{Mu: 0.9}},
	{Name: "average", Formula: "m ← μm + (1−μ)u,  u ← m", Transform: optim.Average{Mu: schedule.Constant(0.9)}},
	{Name: "rms", Formula: "v ← γv + (1−γ)u²,  u ← u/(√v + ε)", Transform: optim.MeanSquare{Gamma: 0.95, Eps: 1e-8}},
	{Name: "sign", Formula: "u ← sign(u)", Transform: optim.Signs{}},
	{Name: "normalize", Formula: "u ← u/‖u‖₂", Transform: optim.Normalize{}},
	{Name: "clip", Formula: "u ← max(−c, min(c, u))", Transform: optim.Clip{Limit: 1}},
	{Name: "clip-norm", Formula: "u ← u·min(1, c/‖u‖₂)", Transform: optim.ClipNorm{Limit: 1}},
	{Name: "factored", Formula: "u ← u/√(rcᵀ/mean(r))", Transform: matrix.FactoredSquares{Rate: 0.8, Beta: 1, Eps: 1e-30}},
	{Name: "clip-rms", Formula: "u ← u·min(1, d/rms(u))", Transform: optim.ClipRMS{Limit: 1}},
	{Name: "relative", Formula: "u ← max(ε, rms(x))·u", Transform: optim.RelativeToRMS{Min: 1e-3}},
	{Name: "cautious", Formula: "u ← u·[ug > 0]·d/(n+1)", Transform: optim.Cautious{}},
	{Name: "trust", Formula: "u ← κ‖x‖/‖u‖·u", Transform: optim.TrustRatio{Coefficient: 1}},
	{Name: "whiten", Formula: "u ← QᵀQuQ'ᵀQ',  with Q and Q' that make u white",
		Transform: matrix.Whiten{Rate: 0.1, Initial: 1, Interval: 1 / 0.03, Flat: 500, Grow: 1000, Balance: 100, MaxOrder: 8192}},
	{Name: "eigenbasis", Formula: "u' = Q_LᵀuQ_R,  v ← βv + (1−β)u'²,  u ← Q_L(u'/(√v + ε))Q_Rᵀ",
		Transform: matrix.DivideInEigenbasis{Beta: 0.95, Eps: 1e-8, BasisInterval: 10, MaxOrder: 10000}},
	{Name: "roots", Formula: "L ← βL + (1−β)uuᵀ,  R ← βR + (1−β)uᵀu,  u ← L^(−γ)uR^(−γ)",
		Transform: matrix.BetweenRoots{Exponent: 0.25, Beta: 0.95, Eps: 1e-6, Interval: 1, MaxOrder: 10000}},
	{Name: "choose", Formula: "m ← m + u,  u ← the largest rows or columns of m,  m ← m − (1−μ)u", Transform: matrix.ChooseLargest{Fraction: 0.25, Mu: 0.95}, Matrices: true},
	{Name: "polar", Formula: "u ← polar(u)", Transform: matrix.Polar{BalanceRate: 0.5}, Matrices: true},
	{Name: "polar-power", Formula: "u ← (uuᵀ)^(p/2)·polar(u), p along a logistic curve",
		Transform: matrix.PolarPower{First: 0.25, Last: -0.25, Half: 128, Width: 128}, Matrices: true},
	{Name: "normuon", Formula: "u ← u/√v_row", Transform: matrix.NormalizeNeurons{Beta: 0.95, Eps: 1e-10}, Matrices: true},
	{Name: "unit", Formula: "u ← u/‖u‖_F, by matrices", Transform: matrix.LMO{Norm: norm.L2}, Matrices: true},
	{Name: "shape", Formula: "u ← s(rows, cols)·u", Transform: matrix.ScaleByShape{Scale: matrix.ScaleClamped, Radius: 1}, Matrices: true},
	{Name: "brake", Formula: "u ← u + (ω−1)·min(0, ⟨u, x⟩)/‖x‖²·x", Transform: matrix.RadialBrake{Outward: schedule.Constant(0.5)}, Matrices: true},
	{Name: "floor", Formula: "u ← u·max(1, ρ‖x‖/‖u‖)", Transform: matrix.UpdateFloor{Ratio: schedule.Constant(0.35)}, Matrices: true},
	{Name: "decay", Formula: "u ← u + λx", Transform: optim.Decay{Lambda: 0.01}, Place: Shrinks},
	{Name: "cautious-decay", Formula: "u ← u + λx·[ux ≥ 0]", Transform: optim.CautiousDecay{Lambda: 0.01}, Place: Shrinks},
	{Name: "lr", Formula: "u ← αu", Transform: optim.LearningRate{}, Place: Steps},
	{Name: "hyperball", Formula: "x ← R·N(x − αR·N(u))", Transform: matrix.Hyperball{}, Place: Wholes, Matrices: true},
	{Name: "schedule-free", Formula: "z ← z − u,  x ← (1−c)x + cz", Transform: optim.ScheduleFree{Beta: 0.9, LRPower: 2}, Place: Behinds},
	{Name: "mechanic", Formula: "x ← x₀ − s·Σu, with s by six bettors", Transform: optim.Mechanic{Initial: 1e-6, Lambda: 0.01, Eps: 1e-8}, Place: Behinds, Untuned: "adamw:lr=1+mechanic"},
	{Name: "weight-norm", Formula: "w = g·v/‖v‖ by rows,  v ← v − u,  g by Adam;  links before it see ∂f/∂v",
		Transform: matrix.WeightNorm{Target: 1, Power: 1, Beta1: 0.9, Beta2: 0.95, Eps: 1e-8, Empty: 0.5744562646538029}, Place: Behinds, Matrices: true},
	{Name: "pin", Formula: "x ← (x − u)·(‖x‖ − ⟨u, x⟩/‖x‖)/‖x − u‖", Transform: matrix.RadiusPin{}, Place: Behinds, Matrices: true},
	{Name: "ema-nesterov", Formula: "x ← x + βb − u,  b ← γb + (1−γ)(x − x₋),  g at x + βb", Transform: optim.AverageAhead{Beta: schedule.Constant(0.3), Gamma: 0.99}, Place: Behinds},
	{Name: "anchor", Formula: "x ← x − u − λ(x − a),  a the x of a step", Transform: optim.Anchor{Lambda: schedule.Constant(0.1)}, Place: Behinds},
	{Name: "average-move", Formula: "b ← γb − (1−γ)u,  x ← x − u + β·min(1, ρ‖x − u‖/‖b‖)·b", Transform: optim.MoveByAverage{Beta: -1, Gamma: 0.9}, Place: Behinds},
	{Name: "reduced-rank", Formula: "x ← x − u + δ(γ₁u₋₂ + γ₂u₋₁ + γ₃u) in every k-th step", Transform: optim.ReducedRank{Every: 5, Damping: 0.875, Most: 0.001}, Place: Behinds},
	{Name: "lookahead", Formula: "s ← s + α(x − u − s),  x ← s in every k-th step", Transform: optim.Lookahead{Steps: 5, Alpha: 0.5}, Place: Behinds},
	{Name: "extrapolate", Formula: "g ← g + γ(g − g₋)", Transform: optim.Extrapolate{Gamma: 0.475}, Place: Heads},
}
