package matrix

import (
	"steepest/optim"
	"steepest/optim/matfun"
	"steepest/optim/norm"
	"steepest/optim/schedule"
)

// SteepestDescent is the lecture's steepest descent in a norm, for each matrix separately: x ← x + α·lmo(g), or, if regularized,
// x ← x + α‖g‖*·lmo(g), the minimizer of ⟨g, d⟩ + ‖d‖²/2α (Bernstein and Newhouse 2024, arXiv:2409.20325, proposition 1). In the
// spectral norm it is spectral descent: Muon without momentum. A vector is a matrix of one column. Defaults: α = 0.01, the spectral
// norm.
type SteepestDescent struct {
	LR          schedule.Schedule        `help:"step size α"`
	Norm        optim.Opt[norm.Norm]     `help:"norm of the ball"`
	Regularized bool                     `help:"multiply by the dual norm"`
	Polar       optim.Opt[matfun.Preset] `help:"how polar factors are computed for the spectral norm"`
}

// Chain returns the oracle, and the step size.
func (r SteepestDescent) Chain() optim.Chain {
	r = r.Resolved().(SteepestDescent)
	return optim.Chain{
		LMO{Norm: r.Norm.Get(), Iteration: r.Polar.Get().Iteration(), Regularized: r.Regularized},
		optim.LearningRate{LR: r.LR},
	}
}
