package optim

import (
	"math"
	"slices"

	"steepest/internal/simd"
	"steepest/param"
)

// lazy is how an Optimizer steps the coordinates alone that sparse gradients touch. A coordinate that is touched wakes: it stands with the
// others that are awake in vectors of their own, which go through the chain as any tile does. There it stays as long as it would move
// without a gradient, a window of steps that momentum decides, and goes to rest then. What the steps at rest make of the state is a power
// (Transform.Rest), which it gets when it wakes. Up to that power and to what is left of the momentum, the bits are those of Step.
//
// A decay shrinks all of x at each step. So x at rest is scale times what is stored, and a step changes that number alone (Bottou 2012,
// Stochastic Gradient Descent Tricks, section 5.1). A drift moves all of it: coordinate j at rest goes by −driftⱼ times the sum of the step
// sizes, each by the scale, since it came to rest.
type lazy[T param.Float] struct {
	group  *group[T] // the chain with the state at rest
	decay  T         // of the gradient, besides that of the chain
	shrink bool      // whether x shrinks at rest
	scale  []float64 // of one element, as State shows it
	drift  []T       // nil for none
	path   []float64 // of one element: the sum of the step sizes, each by the scale
	passed []float64 // [coordinate] the path when it came to rest
	window int
	// touched counts, for each coordinate, the steps up to the last that touched it; in float64, as State shows them. It is nil where
	// the window is 0 and the state at rest stays as it is.
	touched []float64

	awake  *group[T]  // the chain with the state of the coordinates that are awake
	at     []uint32   // which they are
	x, g   []T        // of them
	place  []uint32   // [coordinate] 1 + its place there; 0 at rest
	recent [][]uint32 // [step mod window+1] the coordinates that it touched
}

// Lazy makes the Optimizer, which has made no step yet, step single coordinates, by Touch and StepTouched in place of Step, for gradients
// that are 0 at most coordinates, with decay·x on top. It returns for how many steps a coordinate stays awake after one that touches it, and
// false if the rule cannot: it must be one chain for one parameter, of transforms with a Rest, where linear ones alone follow one that
// moves by itself, and step sizes alone a decay. Nothing but the skipping of gradients may be prepared.
func (o *Optimizer[T]) Lazy(decay float64) (window int, ok bool) {
	if len(o.groups) != 1 || len(o.params) != 1 || o.preparer.chain != nil {
		return 0, false
	}
	z := &lazy[T]{group: o.groups[0], decay: T(decay), shrink: decay != 0, scale: []float64{1}, path: make([]float64, 1)}
	forgets := false
	var transforms []Transform
	for _, l := range z.group.links {
		switch {
		case l.Rest == nil, l.Rest.Moves >= 1, z.shrink && !l.Scales, z.window > 0 && l.Gain == 0:
			return 0, false
		case l.Rest.Moves > 0:
			z.window += int(math.Ceil(math.Log(negligible[T]()) / math.Log(l.Rest.Moves)))
		}
		for i, slot := range l.Slots {
			if slot.FromX || slot.Size != nil {
				return 0, false
			}
			forgets = forgets || l.Rest.Fades[i] != 1
		}
		z.shrink = z.shrink || l.Mixes
		transforms = append(transforms, l.Transform)
	}
	if forgets {
		z.touched = slices.Repeat([]float64{-float64(z.window)}, o.size)
	}
	z.awake = groupOf[T]("", transforms, []param.Param{{Shape: []int{0}}}, []int{0})
	for i, l := range z.group.links {
		z.awake.links[i].scalars = l.scalars
	}
	z.awake.pass.workers = []*worker[T]{{u: make([]T, shareSize)}}
	z.place = make([]uint32, o.size)
	z.recent = make([][]uint32, z.window+1)
	o.lazy = z
	return z.window, true
}

// negligible is the share of a movement that is left out.
func negligible[T param.Float]() float64 {
	if T(1)+T(0x1p-30) == 1 {
		return 0x1p-32
	}
	return 0x1p-60
}

// Touch says that the gradient of the step at hand may be other than 0 at these coordinates, and copies their x to dst, at the same places.
func (o *Optimizer[T]) Touch(dst, stored []T, coordinates []uint32) {
	z, k := o.lazy, o.step.K
	now, awake := &z.recent[k%len(z.recent)], len(z.at)
	for _, j := range coordinates {
		if z.place[j] == 0 {
			z.at = append(z.at, j)
			z.place[j] = uint32(len(z.at))
			z.x = append(z.x, z.valueAt(j, stored))
			*now = append(*now, j)
		} else if z.window > 0 && z.touched[j] != float64(k+1) {
			*now = append(*now, j)
		}
		dst[j] = z.x[z.place[j]-1]
	}
	z.wake(awake, k)
	if z.touched != nil {
		for _, j := range coordinates {
			z.touched[j] = float64(k + 1)
		}
	}
}

// StepTouched makes one step with the gradient factor·g, where g is 0 but at the coordinates touched since the last step, with the decay
// and the drift on top. It leaves g 0 there as well. Its errors are those of Step.
func (o *Optimizer[T]) StepTouched(stored, g []T, factor T) error {
	z, k := o.lazy, o.step.K
	var bad *NonfiniteError
	for _, j := range z.recent[k%len(z.recent)] {
		v := g[j] * factor
		if z.drift != nil {
			v += z.drift[j]
		}
		if v-v != 0 && bad == nil {
			bad = &NonfiniteError{Param: o.params[0].Name, Index: int(j), Value: float64(v), Step: k}
		}
		z.g[z.place[j]-1], g[j] = v, 0
	}
	if bad != nil {
		clear(z.g)
		return o.preparer.skip(bad)
	}
	o.preparer.skipped[1] = 0
	if z.group.ages[0] < 0 && simd.Asum(z.g) != 0 {
		z.start(k)
	}
	o.step.LR, z.awake.ages[0] = 1, z.group.ages[0]
	z.awake.begin(&o.step)
	if z.decay != 0 {
		simd.Axpy(z.decay, z.x, z.g)
	}
	p := z.awake.pass
	p.aim(z.awake.links, z.x, z.g)
	for lo := 0; lo < len(z.x); lo += p.tile {
		p.applyTile(p.workers[0], 0, lo, min(lo+p.tile, len(z.x)))
	}
	clear(z.g)
	z.moveRest(stored)
	z.group.grow()
	o.step.K++
	z.rest(stored, o.step.K)
	return nil
}

// wake brings the state of the coordinates from a place among those that are awake on, with the steps that they have missed before step k.
func (z *lazy[T]) wake(from, k int) {
	z.g = slices.Grow(z.g, len(z.at)-from)[:len(z.at)]
	clear(z.g[from:])
	for i, l := range z.awake.links {
		for s := range l.state {
			v, all := slices.Grow(l.state[s][0], len(z.at)-from)[:len(z.at)], z.group.links[i].state[s][0]
			l.state[s][0] = v
			for at, j := range z.at[from:] {
				v[from+at] = all[j]
			}
			if fade := l.Rest.Fades[s]; fade != 1 {
				for at, j := range z.at[from:] {
					if missed := float64(k-z.window) - z.touched[j]; missed > 0 && v[from+at] != 0 {
						v[from+at] *= T(math.Pow(fade, missed))
					}
				}
				simd.Flush(v[from:], v[from:], nil)
			}
		}
	}
}

// rest puts those to rest that step k−1 was the last to move.
func (z *lazy[T]) rest(stored []T, k int) {
	list := &z.recent[k%len(z.recent)] // which is that of step k−1−window
	if z.window == 0 {                 // all that are awake
		z.store(stored, z.scale[0])
		z.sleep()
	}
	for _, j := range *list {
		if z.window == 0 || z.touched[j] != float64(k-z.window) {
			continue // touched again since
		}
		at, last := z.place[j]-1, len(z.at)-1
		stored[j] = T(float64(z.x[at]) / z.scale[0])
		z.x[at], z.at[at] = z.x[last], z.at[last]
		z.x, z.g, z.at = z.x[:last], z.g[:last], z.at[:last]
		for i, l := range z.awake.links {
			for s := range l.state {
				v := l.state[s][0]
				z.group.links[i].state[s][0][j] = v[at]
				v[at] = v[last]
				l.state[s][0] = v[:last]
			}
		}
		if int(at) < last {
			z.place[z.at[at]] = at + 1
		}
		z.place[j] = 0
	}
	*list = (*list)[:0]
}

// store stores x by a scale, and the state, of the coordinates that are awake.
func (z *lazy[T]) store(stored []T, scale float64) {
	for at, j := range z.at {
		stored[j] = T(float64(z.x[at]) / scale)
	}
	if z.drift != nil {
		for _, j := range z.at {
			z.passed[j] = z.path[0]
		}
	}
	for i, l := range z.awake.links {
		for s := range l.state {
			v, all := l.state[s][0], z.group.links[i].state[s][0]
			for at, j := range z.at {
				all[j] = v[at]
			}
		}
	}
}

// sleep leaves none awake.
func (z *lazy[T]) sleep() {
	for _, j := range z.at {
		z.place[j] = 0
	}
	z.at, z.x, z.g = z.at[:0], z.x[:0], z.g[:0]
	for _, l := range z.awake.links {
		for s := range l.state {
			l.state[s][0] = l.state[s][0][:0]
		}
	}
}

// start begins the parameter at step k, that of its first gradient which is not 0.
func (z *lazy[T]) start(k int) {
	z.group.ages[0] = 0
	for i, l := range z.group.links {
		l.restart(0, nil)
		z.awake.links[i].restart(0, nil)
	}
	for j := range z.touched {
		if z.place[j] == 0 {
			z.touched[j] = float64(k - z.window)
		}
	}
}

// valueAt returns the x of a coordinate at rest.
func (z *lazy[T]) valueAt(j uint32, stored []T) T {
	v := float64(stored[j])
	if z.drift != nil {
		v -= float64(float64(z.drift[j]) * (z.path[0] - z.passed[j]))
	}
	return T(z.scale[0] * v)
}

// moveRest moves the coordinates at rest by the step at hand, which makes x ← x − u of u = decay·x + drift.
func (z *lazy[T]) moveRest(stored []T) {
	size, mixed := 1.0, 0.0
	for _, l := range z.awake.links {
		switch c := &l.coeffs[0]; {
		case l.Mixes:
			size, mixed = float64(size*c[0]), float64(mixed*c[0])+c[1]
		case l.Scales:
			size, mixed = size*c[0], mixed*c[0]
		}
	}
	if z.shrink {
		shrink := 1 - float64(size*float64(z.decay)) - mixed
		if left := math.Abs(z.scale[0] * shrink); !(left > 0x1p-40 && left < 0x1p40) {
			z.fold(stored)
			if !(math.Abs(shrink) > 0x1p-40) { // for good
				for j, v := range stored {
					stored[j] = T(shrink * float64(v))
				}
				shrink = 1
			}
		}
		z.scale[0] *= shrink
	}
	if z.drift != nil {
		z.path[0] += size / z.scale[0]
	}
}

// fold makes what is stored of the coordinates at rest their x.
func (z *lazy[T]) fold(stored []T) {
	for j := range stored {
		if z.place[j] == 0 {
			stored[j] = z.valueAt(uint32(j), stored)
		}
	}
	z.scale[0], z.path[0] = 1, 0
	clear(z.passed)
}

// Values copies x to dst.
func (o *Optimizer[T]) Values(dst, stored []T) {
	for j := range stored {
		dst[j] = o.lazy.valueAt(uint32(j), stored)
	}
	for at, j := range o.lazy.at {
		dst[j] = o.lazy.x[at]
	}
}

// Settle stores what State is to show of the coordinates that are awake: their state, and their x among those stored, without the scale.
func (o *Optimizer[T]) Settle(stored []T) { o.lazy.store(stored, 1) }

// Rouse wakes the coordinates that are to be awake, after Restore.
func (o *Optimizer[T]) Rouse(stored []T) {
	z, k := o.lazy, o.step.K
	z.sleep()
	for s := range z.recent {
		z.recent[s] = z.recent[s][:0]
	}
	for j, touched := range z.touched {
		if z.window > 0 && int(touched)+z.window > k {
			z.at, z.x = append(z.at, uint32(j)), append(z.x, stored[j])
			z.place[j] = uint32(len(z.at))
			list := &z.recent[(int(touched)-1)%len(z.recent)]
			*list = append(*list, uint32(j))
		}
	}
	z.wake(0, k)
}

// Drift adds a vector to the gradient of every step that StepTouched makes, of a chain of step sizes alone; it reports whether the rule is
// one. The vector stays the caller's, who may change it at the coordinates that the last step touched, and elsewhere after Fold.
func (o *Optimizer[T]) Drift(drift []T) bool {
	z := o.lazy
	for _, l := range z.group.links {
		if !l.Scales {
			return false
		}
	}
	if z.drift = drift; z.passed == nil {
		z.passed = make([]float64, o.size)
	}
	return true
}

// Fold makes what is stored x itself, after which Step may step all coordinates of a chain of step sizes alone.
func (o *Optimizer[T]) Fold(stored []T) { o.lazy.fold(stored) }

// Eager ends Lazy before the first step.
func (o *Optimizer[T]) Eager() { o.lazy = nil }

// addTo enters what is kept of the coordinates at rest.
func (z *lazy[T]) addTo(s *State[T]) {
	name := z.group.params[0].Name
	if z.touched != nil {
		s.Scalars["touched/"+name] = z.touched
	}
	if z.shrink {
		s.Scalars["scale/"+name] = z.scale
	}
	if z.drift != nil {
		s.Scalars["path/"+name], s.Scalars["passed/"+name] = z.path, z.passed
	}
}
