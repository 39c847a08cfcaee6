package optim

// The awake coordinates of a lazy Optimizer: how they wake, step and go to rest.

import (
	"math"
	"slices"

	"steepest/internal/simd"
)

// Touch announces that the gradient of the current step may be nonzero at these coordinates. It copies their x to dst, at the same indices.
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
	if z.average != nil {
		z.average.wake(stored, awake)
	}
	if z.window > 0 {
		for _, j := range coordinates {
			z.touched[j] = float64(k + 1)
		}
	}
}

// StepTouched makes one step with the gradient factor·g plus the decay and the drift. g must be 0 except at the coordinates touched since
// the last step; StepTouched sets it to 0 there. Its errors are those of Step.
func (o *Optimizer[T]) StepTouched(stored, g []T, factor T) error {
	z, k := o.lazy, o.step.K
	if bad := z.gather(g, factor, k); bad != nil {
		bad.Param = o.params[0].Name
		clear(z.g)
		if z.window == 0 {
			z.store(stored, z.scale[0], z.averagedBy())
			z.sleep(k)
		}
		return o.preparer.skip(bad)
	}
	o.preparer.skipped[1] = 0
	if z.group.ages[0] < 0 && simd.Asum(z.g) != 0 {
		z.start(k)
	}
	o.step.LR, z.awake.ages[0] = 1, z.group.ages[0]
	z.awake.begin(&o.step)
	if z.average != nil {
		z.average.step(stored, o.step.LR)
	}
	if z.decay != 0 {
		kept := z.keepFree(z.g)
		simd.Axpy(z.decay, z.x, z.g)
		z.restoreFree(z.g, kept)
	}
	p := z.awake.pass
	p.grad = z.g
	p.aim(z.awake.links, z.x, z.x, z.g)
	for lo := 0; lo < len(z.x); lo += p.tile {
		p.applyTile(p.workers[0], 0, lo, min(lo+p.tile, len(z.x)))
	}
	clear(z.g)
	if z.l1 > 0 {
		z.prox(z.gain * o.step.LR)
	}
	z.moveRest(stored, o.step.LR)
	z.group.grow()
	o.step.K++
	z.rest(stored, o.step.K)
	return nil
}

// gather moves the gradient factor·g of step k, plus the drift, to z.g. It returns an error without a name for the first number that is not finite.
func (z *lazy[T]) gather(g []T, factor T, k int) (bad *NonfiniteError) {
	for _, j := range z.recent[k%len(z.recent)] {
		v := g[j] * factor
		if z.drift != nil {
			v += z.drift[j]
		}
		if v-v != 0 && bad == nil {
			bad = &NonfiniteError{Index: int(j), Value: float64(v), Step: k}
		}
		z.g[z.place[j]-1], g[j] = v, 0
	}
	return bad
}

// prox makes the proximal step of the ℓ1 penalty at the awake coordinates.
func (z *lazy[T]) prox(step float64) {
	kept := z.keepFree(z.x)
	for i, v := range z.x {
		z.x[i] = T(simd.SoftThreshold(float64(v), float64(z.l1*step)))
	}
	z.restoreFree(z.x, kept)
}

// keepFree returns a copy of the elements of v, a vector of awake coordinates, that are free of decay and penalty.
func (z *lazy[T]) keepFree(v []T) []T {
	z.kept = z.kept[:0]
	for _, j := range z.free {
		z.kept = append(z.kept, v[z.place[j]-1])
	}
	return z.kept
}

// restoreFree puts the elements of keepFree back.
func (z *lazy[T]) restoreFree(v, kept []T) {
	for i, j := range z.free {
		v[z.place[j]-1] = kept[i]
	}
}

// wake applies the missed steps before step k to the state of the newly awake coordinates: those at position from and after.
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
				z.fade(v[from:], z.at[from:], fade, float64(k-z.window))
			}
		}
	}
}

// fade multiplies the state v of coordinates by a factor for each step that they missed before a step.
func (z *lazy[T]) fade(v []T, at []uint32, factor, step float64) {
	for i, j := range at {
		if missed := step - z.touched[j]; missed > 0 && v[i] != 0 {
			v[i] *= T(math.Pow(factor, missed))
		}
	}
	simd.Flush(v, v, nil)
}

// rest puts the coordinates to rest that moved last in step k−1.
func (z *lazy[T]) rest(stored []T, k int) {
	if z.window == 0 { // all awake coordinates
		z.store(stored, z.scale[0], z.averagedBy())
		z.sleep(k)
		return
	}
	list := &z.recent[k%len(z.recent)] // the list of step k−1−window
	for _, j := range *list {
		if z.touched[j] != float64(k-z.window) {
			continue // touched again since
		}
		at, last := z.place[j]-1, len(z.at)-1
		stored[j] = T(float64(z.x[at]) / z.scale[0])
		if z.passed != nil {
			z.passed[j] = z.path[0]
		}
		if v := z.average; v != nil {
			v.rest(j, v.near[at], v.sums[0])
			v.near[at] = v.near[last]
			v.near = v.near[:last]
		}
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

// store stores the awake coordinates: x divided by scale, the state, and the average divided by factor.
func (z *lazy[T]) store(stored []T, scale, factor float64) {
	for at, j := range z.at {
		stored[j] = T(float64(z.x[at]) / scale)
	}
	if z.passed != nil {
		for _, j := range z.at {
			z.passed[j] = z.path[0]
		}
	}
	if v := z.average; v != nil {
		for at, j := range z.at {
			v.rest(j, v.near[at], factor)
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

// sleep forgets which coordinates are awake, after k steps.
func (z *lazy[T]) sleep(k int) {
	for _, j := range z.at {
		z.place[j] = 0
		if z.touched != nil && z.window == 0 {
			z.touched[j] = float64(k)
		}
	}
	for s := range z.recent {
		z.recent[s] = z.recent[s][:0]
	}
	z.at, z.x, z.g = z.at[:0], z.x[:0], z.g[:0]
	if z.average != nil {
		z.average.near = z.average.near[:0]
	}
	for _, l := range z.awake.links {
		for s := range l.state {
			l.state[s][0] = l.state[s][0][:0]
		}
	}
}
