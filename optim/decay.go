package optim

import (
	"math"

	"steepest/internal/simd"
	"steepest/optim/schedule"
	"steepest/param"
)

// Names by which a Plan knows the transforms whose coefficients it shows.
const (
	decayName = "decay"
	shapeName = "shape"
)

// Decay adds λx to the update. Before LearningRate it is the decoupled weight decay αλx of torch and optax (Loshchilov
// and Hutter 2019); after it, a decay that the step size does not touch; at the head of a chain, the gradient of
// (λ/2)‖x‖². Skip, if not nil, names the parameters that do not decay.
func Decay(lambda float64, skip func(param.Param) bool) Transform {
	return Transform{
		Name:   decayName,
		Begin:  func(_ *Step, _ []float64, c *Coeffs) { c[0], c[1] = 1, lambda },
		Tile32: combineX[float32], Tile64: combineX[float64], Mixes: true,
		Skip: skip,
		Gain: 1,
	}
}

func combineX[T param.Float](c *Coeffs, t *Tile[T]) { simd.CombineX(c[:], t.U, t.In, t.X, t.take()) }

// CautiousDecay is Decay for those coordinates alone that the update does not move away from 0, those with u·x ≥ 0: there the
// two do not work against each other (Chen et al. 2025, arXiv:2510.12402, algorithm 1).
func CautiousDecay(lambda float64, skip func(param.Param) bool) Transform {
	return Transform{
		Name:   decayName,
		Begin:  func(_ *Step, _ []float64, c *Coeffs) { c[0], c[1] = 1, lambda },
		Tile32: cautiousDecay[float32], Tile64: cautiousDecay[float64],
		Skip: skip,
	}
}

func cautiousDecay[T param.Float](c *Coeffs, t *Tile[T]) {
	lambda := T(c[1])
	for i, x := range t.X {
		u := t.In[i]
		if u*x >= 0 {
			u += lambda * x
		}
		t.U[i] = u
	}
}

// Hyperball moves each tensor on the sphere of the norm R = ‖x₀‖₂ that it starts on: it turns the update u into the one that leads
// to R·N(x − αR·N(u)) with N(y) = y/‖y‖₂ (Wen et al., From weight decay to hyperball optimization, part 1, 2025). It
// takes the place of decay and of the step size, which is relative to x. Where x₀ or u is 0, so is the step.
func Hyperball(s schedule.Schedule) Transform {
	return Transform{
		Name:    "hyperball",
		Slots:   []Slot{{Name: "radius", Size: func(param.Param) int { return 1 }}},
		Begin:   func(step *Step, _ []float64, c *Coeffs) { step.LR = s.At(step.K); c[0] = step.LR },
		Whole32: hyperball[float32],
		Whole64: hyperball[float64],
	}
}

func hyperball[T param.Float]() Whole[T] {
	return func(k int, c *Coeffs, t *Tensor[T]) error {
		if k == 0 {
			t.S[0][0] = T(math.Sqrt(simd.SumSquares(t.X)))
		}
		radius, length := float64(t.S[0][0]), math.Sqrt(simd.SumSquares(t.In))
		if radius == 0 || length == 0 {
			clear(t.U)
			return nil
		}
		along := T(c[0] * radius / length)
		for i, x := range t.X {
			t.U[i] = x - along*t.In[i]
		}
		back := T(radius / math.Sqrt(simd.SumSquares(t.U)))
		for i, x := range t.X {
			t.U[i] = x - back*t.U[i]
		}
		return nil
	}
}
