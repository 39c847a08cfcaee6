package matrix

import (
	"steepest/internal/simd"
	"steepest/optim"
	"steepest/optim/internal/rescale"
	"steepest/optim/schedule"
	"steepest/param"
)

// Hyperball keeps each tensor on the sphere with the radius of its start, R = ‖x₀‖₂: x ← R·N(x − αR·N(u)) with N(y) = y/‖y‖₂ (Wen et al.,
// From weight decay to hyperball optimization, part 1, 2025). It replaces decay and the step size; α is relative to R. If x₀ or u is 0,
// the step is 0.
type Hyperball struct {
	LR schedule.Schedule `help:"relative step size α"`
}

// Transform implements Transformer. Its state is R.
func (r Hyperball) Transform() optim.Transform {
	return optim.Transform{
		Name:    "hyperball",
		Slots:   []optim.Slot{{Name: "radius", Size: func(param.Param) int { return 1 }}},
		Begin:   func(step *optim.Step, _ []float64, c *optim.Coeffs) { step.LR = r.LR.At(step.K); c[0] = step.LR },
		FLOPs:   perElement(9),
		Whole32: hyperball[float32],
		Whole64: hyperball[float64],
	}
}

func hyperball[T param.Float]() optim.Whole[T] {
	return func(k int, c *optim.Coeffs, t *optim.Tensor[T]) error {
		if k == 0 {
			t.S[0][0] = T(simd.Norm(t.X))
		}
		radius := float64(t.S[0][0])
		length, unit := rescale.Norm(t.In)
		if radius == 0 || length == 0 {
			clear(t.U)
			return nil
		}
		along, by := T(c[0]*radius/length), T(1/unit)
		for i, x := range t.X {
			t.U[i] = x - T(along*(by*t.In[i]))
		}
		back := T(radius / simd.Norm(t.U))
		for i, x := range t.X {
			t.U[i] = x - T(back*t.U[i])
		}
		return nil
	}
}
