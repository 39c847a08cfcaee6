package matrix

import (
	"steepest/internal/simd"
	"steepest/optim"
	"steepest/optim/matfun"
	"steepest/optim/norm"
	"steepest/param"
)

// LMO replaces each matrix u of the update by −lmo(u), where lmo(u) = argmin ⟨u, d⟩ over ‖d‖ ≤ 1 is the linear minimization oracle
// of a norm: x ← x − αT(ĝ) is then steepest descent in that norm, in the normalized form, or, if Regularized, in the form of the
// minimum of ⟨ĝ, d⟩ + ‖d‖²/2α. It fails at a NaN or infinity. For all parameters together the ℓ2 norm is optim.Normalize.
type LMO struct {
	// Norm is that of the ball, for each matrix by itself; a vector is a matrix of one column.
	Norm norm.Norm
	// Iteration says how polar factors are computed for the spectral norm; nil stands for the singular value decomposition.
	Iteration *matfun.Iteration
	// Regularized multiplies by the dual norm of the update.
	Regularized bool
}

// Transform keeps nothing.
func (o LMO) Transform() optim.Transform {
	if o == (LMO{Norm: norm.LInf}) {
		return optim.Signs{}.Transform() // the same, tile by tile
	}
	return optim.Transform{
		Name:    "lmo",
		Whole32: func() optim.Whole[float32] { return lmo[float32](o) },
		Whole64: func() optim.Whole[float64] { return lmo[float64](o) },
	}
}

func lmo[T param.Float](o LMO) optim.Whole[T] {
	if o.Norm == norm.Spectral && o.Iteration != nil && !o.Regularized {
		return polar[T](o.Iteration)
	}
	oracle := norm.Oracle[T]{Norm: o.Norm, Iteration: o.Iteration}
	return func(_ int, _ *optim.Coeffs, t *optim.Tensor[T]) error {
		return t.ForMatrices(func(in, u []T, rows, cols int) error {
			by, err := oracle.LMO(u, in, rows, cols)
			if !o.Regularized {
				by = 1
			}
			simd.Scal(T(-by), u)
			return err
		})
	}
}

// Polar replaces each matrix of the update by its polar factor, which is LMO for the spectral norm.
type Polar struct {
	By   matfun.Preset `help:"how the polar factor is computed"`
	Gram bool          `help:"by steps on the smaller Gram matrix, where a side is 1.5 times the other"`
}

// Transform keeps nothing.
func (r Polar) Transform() optim.Transform {
	t := LMO{Norm: norm.Spectral, Iteration: iteration(r.By, optim.Opt[int]{}, optim.Opt[float64]{}, false, r.Gram)}.Transform()
	t.Name, t.Check = "polar", AllMatrices.refuse
	return t
}

// polar is lmo where nothing but the polar factor is wanted, which is computed in its place.
func polar[T param.Float](it *matfun.Iteration) optim.Whole[T] {
	var work matfun.Workspace[T]
	return func(_ int, _ *optim.Coeffs, t *optim.Tensor[T]) error {
		return t.ForMatrices(func(in, u []T, rows, cols int) error {
			copy(u, in)
			return work.Iterate(u, rows, cols, it)
		})
	}
}
