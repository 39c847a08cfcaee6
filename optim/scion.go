package optim

import (
	"steepest/optim/matfun"
	"steepest/optim/norm"
	"steepest/optim/schedule"
	"steepest/param"
)

// Scion steps along the linear minimization oracle of a norm that suits the role of each parameter, m ← μm + (1−μ)g,
// x ← (1−α)x + αρ·lmo(m) (Pethick et al. 2025, arXiv:2502.07529, algorithm 2): the step of Frank and Wolfe in a ball of radius ρ,
// which x does not leave. The unconstrained form has no (1−α). The unit balls:
//
//	                      norm                         −lmo(G)           ρ
//	matrices              spectral, from rms to rms    √(r/c)·UVᵀ        50
//	head and embeddings   largest entry, by inputs     sign(G)/c         3000
//	others                root mean square             √n·g/‖g‖₂         50
//
// The authors' code adds 1e-8 to the root mean square; here, as in the paper, the scale of g does not matter. Defaults:
// α = 2⁻¹², μ = 0.9, polar factors as in keller.
type Scion struct {
	LR            schedule.Schedule     `help:"step size α"`
	Momentum      Option                `range:"0,1" help:"momentum μ, 1 minus that of the authors' code"`
	Radius        Option                `range:"(0," help:"radius ρ of the balls between layers"`
	HeadRadius    Option                `range:"(0," help:"radius ρ of the ball of the head and of embeddings"`
	Unconstrained bool                  `help:"steps of a length of its own, without shrinking x"`
	Polar         Choice[matfun.Preset] `help:"how polar factors are computed"`
}

var _ Router = Scion{}

// Chain is that of the matrices between layers.
func (r Scion) Chain() Chain { return r.Routes().Chain() }

// Routes give each role its ball.
func (r Scion) Routes() Routes {
	r = r.Resolved().(Scion)
	spectral := Oracle{Norm: norm.Spectral, Iteration: r.Polar.value.Iteration()}
	return Routes{
		{"spectral", r.in(spectral, ScaleRatio, r.Radius), HiddenMatrices.Takes},
		{"sign", r.in(Oracle{Norm: norm.LInf}, ScaleInputs, r.HeadRadius), func(p param.Param) bool {
			return AllMatrices.Takes(p) && !HiddenMatrices.Takes(p)
		}},
		{"rms", r.in(Oracle{Norm: norm.L2}, ScaleLonger, r.Radius), nil},
	}
}

// in returns the chain for a ball.
func (r Scion) in(o Oracle, s ShapeScale, radius Option) Chain {
	shrink := 1.
	if r.Unconstrained {
		shrink = 0
	}
	return Chain{
		Average(r.Momentum.value, false, false), LMO(o), ScaleByShape(radius.value, s), Decay(shrink, nil), LearningRate(r.LR),
	}
}
