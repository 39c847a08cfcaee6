package matrix

import (
	"steepest/internal/suggest"
	"steepest/optim"
	"steepest/optim/matfun"
	"steepest/optim/schedule"
)

// Shampoo multiplies each side of a matrix by the root of its own second moments: L ← β₂L + (1−β₂)GGᵀ, R ← β₂R + (1−β₂)GᵀG,
// x ← x − αL^(−¼)·G·R^(−¼), from L = R = 0, or L ← L + GGᵀ and R ← R + GᵀG if β₂ = 1 (Gupta, Koren and Singer 2018,
// arXiv:1802.09568, algorithm 1). With a single side, as for a vector, the exponent is −½. For a side that is too long, only the
// diagonal of the moments is used (section 5 there), so a long vector gets AdaGrad. A tensor of order k > 2, such as the kernels of a
// convolution, is treated as the matrix of its first dimension by all others (Param.Matrices). With Tensors it has instead, for each
// dimension longer than 1, up to 8 of them, moments and a root with the exponent −1/(2k) (algorithm 2 there). Corrected averages are
// divided by 1 − β₂ᵗ. Defaults: α = 0.01, roots at every step, diagonals beyond 1200, and, by preset:
//
//	         β₁   β₂    corrected  ε      ridge           blocks of
//	lecture  0    0.95  no         1e-6   shift-relative  the whole  the slide, which leaves β₂ and ε open
//	gupta    0    1     no         1e-6   shift           the whole  the paper, whose L and R begin at εI
//	meta     0.9  1     yes        1e-12  shift-negative  1024       Distributed Shampoo: Shi et al. 2023, arXiv:2309.06497
//
// The step of shift-relative does not depend on the scale of G. ε = 0 means the pseudo-inverse, whose own ε is 0 if it is not given.
// Newton's method uses the ridge shift if the preset has shift-negative. A diagonal needs no relative ridge; for other ridges ε is added
// to it. β₁ averages the gradient that is multiplied, with bias correction; L and R are moments of the gradient itself. A graft gives
// each block the length of another method's step (Agarwal et al. 2020, arXiv:2002.11803). A single side also has the exponent −½ unless
// it is given (Xie et al. 2025, arXiv:2503.10537; Distributed Shampoo keeps −¼).
type Shampoo struct {
	LR           schedule.Schedule       `help:"step size α"`
	Beta1        optim.Opt[float64]      `range:"0,1" help:"decay β₁ of the average gradient"`
	Beta2        optim.Opt[float64]      `range:"0,1]" help:"decay β₂ of the moments of the sides; 1 for sums"`
	Corrected    optim.Opt[bool]         `help:"remove the bias that averages have from their start at 0"`
	Eps          optim.Opt[float64]      `range:"0," help:"ε of the ridge; 0 for the pseudo-inverse"`
	Ridge        optim.Opt[matfun.Ridge] `help:"how ε keeps the eigenvalues from 0"`
	Exponent     optim.Opt[float64]      `range:"1e-6,1]" help:"exponent of the roots" open:"1/(2·sides)"`
	Sides        Sides                   `help:"both sides, or only the left, right or shorter side"`
	Tensors      bool                    `help:"a root for each dimension of a tensor, instead of the two sides of a matrix"`
	RootInterval optim.Opt[int]          `range:"1," help:"steps from one computation of the roots to the next"`
	Start        optim.Opt[int]          `range:"1," help:"first step that uses the roots; earlier steps are the graft's"`
	Block        optim.Opt[int]          `range:"0," help:"order of the blocks that matrices are cut into; 0 for none"`
	MaxOrder     optim.Opt[int]          `range:"0," help:"order above which only the diagonal of a side is kept"`
	Root         matfun.RootMethod       `help:"how the roots are computed"`
	Graft        Graft                   `help:"method that gives the length of the step"`
	GraftBeta2   optim.Opt[float64]      `range:"0,1" help:"decay of the second moment of the graft"`
	GraftEps     optim.Opt[float64]      `range:"0," help:"ε of the graft"`
	Momentum     optim.Opt[float64]      `range:"0,1" help:"momentum μ of the steps"`
	Nesterov     bool                    `help:"look ahead of the momentum"`
	WeightDecay  optim.Opt[float64]      `range:"0," help:"decay λ"`
	Preset       ShampooPreset           `help:"paper or library whose defaults and conventions apply"`
}

// Chain returns the multiplication, the decay, the momentum and the step size.
func (r Shampoo) Chain() optim.Chain {
	r = r.Resolved().(Shampoo)
	c := optim.Chain{PreconditionSides{
		Beta1: r.Beta1.Get(), Beta2: r.Beta2.Get(), Corrected: r.Corrected.Get(),
		Exponent: r.Exponent.Get(), Sides: r.Sides, Tensors: r.Tensors,
		RootInterval: r.RootInterval.Get(), Start: r.Start.Get(), Block: r.Block.Get(), MaxOrder: r.MaxOrder.Get(),
		Root:  matfun.Root{Method: r.Root, Eps: r.Eps.Get(), Ridge: r.Ridge.Get()},
		Graft: r.Graft, GraftBeta2: r.GraftBeta2.Get(), GraftEps: r.GraftEps.Get(),
	}}
	c = append(c, optim.Decay{Lambda: r.WeightDecay.Get()})
	if r.Momentum.Get() > 0 {
		c = append(c, optim.Trace{Mu: r.Momentum.Get(), Nesterov: r.Nesterov})
	}
	return append(c, optim.LearningRate{LR: r.LR})
}

// ShampooPreset is the reference whose defaults a Shampoo uses for open fields.
type ShampooPreset uint8

// The references.
const (
	ShampooLecture ShampooPreset = iota
	ShampooGupta
	ShampooMeta
)

var shampooPresetNames = []string{"lecture", "gupta", "meta"}

// String returns the preset's name in lower case, as UnmarshalText reads it.
func (p ShampooPreset) String() string { return shampooPresetNames[p] }

// UnmarshalText reads a preset by its name.
func (p *ShampooPreset) UnmarshalText(text []byte) error {
	return suggest.Value(p, "value", text, shampooPresetNames)
}

// Names returns the names of all presets.
func (ShampooPreset) Names() []string { return shampooPresetNames }

// shampooDefaults are the rows of the table at Shampoo.
var shampooDefaults = [...]struct {
	beta1, beta2 float64
	corrected    bool
	eps          float64
	ridge        matfun.Ridge
	block        int
}{
	ShampooLecture: {0, 0.95, false, 1e-6, matfun.ShiftRelative, 0},
	ShampooGupta:   {0, 1, false, 1e-6, matfun.Shift, 0},
	ShampooMeta:    {0.9, 1, true, 1e-12, matfun.ShiftNegative, 1024},
}

// Graft is a method whose step determines the length of the step.
type Graft uint8

// The grafts.
const (
	GraftNone Graft = iota
	// GraftSGD is the average gradient.
	GraftSGD
	// GraftAdaGrad divides it by the root of the sum of squares.
	GraftAdaGrad
	// GraftRMSProp divides it by the root of the average square.
	GraftRMSProp
	// GraftAdam divides it by the root of the bias-corrected average square.
	GraftAdam
)

var graftNames = []string{"none", "sgd", "adagrad", "rmsprop", "adam"}

// String returns the name in lower case, as UnmarshalText reads it.
func (g Graft) String() string { return graftNames[g] }

// UnmarshalText reads a graft by its name.
func (g *Graft) UnmarshalText(text []byte) error { return suggest.Value(g, "value", text, graftNames) }

// Names returns the names of all values.
func (Graft) Names() []string { return graftNames }

// adaptive reports whether the graft keeps a second moment.
func (g Graft) adaptive() bool { return g >= GraftAdaGrad }

// Sides says which sides of a matrix are multiplied by a root. L, on the left, belongs to the rows.
type Sides uint8

// The sides.
const (
	BothSides Sides = iota
	LeftSide
	RightSide
	// ShorterSide is the side whose root costs less, or the left one if both are equal.
	ShorterSide
)

var sidesNames = []string{"both", "left", "right", "shorter"}

// String returns the name in lower case, as UnmarshalText reads it.
func (s Sides) String() string { return sidesNames[s] }

// UnmarshalText reads sides by their name.
func (s *Sides) UnmarshalText(text []byte) error { return suggest.Value(s, "value", text, sidesNames) }

// Names returns the names of all values.
func (Sides) Names() []string { return sidesNames }

// of returns the sides of a matrix. A vector or a number always has one side.
func (s Sides) of(rows, cols int) (left, right bool) {
	switch {
	case cols <= 1:
		return true, false
	case rows == 1:
		return false, true
	case s == ShorterSide:
		return rows <= cols, rows > cols
	}
	return s != RightSide, s != LeftSide
}
