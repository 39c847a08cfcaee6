package matrix

import (
	"math"
	"math/rand/v2"

	"steepest/internal/gemm"
	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim"
	"steepest/optim/internal/rescale"
	"steepest/optim/matfun"
	"steepest/optim/schedule"
	"steepest/param"
)

// PSGD is preconditioned SGD with Kronecker factors, PSGD-Kron (Li 2015, arXiv:1512.04202; Pooladzandi and Li 2024, arXiv:2402.04553): the
// bias-corrected average gradient m̂ becomes u = Pm̂P', with P = QᵀQ for the rows and P' = Q'ᵀQ' for the columns, and
// x ← x − α(u·min(1, c/rms(u)) + λx). Whiten says how the factors Q and Q' change. A vector has a diagonal factor and no decay.
//
// Defaults are those of kron_torch: α = 3e-4, μ = 0.9, c = 1.1, λ = 0, initial factors 1, and η = 0.1. The factors change in every step up to
// step 500. Then the interval grows by a factor of e per 1000 steps, up to 33. pytorch_optimizer's Kron is lr=0.001. HeavyBall's PSGDKron
// differs: its initial factors depend on the first gradient, the norms by which steps are divided decay, and the clipping is
// another one.
type PSGD struct {
	LR          schedule.Schedule  `help:"step size α"`
	Momentum    optim.Opt[float64] `range:"0,1" help:"decay μ of the average gradient"`
	FactorLR    optim.Opt[float64] `range:"(0,1]" help:"part η by which factors move"`
	Initial     optim.Opt[float64] `range:"(0," help:"initial square root of the preconditioner"`
	Interval    optim.Opt[float64] `range:"1," help:"largest number of steps between changes of the factors"`
	Flat        optim.Opt[float64] `range:"0," help:"number of first steps that all change the factors"`
	Grow        optim.Opt[float64] `range:"(0," help:"steps in which the interval then grows by a factor of e"`
	Balance     optim.Opt[int]     `range:"1," help:"changes from one balance of the two factors to the next"`
	MaxOrder    optim.Opt[int]     `range:"0," help:"length of the longest side that has a triangular factor"`
	Clip        optim.Opt[float64] `range:"(0," help:"largest root mean square c of the direction"`
	WeightDecay optim.Opt[float64] `range:"0," help:"decay λ of matrices"`
}

// Chain returns the average, the preconditioner, the clipping, the decay and the step size.
func (r PSGD) Chain() optim.Chain {
	r = r.Resolved().(PSGD)
	return optim.Chain{
		optim.Average{Mu: schedule.Constant(r.Momentum.Get()), Corrected: true},
		Whiten{
			Rate: r.FactorLR.Get(), Initial: r.Initial.Get(), Interval: r.Interval.Get(), Flat: r.Flat.Get(), Grow: r.Grow.Get(),
			Balance: r.Balance.Get(), MaxOrder: r.MaxOrder.Get(),
		},
		optim.ClipRMS{Limit: r.Clip.Get()},
		optim.Decay{Lambda: r.WeightDecay.Get(), Skip: func(p param.Param) bool { return len(p.Shape) < 2 }},
		optim.LearningRate{LR: r.LR},
	}
}

// Whiten multiplies each matrix of the update by QᵀQ from the left and by Q'ᵀQ' from the right. Q and Q' are upper triangular. They are diagonal
// for a vector, for a side of length 1 and for a side longer than MaxOrder. With A = QUQ'ᵀ for the update U and B = Q⁻ᵀVQ'⁻¹ for a probe V,
// a change of the factors is
//
//	Q ← Q − η/‖AAᵀ + BBᵀ‖·triu(AAᵀ − BBᵀ)Q,  Q' ← Q' − η/‖AᵀA + BᵀB‖·triu(AᵀA − BᵀB)Q',
//
// It makes updates white, E[vec(u)vec(u)ᵀ] = I (the form dQ = EQ of lixilinx/psgd_torch). Norms are estimated by one and a half steps of the
// power method. The elements of a probe are signs, a function of the number of the step. Other programs draw normal numbers, which have the
// same covariance. If a row or column of the update is 0, so is that of the probe, and its part of the factor does not change.
type Whiten struct {
	Rate     float64 `range:"(0,1]" help:"part η by which factors move"`
	Initial  float64 `range:"(0," help:"initial square root of the preconditioner"`
	Interval float64 `range:"1," help:"largest number of steps between changes of the factors"`
	Flat     float64 `range:"0," help:"number of first steps that all change the factors"`
	Grow     float64 `range:"(0," help:"steps in which the interval then grows by a factor of e"`
	Balance  int     `range:"1," help:"changes from one balance of the two factors to the next"`
	MaxOrder int     `range:"0," help:"length of the longest side that has a triangular factor"`
}

// Transform implements Transformer. Its state is the factors, the number of steps since their last change, and the number of changes since
// their last balance.
func (r Whiten) Transform() optim.Transform {
	size := func(which int) func(param.Param) int {
		return func(p param.Param) int {
			count, _, _ := p.Matrices()
			return count * r.sides(p)[which].size()
		}
	}
	return optim.Transform{
		Name:    "whiten",
		Slots:   []optim.Slot{{Name: "left", Size: size(leftSide)}, {Name: "right", Size: size(rightSide)}},
		Scalars: []float64{0, 0},
		Begin: func(s *optim.Step, scalars []float64, c *optim.Coeffs) {
			if scalars[0]++; scalars[0] < min(r.Interval, max(1, math.Exp((float64(s.Age)-r.Flat)/r.Grow))) {
				return
			}
			c[0], scalars[0] = 1, 0
			if scalars[1]++; scalars[1] == float64(r.Balance) {
				c[1], scalars[1] = 1, 0
			}
		},
		FLOPs:   r.flops,
		Whole32: func() optim.Whole[float32] { return (&whitener[float32]{Whiten: r}).transform },
		Whole64: func() optim.Whole[float64] { return (&whitener[float64]{Whiten: r}).transform },
	}
}

// flops returns the average operations of a step for a parameter: two products with each triangular factor. A change takes another product, a
// triangular solve of the same cost, four symmetric products, each at half, and a product of triangular matrices.
func (r Whiten) flops(p param.Param) float64 {
	count, rows, cols := p.Matrices()
	size := float64(rows) * float64(cols)
	total := 4 * float64(count) * size
	for _, f := range r.sides(p) {
		if n := float64(f.order); f.order > 0 && !f.diagonal {
			each := float64(4*size*n) + float64((float64(7*size*n)+float64(n*n*n))/r.Interval)
			total += float64(float64(count) * each)
		}
	}
	return total
}

// A factor belongs to the rows or to the columns. It is an order × order matrix or a diagonal. There is none if order is 0.
type factor struct {
	order    int
	diagonal bool
}

func (f factor) size() int {
	if f.diagonal {
		return f.order
	}
	return f.order * f.order
}

// sides returns the factors of a parameter's matrices.
func (r Whiten) sides(p param.Param) (sides [2]factor) {
	_, rows, cols := p.Matrices()
	if len(p.Shape) < 2 {
		return [2]factor{{rows, true}}
	}
	for i, n := range [2]int{rows, cols} {
		sides[i] = factor{n, n == 1 || n > r.MaxOrder}
	}
	return sides
}

// whitener is Whiten with its memory.
type whitener[T param.Float] struct {
	Whiten
	product   kronecker[T]
	random    rand.PCG
	part      nonzero[T]
	a, b      []T // A and B
	sum, less []T // AAᵀ + BBᵀ and AAᵀ − BBᵀ
	vector    [2][]T
	squares   [2][]float64 // the diagonals of AAᵀ and BBᵀ
}

// whitened is one matrix with its factors.
type whitened[T param.Float] struct {
	rows, cols int
	sides      [2]factor
	q          [2][]T
}

func (w *whitener[T]) transform(k int, c *optim.Coeffs, t *optim.Tensor[T]) error {
	at, place := whitened[T]{sides: w.sides(t.Param)}, 0
	return t.ForMatrices(func(in, u []T, rows, cols int) error {
		at.rows, at.cols = rows, cols
		for i, f := range at.sides {
			at.q[i] = t.S[i][place*f.size():][:f.size()]
			if k == 0 {
				w.begin(at.q[i], f, &at)
			}
		}
		if c[1] > 0 {
			at.balance()
		}
		if c[0] > 0 && simd.Asum(in) > 0 {
			w.random.Seed(uint64(k), 0)
			w.follow(&at, in)
		}
		place++
		w.a = scratch.Grow(w.a, len(in))
		w.multiply(w.a, &at, in, true)
		w.multiply(u, &at, w.a, false)
		return nil
	})
}

// begin sets a factor to a multiple of the identity.
func (w *whitener[T]) begin(q []T, f factor, at *whitened[T]) {
	factors, next := 0, f.order+1
	for _, side := range at.sides {
		factors += min(1, side.order)
	}
	if f.diagonal {
		next = 1
	}
	clear(q)
	for i := 0; i < len(q); i += next {
		q[i] = T(math.Pow(w.Initial, 1/float64(factors)))
	}
}

// balance gives both factors the same largest element.
func (at *whitened[T]) balance() {
	left, right := largest(at.q[leftSide]), largest(at.q[rightSide])
	if len(at.q[rightSide]) == 0 {
		return
	}
	mean := math.Sqrt(left) * math.Sqrt(right)
	simd.Scal(T(mean/left), at.q[leftSide])
	simd.Scal(T(mean/right), at.q[rightSide])
}

// largest returns the largest magnitude in x.
func largest[T param.Float](x []T) float64 {
	var most T
	for _, v := range x {
		most = max(most, v, -v)
	}
	return float64(most)
}

// multiply sets Y, which is not X, to QXQ'ᵀ, or to QᵀXQ'.
func (w *whitener[T]) multiply(y []T, at *whitened[T], x []T, back bool) {
	w.product.between(y, at.cols, at.matrix(leftSide), x, at.cols, at.matrix(rightSide), at.rows, at.cols, back)
	at.scale(y, func(v, by T) T { return v * by })
}

// matrix returns the factor, or nil if it is a diagonal.
func (at *whitened[T]) matrix(which int) []T {
	if at.sides[which].diagonal || at.sides[which].order == 0 {
		return nil
	}
	return at.q[which]
}

// scale multiplies or divides each element by the elements of the diagonal factors.
func (at *whitened[T]) scale(x []T, by func(v, q T) T) {
	if at.sides[leftSide].diagonal {
		for i := range x {
			x[i] = by(x[i], at.q[leftSide][i/at.cols])
		}
	}
	if at.sides[rightSide].diagonal {
		for i := range x {
			x[i] = by(x[i], at.q[rightSide][i%at.cols])
		}
	}
}

// follow makes one change of the factors.
func (w *whitener[T]) follow(at *whitened[T], g []T) {
	w.a, w.b = scratch.Grow(w.a, len(g)), scratch.Grow(w.b, len(g))
	w.multiply(w.a, at, g, true)
	w.probe(at, g)
	if q := at.matrix(leftSide); q != nil {
		matfun.SolveLeft(q, at.rows, w.b, at.cols)
	}
	if q := at.matrix(rightSide); q != nil {
		matfun.SolveRight(q, at.cols, w.b, at.rows)
	}
	at.scale(w.b, func(v, q T) T { return v / q })
	e := math.Ilogb(max(largest(w.a), largest(w.b))) // in the unit 2ᵉ, fourth powers are in range
	rescale.Shift(w.a, w.a, -e)
	rescale.Shift(w.b, w.b, -e)
	for which, f := range at.sides {
		switch {
		case f.diagonal:
			w.followDiagonal(at, which)
		case f.order > 0:
			w.followTriangle(at, which)
		}
	}
}

// probe sets B to signs, but to 0 in rows and columns in which the matrix is 0.
func (w *whitener[T]) probe(at *whitened[T], g []T) {
	var bits uint64
	for i := range w.b {
		if i%64 == 0 {
			bits = w.random.Uint64()
		}
		if w.b[i] = 1; bits>>(i%64)&1 == 1 {
			w.b[i] = -1
		}
	}
	if !w.part.of(g, at.rows, at.cols) {
		return
	}
	for i := range w.part.x {
		w.part.x[i] = w.b[w.part.rows[i/len(w.part.cols)]*at.cols+w.part.cols[i%len(w.part.cols)]]
	}
	clear(w.b)
	w.part.copyTo(w.b, at.cols)
}

// followTriangle changes the factor of a side.
func (w *whitener[T]) followTriangle(at *whitened[T], which int) {
	n, q, columns := at.sides[which].order, at.q[which], which == rightSide
	w.sum, w.less = scratch.Grow(w.sum, n*n), scratch.Grow(w.less, n*n)
	clear(w.less)
	gemm.Syrk(true, columns, n, len(w.a)/n, 1, w.a, at.cols, 0, w.less, n)
	copy(w.sum, w.less)
	gemm.Syrk(true, columns, n, len(w.b)/n, 1, w.b, at.cols, 1, w.sum, n)
	gemm.Syrk(true, columns, n, len(w.b)/n, -1, w.b, at.cols, 1, w.less, n)
	gemm.Mirror(n, w.sum, n)
	by := T(w.Rate / w.norm(w.sum, n))
	gemm.MulTriangle(true, false, false, n, n, 1, w.less, n, q, n, 0, w.sum, n)
	for i := range n {
		simd.Axpy(-by, w.sum[i*n+i:(i+1)*n], q[i*n+i:(i+1)*n])
	}
}

// norm estimates the largest eigenvalue of a symmetric matrix by one and a half steps of the power method from its longest row.
func (w *whitener[T]) norm(s []T, n int) float64 {
	w.vector[0], w.vector[1] = scratch.Grow(w.vector[0], n), scratch.Grow(w.vector[1], n)
	longest, most := 0, 0.0
	for i := range n {
		if square := simd.SumSquares(s[i*n:][:n]); square > most {
			longest, most = i, square
		}
	}
	times := func(y, x []T) {
		for i := range n {
			y[i] = simd.Dot(s[i*n:][:n], x)
		}
	}
	times(w.vector[0], s[longest*n:][:n])
	length := simd.Norm(w.vector[0])
	times(w.vector[1], w.vector[0])
	return simd.Norm(w.vector[1]) / length
}

// followDiagonal changes the diagonal factor of a side.
func (w *whitener[T]) followDiagonal(at *whitened[T], which int) {
	most := 0.0
	for i, x := range [2][]T{w.a, w.b} {
		w.squares[i] = scratch.Grow(w.squares[i], at.sides[which].order)
		clear(w.squares[i])
		for j, v := range x {
			place := j / at.cols
			if which == rightSide {
				place = j % at.cols
			}
			w.squares[i][place] += float64(float64(v) * float64(v))
		}
	}
	for i, a := range w.squares[0] {
		most = max(most, a+w.squares[1][i])
	}
	for i, q := range at.q[which] {
		at.q[which][i] = q - T(T(w.Rate*(w.squares[0][i]-w.squares[1][i])/most)*q)
	}
}
