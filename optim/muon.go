package optim

import (
	"steepest/optim/matfun"
	"steepest/optim/norm"
	"steepest/optim/schedule"
)

// Muon steps along the polar factor of the momentum: b ← μb + g, x ← x − α(s·polar(g + μb) + λx), s being a factor for the
// shape of the matrix (Jordan 2024). It takes matrices between layers, and leaves all other parameters to AdamW. Defaults, by
// preset:
//
//	            α      momentum, μ = 0.95   polar factor   s             λ
//	keller      0.02   average, Nesterov    keller         √max(1, r/c)  0       github.com/KellerJordan/Muon
//	moonlight   0.001  sum, Nesterov        keller         0.2√max(r,c)  0.1     Liu et al. 2025, arXiv:2502.16982
//	torch       0.001  average, Nesterov    torch          √max(1, r/c)  0.1     torch.optim.Muon
//	dion        0.01   sum                  dion           √(r/c)        0.01    github.com/microsoft/dion
//	speedrun    0.023  average, Nesterov    speedrun       √max(1, r/c)  0.0276  modded-nanogpt, 2026
//	optax       0.02   corrected, Nesterov  optax          √max(1, r/c)  0       optax.contrib.muon
//	keras       0.001  sum, Nesterov        keller         0.2√max(r,c)  0.004   keras.optimizers.Muon
//
// The decay of speedrun is cautious and has the factor s as well; its λ here is 1.2 times α, as it goes with α² there. The
// references compute polar factors in bfloat16, all but optax; here that is an option, and worthwhile where the processor has
// products of bfloat16.
type Muon struct {
	LR          schedule.Schedule     `help:"step size α"`
	Momentum    Option                `range:"0,1" help:"momentum μ"`
	Form        MomentumForm          `help:"momentum as a sum, an average or a corrected average"`
	Nesterov    Switch                `help:"look ahead of the momentum"`
	Polar       Choice[matfun.Preset] `help:"how the polar factor is computed"`
	Steps       int                   `range:"0," help:"steps of the polar factor's iteration; 0 for its own"`
	Eps         Option                `range:"0," help:"ε beside the norm of the matrix"`
	BF16        bool                  `help:"polar factor by products of bfloat16"`
	Scale       ShapeScale            `help:"factor of the step by the shape of the matrix"`
	Regularized bool                  `help:"multiply by the dual norm, ⟨u, polar(u)⟩"`
	WeightDecay Option                `range:"0," help:"decay λ"`
	Cautious    Switch                `help:"decay only where the step goes toward 0 too"`
	Hyperball   bool                  `help:"steps of a relative length α on the sphere of the start"`
	Matrices    MatrixChoice          `help:"hidden matrices, or all with embeddings and head"`
	Aux         AdamW                 `prefix:"aux-"`
	Preset      MuonPreset            `help:"reference to follow"`
}

var _ Router = Muon{}

// Chain is the momentum, the polar factor, its factor, the decay and the step size, for the matrices.
func (r Muon) Chain() Chain { return r.chain() }

// chain is Chain with more transforms after the polar factor.
func (r Muon) chain(more ...Transform) Chain {
	r = r.Resolved().(Muon)
	polar := LMO(Oracle{Norm: norm.Spectral, Iteration: r.iteration(), Regularized: r.Regularized})
	polar.Name, polar.Check = "polar", r.Matrices.refuse
	c := append(Chain{r.Form.transform(r.Momentum.value, r.Nesterov == On), polar}, more...)
	if r.Hyperball {
		return append(c, Hyperball(r.LR))
	}
	decay := Decay
	if r.Cautious == On {
		decay = CautiousDecay
	}
	shape, shrink := ScaleByShape(1, r.Scale), decay(r.WeightDecay.value, nil)
	if r.Preset == MuonSpeedrun { // whose decay has the factor too
		shape, shrink = shrink, shape
	}
	return append(c, shape, shrink, LearningRate(r.LR))
}

// Routes give the matrices to Chain and the rest to AdamW.
func (r Muon) Routes() Routes { return r.routes("muon", r.Chain()) }

func (r Muon) routes(name string, matrices Chain) Routes {
	return Routes{
		{Name: name, Rule: matrices, Takes: r.Matrices.Takes},
		{Name: "adamw", Rule: r.Resolved().(Muon).Aux},
	}
}

// iteration returns that of the polar factor.
func (r Muon) iteration() *matfun.Iteration {
	preset := r.Polar.value.Iteration()
	if preset == nil {
		return nil
	}
	it := *preset
	it.Eps = r.Eps.Or(it.Eps)
	if r.Steps > 0 {
		it.Steps = r.Steps
	}
	if r.BF16 {
		it.Products = matfun.BF16
	}
	return &it
}

// MomentumForm says how a momentum is kept. The direction of the first two is the same, since one is 1−μ times the other.
type MomentumForm uint8

// The forms of momentum.
const (
	// MomentumDefault leaves the form to the preset.
	MomentumDefault MomentumForm = iota
	// MomentumSum is b ← μb + g, u = g + μb.
	MomentumSum
	// MomentumAverage is m ← μm + (1−μ)g, u = (1−μ)g + μm.
	MomentumAverage
	// MomentumCorrected is MomentumAverage without the bias of the start: u = (1−μ)g/(1−μᵗ) + μm/(1−μᵗ⁺¹), which in the first steps
	// has another direction.
	MomentumCorrected
)

var momentumFormNames = []string{"default", "sum", "average", "corrected"}

// String returns the name in lower case, as UnmarshalText reads it.
func (f MomentumForm) String() string { return momentumFormNames[f] }

// UnmarshalText reads a form by its name.
func (f *MomentumForm) UnmarshalText(text []byte) error {
	return unmarshalName(f, momentumFormNames, text)
}

func (f MomentumForm) transform(mu float64, nesterov bool) Transform {
	if f == MomentumSum {
		return Trace(mu, 0, nesterov)
	}
	return Average(mu, nesterov, f == MomentumCorrected)
}

// MuonPreset is the reference that a Muon follows where its own fields leave things open.
type MuonPreset uint8

// The references.
const (
	MuonKeller MuonPreset = iota
	MuonMoonlight
	MuonTorch
	MuonDion
	MuonSpeedrun
	MuonOptax
	MuonKeras
)

var muonPresetNames = []string{"keller", "moonlight", "torch", "dion", "speedrun", "optax", "keras"}

// String returns the preset's name in lower case, as UnmarshalText reads it.
func (p MuonPreset) String() string { return muonPresetNames[p] }

// UnmarshalText reads a preset by its name.
func (p *MuonPreset) UnmarshalText(text []byte) error {
	return unmarshalName(p, muonPresetNames, text)
}

// muonDefaults are the rows of the table at Muon, and how AdamW serves the other parameters there.
var muonDefaults = [...]struct {
	lr       float64
	form     MomentumForm
	ahead    Switch
	polar    matfun.Preset
	scale    ShapeScale
	decay    float64
	cautious Switch
	aux      AdamW
}{
	MuonKeller:    {0.02, MomentumAverage, On, matfun.Keller, ScaleClamped, 0, Off, auxiliary(3e-4, 0.95, 1e-10, 0, EpsOutside)},
	MuonMoonlight: {0.001, MomentumSum, On, matfun.Keller, ScaleRMS, 0.1, Off, auxiliary(0.001, 0.95, 1e-8, 0.1, EpsHat)},
	MuonTorch:     {0.001, MomentumAverage, On, matfun.Torch, ScaleClamped, 0.1, Off, auxiliary(0.001, 0.999, 1e-8, 0.01, EpsOutside)},
	MuonDion:      {0.01, MomentumSum, Off, matfun.Dion, ScaleRatio, 0.01, Off, auxiliary(0.01, 0.95, 1e-8, 0.01, EpsOutside)},
	MuonSpeedrun:  {0.023, MomentumAverage, On, matfun.Speedrun, ScaleClamped, 0.0276, On, auxiliary(0.008, 0.95, 1e-10, 0, EpsHat)},
	MuonOptax:     {0.02, MomentumCorrected, On, matfun.Optax, ScaleClamped, 0, Off, auxiliary(0.001, 0.999, 1e-8, 0, EpsOutside)},
	MuonKeras:     {0.001, MomentumSum, On, matfun.Keller, ScaleRMS, 0.004, Off, auxiliary(0.001, 0.999, 1e-7, 0.004, EpsHat)},
}

func auxiliary(lr, beta2, eps, decay float64, place EpsPlace) AdamW {
	return AdamW{
		Adam: Adam{
			LR: schedule.Constant(lr), Beta1: Set(0.9), Beta2: Set(beta2), Eps: Set(eps), Place: place,
		},
		WeightDecay: Set(decay),
	}
}
