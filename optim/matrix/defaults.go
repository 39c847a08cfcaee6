package matrix

import (
	"steepest/optim"
	"steepest/optim/matfun"
	"steepest/optim/norm"
	"steepest/optim/schedule"
)

// Resolved returns r with its defaults filled in.
func (r SteepestDescent) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.01)
	r.Norm = r.Norm.Fill(norm.Spectral)
	r.Polar = r.Polar.Fill(matfun.Exact)
	return r
}

// Resolved returns r with its defaults filled in.
func (r Muon) Resolved() optim.Rule {
	d := muonDefaults[r.Preset]
	r.LR = schedule.OrConstant(r.LR, d.lr)
	r.Momentum = r.Momentum.Fill(0.95)
	r.Form = r.Form.Fill(d.form)
	r.Nesterov = r.Nesterov.Fill(d.ahead)
	r.Polar = r.Polar.Fill(d.polar)
	r.Scale = r.Scale.Fill(d.scale)
	r.WeightDecay = r.WeightDecay.Fill(d.decay)
	r.Cautious = r.Cautious.Fill(d.cautious)
	r.Heads = r.Heads.Fill(1)
	r.Aux = r.Aux.OrElse(d.aux)
	if it := r.Polar.Get().Iteration(); it != nil {
		r.Steps, r.Eps = r.Steps.Fill(it.Steps), r.Eps.Fill(it.Eps)
	}
	return r
}

// Resolved returns r with its defaults filled in.
func (r NorMuon) Resolved() optim.Rule {
	r.Muon = r.Muon.Resolved().(Muon)
	if r.Preset == MuonSpeedrun {
		r.Longer, r.Beta2 = r.Longer.Fill(true), r.Beta2.Fill(0.9)
	}
	r.Longer, r.Beta2 = r.Longer.Fill(false), r.Beta2.Fill(0.95)
	return r
}

// Resolved returns r with its defaults filled in.
func (r AdaMuon) Resolved() optim.Rule {
	r.Scale = r.Scale.Fill(ScaleRMS)
	if r.Preset == MuonKeller {
		r.WeightDecay = r.WeightDecay.Fill(0.01)
	}
	r.Muon = r.Muon.Resolved().(Muon)
	r.Beta2, r.RootEps = r.Beta2.Fill(r.Momentum.Get()), r.RootEps.Fill(1e-8)
	r.Signs, r.Corrected = r.Signs.Fill(true), r.Corrected.Fill(false)
	return r
}

// Resolved returns r with its defaults filled in.
func (r MuonSquared) Resolved() optim.Rule {
	r.Muon = r.Muon.Resolved().(Muon)
	r.Beta2, r.RootEps = r.Beta2.Fill(0.95), r.RootEps.Fill(1e-10)
	return r
}

// Resolved returns r with its defaults filled in.
func (r Shampoo) Resolved() optim.Rule {
	d := shampooDefaults[r.Preset]
	r.LR = schedule.OrConstant(r.LR, 0.01)
	r.Beta1, r.Beta2, r.Corrected = r.Beta1.Fill(d.beta1), r.Beta2.Fill(d.beta2), r.Corrected.Fill(d.corrected)
	r.Block = r.Block.Fill(d.block)
	switch {
	case r.Eps == optim.Set(0.0):
		d.ridge = matfun.PseudoInverse
	case r.Root == matfun.ByNewton && d.ridge == matfun.ShiftNegative:
		d.ridge = matfun.Shift
	}
	if r.Ridge = r.Ridge.Fill(d.ridge); r.Ridge.Get() == matfun.PseudoInverse {
		d.eps = 0
	}
	r.Eps = r.Eps.Fill(d.eps)
	r.RootInterval = r.RootInterval.Fill(1)
	r.Start = r.Start.Fill(r.RootInterval.Get())
	if r.Graft == GraftAdam {
		r.GraftBeta2 = r.GraftBeta2.Fill(0.999)
	}
	r.GraftBeta2 = r.GraftBeta2.Fill(0.99)
	r.GraftEps = r.GraftEps.Fill(1e-10)
	r.MaxOrder = r.MaxOrder.Fill(1200)
	r.Momentum, r.WeightDecay = r.Momentum.Fill(0), r.WeightDecay.Fill(0)
	return r
}

// Resolved returns r with its defaults filled in.
func (r SOAP) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.003)
	r.Beta1, r.Beta2, r.Eps = r.Beta1.Fill(0.95), r.Beta2.Fill(0.95), r.Eps.Fill(1e-8)
	r.ShampooBeta = r.ShampooBeta.Fill(r.Beta2.Get())
	r.WeightDecay = r.WeightDecay.Fill(0.01)
	r.BasisInterval, r.MaxOrder = r.BasisInterval.Fill(10), r.MaxOrder.Fill(10000)
	return r
}

// Resolved returns r with its defaults filled in.
func (r KLSOAP) Resolved() optim.Rule {
	r.Beta2 = r.Beta2.Fill(0.9)
	r.SOAP, r.Initial = r.SOAP.Resolved().(SOAP), r.Initial.Fill(0.1)
	return r
}

// Resolved returns r with its defaults filled in.
func (r KLShampoo) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.003)
	r.Beta1, r.ShampooBeta, r.Initial = r.Beta1.Fill(0.95), r.ShampooBeta.Fill(0.9), r.Initial.Fill(0.1)
	r.WeightDecay = r.WeightDecay.Fill(0.01)
	r.BasisInterval, r.MaxOrder = r.BasisInterval.Fill(10), r.MaxOrder.Fill(10000)
	return r
}

// Resolved returns r with its defaults filled in.
func (r Scion) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0x1p-12)
	r.Momentum, r.Radius, r.HeadRadius = r.Momentum.Fill(0.9), r.Radius.Fill(50), r.HeadRadius.Fill(3000)
	r.Polar = r.Polar.Fill(matfun.Keller)
	return r
}

// Resolved returns r with its defaults filled in.
func (r Dion) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.01)
	r.Momentum, r.RankFraction, r.WeightDecay = r.Momentum.Fill(0.95), r.RankFraction.Fill(0.25), r.WeightDecay.Fill(0.01)
	r.Aux = r.Aux.OrElse(muonDefaults[MuonDion].aux)
	return r
}

// Resolved returns r with its defaults filled in.
func (r Dion2) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.01)
	r.Fraction, r.Momentum, r.WeightDecay = r.Fraction.Fill(0.25), r.Momentum.Fill(0.95), r.WeightDecay.Fill(0.01)
	r.Polar, r.Eps, r.Scale, r.Heads = r.Polar.Fill(matfun.Speedrun), r.Eps.Fill(1e-8), r.Scale.Fill(ScaleRatio), r.Heads.Fill(1)
	if it := r.Polar.Get().Iteration(); it != nil {
		r.Steps = r.Steps.Fill(it.Steps)
	}
	r.Aux = r.Aux.OrElse(muonDefaults[MuonDion].aux)
	return r
}

// Resolved returns r with its defaults filled in.
func (r Dion3) Resolved() optim.Rule {
	r.Dion2, r.Beta2 = r.Dion2.Resolved().(Dion2), r.Beta2.Fill(0.95)
	return r
}

// Resolved returns r with its defaults filled in.
func (r PSGD) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 3e-4)
	r.Momentum, r.FactorLR, r.Initial = r.Momentum.Fill(0.9), r.FactorLR.Fill(0.1), r.Initial.Fill(1)
	r.Interval, r.Flat, r.Grow = r.Interval.Fill(1/0.03), r.Flat.Fill(500), r.Grow.Fill(1000)
	r.Balance, r.MaxOrder = r.Balance.Fill(100), r.MaxOrder.Fill(8192)
	r.Clip, r.WeightDecay = r.Clip.Fill(1.1), r.WeightDecay.Fill(0)
	return r
}
