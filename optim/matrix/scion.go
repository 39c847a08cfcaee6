package matrix

import (
	"steepest/optim"
	"steepest/optim/matfun"
	"steepest/optim/norm"
	"steepest/optim/schedule"
	"steepest/param"
)

// Scion steps along the linear minimization oracle of a norm that depends on the role of each parameter: m ← μm + (1−μ)g,
// x ← (1−α)x + αρ·lmo(m) (Pethick et al. 2025, arXiv:2502.07529, algorithm 2). This is the Frank–Wolfe step in a ball of radius ρ,
// which x does not leave. The unconstrained form has no factor (1−α). The unit balls:
//
//	                      norm                         −lmo(G)           ρ
//	matrices              spectral, from rms to rms    √(r/c)·UVᵀ        50
//	head and embeddings   largest entry, by inputs     sign(G)/c         3000
//	others                root mean square             √n·g/‖g‖₂         50
//
// The authors' code adds 1e-8 to the root mean square, and 1e-7 to the initial norm of polar factors. Here, as in the paper, the scale
// of g does not matter. Defaults: α = 2⁻¹², μ = 0.9, polar factors as in keller, but without ε.
type Scion struct {
	LR            schedule.Schedule        `help:"step size α"`
	Momentum      optim.Opt[float64]       `range:"0,1" help:"momentum μ; the authors' code states 1−μ"`
	Radius        optim.Opt[float64]       `range:"(0," help:"radius ρ of the balls between layers"`
	HeadRadius    optim.Opt[float64]       `range:"(0," help:"radius ρ of the ball of the head and of embeddings"`
	Unconstrained bool                     `help:"steps of a constant length, without the factor 1−α of x"`
	Polar         optim.Opt[matfun.Preset] `help:"how polar factors are computed"`
	Eps           float64                  `range:"0," help:"ε in the division by the norm of a matrix between layers"`
}

var _ optim.Router = Scion{}

// Chain returns the chain of the matrices between layers.
func (r Scion) Chain() optim.Chain { return r.Routes().Chain() }

// Routes assigns a ball to each role.
func (r Scion) Routes() optim.Routes {
	r = r.Resolved().(Scion)
	spectral := LMO{Norm: norm.Spectral, Iteration: iteration(r.Polar.Get(), optim.Opt[int]{}, optim.Set(r.Eps), false, false)}
	return optim.Routes{
		{Name: "spectral", Rule: r.in(spectral, ScaleRatio, r.Radius), Takes: HiddenMatrices.Takes},
		{Name: "sign", Rule: r.in(LMO{Norm: norm.LInf}, ScaleInputs, r.HeadRadius), Takes: func(p param.Param) bool {
			return AllMatrices.Takes(p) && !HiddenMatrices.Takes(p)
		}},
		{Name: "rms", Rule: r.in(LMO{Norm: norm.L2}, ScaleLonger, r.Radius)},
	}
}

// in returns the chain for the ball of a norm.
func (r Scion) in(ball LMO, s ShapeScale, radius optim.Opt[float64]) optim.Chain {
	shrink := 1.
	if r.Unconstrained {
		shrink = 0
	}
	return optim.Chain{
		optim.Average{Mu: schedule.Constant(r.Momentum.Get())}, ball, ScaleByShape{Scale: s, Radius: radius.Get()}, optim.Decay{Lambda: shrink},
		optim.LearningRate{LR: r.LR},
	}
}
