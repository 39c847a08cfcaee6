package matrix

import (
	"math"
	"slices"

	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim"
	"steepest/optim/matfun"
	"steepest/optim/norm"
	"steepest/optim/schedule"
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
	flops := perElement(4) // of a norm and a division
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

// Polar replaces each matrix of the update by its polar factor, which is LMO for the spectral norm. With Contra = c it is Contra-Muon (nilin/contra-muon; the
// speedrun's third track, result 11, 2026): half of c times the matrix, at the spectral norm 1, is taken from the polar factor, which keeps its norm ‖·‖_F. With
// Balance = p it is Aurora (tilde-research/aurora-release, 2026, arXiv:2606.27715; result 17): the p-th of polar(DU), where D divides the rows of U by their
// lengths, and then by the roots of those of the polar factor before; columns are divided where they are more, and a square matrix has its polar factor.
type Polar struct {
	By      matfun.Preset     `help:"how the polar factor is computed"`
	Gram    bool              `help:"by steps on the smaller Gram matrix, where a side is 1.5 times the other"`
	Contra  schedule.Schedule `range:"0," open:"0" help:"part c of the update, of which half is taken off, a number or a schedule"`
	Balance int               `range:"0," help:"polar factors p, between which the longer side is balanced; 0 for none"`
}

// Transform keeps nothing.
func (r Polar) Transform() optim.Transform {
	it := iteration(r.By, optim.Opt[int]{}, optim.Opt[float64]{}, false, r.Gram)
	t := LMO{Norm: norm.Spectral, Iteration: it}.Transform()
	if by := schedule.OrConstant(r.Contra, 0); by != schedule.Constant(0) || r.Balance > 0 {
		t.Begin = func(s *optim.Step, _ []float64, c *optim.Coeffs) { c[0] = by.At(s.K) / 2 }
		t.Whole32 = func() optim.Whole[float32] { return (&contra[float32]{iteration: it, passes: r.Balance}).transform }
		t.Whole64 = func() optim.Whole[float64] { return (&contra[float64]{iteration: it, passes: r.Balance}).transform }
	}
	t.Name, t.Check = "polar", AllMatrices.refuse
	return t
}

// polar is lmo where nothing but the polar factor is wanted, which is computed in its place.
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

// nonzero is a matrix without its rows and columns of 0, which its polar factor has as well.
type nonzero[T param.Float] struct {
	x          []T
	rows, cols []int
}

// of takes the rows and columns that are not 0, and reports whether any are.
func (p *nonzero[T]) of(x []T, rows, cols int) bool {
	p.rows, p.cols = p.rows[:0], p.cols[:0]
	for i := range rows {
		if slices.ContainsFunc(x[i*cols:][:cols], isNonzero) {
			p.rows = append(p.rows, i)
		}
	}
	for j := range cols {
		if slices.ContainsFunc(p.rows, func(i int) bool { return x[i*cols+j] != 0 }) {
			p.cols = append(p.cols, j)
		}
	}
	if len(p.rows) == rows && len(p.cols) == cols {
		return false
	}
	p.x = p.x[:0]
	for _, i := range p.rows {
		for _, j := range p.cols {
			p.x = append(p.x, x[i*cols+j])
		}
	}
	return true
}

// copyTo puts the rows and columns where they were taken from.
func (p *nonzero[T]) copyTo(u []T, cols int) {
	for at, i := range p.rows {
		for k, j := range p.cols {
			u[i*cols+j] = p.x[at*len(p.cols)+k]
		}
	}
}

func isNonzero[T param.Float](v T) bool { return v != 0 }

// contra is the polar factor, balanced, less a part of the update.
type contra[T param.Float] struct {
	iteration   *matfun.Iteration
	passes      int // of balancing
	work        matfun.Workspace[T]
	update      []T // which the polar factor takes the memory of
	left, right []T
	factors     []T // of the longer side
	squares     []float64
}

func (r *contra[T]) transform(_ int, c *optim.Coeffs, t *optim.Tensor[T]) error {
	return t.ForMatrices(func(in, u []T, rows, cols int) error {
		largest := r.largest(in, rows, cols)
		r.update = append(r.update[:0], in...)
		copy(u, in)
		if err := r.polar(u, rows, cols); err != nil || largest == 0 || c[0] == 0 {
			return err
		}
		before := simd.Norm(u)
		simd.Axpy(T(-c[0]/largest), r.update, u)
		if after := simd.Norm(u); after > 0 {
			simd.Scal(T(before/after), u)
		}
		return nil
	})
}

// polar sets u to its polar factor, or to that of the update with the longer side balanced.
func (r *contra[T]) polar(u []T, rows, cols int) error {
	if r.passes == 0 || rows == cols {
		return r.work.Iterate(u, rows, cols, r.iteration)
	}
	r.factors, r.squares = scratch.Grow(r.factors, max(rows, cols)), scratch.Grow(r.squares, max(rows, cols))
	for i := range r.factors {
		r.factors[i] = 1
	}
	length := 1. // of a row, or of a column, that is in balance
	for range r.passes {
		clear(r.squares)
		for at, v := range u {
			r.squares[r.longer(at, rows, cols)] += float64(float64(v) * float64(v))
		}
		for i, square := range r.squares {
			r.factors[i] *= T(length * inverse(math.Sqrt(square)))
		}
		for at, v := range r.update {
			u[at] = r.factors[r.longer(at, rows, cols)] * v
		}
		if err := r.work.Iterate(u, rows, cols, r.iteration); err != nil {
			return err
		}
		length = math.Sqrt(float64(min(rows, cols)) / float64(max(rows, cols)))
	}
	return nil
}

// longer is the place of an element along the longer side.
func (r *contra[T]) longer(at, rows, cols int) int {
	if rows > cols {
		return at / cols
	}
	return at % cols
}

// largest estimates the largest singular value by five steps of the power method from the vector of ones.
func (r *contra[T]) largest(x []T, rows, cols int) float64 {
	r.left, r.right = scratch.Grow(r.left, rows), scratch.Grow(r.right, cols)
	for j := range r.right {
		r.right[j] = 1
	}
	var length float64
	for k := 0; ; k++ {
		for i := range r.left {
			r.left[i] = simd.Dot(x[i*cols:][:cols], r.right)
		}
		if length = simd.Norm(r.left) / simd.Norm(r.right); length == 0 || k == 5 {
			return length
		}
		simd.Scal(T(1/simd.Norm(r.left)), r.left)
		clear(r.right)
		for i, v := range r.left {
			simd.Axpy(v, x[i*cols:][:cols], r.right)
		}
	}
}
