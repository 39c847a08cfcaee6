package optim

import (
	"steepest/optim/matfun"
	"steepest/optim/norm"
	"steepest/optim/schedule"
)

// Each Resolved returns its rule with every field set that Chain reads: what the caller left open takes the default of
// the preset. It is what a record of a run should keep.

// Resolved returns r with its defaults filled in.
func (r SGD) Resolved() Rule {
	r.LR = orConstant(r.LR, 0.01)
	return r
}

// Resolved returns r with its defaults filled in.
func (r HeavyBall) Resolved() Rule {
	r.LR = orConstant(r.LR, choose(r.Preset, 0.01, 0.001, 0.01, 0.01))
	r.Momentum = r.Momentum.or(0.9)
	r.LRPlace = orEnum(r.LRPlace, choose(r.Preset, LRAfter, LRAfter, LRAfter, LRInside))
	return r
}

// Resolved returns r with its defaults filled in.
func (r Nesterov) Resolved() Rule {
	r.LR = orConstant(r.LR, choose(r.Preset, 0.01, 0.001, 0.01, 0.01))
	r.Momentum = r.Momentum.or(0.9)
	r.LRPlace = orEnum(r.LRPlace, choose(r.Preset, LRAfter, LRAfter, LRAfter, LRInside))
	return r
}

// Resolved returns r with its defaults filled in.
func (r AdaGrad) Resolved() Rule {
	r.LR = orConstant(r.LR, choose(r.Preset, 0.01, 0.01, 0.01, 0.001))
	r.Initial = r.Initial.or(choose(r.Preset, 0, 0, 0.1, 0.1))
	r.Eps = r.Eps.or(choose(r.Preset, 1e-6, 1e-10, 1e-7, 1e-7))
	r.Place = orEnum(r.Place, choose(r.Preset, EpsInside, EpsOutside, EpsInside, EpsInside))
	return r
}

// Resolved returns r with its defaults filled in.
func (r RMSProp) Resolved() Rule {
	r.LR = orConstant(r.LR, choose(r.Preset, 0.001, 0.01, 0.001, 0.001))
	r.Gamma = r.Gamma.or(choose(r.Preset, 0.9, 0.99, 0.9, 0.9))
	r.Eps = r.Eps.or(choose(r.Preset, 1e-8, 1e-8, 1e-8, 1e-7))
	r.Place = orEnum(r.Place, choose(r.Preset, EpsInside, EpsOutside, EpsInside, EpsInside))
	r.LRPlace = orEnum(r.LRPlace, choose(r.Preset, LRInside, LRAfter, LRInside, LRInside))
	return r
}

// Resolved returns r with its defaults filled in.
func (r AdaDelta) Resolved() Rule {
	r.LR = orConstant(r.LR, choose(r.Preset, 1, 1, 1, 0.001))
	r.Rho = r.Rho.or(choose(r.Preset, 0.9, 0.9, 0.9, 0.95))
	r.Eps = r.Eps.or(choose(r.Preset, 1e-6, 1e-6, 1e-6, 1e-7))
	return r
}

// Resolved returns r with its defaults filled in.
func (r Adam) Resolved() Rule {
	r.LR = orConstant(r.LR, 0.001)
	r.Beta1, r.Beta2 = r.Beta1.or(0.9), r.Beta2.or(0.999)
	r.Eps = r.Eps.or(choose(r.Preset, 1e-8, 1e-8, 1e-8, 1e-7))
	r.Place = orEnum(r.Place, choose(r.Preset, EpsOutside, EpsOutside, EpsOutside, EpsHat))
	return r
}

// Resolved returns r with its defaults filled in.
func (r AMSGrad) Resolved() Rule {
	r.Adam = r.Adam.Resolved().(Adam)
	r.Form = orEnum(r.Form, choose(r.Preset, AMSGradPaper, AMSGradUncorrected, AMSGradCorrected, AMSGradUncorrected))
	return r
}

// Resolved returns r with its defaults filled in.
func (r AdamW) Resolved() Rule {
	r.Adam = r.Adam.Resolved().(Adam)
	r.WeightDecay = r.WeightDecay.or(choose(r.Preset, 0.01, 0.01, 1e-4, 0.004))
	return r
}

// Resolved returns r with its defaults filled in.
func (r NAdam) Resolved() Rule {
	r.LR = orConstant(r.LR, choose(r.Preset, 0.001, 0.002, 0.001, 0.001))
	r.Place = orEnum(r.Place, EpsOutside)
	r.Adam = r.Adam.Resolved().(Adam)
	r.MomentumDecay = r.MomentumDecay.or(choose(r.Preset, 0, 0.004, 0, 1))
	return r
}

// Resolved returns r with its defaults filled in.
func (r NAGGS) Resolved() Rule {
	r.LR = orConstant(r.LR, choose(r.Preset, 0.05, 0.01, 0.05, 0.05))
	r.Mu = r.Mu.or(1)
	r.Gamma = r.Gamma.or(choose(r.Preset, 1.5, 1, 1.5, 1.5))
	r.Form = orEnum(r.Form, choose(r.Preset, NAGGSPaper, NAGGSTorch, NAGGSPaper, NAGGSPaper))
	return r
}

// Resolved returns r with its defaults filled in.
func (r Lion) Resolved() Rule {
	r.LR = orConstant(r.LR, choose(r.Preset, 1e-4, 1e-4, 1e-4, 0.001))
	r.Beta1, r.Beta2 = r.Beta1.or(0.9), r.Beta2.or(0.99)
	r.WeightDecay = r.WeightDecay.or(choose(r.Preset, 0, 0, 0.001, 0))
	return r
}

// Resolved returns r with its defaults filled in.
func (r Fromage) Resolved() Rule {
	r.LR = orConstant(r.LR, 0.01)
	r.MinNorm = r.MinNorm.or(choose(r.Preset, 0, 0, 1e-6, 0))
	return r
}

// Resolved returns r with its defaults filled in.
func (r SignDescent) Resolved() Rule {
	r.LR = orConstant(r.LR, 0.001)
	return r
}

// Resolved returns r with its defaults filled in.
func (r NormalizedDescent) Resolved() Rule {
	r.LR = orConstant(r.LR, 0.01)
	return r
}

// Resolved returns r with its defaults filled in.
func (r SteepestDescent) Resolved() Rule {
	r.LR = orConstant(r.LR, 0.01)
	if r.Norm == (norm.Norm{}) {
		r.Norm = norm.Spectral
	}
	r.Polar = r.Polar.or(matfun.Exact)
	return r
}

// Resolved returns r with its defaults filled in.
func (r Muon) Resolved() Rule {
	d := muonDefaults[r.Preset]
	r.LR = orConstant(r.LR, d.lr)
	r.Momentum = r.Momentum.or(0.95)
	r.Form = orEnum(r.Form, d.form)
	r.Nesterov = orEnum(r.Nesterov, d.ahead)
	r.Polar = r.Polar.or(d.polar)
	r.Scale = orEnum(r.Scale, d.scale)
	r.WeightDecay = r.WeightDecay.or(d.decay)
	r.Cautious = orEnum(r.Cautious, d.cautious)
	r.Aux = r.Aux.orElse(d.aux)
	if it := r.Polar.value.Iteration(); it != nil {
		r.Eps = r.Eps.or(it.Eps)
	}
	return r
}

// Resolved returns r with its defaults filled in.
func (r NorMuon) Resolved() Rule {
	r.Muon = r.Muon.Resolved().(Muon)
	if r.Preset == MuonSpeedrun {
		r.Longer, r.Beta2 = orEnum(r.Longer, On), r.Beta2.or(0.9)
	}
	r.Longer, r.Beta2 = orEnum(r.Longer, Off), r.Beta2.or(0.95)
	return r
}

// Resolved returns r with its defaults filled in.
func (r Shampoo) Resolved() Rule {
	d := shampooDefaults[r.Preset]
	r.LR = orConstant(r.LR, 0.01)
	r.Beta1, r.Beta2, r.Block = r.Beta1.or(d.beta1), r.Beta2.or(1), r.Block.or(d.block)
	switch {
	case r.Eps == Set(0):
		d.ridge = matfun.PseudoInverse
	case r.Root == matfun.ByNewton:
		d.ridge = matfun.Shift
	}
	if r.Ridge = r.Ridge.or(d.ridge); r.Ridge.value == matfun.PseudoInverse {
		d.eps = 0
	}
	r.Eps = r.Eps.or(d.eps)
	r.Every = max(1, r.Every)
	if r.Start == 0 {
		r.Start = r.Every
	}
	if r.Graft == GraftAdam {
		r.GraftBeta2 = r.GraftBeta2.or(0.999)
	}
	r.GraftBeta2 = r.GraftBeta2.or(0.99)
	r.GraftEps = r.GraftEps.or(1e-10)
	if r.MaxOrder == 0 {
		r.MaxOrder = 1200
	}
	r.Momentum, r.WeightDecay = r.Momentum.or(0), r.WeightDecay.or(0)
	return r
}

// Resolved returns r with its defaults filled in.
func (r SOAP) Resolved() Rule {
	r.LR = orConstant(r.LR, 0.003)
	r.Beta1, r.Beta2, r.Eps = r.Beta1.or(0.95), r.Beta2.or(0.95), r.Eps.or(1e-8)
	r.ShampooBeta = r.ShampooBeta.or(r.Beta2.value)
	r.WeightDecay = r.WeightDecay.or(0.01)
	if r.Every == 0 {
		r.Every = 10
	}
	if r.MaxOrder == 0 {
		r.MaxOrder = 10000
	}
	return r
}

// Resolved returns r with its defaults filled in.
func (r Scion) Resolved() Rule {
	r.LR = orConstant(r.LR, 0x1p-12)
	r.Momentum, r.Radius, r.HeadRadius = r.Momentum.or(0.9), r.Radius.or(50), r.HeadRadius.or(3000)
	r.Polar = r.Polar.or(matfun.Keller)
	return r
}

// Resolved returns r with its defaults filled in.
func (r Dion) Resolved() Rule {
	r.LR = orConstant(r.LR, 0.01)
	r.Momentum, r.RankFraction, r.WeightDecay = r.Momentum.or(0.95), r.RankFraction.or(0.25), r.WeightDecay.or(0.01)
	r.Aux = r.Aux.orElse(muonDefaults[MuonDion].aux)
	return r
}

// orElse returns r with what it leaves open taken from another.
func (r AdamW) orElse(def AdamW) AdamW {
	if r.LR == nil {
		r.LR = def.LR
	}
	r.Beta1, r.Beta2, r.Eps = r.Beta1.or(def.Beta1.value), r.Beta2.or(def.Beta2.value), r.Eps.or(def.Eps.value)
	r.Place = orEnum(r.Place, def.Place)
	r.WeightDecay = r.WeightDecay.or(def.WeightDecay.value)
	return r.Resolved().(AdamW)
}

func choose[E any](p Preset, lecture, torch, optax, keras E) E {
	return [...]E{lecture, torch, optax, keras}[p]
}

func orConstant(s schedule.Schedule, def float64) schedule.Schedule {
	if s == nil {
		return schedule.Constant(def)
	}
	return s
}

// orEnum returns e, or def where e is 0, the value that leaves the choice to the preset.
func orEnum[E ~uint8](e, def E) E {
	if e == 0 {
		return def
	}
	return e
}
