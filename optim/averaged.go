package optim

import (
	"slices"

	"steepest/param"
)

// averaged is an average of the iterates of a lazy Optimizer: m ← (1−a)m + ax at each step, with the x before the step.
//
// With Q = Π (1−aₜ), each step adds aₜxₜ/Qₜ₊₁ to m/Q. At rest xₜ = scaleₜ(v − drift·(Pₜ − passed)), where v is the stored number. So two
// sums over the steps, B = Σ aₜscaleₜ/Qₜ₊₁ and C = Σ aₜscaleₜPₜ/Qₜ₊₁, give the updates that the average of a coordinate missed at rest.
type averaged[T param.Float] struct {
	*lazy[T]
	mean  []T                      // [coordinate] at rest: m/Q when it came to rest
	share func(lr float64) float64 // a for a step of size lr
	sums  []float64                // Q, B, C
	since [2][]float64             // [coordinate] B and C when it came to rest
	near  []T                      // m of the awake coordinates
}

// Average makes a lazy Optimizer average its iterates. mean belongs to the caller and starts as x. share(lr) is the weight of the x before
// a step of size lr. Average returns false if there is an ℓ1 penalty, with which it cannot average.
func (o *Optimizer[T]) Average(mean []T, share func(lr float64) float64) bool {
	if o.lazy.l1 > 0 {
		return false
	}
	o.lazy.average = &averaged[T]{
		lazy: o.lazy, mean: mean, share: share, sums: []float64{1, 0, 0},
		since: [2][]float64{make([]float64, o.size), make([]float64, o.size)},
	}
	return true
}

// Averages copies the average to dst.
func (o *Optimizer[T]) Averages(dst, stored []T) {
	v := o.lazy.average
	for j := range stored {
		dst[j] = v.meanAt(uint32(j), stored)
	}
	for i, j := range o.lazy.at {
		dst[j] = v.near[i]
	}
}

// meanAt returns the average of a coordinate at rest.
func (v *averaged[T]) meanAt(j uint32, stored []T) T {
	missed := float64(stored[j]) * (v.sums[1] - v.since[0][j])
	if v.drift != nil {
		b, c := v.sums[1]-v.since[0][j], v.sums[2]-v.since[1][j]
		if lag := c - float64(v.passed[j]*b); lag != 0 { // else the caller of Fold may be changing drift
			missed -= float64(v.drift[j]) * lag
		}
	}
	return T(v.sums[0] * (float64(v.mean[j]) + missed))
}

// step adds the x before a step of size lr to the average.
func (v *averaged[T]) step(stored []T, lr float64) {
	share := v.share(lr)
	if share == 0 {
		return
	}
	a := T(share)
	for i, x := range v.x {
		v.near[i] += T(a * (x - v.near[i]))
	}
	if !(v.sums[0]*(1-share) > 0x1p-40) {
		v.fold(stored)
	}
	if share == 1 {
		for j := range v.mean {
			if v.place[j] == 0 {
				v.mean[j] = v.valueAt(uint32(j), stored)
			}
		}
		return
	}
	q := v.sums[0] * (1 - share)
	v.sums[0] = q
	v.sums[1] += share * v.scale[0] / q
	v.sums[2] += share * v.scale[0] * v.path[0] / q
}

// fold updates the average of the coordinates at rest and restarts the sums.
func (v *averaged[T]) fold(stored []T) {
	for j := range v.mean {
		if v.place[j] == 0 {
			v.mean[j] = v.meanAt(uint32(j), stored)
		}
	}
	copy(v.sums, []float64{1, 0, 0})
	clear(v.since[0])
	clear(v.since[1])
}

// wake adds the newly awake coordinates: those at position from and after.
func (v *averaged[T]) wake(stored []T, from int) {
	v.near = slices.Grow(v.near, len(v.at)-from)
	for _, j := range v.at[from:] {
		v.near = append(v.near, v.meanAt(j, stored))
	}
}

// averagedBy returns Q.
func (z *lazy[T]) averagedBy() float64 {
	if z.average == nil {
		return 1
	}
	return z.average.sums[0]
}

// rest puts coordinate j to rest. Its average is m/factor.
func (v *averaged[T]) rest(j uint32, m T, factor float64) {
	v.mean[j] = T(float64(m) / factor)
	v.since[0][j], v.since[1][j] = v.sums[1], v.sums[2]
}
