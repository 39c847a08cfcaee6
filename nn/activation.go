package nn

import (
	"steepest/internal/simd"
	"steepest/internal/suggest"
	"steepest/param"
)

// Activation is a function φ that is applied to each element.
type Activation uint8

// The activations.
const (
	// Tanh is the hyperbolic tangent.
	Tanh Activation = iota
	// ReLU is max(x, 0), with the slope 0 at 0.
	ReLU
	// GELU is ½x(1 + tanh(√(2/π)(x + 0.044715x³))), GPT-2's form of xΦ(x) (Hendrycks and Gimpel 2016, arXiv:1606.08415).
	GELU
)

var activationNames = []string{"tanh", "relu", "gelu"}

// String returns the name that UnmarshalText reads.
func (a Activation) String() string { return activationNames[a] }

// UnmarshalText reads an activation by its name.
func (a *Activation) UnmarshalText(text []byte) error {
	return suggest.Value(a, "activation", text, activationNames)
}

// Activate computes y ← φ(x) for each element. y has the length of x.
func Activate[T param.Float](a Activation, y, x []T) {
	checkLen("y", y, len(x))
	switch a {
	case Tanh:
		simd.Tanh(y, x)
	case ReLU:
		for i, v := range x {
			y[i] = max(v, 0)
		}
	case GELU:
		simd.GELU(y, x)
	}
}

// ActivateGradient computes dx ← dy ⊙ φ′(x), for y = φ(x). All have the same length. dx may be dy.
func ActivateGradient[T param.Float](a Activation, dx, dy, y, x []T) {
	checkLen("dx", dx, len(x))
	checkLen("dy", dy, len(x))
	checkLen("y", y, len(x))
	switch a {
	case Tanh:
		for i, v := range y {
			dx[i] = dy[i] * (1 - T(v*v))
		}
	case ReLU:
		for i, v := range y {
			slope := T(0)
			if v > 0 {
				slope = dy[i]
			}
			dx[i] = slope
		}
	case GELU:
		simd.GELUGradient(dx, dy, x)
	}
}
