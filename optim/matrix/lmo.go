package matrix

import (
	"steepest/internal/simd"
	"steepest/optim"
	"steepest/optim/matfun"
	"steepest/optim/norm"
	"steepest/param"
)

// LMO replaces each matrix u of the update by −lmo(u), where lmo(u) = argmin ⟨u, d⟩ over ‖d‖ ≤ 1 is the linear minimization oracle
// of a norm. Then x ← x − αT(ĝ) is steepest descent in that norm. Its step has the length α or, if Regularized, it is the minimizer of
// ⟨ĝ, d⟩ + ‖d‖²/2α. LMO fails at a NaN or infinity. optim.Normalize does the same for the ℓ2 norm of all parameters together.
type LMO struct {
	// Norm is the norm of the ball. It is taken of each matrix separately; a vector is a matrix of one column.
	Norm norm.Norm
	// Iteration says how polar factors are computed for the spectral norm; nil means the singular value decomposition.
	Iteration *matfun.Iteration
	// Regularized multiplies by the dual norm of the update.
	Regularized bool
}

// Transform implements Transformer. It has no state.
func (o LMO) Transform() optim.Transform {
	if o == (LMO{Norm: norm.LInf}) {
		return optim.Signs{}.Transform() // the same, tile by tile
	}
	flops := perElement(4) // for a norm and a division
	if o.Norm == norm.Spectral {
		flops = forMatrices(o.Iteration.FLOPs)
	}
	return optim.Transform{
		Name:    "lmo",
		FLOPs:   flops,
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

// polar is lmo for the spectral norm without the dual norm. It computes the polar factor in u.
func polar[T param.Float](it *matfun.Iteration) optim.Whole[T] {
	var (
		work matfun.Workspace[T]
		part nonzero[T]
	)
	return func(_ int, _ *optim.Coeffs, t *optim.Tensor[T]) error {
		return t.ForMatrices(func(in, u []T, rows, cols int) error {
			if !part.of(in, rows, cols) {
				copy(u, in)
				return work.Iterate(u, rows, cols, it)
			}
			err := work.Iterate(part.x, len(part.rows), len(part.cols), it)
			clear(u)
			part.copyTo(u, cols)
			return err
		})
	}
}
