package optim

import (
	"steepest/internal/simd"
	"steepest/param"
)

// Transform is one T of x ← x − T(ĝ): it turns the update so far, at first the gradient estimate, into the next one. A
// Transform is a value without state, which may be used in any number of chains; the Optimizer keeps the state it asks
// for.
type Transform struct {
	// Name heads the names of the state: "adam" and the slot "m" make "adam.m".
	Name string
	// Slots are the vectors that the transform keeps for each parameter.
	Slots []Slot
	// Scalars are the initial values of the numbers it keeps, in float64 for every T.
	Scalars []float64
	// Begin prepares a step: it sets the coefficients of Tile from the step count and the scalars, and moves the scalars
	// on. It is called once a step. Nil leaves the coefficients 0.
	Begin func(s *Step, scalars []float64, c *Coeffs)
	// Fit finishes the coefficients for one parameter; it is called after Begin. Norms says which norms of the update and
	// of x it needs; the others are given as 0.
	Norms Norms
	Fit   func(p param.Param, u, x float64, c *Coeffs)
	// Tile32 and Tile64 transform one tile. They see every element once, in any order of tiles.
	Tile32 func(c *Coeffs, t *Tile[float32])
	Tile64 func(c *Coeffs, t *Tile[float64])
	// Whole32 and Whole64, in place of tiles, return what transforms whole tensors; they are called for each goroutine that
	// does so. Check returns why the transform refuses a parameter; nil refuses none.
	Whole32 func() Whole[float32]
	Whole64 func() Whole[float64]
	Check   func(param.Param) error
	// Scales says that they make c₀u of the update u, and Mixes that they make c₀u + c₁x, with the coefficients c₀ and c₁,
	// and do nothing else. A last transform that scales, and one before it that mixes, do so while what they make is
	// subtracted from x.
	Scales, Mixes bool
	// Skip names the parameters that the transform leaves alone; nil skips none.
	Skip func(param.Param) bool
	// Every > 1 makes the transform a gate: the transforms after it, and x itself, see only each Every-th call.
	Every int
	// Gain is what the transform makes of a gradient that stays the same, in the long run and as a factor: 1/(1−μ) for a
	// running sum. 0 stands for a transform that is no linear filter of the gradients with one factor for all coordinates.
	Gain float64
}

// Slot is a state vector that a Transform keeps for each parameter.
type Slot struct {
	Name string
	// Initial fills the vector before the first step, unless FromX.
	Initial float64
	// FromX starts the vector as a copy of x.
	FromX bool
	// Size returns the length of the vector for one parameter; nil stands for the parameter's own.
	Size func(param.Param) int
}

func (s Slot) sizeFor(p param.Param) int {
	if s.Size == nil {
		return p.Size()
	}
	return s.Size(p)
}

// Step is what a transform may know of the step at hand.
type Step struct {
	// K counts the steps made before this one, from 0. Call counts the calls within a step that Accumulate spreads over
	// several, from 0.
	K, Call int
	// LR is the step size α_k once a transform of the chain has set it, and 1 before.
	LR float64
}

// Coeffs are the numbers that the tiles of one step share.
type Coeffs [10]float64

// Norms says which ℓ2 norms a transform needs before its first tile.
type Norms uint8

const (
	// NoNorms asks for none.
	NoNorms Norms = iota
	// ParamNorms asks for ‖u‖ and ‖x‖ of each parameter tensor by itself.
	ParamNorms
	// GlobalNorm asks for ‖u‖ over all parameters; ‖x‖ is given as 0.
	GlobalNorm
)

// Tile is a piece of the flat vectors small enough to stay in the cache for the whole chain.
type Tile[T param.Float] struct {
	// In is the update so far, which U becomes; they may be the same memory. In is read only.
	In, U []T
	// X holds the parameters before the step; read only.
	X []T
	// S holds the transform's own state, a vector for each of its Slots.
	S [][]T
	// move is what to do with the update after the last transform, nil for nothing or if it is done.
	move *simd.Move[T]
	last bool
}

// take returns the move if this is the last transform, which has to make it then.
func (t *Tile[T]) take() (m *simd.Move[T]) {
	if t.last {
		m, t.move = t.move, nil
	}
	return m
}

// Chain is a list of transforms applied in order, the last one's output being subtracted from x. A Chain is a Rule.
type Chain []Transform

// Chain returns c itself.
func (c Chain) Chain() Chain { return c }

// Gain returns the factor by which the chain multiplies a gradient that stays the same, besides the step size: the
// product of the gains of its transforms. A proximal step after the chain needs the step size α_k·Gain to have its fixed
// point at the minimizer; if Gain is 0 no step size does.
func (c Chain) Gain() float64 {
	gain := 1.0
	for _, t := range c {
		gain *= t.Gain
	}
	return gain
}
