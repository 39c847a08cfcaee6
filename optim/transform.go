package optim

import (
	"errors"

	"steepest/internal/simd"
	"steepest/param"
)

// Transform is one T of x ← x − T(ĝ): it turns the update so far, at first the gradient estimate, into the next one. A
// Transform is a value without state and may be used in any number of chains. The Optimizer keeps the state that it declares.
type Transform struct {
	// Name is the prefix of the names of the state: "adam" and the slot "m" give "adam.m".
	Name string
	// Slots are the vectors that the transform keeps for each parameter. After each step their subnormal numbers (below the smallest
	// normal number) are set to 0: a decaying moment would stay subnormal for ever and make steps slow.
	Slots []Slot
	// Scalars are the initial values of the numbers that it keeps for each parameter, in float64 for every T.
	Scalars []float64
	// Begin prepares a step: it sets the coefficients of the tiles from the step count and the scalars, and updates the scalars.
	// It is called once a step for all parameters of the same age. If it is nil, the coefficients are 0.
	Begin func(s *Step, scalars []float64, c *Coeffs)
	// Sums are sums over whole vectors that the transform needs before its first tile, such as ‖u‖².
	Sums []Sum
	// Fit finishes the coefficients for one parameter. It is called after Begin, with the values of the Sums, and may update the scalars.
	// unit is the unit of the update and of its norm, 1 at ordinary magnitudes; see NormOfUpdate. If a sum is Global, the scalars are the
	// same for all parameters of the route, whose ages then count all steps.
	Fit func(p param.Param, sums, scalars []float64, unit float64, c *Coeffs)
	// Tile32 and Tile64 transform one tile. They see every element once, in any order of tiles. A transform must have both, or both
	// Whole32 and Whole64, unless it Scales or Mixes.
	Tile32 func(c *Coeffs, t *Tile[float32])
	Tile64 func(c *Coeffs, t *Tile[float64])
	// Point32 and Point64 compute the point for the gradient of the next step from X and the state, and store it in U. If they are
	// nil, the gradient is taken at x. Only one transform of a chain may have them.
	Point32 func(t *Tile[float32])
	Point64 func(t *Tile[float64])
	// Scales says that the transform is u ← c₀u, and Mixes that it is u ← c₀u + c₁x, with the coefficients c₀ and c₁. Such a
	// transform needs no functions for tiles. A last transform that scales, and one before it that mixes, are fused with the
	// subtraction from x.
	Scales, Mixes bool
	// Whole32 and Whole64 replace the functions for tiles: they return a function that transforms whole tensors, and are called
	// once for each goroutine. Check returns an error if the transform refuses a parameter; a nil Check refuses none.
	Whole32 func() Whole[float32]
	Whole64 func() Whole[float64]
	Check   func(param.Param) error
	// CheckAll returns an error if the transform has no effect on any parameter of its route; nil refuses none.
	CheckAll func([]param.Param) error
	// Skip reports which parameters the transform leaves alone; nil skips none.
	Skip func(param.Param) bool
	// Gain is the factor by which the transform multiplies a constant gradient in the long run: 1/(1−μ) for a running sum. It is
	// 0 unless the transform is a linear filter of the gradients with the same factor for all coordinates.
	Gain float64
	// Rest describes the transform at coordinates whose update is 0. If it is nil, such coordinates must be stepped like all others.
	Rest *Rest
	// FLOPs estimates the operations of a step for a parameter, averaged over many steps. If it is nil, elementwise estimates them.
	FLOPs func(p param.Param) float64
	// Plan adds the effect of the transform with these coefficients to the Assignment of a parameter; nil adds nothing.
	Plan func(p param.Param, s *Step, c *Coeffs, a *Assignment)

	// kernel says that the functions for tiles are kernels of package simd. These leave no subnormal number in the state, and turn an
	// update of 0 into 0 as long as all updates before were 0.
	kernel bool
	// fault is the error of hyperparameters that do not work together; nil for none.
	fault error
	// idle reports whether the tiles with these coefficients leave the update and the state as they are; nil means never.
	idle func(c *Coeffs) bool
}

// Transform returns t itself, so that a Transform may stand in a Chain.
func (t Transform) Transform() Transform { return t }

// Transformer is a transform given by its hyperparameters, such as Trace{Mu: 0.9}. No field has a default.
type Transformer interface {
	Transform() Transform
}

// Rest describes, in closed form, how a coordinate moves while its update is 0. With it, a chain steps only the coordinates of a sparse
// gradient. The others catch up when a gradient touches them again.
type Rest struct {
	// Fades holds the factor by which a step multiplies each slot: 1 for a sum, β for a running average.
	Fades []float64
	// Moves is the factor in (0, 1) by which the output shrinks with each step of rest, or 0 if the output is 0 at once.
	Moves float64
}

// Slot is a state vector that a Transform keeps for each parameter.
type Slot struct {
	Name string
	// Initial is the value of all elements until the parameter's first gradient that is not 0, unless FromX is set.
	Initial float64
	// FromX starts the vector as a copy of x, and copies x again at that gradient.
	FromX bool
	// Size returns the length of the vector for one parameter. If it is nil, the length is that of the parameter.
	Size func(param.Param) int
}

func (s Slot) sizeFor(p param.Param) int {
	if s.Size == nil {
		return p.Size()
	}
	return s.Size(p)
}

// Sum is a number that a transform needs before its first tile: a sum over all tiles of the results of Tile32 or Tile64. These may
// read the update, the gradient, x, the state and the coefficients of Begin, but write nothing. Examples are ‖u‖², ‖βs + u‖₁ for a
// slot s, and ⟨u, x₀ − x⟩ with x₀ in a slot that starts as x.
type Sum struct {
	Tile32 func(c *Coeffs, t *Tile[float32]) float64
	Tile64 func(c *Coeffs, t *Tile[float64]) float64
	// Global says that the sum is over all parameters of the route, instead of one sum for each parameter.
	Global bool
	// Norm says that the numbers of tiles and parameters are norms ‖·‖₂. They are combined to the root of the sum of their squares.
	Norm bool

	ofUpdate bool // whether the Norm is NormOfUpdate
}

// Step describes the current step to a transform.
type Step struct {
	// K is the number of steps made before this one.
	K int
	// Age is the number of steps of the parameter since its first gradient that was not 0; before that, it is 0. A bias correction
	// uses Age and not K, so the first step of a parameter does not depend on when it comes. After a transform that may turn 0 into
	// something else, such as a Decay, Age is K.
	Age int
	// LR is the step size α_k once a transform of the chain has set it; before that, it is 1.
	LR float64
}

// Coeffs are the numbers that the tiles of one step share.
type Coeffs [13]float64

// Tile is a piece of the flat vectors, small enough to stay in the cache for the whole chain.
type Tile[T param.Float] struct {
	// In is the update so far, read only. U is the next update. They may share memory.
	In, U []T
	// G is the gradient that entered the chain, and X the parameters before the step; both are read only.
	G, X []T
	// S holds the transform's own state, a vector for each of its Slots.
	S [][]T
	// move is applied to the update after the last transform; nil if there is nothing to do, or if it is done.
	move *simd.Move[T]
	last bool
}

// take returns the move if this is the last transform. The caller must then make the move.
func (t *Tile[T]) take() (m *simd.Move[T]) {
	if t.last {
		m, t.move = t.move, nil
	}
	return m
}

// mixed returns the move after u ← au + bx if this is the last transform and its move can do both, and otherwise nil. The caller must then
// make the move.
func (t *Tile[T]) mixed(a, b float64) *simd.Move[T] {
	if !t.last || t.move == nil || t.move.Mixes {
		return nil
	}
	m := t.take()
	m.Mixes, m.C[1], m.C[2] = true, a, b
	return m
}

// complete returns the transform with the functions for tiles that Scales and Mixes imply, or an error if it cannot work.
func (t Transform) complete() (Transform, error) {
	switch {
	case t.fault != nil:
		return t, t.fault
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
