package optim

import (
	"math"
	"slices"

	"steepest/internal/simd"
	"steepest/optim/internal/rescale"
	"steepest/param"
)

// lazy makes an Optimizer step only the coordinates that sparse gradients touch.
//
//	at rest ── touched by a gradient: state × power of the missed steps ──▶ awake
//	awake   ── not touched for window steps ──────────────────────────────▶ at rest
//
// Awake coordinates are packed in vectors of their own, which go through the chain like any tile. The window is the number of steps for
// which momentum still moves a coordinate without a gradient. A step at rest multiplies the state by a constant (Transform.Rest). Except
// for that power and the momentum left at the end of the window, the bits are those of Step.
//
// A decay shrinks all of x at each step. So x at rest is scale times the stored number, and a step changes only scale (Bottou 2012,
// Stochastic Gradient Descent Tricks, section 5.1). A drift moves all of x. With the path P = Σ αₜ/scaleₜ₊₁, the stored number of a
// coordinate j at rest moves by −driftⱼ times the path since it came to rest. An ℓ1 penalty moves it towards 0 by λ₁ times the path, but
// not past 0 (Langford, Li and Zhang 2009, Sparse Online Learning via Truncated Gradient; Duchi and Singer 2009).
type lazy[T param.Float] struct {
	group  *group[T] // the chain with the state at rest
	decay  T         // added to the gradient, besides the decay of the chain
	l1     float64   // of the penalty whose proximal step follows a step
	gain   float64   // of the chain: the proximal step is longer by this factor
	shrink bool      // whether x shrinks at rest
	scale  []float64 // of one element, as State shows it
	free   []uint32  // coordinates without decay and penalty, which every gradient touches
	kept   []T       // their elements while a step changes all awake coordinates
	drift  []T       // nil for none
	path   []float64 // of one element: P
	passed []float64 // [coordinate] the path when it came to rest
	window int
	// touched is, for each coordinate, the number of steps up to the last one that touched it; float64, as in State. It is nil if
	// the window is 0 and the state at rest does not change.
	touched []float64
	average *averaged[T] // nil for none

	awake  *group[T]  // the chain with the state of the awake coordinates
	at     []uint32   // the awake coordinates
	x, g   []T        // their x and gradient
	place  []uint32   // [coordinate] 1 + its position in at; 0 at rest
	recent [][]uint32 // [step mod window+1] the coordinates that it touched
}

// Lazy, called before the first step, makes the Optimizer step single coordinates, by Touch and StepTouched in place of Step. It is for
// gradients that are 0 at most coordinates. Each step adds decay·x to the gradient, and is followed by the proximal step of l1·‖x‖₁; both
// leave out the free coordinates, which every step must touch. window is the number of steps for which a coordinate stays awake after
// being touched.
//
// ok is false if the rule cannot be lazy. The rule must be one chain for one parameter, of transforms with a Rest. Only linear transforms
// may follow one that moves by itself, and only step sizes may follow a decay. With a penalty the chain must have a Gain. A Preparation may
// only skip gradients.
func (o *Optimizer[T]) Lazy(decay, l1 float64, free []uint32) (window int, ok bool) {
	if len(o.groups) != 1 || len(o.params) != 1 || o.preparer.chain != nil || l1 > 0 && o.Gain() == 0 {
		return 0, false
	}
	z := &lazy[T]{
		group: o.groups[0], decay: T(decay), l1: l1, gain: o.Gain(), free: free, shrink: decay != 0, scale: []float64{1}, path: make([]float64, 1),
	}
	if l1 > 0 {
		z.passed = make([]float64, o.size)
	}
	forgets := false
	var transforms []Transform
	for _, l := range z.group.links {
		switch {
		case l.Rest == nil, l.Rest.Moves >= 1, l.skip[0], l.point != nil, z.shrink && !l.Scales, z.window > 0 && l.Gain == 0:
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
	z.awake = groupOf[T]("", transforms, []param.Param{{Shape: []int{0}}}, []int{0}, []Range{{}})
	for i, l := range z.group.links {
		z.awake.links[i].scalars = l.scalars
	}
	z.awake.pass.workers = []*worker[T]{{u: make([]T, shareSize)}}
	z.place = make([]uint32, o.size)
	z.recent = make([][]uint32, z.window+1)
	o.lazy = z
	return z.window, true
}

// negligible returns the share of a movement that may be left out.
func negligible[T param.Float]() float64 { return rescale.Epsilon[T]() / 256 }

// StepSizesAlone reports whether the chain of a lazy Optimizer only multiplies by step sizes, and there is no drift, ℓ1 penalty or average.
// Then a step needs no Touch. Advance makes the step without the gradient g, and returns a factor; adding factor·g to stored completes it.
func (o *Optimizer[T]) StepSizesAlone() bool {
	return o.lazy.passed == nil && o.lazy.average == nil && !slices.ContainsFunc(o.lazy.group.links, func(l *link[T]) bool { return !l.Scales })
}

// Scale returns the scale with x = scale·stored, if StepSizesAlone.
func (o *Optimizer[T]) Scale() float64 { return o.lazy.scale[0] }

// Advance makes a step without its gradient; see StepSizesAlone.
func (o *Optimizer[T]) Advance(stored []T) (factor float64) {
	z := o.lazy
	o.preparer.skipped[1] = 0
	o.step.LR = 1
	z.awake.begin(&o.step)
	size := z.moveRest(stored, o.step.LR)
	z.group.grow()
	o.step.K++
	return -size / z.scale[0]
}

// start starts the age of the parameter at step k, the step of its first gradient that is not 0.
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
	switch {
	case z.drift != nil && z.passed[j] != z.path[0]: // else the caller of Fold may be changing drift
		v -= float64(float64(z.drift[j]) * (z.path[0] - z.passed[j]))
	case z.l1 > 0:
		v = simd.SoftThreshold(v, z.l1*(z.path[0]-z.passed[j]))
	}
	return T(z.scale[0] * v)
}

// moveRest moves the coordinates at rest by the current step, whose gradient there is decay·x + drift. It returns the factor by which the
// chain multiplies a gradient.
func (z *lazy[T]) moveRest(stored []T, lr float64) (size float64) {
	size, mixed := z.factors()
	if z.shrink {
		z.shrinkRest(stored, 1-float64(size*float64(z.decay))-mixed, 1-mixed)
	}
	switch {
	case z.drift != nil:
		z.path[0] += size / z.scale[0]
	case z.l1 > 0:
		z.path[0] += z.gain * lr / math.Abs(z.scale[0])
	}
	return size
}

// factors returns the factors by which the chain multiplies the gradient, and the x that it adds to the update.
func (z *lazy[T]) factors() (size, mixed float64) {
	size = 1
	for _, l := range z.awake.links {
		switch c := &l.coeffs[0]; {
		case l.Mixes:
			size, mixed = float64(size*c[0]), float64(mixed*c[0])+c[1]
		case l.Scales:
			size, mixed = size*c[0], mixed*c[0]
		}
	}
	return size, mixed
}

// shrinkRest multiplies x at rest by shrink, but by keep where it is free.
func (z *lazy[T]) shrinkRest(stored []T, shrink, keep float64) {
	most := 0x1p40
	if z.average != nil {
		most = 0x1p8 // a larger stored number would magnify the rounding error of B
	}
	if left := math.Abs(z.scale[0] * shrink); !(left > 1/most && left < most) {
		z.fold(stored)
		if !(math.Abs(shrink) > 0x1p-40) { // the scale would vanish
			for j, v := range stored {
				factor := shrink
				if slices.Contains(z.free, uint32(j)) {
					factor = keep
				}
				stored[j] = T(factor * float64(v))
			}
			shrink, keep = 1, 1
		}
	}
	z.scale[0] *= shrink
	for _, j := range z.free {
		if z.place[j] == 0 {
			stored[j] = T(keep / shrink * float64(stored[j]))
		}
	}
}

// fold sets the stored numbers of the coordinates at rest to their x, and scale to 1.
func (z *lazy[T]) fold(stored []T) {
	if z.average != nil {
		z.average.fold(stored)
	}
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

// Settle copies the awake coordinates to where State shows them: their state, x and average, unscaled.
func (o *Optimizer[T]) Settle(stored []T) { o.lazy.store(stored, 1, 1) }

// Rouse, called after Restore, wakes the coordinates that must be awake.
func (o *Optimizer[T]) Rouse(stored []T) {
	z, k := o.lazy, o.step.K
	z.sleep(k)
	for j, touched := range z.touched {
		if z.window > 0 && int(touched)+z.window > k {
			z.at, z.x = append(z.at, uint32(j)), append(z.x, stored[j])
			z.place[j] = uint32(len(z.at))
			list := &z.recent[(int(touched)-1)%len(z.recent)]
			*list = append(*list, uint32(j))
		}
	}
	z.wake(0, k)
	if v := z.average; v != nil {
		for _, j := range z.at {
			v.near = append(v.near, v.mean[j])
		}
	}
}

// Drift adds a vector to the gradient of every step of StepTouched. It returns false unless the chain consists of step sizes alone. The
// vector belongs to the caller, who may change it at the coordinates that the last step touched, and elsewhere after Fold.
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

// Fold sets stored to x. Afterwards Step may step all coordinates, if the chain consists of step sizes alone.
func (o *Optimizer[T]) Fold(stored []T) { o.lazy.fold(stored) }

// Eager undoes Lazy before the first step.
func (o *Optimizer[T]) Eager() { o.lazy = nil }

// addTo adds the data of the coordinates at rest to the state.
func (z *lazy[T]) addTo(s *State[T]) {
	name := z.group.params[0].Name
	if z.touched != nil {
		s.Scalars["touched/"+name] = z.touched
	}
	if z.shrink {
		s.Scalars["scale/"+name] = z.scale
	}
	if v := z.average; v != nil {
		s.Scalars["averaged/"+name], s.Scalars["averaged.b/"+name], s.Scalars["averaged.c/"+name] = v.sums, v.since[0], v.since[1]
	}
	if z.passed != nil {
		s.Scalars["path/"+name], s.Scalars["passed/"+name] = z.path, z.passed
	}
}
