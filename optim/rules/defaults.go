package rules

import (
	"steepest/optim"
	"steepest/optim/schedule"
)

// Each Resolved returns its rule with every field set that Chain reads: open fields take the defaults of the preset. Records
// of runs should keep this form.

// Resolved returns r with its defaults filled in.
func (r SGD) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.01)
	return r
}

// Resolved returns r with its defaults filled in.
func (r HeavyBall) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, choose(r.Preset, 0.01, 0.001, 0.01, 0.01))
	r.Momentum = r.Momentum.Fill(0.9)
	r.LRPlace = r.LRPlace.Fill(choose(r.Preset, LRAfter, LRAfter, LRAfter, LRInside))
	return r
}

// Resolved returns r with its defaults filled in.
func (r Nesterov) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, choose(r.Preset, 0.01, 0.001, 0.01, 0.01))
	r.Momentum = r.Momentum.Fill(0.9)
	r.LRPlace = r.LRPlace.Fill(choose(r.Preset, LRAfter, LRAfter, LRAfter, LRInside))
	return r
}

// Resolved returns r with its defaults filled in.
func (r AdaGrad) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, choose(r.Preset, 0.01, 0.01, 0.01, 0.001))
	r.Initial = r.Initial.Fill(choose(r.Preset, 0, 0, 0.1, 0.1))
	r.Eps = r.Eps.Fill(choose(r.Preset, 1e-6, 1e-10, 1e-7, 1e-7))
	r.EpsPlace = r.EpsPlace.Fill(choose(r.Preset, optim.EpsInside, optim.EpsOutside, optim.EpsInside, optim.EpsInside))
	return r
}

// Resolved returns r with its defaults filled in.
func (r FTRL) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, choose(r.Preset, 0.1, 0.1, 0.1, 0.001))
	r.Beta = r.Beta.Fill(choose(r.Preset, 1.0, 1, 1, 0))
	r.Initial = r.Initial.Fill(choose(r.Preset, 0, 0, 0, 0.1))
	return r
}

// Resolved returns r with its defaults filled in.
func (r RMSProp) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, choose(r.Preset, 0.001, 0.01, 0.001, 0.001))
	r.Gamma = r.Gamma.Fill(choose(r.Preset, 0.9, 0.99, 0.9, 0.9))
	r.Eps = r.Eps.Fill(choose(r.Preset, 1e-8, 1e-8, 1e-8, 1e-7))
	r.EpsPlace = r.EpsPlace.Fill(choose(r.Preset, optim.EpsInside, optim.EpsOutside, optim.EpsInside, optim.EpsInside))
	r.LRPlace = r.LRPlace.Fill(choose(r.Preset, LRInside, LRAfter, LRInside, LRInside))
	r.Initial, r.Momentum = r.Initial.Fill(0), r.Momentum.Fill(0)
	return r
}

// Resolved returns r with its defaults filled in.
func (r AdaDelta) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, choose(r.Preset, 1, 1, 1, 0.001))
	r.Rho = r.Rho.Fill(choose(r.Preset, 0.9, 0.9, 0.9, 0.95))
	r.Eps = r.Eps.Fill(choose(r.Preset, 1e-6, 1e-6, 1e-6, 1e-7))
	return r
}

// Resolved returns r with its defaults filled in.
func (r Adam) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.001)
	r.Beta1, r.Beta2 = r.Beta1.Fill(0.9), r.Beta2.Fill(0.999)
	r.Eps = r.Eps.Fill(choose(r.Preset, 1e-8, 1e-8, 1e-8, 1e-7))
	r.EpsPlace = r.EpsPlace.Fill(choose(r.Preset, optim.EpsOutside, optim.EpsOutside, optim.EpsOutside, optim.EpsHat))
	return r
}

// Resolved returns r with its defaults filled in.
func (r AMSGrad) Resolved() optim.Rule {
	r.Adam = r.Adam.Resolved().(Adam)
	r.Form = r.Form.Fill(choose(r.Preset, optim.MaximumOfPaper, optim.MaximumOfUncorrected, optim.MaximumOfCorrected, optim.MaximumOfUncorrected))
	return r
}

// Resolved returns r with its defaults filled in.
func (r AdamW) Resolved() optim.Rule {
	r.Adam = r.Adam.Resolved().(Adam)
	r.WeightDecay = r.WeightDecay.Fill(choose(r.Preset, 0.01, 0.01, 1e-4, 0.004))
	return r
}

// Resolved returns r with its defaults filled in.
func (r NAdam) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, choose(r.Preset, 0.001, 0.002, 0.001, 0.001))
	r.EpsPlace = r.EpsPlace.Fill(optim.EpsOutside)
	r.Adam = r.Adam.Resolved().(Adam)
	r.MomentumDecay = r.MomentumDecay.Fill(choose(r.Preset, 0, 0.004, 0, 1))
	return r
}

// Resolved returns r with its defaults filled in.
func (r NAGGS) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, choose(r.Preset, 0.05, 0.01, 0.05, 0.05))
	r.Mu = r.Mu.Fill(1)
	r.Gamma = r.Gamma.Fill(choose(r.Preset, 1.5, 1, 1.5, 1.5))
	r.Form = r.Form.Fill(choose(r.Preset, optim.FlowOfPaper, optim.FlowOfTorch, optim.FlowOfPaper, optim.FlowOfPaper))
	return r
}

// Resolved returns r with its defaults filled in.
func (r Lion) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, choose(r.Preset, 1e-4, 1e-4, 1e-4, 0.001))
	r.Beta1, r.Beta2 = r.Beta1.Fill(0.9), r.Beta2.Fill(0.99)
	r.WeightDecay = r.WeightDecay.Fill(choose(r.Preset, 0, 0, 0.001, 0))
	return r
}

// Resolved returns r with its defaults filled in.
func (r Fromage) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.01)
	r.MinNorm = r.MinNorm.Fill(choose(r.Preset, 0, 0, 1e-6, 0))
	return r
}

// Resolved returns r with its defaults filled in.
func (r SignDescent) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.001)
	return r
}

// Resolved returns r with its defaults filled in.
func (r NormalizedDescent) Resolved() optim.Rule {
	r.LR = schedule.OrConstant(r.LR, 0.01)
	return r
}

// OrElse returns r with its open fields taken from other, and then from its own defaults.
func (r AdamW) OrElse(other AdamW) AdamW {
	if r.LR == nil {
		r.LR = other.LR
	}
	other = other.Resolved().(AdamW)
	r.Beta1, r.Beta2 = r.Beta1.Fill(other.Beta1.Get()), r.Beta2.Fill(other.Beta2.Get())
	r.Eps, r.EpsPlace = r.Eps.Fill(other.Eps.Get()), r.EpsPlace.Fill(other.EpsPlace.Get())
	r.WeightDecay = r.WeightDecay.Fill(other.WeightDecay.Get())
	return r.Resolved().(AdamW)
}

func choose[E any](p Preset, lecture, torch, optax, keras E) E {
	return [...]E{lecture, torch, optax, keras}[p]
}
