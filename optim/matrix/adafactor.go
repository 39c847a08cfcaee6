package matrix

import (
	"math"

	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
)

// Adafactor divides by the root of an average V of squares, and makes steps in proportion to x. It stores only the means r of the rows of V and
// the means c of its columns: Vᵢⱼ = rᵢcⱼ/mean(r), u = g/√V, x ← x − ρ·max(ε₂, rms(x))·u/max(1, rms(u)/d), with ρ = min(α, 1/√t). The decay of r and
// c is 1 − t^(−0.8) (Shazeer and Stern 2018, arXiv:1804.04235, algorithms 4 and 6, section 8). For vectors it stores V itself. Defaults, by
// preset:
//
//	          α      ρ             ε₁                   factored        decay λ
//	lecture   0.01   min(α, 1/√t)  1e-30, in squares    all matrices    ρλx
//	torch     0.01   min(α, 1/√t)  2⁻⁵², least root     all matrices    ρλx, but αλx if 1/√t < α
//	optax     1      α             1e-30, in squares    sides from 128  λx
//	keras     0.001  min(α, 1/√t)  1e-30, in squares    all matrices    αλx, before rms(x)
//
// d = 1, ε₂ = 1e-3, no momentum, λ = 0. In torch ε₁ depends on the type; here it is 2⁻⁵² for both types. In Keras 3.15.1 ρ stays below 1/√t even
// with relative_step=False. The AdaFactor of pytorch_optimizer averages steps with β₁ = 0.9, and limits the decay of r and c to β₂ = 0.999; its α
// has no effect unless relative_step=False, and its decay is ρ·max(ε₂, rms(x))·λx. Each matrix of a fused tensor has its own r and c. A tensor
// of more than two dimensions is treated as a matrix of the first dimension by all others. There torch and Keras use the last two dimensions,
// and optax the two longest.
type Adafactor struct {
	LR          schedule.Schedule  `help:"relative step size α"`
	Relative    optim.Opt[bool]    `help:"steps of at most 1/√t"`
	ByRMS       optim.Opt[bool]    `help:"steps relative to the root mean square of x"`
	MinRMS      optim.Opt[float64] `range:"(0," help:"least root mean square ε₂ of x"`
	Rate        optim.Opt[float64] `range:"(0," help:"exponent of the decay 1 − t^(−rate) of the averages of squares"`
	Beta2       optim.Opt[float64] `range:"(0,1]" help:"largest decay of the averages of squares"`
	Eps         optim.Opt[float64] `range:"0," help:"ε₁"`
	Floor       optim.Opt[bool]    `help:"ε₁ is the least root mean square of a gradient, not added to squares"`
	MinSide     optim.Opt[int]     `range:"0," help:"least side of a matrix that is factored"`
	Clip        optim.Opt[float64] `range:"(0," help:"largest root mean square d of the update"`
	Momentum    optim.Opt[float64] `range:"0,1" help:"decay β₁ of the average step"`
	WeightDecay optim.Opt[float64] `range:"0," help:"decay λ"`
	Preset      rules.Preset       `help:"paper or library whose defaults and conventions apply"`
}

// Chain returns the factored division, the clipping, the step size in units of x, the average if there is one, and the decay.
func (r Adafactor) Chain() optim.Chain {
	r = r.Resolved().(Adafactor)
	c := optim.Chain{
		FactoredSquares{Rate: r.Rate.Get(), Beta: r.Beta2.Get(), Eps: r.Eps.Get(), Floor: r.Floor.Get(), MinSide: r.MinSide.Get()},
		optim.ClipRMS{Limit: r.Clip.Get()},
	}
	if r.ByRMS.Get() {
		c = append(c, optim.RelativeToRMS{Min: r.MinRMS.Get()})
	}
	step := optim.LearningRate{LR: r.LR}
	if r.Relative.Get() {
		step.LR = atMostRoot{r.LR}
	}
	c = append(c, step)
	if mu := r.Momentum.Get(); mu > 0 {
		c = append(c, optim.Average{Mu: schedule.Constant(mu)})
	}
	if lambda := r.WeightDecay.Get(); r.Preset == rules.Optax {
		c = append(c, optim.Decay{Lambda: lambda})
	} else {
		c = append(c, optim.DecayBeside{Lambda: lambda})
	}
	return c
}

// Resolved returns r with its defaults filled in.
func (r Adafactor) Resolved() optim.Rule {
	d := adafactorDefaults[r.Preset]
	r.LR = schedule.OrConstant(r.LR, d.lr)
	r.Relative, r.ByRMS, r.MinRMS = r.Relative.Fill(d.relative), r.ByRMS.Fill(true), r.MinRMS.Fill(1e-3)
	r.Rate, r.Beta2, r.Eps, r.Floor = r.Rate.Fill(0.8), r.Beta2.Fill(1), r.Eps.Fill(d.eps), r.Floor.Fill(d.floor)
	r.MinSide, r.Clip = r.MinSide.Fill(d.minSide), r.Clip.Fill(1)
	r.Momentum, r.WeightDecay = r.Momentum.Fill(0), r.WeightDecay.Fill(0)
	return r
}

// adafactorDefaults are the rows of the table at Adafactor.
var adafactorDefaults = [...]struct {
	lr       float64
	relative bool
	eps      float64
	floor    bool
	minSide  int
}{
	rules.Lecture: {0.01, true, 1e-30, false, 0},
	rules.Torch:   {0.01, true, 0x1p-52, true, 0},
	rules.Optax:   {1, false, 1e-30, false, 128},
	rules.Keras:   {0.001, true, 1e-30, false, 0},
}

// atMostRoot is a schedule that is at most 1/√(k+1).
type atMostRoot struct{ schedule.Schedule }

// At returns the smaller of the two.
func (s atMostRoot) At(k int) float64 { return min(s.Schedule.At(k), 1/math.Sqrt(float64(k+1))) }
