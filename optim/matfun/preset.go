package matfun

import (
	"sync"

	"steepest/internal/suggest"
)

// Preset names an iteration of the literature. The zero Preset is Keller.
type Preset uint8

// The presets.
const (
	// Keller is five steps of KellerJordan from X/(‖X‖_F + 10⁻⁷): Jordan's Muon, Moonlight and Keras.
	Keller Preset = iota
	// Torch is five steps of KellerJordan from X/max(‖X‖_F, 10⁻⁷): torch.optim.Muon.
	Torch
	// Optax is five steps of KellerJordan from X/(‖X‖_F + 10⁻⁸): optax.contrib.muon.
	Optax
	// Dion is the five steps of Leloykun from X/(‖X‖_F + 10⁻⁸): the Muon of Microsoft's Dion.
	Dion
	// Speedrun is five steps of PolarExpress, fitted with a safety of 2 %, from X/(1.02‖X‖_F + 10⁻⁶): modded-nanogpt of 2026.
	// It takes singular values in [0.001, 1] to [0.859, 1.142].
	Speedrun
	// NanoChat is Speedrun from X/(1.01‖X‖_F + 10⁻⁶).
	NanoChat
	// Express is eight steps of PolarExpress, fitted with a safety of 1 %, from X/(1.01‖X‖_F). It takes singular values in
	// [0.001, 1] to 1, to the precision of float64.
	Express
	// Paper is the eight polynomials that the paper on Polar Express prints, with SafetyAfter, from X/(1.01‖X‖_F + 10⁻⁷).
	Paper
	// CANS is five steps of PolarExpress without cushion and safety from X/‖X‖_F. With products of bfloat16 a matrix of rank one
	// makes it diverge.
	CANS
	// TwelveQuintic is twelve steps of Quintic from X/‖X‖_F.
	TwelveQuintic
	// EightTaylor is eight steps of Taylor from X/‖X‖_F.
	EightTaylor
	// Schulz is twenty-four steps of Cubic from X/‖X‖_F, which take a singular value of 0.001 to 1.
	Schulz
	// FiveModula is five steps of Modula from X/‖X‖_F: the "SpectralDescent" of Distributed Shampoo.
	FiveModula
	// Turbo is the four steps of TurboMuon after AOL.
	Turbo
	// DionTriton is the four steps of DionFast after AOL.
	DionTriton
	// Cubics is FiveCubics from X/‖X‖_F.
	Cubics
	// DeepSeekV4 is the ten steps of DeepSeek from X/‖X‖_F.
	DeepSeekV4
	// PaperTwelve is twelve steps of the polynomials of Paper, of which the last one is repeated, from X/(‖X‖_F + 10⁻⁷): Muown (fhueb, 2026).
	PaperTwelve
	// Exact has no Iteration: it is the singular value decomposition.
	Exact
)

var presetNames = []string{
	"keller", "torch", "optax", "dion", "speedrun", "nanochat", "polar-express", "polar-express-paper", "cans",
	"quintic", "taylor", "cubic", "modula", "turbo", "dion-triton", "cubic5", "deepseek", "polar-express-twelve", "exact",
}

// iterations returns the iterations of the presets, in their order.
var iterations = sync.OnceValue(func() []*Iteration {
	five := PolarExpress{Steps: 5, Cushion: 0.02, Safety: 0.02}.Table()
	eight := PolarExpress{Cushion: 0.02, Safety: 0.01}.Table()
	paper := PolarExpress{Cushion: PaperCushion, Safety: 0.01, SafetyAfter: true}.Table()
	cans := PolarExpress{Steps: 5}.Table()
	return []*Iteration{
		Keller:        {Table: KellerJordan, Steps: 5, Eps: 1e-7},
		Torch:         {Table: KellerJordan, Steps: 5, Eps: 1e-7, Floor: true},
		Optax:         {Table: KellerJordan, Steps: 5, Eps: 1e-8},
		Dion:          {Table: Leloykun, Eps: 1e-8},
		Speedrun:      {Table: five, Safety: 1.02, Eps: 1e-6},
		NanoChat:      {Table: five, Safety: 1.01, Eps: 1e-6},
		Express:       {Table: eight, Safety: 1.01},
		Paper:         {Table: paper, Safety: 1.01, Eps: 1e-7},
		CANS:          {Table: cans},
		TwelveQuintic: {Table: Quintic, Steps: 12},
		EightTaylor:   {Table: Taylor, Steps: 8},
		Schulz:        {Table: Cubic, Steps: 24},
		FiveModula:    {Table: Modula, Steps: 5},
		Turbo:         {Table: TurboMuon, Norm: AOL},
		DionTriton:    {Table: DionFast, Norm: AOL},
		Cubics:        {Table: FiveCubics},
		DeepSeekV4:    {Table: DeepSeek},
		PaperTwelve:   {Table: paper, Steps: 12, Eps: 1e-7},
		Exact:         nil,
	}
})

// Iteration returns the iteration, which the caller must not change, or nil for Exact.
func (p Preset) Iteration() *Iteration { return iterations()[p] }

// Names returns the names of all presets, in their order.
func (Preset) Names() []string { return presetNames }

// String returns the name, as UnmarshalText reads it.
func (p Preset) String() string { return presetNames[p] }

// UnmarshalText reads a preset by its name.
func (p *Preset) UnmarshalText(text []byte) error {
	return suggest.Value(p, "polar factor", text, presetNames)
}
