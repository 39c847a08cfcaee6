package optim

import "steepest/optim/schedule"

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
