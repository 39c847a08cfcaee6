package rescale

import (
	"math"

	"steepest/internal/scratch"
	"steepest/internal/simd"
)

// Follow chooses a unit 2ᵉ for second moments (decayed sums of squares of gradients), so that they stay in the range of T. The state
// holds e and s ← βs + ‖g‖² in the unit; both start at 0. Call Follow with each gradient before the moments are updated. It returns e
// and the change of e. While s is far from the ends of the range, e does not change.
func Follow[T simd.Float](state []T, beta float64, g []T) (e, change int) {
	old, s := int(state[0]), float64(state[1])
	square, at := simd.SumSquares(g), 0
	if !InRange(square) {
		norm, unit := Norm(g)
		square, at = norm*norm, math.Ilogb(unit)
	}
	if square == 0 {
		state[1] = T(beta * s)
		return old, 0
	}
	most := at
	if s > 0 {
		most = max(old, at)
	}
	s = math.Ldexp(beta*s, 2*(old-most)) + math.Ldexp(square, 2*(at-most))
	if e = old; !InRange(math.Ldexp(s, 2*(most-old))) {
		e = most + math.Ilogb(s)/2
	}
	state[0], state[1] = T(e), T(math.Ldexp(s, 2*(most-e)))
	return e, e - old
}

// Per returns x in units of 2ᵉ: x itself if e is 0, and otherwise a copy in memory, which grows if need be.
func Per[T simd.Float](x []T, e int, memory *[]T) []T {
	if e == 0 {
		return x
	}
	*memory = scratch.Grow(*memory, len(x))
	Shift(*memory, x, -e)
	return *memory
}

// Shift sets y, which may be x, to x·2ᵉ.
func Shift[T simd.Float](y, x []T, e int) {
	for i, v := range x {
		y[i] = T(math.Ldexp(float64(v), e))
	}
}
