package matrix

import (
	"errors"
	"math"

	"steepest/internal/gemm"
	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim"
	"steepest/optim/matfun"
	"steepest/optim/norm"
	"steepest/optim/schedule"
	"steepest/param"
)

// Polar replaces each matrix U of the update by its polar factor, as LMO does for the spectral norm.
//
// With Contra = c it is Contra-Muon (nilin/contra-muon; the speedrun's third track, result 11, 2026): u = polar(U) − c/2·U/‖U‖₂, scaled to the
// norm ‖·‖_F of the polar factor.
//
// With Soft = s it is Soft-Muon (nilin/contra-muon; results 20, 29 and 32): a part s of the update is not the polar factor but has the singular
// values σ^0.1, by matfun.TenthPower, for singular values σ of U/‖U‖_F. Both parts have the norm of the polar factor, and so does the result. Soft
// needs By = TwelveQuintic and no Balance.
//
// With Temper = ρ it is Tempered-Polar (result 38, 2026): o + ρ·min(1, ‖o‖/4‖r‖)·r for the polar factor o and r = U/‖U‖₂ − o, scaled to the norm
// ‖o‖_F. It comes before the other changes.
//
// With Schatten, the norms ‖·‖₂ and ‖·‖_F above are ‖X‖ = ‖XXᵀ‖_F^½, the Schatten 4-norm, and so is the norm of the start of the iteration, as in the
// speedrun's code from result 20 on.
//
// With Balance = p it is Aurora (tilde-research/aurora-release, 2026, arXiv:2606.27715; result 17): p polar factors of DU, one after another.
// At first D divides the rows of U by their lengths. Then D is also divided by ℓ^2β, where ℓ are the lengths of the rows of the
// last polar factor in units of their root mean square, and β = BalanceRate is 0.5 in Aurora and 0.25 in results 30 to 43. If there are more
// columns than rows, columns take the place of rows. A square matrix is replaced by its plain polar factor.
type Polar struct {
	By          matfun.Preset     `help:"how the polar factor is computed"`
	Gram        bool              `help:"by steps on the smaller Gram matrix, if one side is 1.5 times the other or longer"`
	Contra      schedule.Schedule `range:"0," open:"0" help:"c, a number or a schedule: subtract c/2 times the update from its polar factor"`
	Soft        schedule.Schedule `range:"0,1" open:"0" help:"s, a number or a schedule: part of the update with singular values σ^0.1; it needs polar:quintic"`
	Temper      schedule.Schedule `range:"0,1]" open:"0" help:"ρ, a number or a schedule: how far to go from the polar factor towards the update"`
	Schatten    bool              `help:"measure matrices by the Schatten 4-norm, ‖XXᵀ‖_F^½"`
	Balance     int               `range:"0," help:"number of polar factors, between which the longer side is balanced; 0 for none"`
	BalanceRate float64           `range:"(0," help:"exponent β of squared lengths by which the longer side is balanced"`
}

// Transform implements Transformer. It has no state.
func (r Polar) Transform() optim.Transform {
	it := iteration(r.By, optim.Opt[int]{}, optim.Opt[float64]{}, false, r.Gram)
	if r.Schatten && it != nil {
		it.Norm = matfun.Schatten4
	}
	t := LMO{Norm: norm.Spectral, Iteration: it}.Transform()
	t.Name, t.Check = "polar", AllMatrices.refuse
	against, soft, temper := schedule.OrConstant(r.Contra, 0), schedule.OrConstant(r.Soft, 0), schedule.OrConstant(r.Temper, 0)
	if soft != schedule.Constant(0) && (r.By != matfun.TwelveQuintic || r.Balance > 0) {
		t.Check = func(param.Param) error {
			return errors.New("has a soft part, which needs the polar factor quintic and no balance")
		}
	}
	if never := schedule.Constant(0); against != never || soft != never || temper != never || r.Balance > 0 {
		t.Begin = func(s *optim.Step, _ []float64, c *optim.Coeffs) {
			c[0], c[1], c[2] = against.At(s.K)/2, soft.At(s.K), temper.At(s.K)
		}
		t.Whole32 = func() optim.Whole[float32] { return (&contra[float32]{Polar: r, iteration: it}).transform }
		t.Whole64 = func() optim.Whole[float64] { return (&contra[float64]{Polar: r, iteration: it}).transform }
	}
	return t
}

// contra is Polar with Contra, Soft, Temper or Balance, and its memory.
type contra[T param.Float] struct {
	Polar
	iteration   *matfun.Iteration
	work        matfun.Workspace[T]
	update      []T // a copy of the update, whose memory becomes the polar factor
	soft        []T // the update with singular values σ^0.1
	rest        []T // the way from the polar factor to the update, for Temper
	left, right []T
	scaled      []T // a matrix of length 1, for Schatten
	gram        []T // XXᵀ, for Schatten
	factors     []T // D, for the longer side
	squares     []float64
}

func (r *contra[T]) transform(_ int, c *optim.Coeffs, t *optim.Tensor[T]) error {
	return t.ForMatrices(func(in, u []T, rows, cols int) error {
		var largest float64
		if r.update = append(r.update[:0], in...); r.Schatten {
			largest = r.length(r.update, rows, cols)
		} else {
			largest = r.largest(r.update, rows, cols)
		}
		copy(u, in)
		if err := r.polar(u, c[1], rows, cols); err != nil || largest == 0 || c[0] == 0 && c[1] == 0 && c[2] == 0 {
			return err
		}
		length := r.length(u, rows, cols)
		if c[2] > 0 {
			r.temper(u, c[2], length, largest, rows, cols)
		}
		simd.Axpy(T(-c[0]/largest), r.update, u)
		r.scaleTo(length, u, rows, cols)
		if c[1] > 0 {
			r.scaleTo(length, r.soft, rows, cols)
			simd.Scal(T(1-c[1]), u)
			simd.Axpy(T(c[1]), r.soft, u)
			r.scaleTo(length, u, rows, cols)
		}
		return nil
	})
}

// temper is Temper for the polar factor u of the given length. largest is ‖U‖₂, or the Schatten 4-norm of U.
func (r *contra[T]) temper(u []T, part, length, largest float64, rows, cols int) {
	r.rest = append(r.rest[:0], u...)
	simd.Scal(-1, r.rest)
	simd.Axpy(T(1/largest), r.update, r.rest)
	if rest := r.length(r.rest, rows, cols); rest > 0 {
		simd.Axpy(T(part*min(1, 0.25*length/rest)), r.rest, u)
		r.scaleTo(length, u, rows, cols)
	}
}

// length returns ‖x‖_F, or the Schatten 4-norm ‖xxᵀ‖_F^½.
func (r *contra[T]) length(x []T, rows, cols int) float64 {
	length := simd.Norm(x)
	if !r.Schatten || length == 0 {
		return length
	}
	n, k := min(rows, cols), max(rows, cols)
	r.scaled, r.gram = append(r.scaled[:0], x...), scratch.Grow(r.gram, n*n)
	simd.Scal(T(1/length), r.scaled)
	gemm.Syrk(true, rows > cols, n, k, 1, r.scaled, cols, 0, r.gram, n)
	gemm.Mirror(n, r.gram, n)
	return length * math.Sqrt(simd.Norm(r.gram))
}

// scaleTo gives u a length, unless it is 0.
func (r *contra[T]) scaleTo(length float64, u []T, rows, cols int) {
	if now := r.length(u, rows, cols); now > 0 {
		simd.Scal(T(length/now), u)
	}
}

// polar sets u to the polar factor of the update, balanced if there are passes, and r.soft if there is a soft part.
func (r *contra[T]) polar(u []T, soft float64, rows, cols int) error {
	if soft > 0 {
		r.soft = scratch.Grow(r.soft, len(u))
		return r.work.IterateSum(r.soft, u, matfun.TenthPower, rows, cols, r.iteration)
	}
	if r.Balance == 0 || rows == cols {
		return r.work.Iterate(u, rows, cols, r.iteration)
	}
	r.factors, r.squares = scratch.Grow(r.factors, max(rows, cols)), scratch.Grow(r.squares, max(rows, cols))
	for i := range r.factors {
		r.factors[i] = 1
	}
	length, power := 1., 1. // the length of a balanced row or column, and the power of its ratio to the present one
	for range r.Balance {
		clear(r.squares)
		for at, v := range u {
			r.squares[r.longer(at, rows, cols)] += float64(float64(v) * float64(v))
		}
		for i, square := range r.squares {
			r.factors[i] *= T(math.Pow(length*inverse(math.Sqrt(square)), power))
		}
		for at, v := range r.update {
			u[at] = r.factors[r.longer(at, rows, cols)] * v
		}
		if err := r.work.Iterate(u, rows, cols, r.iteration); err != nil {
			return err
		}
		length, power = math.Sqrt(float64(min(rows, cols))/float64(max(rows, cols))), 2*r.BalanceRate
	}
	return nil
}

// longer returns the index of element at along the longer side.
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
