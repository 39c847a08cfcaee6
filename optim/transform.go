package optim

import (
	"errors"

	"steepest/internal/simd"
	"steepest/param"
)

// Transform is one T of x ← x − T(ĝ): it turns the update so far, at first the gradient estimate, into the next one. A
// Transform is a value without state, which may be used in any number of chains; the Optimizer keeps the state it asks
// for.
type Transform struct {
	// Name heads the names of the state: "adam" and the slot "m" make "adam.m".
	Name string
	// Slots are the vectors that the transform keeps for each parameter. After a step a number in them that is subnormal, one below
	// the smallest normal number, is 0: a moment that fades would stay there for ever, and make steps slow.
	Slots []Slot
	// Scalars are the initial values of the numbers it keeps for each parameter, in float64 for every T.
	Scalars []float64
	// Begin prepares a step: it sets the coefficients of Tile from the step count and the scalars, and moves the scalars
	// on. It is called once a step for all parameters of the same age. Nil leaves the coefficients 0.
	Begin func(s *Step, scalars []float64, c *Coeffs)
	// Sums are numbers that the transform needs of whole vectors before its first tile, such as ‖u‖².
	Sums []Sum
	// Fit finishes the coefficients for one parameter; it is called after Begin, with the value of each of the Sums, and may move the
	// scalars on as well. The unit is that of the update and of its norm, which is 1 at ordinary magnitudes; see NormOfUpdate. The
	// scalars of a transform with a Global sum are the same for all parameters of the route, which count all steps then.
	Fit func(p param.Param, sums, scalars []float64, unit float64, c *Coeffs)
	// Tile32 and Tile64 transform one tile. They see every element once, in any order of tiles. A transform needs both, or both
	// of Whole32 and Whole64, unless it Scales or Mixes.
	Tile32 func(c *Coeffs, t *Tile[float32])
	Tile64 func(c *Coeffs, t *Tile[float64])
	// Point32 and Point64 store in U the point where the gradient of the next step is to be taken, which they make of X and the
	// state; nil stands for x itself. One transform of a chain may have them.
	Point32 func(t *Tile[float32])
	Point64 func(t *Tile[float64])
	// Scales says that a tile becomes c₀u of the update u, and Mixes that it becomes c₀u + c₁x, with the coefficients c₀ and c₁.
	// They need no functions for tiles. A last transform that scales, and one before it that mixes, do so while what they make
	// is subtracted from x.
	Scales, Mixes bool
	// Whole32 and Whole64, in place of tiles, return what transforms whole tensors; they are called for each goroutine that
	// does so. Check returns why the transform refuses a parameter; nil refuses none.
	Whole32 func() Whole[float32]
	Whole64 func() Whole[float64]
	Check   func(param.Param) error
	// Skip names the parameters that the transform leaves alone; nil skips none.
	Skip func(param.Param) bool
	// Gain is what the transform makes of a gradient that stays the same, in the long run and as a factor: 1/(1−μ) for a
	// running sum. 0 stands for a transform that is no linear filter of the gradients with one factor for all coordinates.
	Gain float64
	// Rest says what becomes of the transform where its update is 0; nil stands for one whose coordinates have to be stepped all the same.
	Rest *Rest
	// FLOPs returns about how many operations a step takes for a parameter, on average over many; nil stands for what elementwise counts.
	FLOPs func(p param.Param) float64
	// Plan adds what the transform does to a parameter with these coefficients to its Assignment; nil adds nothing.
	Plan func(p param.Param, s *Step, c *Coeffs, a *Assignment)

	// kernel says that the tiles are those of a kernel of package simd, which leaves no subnormal number in the state, and makes 0 of
	// an update of 0 as long as there was no other.
	kernel bool
}

// Transform returns t itself, so that a Transform may stand in a Chain.
func (t Transform) Transform() Transform { return t }

// Transformer is a transform by its hyperparameters, such as Trace{Mu: 0.9}. They are taken as they stand.
type Transformer interface {
	Transform() Transform
}

// Rest is how a coordinate moves whose update is 0, in closed form: with it, a chain steps the coordinates of a sparse gradient alone,
// and the others when a gradient touches them again.
type Rest struct {
	// Fades are what a step multiplies each slot by: 1 for a sum, β for a running average.
	Fades []float64
	// Moves is the factor in (0, 1) by which what the transform still makes shrinks with a step; 0 if it makes 0 of 0 at once.
	Moves float64
}

// Slot is a state vector that a Transform keeps for each parameter.
type Slot struct {
	Name string
	// Initial fills the vector before the parameter's first gradient that is not 0, unless FromX.
	Initial float64
	// FromX starts the vector as a copy of x, and once more at that gradient.
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

// Sum is a number that a transform needs of whole vectors before its first tile. It is a sum over tiles of what Tile32 and
// Tile64 return, which may read the update, the gradient, x, the state and what Begin has set, and write nothing: ‖u‖², ‖βs + u‖₁ of
// a slot s, or ⟨u, x₀ − x⟩ with x₀ in a slot that starts as x.
type Sum struct {
	Tile32 func(c *Coeffs, t *Tile[float32]) float64
	Tile64 func(c *Coeffs, t *Tile[float64]) float64
	// Global adds up over all parameters of the route, and not for each parameter by itself.
	Global bool
	// Norm says that the numbers of tiles and parameters are norms ‖·‖₂, which make the root of the sum of their squares.
	Norm bool

	ofUpdate bool // whether the Norm is NormOfUpdate
}

// Step is what a transform may know of the step at hand.
type Step struct {
	// K counts the steps made before this one, from 0.
	K int
	// Age counts the steps of the parameter since its first gradient that was not 0, from 0, which it also is before. A correction
	// of bias counts them, and not all steps: so the first step of a parameter does not depend on when it comes. For a transform
	// behind one that may make something of 0, such as a Decay, it is K.
	Age int
	// LR is the step size α_k once a transform of the chain has set it, and 1 before.
	LR float64
}

// Coeffs are the numbers that the tiles of one step share.
type Coeffs [13]float64

// Tile is a piece of the flat vectors small enough to stay in the cache for the whole chain.
type Tile[T param.Float] struct {
	// In is the update so far, which U becomes; they may be the same memory. In is read only.
	In, U []T
	// G holds the gradient that the chain began with, and X the parameters before the step; read only.
	G, X []T
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

// complete returns the transform with the functions for tiles that Scales and Mixes stand for, or why it cannot work.
func (t Transform) complete() (Transform, error) {
	switch {
	case t.Scales:
		t.Tile32, t.Tile64 = scale[float32], scale[float64]
	case t.Mixes:
		t.Tile32, t.Tile64 = mix[float32], mix[float64]
	case (t.Tile32 == nil || t.Tile64 == nil) && (t.Whole32 == nil || t.Whole64 == nil):
		return t, errors.New("it lacks functions; a transform needs Tile32 and Tile64, Whole32 and Whole64, Scales, or Mixes")
	}
	return t, nil
}

func scale[T param.Float](c *Coeffs, t *Tile[T]) { simd.Scale(c[:], t.U, t.In, t.take()) }

func mix[T param.Float](c *Coeffs, t *Tile[T]) { simd.CombineX(c[:], t.U, t.In, t.X, t.take()) }
