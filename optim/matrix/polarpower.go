package matrix

import (
	"math"

	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim"
	"steepest/optim/matfun"
	"steepest/param"
)

// PolarPower is DynMuon (2026, arXiv:2605.17109; the speedrun's third track, result 28): it takes the singular values σ of each matrix U of the update
// to about σ^p. The polar factor of U is multiplied by I + δE + ½δ(δ−1)E² and by ‖U‖_F^p, with δ = p/2, X = U/‖U‖_F and E = XXᵀ − I, or XᵀX − I
// if there are fewer columns: the first terms of (XXᵀ)^δ. In step k, p = Last + (First − Last)/(1 + exp((k − Half)/Width)).
type PolarPower struct {
	By    matfun.Preset `help:"how the polar factor is computed"`
	First float64       `range:"-2,2" help:"power p long before the step half"`
	Last  float64       `range:"-2,2" help:"power p long after the step half"`
	Half  float64       `range:"0," help:"step in which p is halfway"`
	Width float64       `range:"(0," help:"a quarter of the steps in which p makes 76 % of its change"`
}

// Transform implements Transformer. It has no state.
func (r PolarPower) Transform() optim.Transform {
	it := r.By.Iteration()
	return optim.Transform{
		Name: "polar-power",
		FLOPs: forMatrices(func(rows, cols int) float64 {
			m, n := float64(min(rows, cols)), float64(max(rows, cols))
			return it.FLOPs(rows, cols) + float64(m*m*float64(float64(3*n)+m))
		}),
		Check: AllMatrices.refuse,
		Begin: func(s *optim.Step, _ []float64, c *optim.Coeffs) {
			c[0] = r.Last + (r.First-r.Last)/(1+math.Exp((float64(s.K)-r.Half)/r.Width))
		},
		Whole32: func() optim.Whole[float32] { return polarPower[float32](it) },
		Whole64: func() optim.Whole[float64] { return polarPower[float64](it) },
	}
}

func polarPower[T param.Float](it *matfun.Iteration) optim.Whole[T] {
	var (
		work     matfun.Workspace[T]
		x, polar []T
	)
	return func(_ int, c *optim.Coeffs, t *optim.Tensor[T]) error {
		return t.ForMatrices(func(in, u []T, rows, cols int) error {
			norm, power, delta := simd.Norm(in), c[0], float64(c[0]/2)
			polar, x = append(polar[:0], in...), scratch.Grow(x, len(in))
			if err := work.Iterate(polar, rows, cols, it); err != nil || norm == 0 {
				copy(u, polar)
				return err
			}
			simd.Scale([]float64{1 / norm}, x, in, nil)
			square := float64(float64(delta*(delta-1)) / 2)
			work.Apply(matfun.Odd{1 - delta + square, delta - float64(2*square), square}, u, polar, x, rows, cols)
			simd.Scal(T(math.Pow(norm, power)), u)
			return nil
		})
	}
}
