package matrix

import (
	"fmt"
	"slices"

	"steepest/optim"
	"steepest/param"
)

// inHeads returns a transform that sees each matrix of a fused tensor, such as the queries, keys and values of attention, as matrices of
// its heads, one below the other. Tensors that are not fused stay as they are, but a model without a fused one is refused.
func inHeads(heads int, of optim.Transformer) optim.Transform {
	t := of.Transform()
	if heads <= 1 {
		return t
	}
	see := func(p param.Param) param.Param {
		if p.Fused > 1 {
			p.Fused *= heads
		}
		return p
	}
	t.CheckAll = func(params []param.Param) error {
		if slices.ContainsFunc(params, func(p param.Param) bool { return p.Fused > 1 }) {
			return nil
		}
		return fmt.Errorf("heads=%d cuts tensors that hold the queries, keys and values of attention, and this model has none; leave heads out", heads)
	}
	t.Slots = slices.Clone(t.Slots)
	for i, slot := range t.Slots {
		if slot.Size != nil {
			t.Slots[i].Size = func(p param.Param) int { return slot.Size(see(p)) }
		}
	}
	if check := t.Check; check != nil {
		t.Check = func(p param.Param) error { return check(see(p)) }
	}
	if fit := t.Fit; fit != nil {
		t.Fit = func(p param.Param, sums, scalars []float64, unit float64, c *optim.Coeffs) {
			fit(see(p), sums, scalars, unit, c)
		}
	}
	if flops := t.FLOPs; flops != nil {
		t.FLOPs = func(p param.Param) float64 { return flops(see(p)) }
	}
	if plan := t.Plan; plan != nil {
		t.Plan = func(p param.Param, s *optim.Step, c *optim.Coeffs, a *optim.Assignment) { plan(see(p), s, c, a) }
	}
	if t.Whole32 != nil {
		t.Whole32, t.Whole64 = wholeInHeads(see, t.Whole32), wholeInHeads(see, t.Whole64)
	}
	return t
}

func wholeInHeads[T param.Float](see func(param.Param) param.Param, whole func() optim.Whole[T]) func() optim.Whole[T] {
	return func() optim.Whole[T] {
		inner, seen := whole(), new(optim.Tensor[T])
		return func(k int, c *optim.Coeffs, t *optim.Tensor[T]) error {
			*seen = *t
			seen.Param = see(t.Param)
			return inner(k, c, seen)
		}
	}
}
