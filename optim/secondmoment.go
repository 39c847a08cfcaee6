package optim

import (
	"steepest/internal/simd"
	"steepest/internal/suggest"
	"steepest/param"
)

// SecondMoment says how AdaptiveMoments updates v.
type SecondMoment uint8

// The second moments.
const (
	// SecondOfGradient is v ← β₂v + (1−β₂)u², as in Adam.
	SecondOfGradient SecondMoment = iota
	// SecondOfBelief is v ← β₂v + (1−β₂)(u − m)² + EpsRoot with the new m (Zhuang et al. 2020, arXiv:2010.07468, algorithm 2).
	SecondOfBelief
	// SecondOfYogi is v ← v − (1−β₂)·sign(v − u²)·u² (Zaheer et al. 2018, algorithm 2).
	SecondOfYogi
)

var secondMomentNames = []string{"gradient", "belief", "yogi"}

// String returns the name in lower case, as UnmarshalText reads it.
func (m SecondMoment) String() string { return secondMomentNames[m] }

// UnmarshalText reads a second moment by its name.
func (m *SecondMoment) UnmarshalText(text []byte) error {
	return suggest.Value(m, "value", text, secondMomentNames)
}

// Names returns the names of all values.
func (SecondMoment) Names() []string { return secondMomentNames }

// transform returns t with the tile functions of the second moment m.
func (m SecondMoment) transform(t Transform) Transform {
	if m == SecondOfBelief {
		t.Name, t.Tile32, t.Tile64 = "adabelief", momentsOfBelief[float32], momentsOfBelief[float64]
	} else {
		t.Name, t.Tile32, t.Tile64 = "yogi", momentsOfYogi[float32], momentsOfYogi[float64]
	}
	return t
}

func momentsOfBelief[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.BeliefMoments(c[:], t.U, t.In, t.S[0], t.S[1], t.take())
}

func momentsOfYogi[T param.Float](c *Coeffs, t *Tile[T]) {
	simd.YogiMoments(c[:], t.U, t.In, t.S[0], t.S[1], t.take())
}
