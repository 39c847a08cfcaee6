package matrix

import (
	"math"

	"steepest/internal/simd"
	"steepest/optim"
	"steepest/optim/internal/rescale"
	"steepest/optim/schedule"
	"steepest/param"
)

// The transforms of this file control the length of a matrix and of its update, instead of weight decay. They treat each matrix separately and
// are from the third track of the modded-nanogpt speedrun, 2026 (results 9, 29, 38 and 46).

// UpdateFloor lengthens updates that are short compared with x: u ← u·max(1, ρ‖x‖/‖u‖), for the matrix or for each row. So steps do not
// become small relative to x although no decay limits x. It belongs after the polar factor and its scale.
type UpdateFloor struct {
	Ratio schedule.Schedule `range:"0," help:"least length ρ of the update, relative to that of x, a number or a schedule"`
	Rows  bool              `help:"for each row separately"`
}

// Transform implements Transformer. It has no state.
func (r UpdateFloor) Transform() optim.Transform {
	return optim.Transform{
		Name:    "floor",
		FLOPs:   perElement(5),
		Check:   AllMatrices.refuse,
		Begin:   func(s *optim.Step, _ []float64, c *optim.Coeffs) { c[0] = r.Ratio.At(s.K) },
		Whole32: func() optim.Whole[float32] { return updateFloor[float32](r) },
		Whole64: func() optim.Whole[float64] { return updateFloor[float64](r) },
	}
}

func updateFloor[T param.Float](r UpdateFloor) optim.Whole[T] {
	lift := func(ratio float64, u, in, x []T) {
		length, unit := rescale.Norm(in)
		by, per := T(ratio*simd.Norm(x)/length), T(1/unit)
		if length == 0 || float64(by)*float64(per) <= 1 {
			copy(u, in)
			return
		}
		for i, v := range in {
			u[i] = by * (per * v)
		}
	}
	return func(_ int, c *optim.Coeffs, t *optim.Tensor[T]) error {
		return t.WithX(func(in, u, x []T, rows, cols int) error {
			if !r.Rows {
				lift(c[0], u, in, x)
				return nil
			}
			for at := 0; at < rows*cols; at += cols {
				lift(c[0], u[at:at+cols], in[at:at+cols], x[at:at+cols])
			}
			return nil
		})
	}
}

// RadialBrake multiplies the component of the update along x by ω if it leads away from 0: u ← u + (ω−1)·min(0, ⟨u, x⟩)/‖x‖²·x.
type RadialBrake struct {
	Outward schedule.Schedule `range:"0," help:"factor ω of the part that leads away from 0, a number or a schedule"`
}

// Transform implements Transformer. It has no state.
func (r RadialBrake) Transform() optim.Transform {
	return optim.Transform{
		Name:    "brake",
		FLOPs:   perElement(6),
		Check:   AllMatrices.refuse,
		Begin:   func(s *optim.Step, _ []float64, c *optim.Coeffs) { c[0] = r.Outward.At(s.K) - 1 },
		Whole32: func() optim.Whole[float32] { return radialBrake[float32] },
		Whole64: func() optim.Whole[float64] { return radialBrake[float64] },
	}
}

func radialBrake[T param.Float](_ int, c *optim.Coeffs, t *optim.Tensor[T]) error {
	return t.WithX(func(in, u, x []T, _, _ int) error {
		length, along := alongX(in, x)
		add := c[0] * min(0, along)
		if add == 0 {
			copy(u, in)
			return nil
		}
		for i, v := range x {
			u[i] = in[i] + T(add*(float64(v)/length))
		}
		return nil
	})
}

// RadiusPin keeps the component of the step across x from making x longer: x ← (x − u)·R/‖x − u‖ with R = ‖x‖ − ⟨u, x⟩/‖x‖, the length after the
// component along x alone. Then decay subtracts αλx from the coordinates that the step has moved toward 0. It belongs after LearningRate. If
// x is 0, the step stays unchanged.
type RadiusPin struct {
	Lambda float64 `range:"0," help:"decay λ of the coordinates that go toward 0"`
}

// Transform implements Transformer. It has no state.
func (r RadiusPin) Transform() optim.Transform {
	return optim.Transform{
		Name:    "pin",
		FLOPs:   perElement(10),
		Check:   AllMatrices.refuse,
		Begin:   func(s *optim.Step, _ []float64, c *optim.Coeffs) { c[0] = 1 - float64(s.LR*r.Lambda) },
		Whole32: func() optim.Whole[float32] { return radiusPin[float32] },
		Whole64: func() optim.Whole[float64] { return radiusPin[float64] },
		Plan:    func(_ param.Param, _ *optim.Step, _ *optim.Coeffs, a *optim.Assignment) { a.Decay += r.Lambda },
	}
}

func radiusPin[T param.Float](_ int, c *optim.Coeffs, t *optim.Tensor[T]) error {
	return t.WithX(func(in, u, x []T, _, _ int) error {
		length, along := alongX(in, x)
		across := 0.0 // the square of the component of u across x
		for i, v := range x {
			part := float64(in[i])
			if length > 0 {
				part -= float64(along * (float64(v) / length))
			}
			across += float64(part * part)
		}
		by, radius := 1., length-along
		if after := math.Hypot(radius, math.Sqrt(across)); length > 0 && after > 0 {
			by = max(0, radius) / after
		}
		keep, shrink := T(by), T(by*c[0])
		for i, v := range x {
			to := keep
			if in[i]*v > 0 {
				to = shrink
			}
			u[i] = v - T(to*(v-in[i]))
		}
		return nil
	})
}

// alongX returns ‖x‖ and ⟨u, x⟩/‖x‖ for x of any magnitude, or zeros for x = 0.
func alongX[T param.Float](u, x []T) (length, along float64) {
	if length = simd.Norm(x); length > 0 {
		for i, v := range x {
			along += float64(float64(u[i]) * (float64(v) / length))
		}
	}
	return length, along
}
