package matrix

import (
	"slices"

	"steepest/internal/suggest"
	"steepest/optim"
	"steepest/optim/matfun"
	"steepest/optim/norm"
	"steepest/optim/rules"
	"steepest/optim/schedule"
)

// Muon steps along the polar factor of the momentum: b ← μb + g, x ← x − α(s·polar(g + μb) + λx), with a factor s that depends on
// the shape of the matrix (Jordan 2024). It updates matrices between layers; AdamW updates all other parameters. Defaults, by
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
// The decay of speedrun is cautious and includes the factor s; λ is 1.2 times α here, because it is proportional to α² there. All
// references except optax compute polar factors in bfloat16. Here this is an option, which pays if the processor multiplies
// bfloat16. Gram has no effect on products of bfloat16. With Heads, each head of attention has its own polar factor and factor s, as
// with num_heads in microsoft/dion.
type Muon struct {
	LR          schedule.Schedule        `help:"step size α"`
	Momentum    optim.Opt[float64]       `range:"0,1" help:"momentum μ"`
	Form        optim.Opt[MomentumForm]  `help:"momentum as a sum, an average or a corrected average"`
	Nesterov    optim.Opt[bool]          `help:"look ahead of the momentum"`
	Polar       optim.Opt[matfun.Preset] `help:"how the polar factor is computed"`
	Steps       optim.Opt[int]           `range:"0," help:"steps of the polar factor's iteration"`
	Eps         optim.Opt[float64]       `range:"0," help:"ε in the division by the norm of the matrix"`
	BF16        bool                     `help:"polar factor by products of bfloat16"`
	Gram        bool                     `help:"polar factor by steps on the smaller Gram matrix, if one side is 1.5 times the other or longer"`
	Scale       optim.Opt[ShapeScale]    `help:"factor of the step that depends on the shape of the matrix"`
	Regularized bool                     `help:"multiply by the dual norm, ⟨u, polar(u)⟩"`
	Heads       optim.Opt[int]           `range:"1," help:"heads of attention, into which queries, keys and values are cut"`
	WeightDecay optim.Opt[float64]       `range:"0," help:"decay λ"`
	Cautious    optim.Opt[bool]          `help:"decay only coordinates that the step moves toward 0"`
	Hyperball   bool                     `help:"steps of a relative length α on the sphere of the start"`
	Matrices    MatrixChoice             `help:"hidden matrices, or all with embeddings and head"`
	Aux         rules.AdamW              `prefix:"aux-"`
	Preset      MuonPreset               `help:"paper or library whose defaults and conventions apply"`
}

var _ optim.Router = Muon{}

// Chain returns the momentum, the polar factor, its factor, the decay and the step size, for the matrices.
func (r Muon) Chain() optim.Chain { return r.around(nil, nil) }

// around returns Chain with the given transforms after the polar factor. Unless before is nil, it replaces the momentum.
func (r Muon) around(before, after optim.Chain) optim.Chain {
	r = r.Resolved().(Muon)
	if before == nil {
		before = optim.Chain{r.velocity()}
	}
	it := iteration(r.Polar.Get(), r.Steps, r.Eps, r.BF16, r.Gram)
	polar := LMO{Norm: norm.Spectral, Iteration: it, Regularized: r.Regularized}.Transform()
	polar.Name, polar.Check = "polar", r.Matrices.refuse
	c := slices.Clone(before)
	for _, t := range slices.Concat(optim.Chain{polar}, after) {
		c = append(c, inHeads(r.Heads.Get(), t))
	}
	if r.Hyperball {
		return append(c, Hyperball{LR: r.LR})
	}
	var shape, shrink optim.Transformer = inHeads(r.Heads.Get(), ScaleByShape{Scale: r.Scale.Get(), Radius: 1}), optim.Decay{Lambda: r.WeightDecay.Get()}
	if r.Cautious.Get() {
		shrink = optim.CautiousDecay{Lambda: r.WeightDecay.Get()}
	}
	if r.Preset == MuonSpeedrun { // its decay has the factor too
		shape, shrink = shrink, shape
	}
	return append(c, shape, shrink, optim.LearningRate{LR: r.LR})
}

// velocity returns the momentum of a resolved Muon.
func (r Muon) velocity() optim.Transformer {
	return r.Form.Get().momentum(r.Momentum.Get(), r.Nesterov.Get())
}

// Routes sends the matrices to Chain and the rest to AdamW.
func (r Muon) Routes() optim.Routes { return r.routes("muon", r.Chain()) }

func (r Muon) routes(name string, matrices optim.Chain) optim.Routes {
	return optim.Routes{
		{Name: name, Rule: matrices, Takes: r.Matrices.Takes},
		{Name: "adamw", Rule: r.Resolved().(Muon).Aux, Aux: true},
	}
}

// iteration returns the iteration of a polar factor, with steps and ε replaced if they are set, or nil for the exact polar factor.
func iteration(polar matfun.Preset, steps optim.Opt[int], eps optim.Opt[float64], bf16, gram bool) *matfun.Iteration {
	preset := polar.Iteration()
	if preset == nil {
		return nil
	}
	it := *preset
	it.Steps, it.Eps, it.Gram = steps.Or(it.Steps), eps.Or(it.Eps), gram
	if bf16 {
		it.Products = matfun.BF16
	}
	return &it
}

// MomentumForm is the form of a momentum. The first two have the same direction, since they differ by the factor 1−μ.
type MomentumForm uint8

// The forms of momentum.
const (
	// MomentumSum is b ← μb + g, u = g + μb.
	MomentumSum MomentumForm = iota
	// MomentumAverage is m ← μm + (1−μ)g, u = (1−μ)g + μm.
	MomentumAverage
	// MomentumCorrected is MomentumAverage with bias correction: u = (1−μ)g/(1−μᵗ) + μm/(1−μᵗ⁺¹). In the first steps it has another
	// direction.
	MomentumCorrected
)

var momentumFormNames = []string{"sum", "average", "corrected"}

// String returns the name in lower case, as UnmarshalText reads it.
func (f MomentumForm) String() string { return momentumFormNames[f] }

// UnmarshalText reads a form by its name.
func (f *MomentumForm) UnmarshalText(text []byte) error {
	return suggest.Value(f, "value", text, momentumFormNames)
}

// Names returns the names of all values.
func (MomentumForm) Names() []string { return momentumFormNames }

func (f MomentumForm) momentum(mu float64, nesterov bool) optim.Transformer {
	if f == MomentumSum {
		return optim.Trace{Mu: mu, Nesterov: nesterov}
	}
	return optim.Average{Mu: schedule.Constant(mu), Nesterov: nesterov, Corrected: f == MomentumCorrected}
}

// MuonPreset is the reference whose defaults a Muon uses for open fields.
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
	return suggest.Value(p, "value", text, muonPresetNames)
}

// Names returns the names of all presets.
func (MuonPreset) Names() []string { return muonPresetNames }

// muonDefaults are the rows of the table at Muon, with the settings of AdamW for the other parameters.
var muonDefaults = [...]struct {
	lr       float64
	form     MomentumForm
	ahead    bool
	polar    matfun.Preset
	scale    ShapeScale
	decay    float64
	cautious bool
	aux      rules.AdamW
}{
	MuonKeller:    {0.02, MomentumAverage, true, matfun.Keller, ScaleClamped, 0, false, auxiliary(3e-4, 0.95, 1e-10, 0, optim.EpsOutside)},
	MuonMoonlight: {0.001, MomentumSum, true, matfun.Keller, ScaleRMS, 0.1, false, auxiliary(0.001, 0.95, 1e-8, 0.1, optim.EpsHat)},
	MuonTorch:     {0.001, MomentumAverage, true, matfun.Torch, ScaleClamped, 0.1, false, auxiliary(0.001, 0.999, 1e-8, 0.01, optim.EpsOutside)},
	MuonDion:      {0.01, MomentumSum, false, matfun.Dion, ScaleRatio, 0.01, false, auxiliary(0.01, 0.95, 1e-8, 0.01, optim.EpsOutside)},
	MuonSpeedrun:  {0.023, MomentumAverage, true, matfun.Speedrun, ScaleClamped, 0.0276, true, auxiliary(0.008, 0.95, 1e-10, 0, optim.EpsHat)},
	MuonOptax:     {0.02, MomentumCorrected, true, matfun.Optax, ScaleClamped, 0, false, auxiliary(0.001, 0.999, 1e-8, 0, optim.EpsOutside)},
	MuonKeras:     {0.001, MomentumSum, true, matfun.Keller, ScaleRMS, 0.004, false, auxiliary(0.001, 0.999, 1e-7, 0.004, optim.EpsHat)},
}

func auxiliary(lr, beta2, eps, decay float64, place optim.EpsPlace) rules.AdamW {
	return rules.AdamW{
		Adam: rules.Adam{
			LR: schedule.Constant(lr), Beta1: optim.Set(0.9), Beta2: optim.Set(beta2), Eps: optim.Set(eps),
			EpsPlace: optim.Set(place),
		},
		WeightDecay: optim.Set(decay),
	}
}
