package matrix

import (
	"steepest/optim"
	"steepest/optim/norm"
)

// AdaMuon is Muon that divides the polar factor, element by element, by the root of a running average of its squares, and scales it back to the
// norm of a polar factor: O = polar(sign(u)), v ← β₂v + (1−β₂)O², x ← x − α(s·N(O/(√v + ε)) + λx) (Si, Zhang and Shen 2025, arXiv:2507.11005,
// algorithm 1). Defaults: those of Muon, but s = 0.2√max(r,c), so that steps have the root mean square 0.2; λ = 0.01 if Muon's preset is keller;
// β₂ = μ, ε = 1e-8, and no bias correction of v, as in the authors' code, github.com/Chongjie-Si/AdaMuon. The AdaMuon of pytorch_optimizer is
// momentum=0.9,nesterov=false,signs=false,corrected=true,beta2=0.95,root-eps=1e-10,weight-decay=0,polar=torch.
type AdaMuon struct {
	Muon
	Beta2     optim.Opt[float64] `range:"0,1" help:"decay β₂ of the average square of the polar factor"`
	RootEps   optim.Opt[float64] `range:"0," help:"ε added to the root of the average square"`
	Signs     optim.Opt[bool]    `help:"polar factor of the signs of the momentum"`
	Corrected optim.Opt[bool]    `help:"remove the bias of the average square"`
}

var _ optim.Router = AdaMuon{}

// Chain returns Muon's chain with the signs before the polar factor, and the division and the norm after it.
func (r AdaMuon) Chain() optim.Chain {
	r = r.Resolved().(AdaMuon)
	before := optim.Chain{r.velocity()}
	if r.Signs.Get() {
		before = append(before, optim.Signs{})
	}
	return r.around(before, optim.Chain{
		optim.MeanSquare{Gamma: r.Beta2.Get(), Eps: r.RootEps.Get(), Corrected: r.Corrected.Get()},
		LMO{Norm: norm.L2}, ScaleByShape{Scale: ScaleShorter, Radius: 1},
	})
}

// Routes sends the matrices to Chain and the rest to AdamW.
func (r AdaMuon) Routes() optim.Routes { return r.routes("adamuon", r.Chain()) }

// MuonSquared is Muon on Adam's ratio of moments, x ← x − α(s·polar(u/(√v + ε)) + λx), with the momentum u and v ← β₂v + (1−β₂)g². Neither has a
// bias correction, for any form of the momentum (Muon², 2026, arXiv:2604.09967; the 7th result of the speedrun's third track, 2026). Defaults:
// those of Muon, β₂ = 0.95 and ε = 1e-10.
type MuonSquared struct {
	Muon
	Beta2   optim.Opt[float64] `range:"0,1" help:"decay β₂ of the average square of gradients"`
	RootEps optim.Opt[float64] `range:"0," help:"ε added to the root of the average square"`
}

var _ optim.Router = MuonSquared{}

// Chain returns Muon's chain with the ratio of moments instead of the momentum.
func (r MuonSquared) Chain() optim.Chain {
	r = r.Resolved().(MuonSquared)
	return r.around(optim.Chain{optim.AdaptiveMoments{
		Beta1: r.Momentum.Get(), Beta2: r.Beta2.Get(), Eps: r.RootEps.Get(), Nesterov: r.Nesterov.Get(), Biased: true,
	}}, nil)
}

// Routes sends the matrices to Chain and the rest to AdamW.
func (r MuonSquared) Routes() optim.Routes { return r.routes("muon-squared", r.Chain()) }
