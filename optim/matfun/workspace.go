package matfun

import (
	"fmt"
	"math"

	"steepest/internal/gemm"
	"steepest/internal/scratch"
	"steepest/internal/simd"
)

// Workspace holds the memory of its methods. It grows to the largest matrix it has seen. The zero Workspace is ready to use. A
// Workspace must not be copied, and serves one goroutine at a time; matrix products use all processors by themselves.
type Workspace[T simd.Float] struct {
	other  []T // X after every other step
	gram   []T // A = XXᵀ, or XᵀX, of the shorter side
	poly   []T // B = aI + bA + cA²
	q      []T // the product of the B so far, if X is not computed in each step
	spare  []T
	scales []T // of AOL
	half   half
	tiles  tiles
	svd    svd
	eigen  eigen[T]
	qr     qr[T]
	newton newton[T]
}

// Polar replaces the rows × cols matrix x by the result of the iteration, or by its exact polar factor if it is nil. The
// residual is ‖XXᵀ − I‖_F of the new x, or ‖XᵀX − I‖_F if there are fewer columns: an upper bound of max |σᵢ² − 1|. A zero
// matrix stays zero. On an error the residual is NaN; see Iterate.
func (w *Workspace[T]) Polar(x []T, rows, cols int, it *Iteration) (residual float64, err error) {
	if err := w.Iterate(x, rows, cols, it); err != nil {
		return math.NaN(), err
	}
	m := min(rows, cols)
	w.gram = scratch.Grow(w.gram, m*m)
	w.product(x, rows, cols)
	return distanceFromIdentity(w.gram, m), nil
}

// Iterate is Polar without the residual. It fails if x holds a NaN or an infinity, and leaves x unchanged then. It also fails if
// the iteration diverges. A table for [0, 1] diverges only if its first steps are so steep at 1 that they magnify rounding errors.
func (w *Workspace[T]) Iterate(x []T, rows, cols int, it *Iteration) error {
	if rows < 0 || cols < 0 || len(x) != rows*cols {
		panic(fmt.Sprintf("matfun: %d elements for a %d × %d matrix", len(x), rows, cols))
	}
	if it == nil {
		return w.exact(x, rows, cols)
	}
	m := min(rows, cols)
	w.gram = scratch.Grow(w.gram, m*m)
	if it.Products != Full {
		return w.iterateBF16(x, rows, cols, it)
	}
	if it.onGram(rows, cols) {
		return w.iterateGram(x, rows, cols, it)
	}
	return w.iterateSum(nil, x, nil, rows, cols, it)
}

// TenthPower holds the weights of Soft-Muon (nilin/contra-muon, 2026) for IterateSum with TwelveQuintic: of a singular value σ ≥ 0.02 of X₀ the sum
// makes σ^0.1, to 0.2 %. Smaller ones become less. It must not be changed.
var TenthPower = []float64{
	0.1091613623, 0.07085664498, 0.05210528973, 0.05457295795, 0.05011334061, 0.03334622198,
	0.05022104481, 0.1053727358, 0.1187323776, 0.1185061091, 0.1185059576, 0.1185059576,
}

// IterateSum is Iterate that also sets sum, a rows × cols matrix, to Σ weights[k]·Xₖ over the first iterates from X₀ on. There are at most as many
// weights as steps, and it.Products is Full. It makes the steps on X for it.Gram, too.
func (w *Workspace[T]) IterateSum(sum, x []T, weights []float64, rows, cols int, it *Iteration) error {
	if len(sum) != rows*cols || len(weights) > it.steps() || it.Products != Full {
		panic(fmt.Sprintf("matfun: %d elements for the sum of %d iterates of a %d × %d matrix in %d steps with products of %v",
			len(sum), len(weights), rows, cols, it.steps(), it.Products))
	}
	m := min(rows, cols)
	w.gram = scratch.Grow(w.gram, m*m)
	clear(sum)
	return w.iterateSum(sum, x, weights, rows, cols, it)
}

// iterateSum is IterateSum for a sum of zeros.
func (w *Workspace[T]) iterateSum(sum, x []T, weights []float64, rows, cols int, it *Iteration) error {
	steps, m := it.steps(), min(rows, cols)
	w.other, w.poly = scratch.Grow(w.other, len(x)), scratch.Grow(w.poly, m*m)
	from, to := x, w.other
	if steps%2 == 1 { // so that the last step writes to x
		from, to = to, from
	}
	if zero, err := w.start(from, x, rows, cols, it); zero || err != nil {
		return err
	}
	for k := range steps {
		if k < len(weights) {
			simd.Axpy(T(weights[k]), from, sum)
		}
		if k > 0 || it.Norm == Frobenius { // otherwise start has computed A
			w.product(from, rows, cols)
		}
		w.apply(it.Table.Step(k), to, from, rows, cols)
		from, to = to, from
	}
	return converged(simd.SumSquares(x), rows, cols)
}

// Apply sets dst = (aI + bA + cA²)Y for the coefficients a, b, c of p and A = XXᵀ, or Y(aI + bA + cA²) for A = XᵀX if there are fewer columns. All
// three are rows × cols matrices, and dst is none of the others.
func (w *Workspace[T]) Apply(p Odd, dst, y, x []T, rows, cols int) {
	if len(dst) != rows*cols || len(y) != rows*cols || len(x) != rows*cols {
		panic(fmt.Sprintf("matfun: %d, %d and %d elements for %d × %d matrices", len(dst), len(y), len(x), rows, cols))
	}
	m := min(rows, cols)
	w.gram, w.poly = scratch.Grow(w.gram, m*m), scratch.Grow(w.poly, m*m)
	w.product(x, rows, cols)
	w.apply(p, dst, y, rows, cols)
}

// product sets A = XXᵀ or XᵀX, whichever is smaller.
func (w *Workspace[T]) product(x []T, rows, cols int) {
	m := min(rows, cols)
	gemm.Syrk(true, rows > cols, m, max(rows, cols), 1, x, cols, 0, w.gram, m)
	gemm.Mirror(m, w.gram, m)
}

// apply sets to = p(X) = BX, or XB.
func (w *Workspace[T]) apply(p Odd, to, x []T, rows, cols int) {
	w.polynomial(p, min(rows, cols))
	w.multiply(w.poly, to, x, rows, cols)
}

// polynomial sets B = aI + bA + cA². It multiplies transposed factors, which are packed faster; they are symmetric.
func (w *Workspace[T]) polynomial(p Odd, m int) {
	copy(w.poly, w.gram)
	gemm.Syrk(true, true, m, m, T(p[2]), w.gram, m, T(p[1]), w.poly, m)
	for i := 0; i < m*m; i += m + 1 {
		w.poly[i] += T(p[0])
	}
	gemm.Mirror(m, w.poly, m)
}

// multiply sets to = BX, or XB if there are fewer columns, for a symmetric B.
func (w *Workspace[T]) multiply(b, to, x []T, rows, cols int) {
	m := min(rows, cols)
	if rows <= cols {
		gemm.Mul(true, false, m, cols, m, 1, b, m, x, cols, 0, to, cols)
	} else {
		gemm.Mul(false, false, rows, m, m, 1, x, m, b, m, 0, to, m)
	}
}

// converged returns an error unless the mean square of the singular values of X, which should be near 1, is below 4.
func converged(squares float64, rows, cols int) error {
	if !(squares <= 4*float64(min(rows, cols))) {
		return fmt.Errorf("matfun: the iteration on a %d × %d matrix diverges; its table is for singular values in [0, 1]", rows, cols)
	}
	return nil
}

// distanceFromIdentity returns ‖A − I‖_F for A of order n.
func distanceFromIdentity[T simd.Float](a []T, n int) float64 {
	var s float64
	for i := range n {
		for j, v := range a[i*n : (i+1)*n] {
			d := float64(v)
			if i == j {
				d--
			}
			s += float64(d * d)
		}
	}
	return math.Sqrt(s)
}
