package norm

import (
	"fmt"
	"math"

	"steepest/internal/gemm"
	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/optim/internal/rescale"
	"steepest/optim/matfun"
)

// Oracle computes a norm, its dual and its linear minimization oracle, for rows × cols matrices stored by rows. It keeps its
// memory, so later steps with matrices that are no larger allocate nothing, except in gonum's singular value decomposition in
// float64. It must not be copied, and serves one goroutine at a time. Results have the same bits for any number of processors.
//
// Elements may have any magnitude: a norm is +Inf only if it is itself beyond the range of float64, and a magnitude counts as 0
// only if it is less than 10⁻³⁰⁰ of the largest. A NaN or an infinity in a matrix is an error; the destination is then unchanged.
// A slice without exactly rows·cols elements is a panic.
type Oracle[T simd.Float] struct {
	// Norm must not be open.
	Norm Norm
	// Iteration computes the polar factor for Spectral; the oracle is then only as accurate as the iteration. If it is nil, the
	// singular value decomposition is used. Other norms ignore it.
	Iteration *matfun.Iteration

	magnitudes []float64
	scaled     []T // the matrix in another unit
	piece      []T // a row in another unit, or a tile
	turned     []T // the transpose
	wide       []float64
	polar      []T
	step       []T // lmo(g)
	work       matfun.Workspace[T]
}

// Value returns ‖x‖.
func (o *Oracle[T]) Value(x []T, rows, cols int) (float64, error) {
	return o.value(o.Norm, x, rows, cols)
}

// Dual returns ‖x‖* = max ⟨x, d⟩ over ‖d‖ ≤ 1, the Value of the dual norm.
func (o *Oracle[T]) Dual(x []T, rows, cols int) (float64, error) {
	return o.value(o.Norm.Dual(), x, rows, cols)
}

// on returns the norm to compute for a shape: for a vector, a norm of singular values is the length of the vector.
func (n Norm) on(rows, cols int) Norm {
	if n.of == ofSingularValues && min(rows, cols) == 1 {
		return L2
	}
	return n
}

func (o *Oracle[T]) value(n Norm, x []T, rows, cols int) (float64, error) {
	n.check(rows, cols, len(x))
	small, square, unit, err := rescale.Matrix(x, cols, &o.scaled)
	switch n = n.on(rows, cols); {
	case err != nil || square == 0:
		return 0, err
	case n == L2:
		return math.Sqrt(square) * unit, nil
	case n.of == ofEntries:
		return lp(o.absolute(x), n.p), nil
	case n.of == ofSingularValues:
		m, err := o.work.SingularValues(small, rows, cols)
		return lp(m, n.p) * unit, err
	case n.of == ofColumns:
		x, cols = o.transposed(x, rows, cols), rows
	}
	return lp(o.lengths(nil, x, cols, unit), n.p) * unit, nil
}

// LMO sets dst, which may be g, to d = lmo(g), the minimizer of ⟨g, d⟩ over ‖d‖ ≤ 1, and returns ‖g‖* = −⟨g, d⟩.
//
// If the minimizer is not unique, d is 0 where g is 0: lmo(0) = 0, and zero entries, rows and columns stay 0. Singular values
// up to max(rows, cols)·ε·σ₁ count as 0, with ε = 2⁻²³ for float32 and 2⁻⁵² for float64. If the norm has p = 1, d has a single
// entry, row, column or pair of singular vectors: the first one of the largest magnitude.
func (o *Oracle[T]) LMO(dst, g []T, rows, cols int) (dual float64, err error) {
	o.Norm.check(rows, cols, len(dst), len(g))
	small, square, unit, err := rescale.Matrix(g, cols, &o.scaled)
	if err != nil {
		return 0, err
	}
	switch n := o.Norm.on(rows, cols); {
	case square == 0:
		clear(dst)
		return 0, nil
	case o.Norm == Spectral && o.Iteration != nil:
		dual, err = o.iterate(dst, g, small, rows, cols)
		return dual * unit, err
	case n == L2:
		dual = math.Sqrt(square)
		simd.Divide([]float64{-dual}, dst, small, nil)
		return dual * unit, nil
	case n == LInf:
		return o.signs(dst, g), nil
	case n.of == ofEntries:
		return o.entries(dst, g), nil
	case n.of == ofRows:
		return o.rows(dst, g, cols, unit), nil
	case n.of == ofColumns:
		t := o.transposed(g, rows, cols)
		dual = o.rows(t, t, rows, unit)
		gemm.Transpose(dst, cols, t, rows, cols, rows)
		return dual, nil
	default:
		dual, err = o.singular(dst, small, rows, cols)
		return dual * unit, err
	}
}

// Regularized computes x ← x + α‖g‖*·lmo(g), which minimizes ⟨g, y⟩ + ‖y − x‖²/2α over y. It fails, and leaves x unchanged, if
// α‖g‖* is beyond the range of T.
func (o *Oracle[T]) Regularized(x, g []T, rows, cols int, alpha float64) error {
	return o.move(x, g, rows, cols, alpha, true)
}

// Normalized computes x ← x + α·lmo(g), which minimizes ⟨g, y⟩ over ‖y − x‖ ≤ α.
func (o *Oracle[T]) Normalized(x, g []T, rows, cols int, alpha float64) error {
	return o.move(x, g, rows, cols, alpha, false)
}

func (o *Oracle[T]) move(x, g []T, rows, cols int, alpha float64, regularized bool) error {
	o.Norm.check(rows, cols, len(x), len(g))
	o.step = scratch.Grow(o.step, len(g))
	dual, err := o.LMO(o.step, g, rows, cols)
	if err != nil {
		return err
	}
	if regularized {
		alpha *= dual
	}
	a := T(alpha)
	if a-a != 0 {
		return fmt.Errorf("norm: a step of length %v is beyond the range of %T", alpha, a)
	}
	simd.Axpy(a, o.step, x)
	return nil
}

// signs computes the oracle of the ℓ∞ norm of entries.
func (o *Oracle[T]) signs(dst, x []T) (dual float64) {
	const tile = 1024
	o.piece = scratch.Grow(o.piece, tile)
	for len(x) > 0 {
		s := o.piece[:min(tile, len(x))]
		simd.Sign(s, x[:len(s)], nil)
		dual += dot(s, x)
		simd.Scale([]float64{-1}, dst[:len(s)], s, nil)
		dst, x = dst[len(s):], x[len(s):]
	}
	return dual
}

// entries computes the oracle of the ℓp norms of entries.
func (o *Oracle[T]) entries(dst, x []T) (dual float64) {
	m := o.absolute(x)
	dual = dualize(m, o.Norm.p)
	for i, v := range x {
		dst[i] = T(math.Copysign(m[i], -float64(v)))
	}
	return dual
}

// rows computes the oracle of the ℓp norms of rows.
func (o *Oracle[T]) rows(dst, x []T, cols int, unit float64) (dual float64) {
	m := o.lengths(dst, x, cols, unit)
	dual = dualize(m, o.Norm.p)
	for i, w := range m {
		simd.Scal(T(-w), dst[i*cols:][:cols])
	}
	return dual * unit
}

// iterate computes the oracle of the spectral norm by the iteration.
func (o *Oracle[T]) iterate(dst, x, small []T, rows, cols int) (dual float64, err error) {
	o.polar = scratch.Grow(o.polar, len(x))
	copy(o.polar, x) // not small: the iteration may add an ε to the norm
	if err := o.work.Iterate(o.polar, rows, cols, o.Iteration); err != nil {
		return 0, err
	}
	dual = dot(small, o.polar)
	simd.Scale([]float64{-1}, dst, o.polar, nil)
	return dual, nil
}

// singular computes the oracle of the Schatten norms.
func (o *Oracle[T]) singular(dst, x []T, rows, cols int) (dual float64, err error) {
	d, err := o.work.SVD(x, rows, cols)
	if err != nil {
		return 0, err
	}
	clear(d.S[rescale.Rank[T](d.S, rows, cols):])
	dual = dualize(d.S, o.Norm.p)
	used := 0 // dualize keeps the order, so that zeros come last
	for used < len(d.S) && d.S[used] > 0 {
		simd.Scal(-d.S[used], d.VT[used*cols:][:cols])
		used++
	}
	o.wide = scratch.Grow(o.wide, len(x))
	gemm.Mul(false, false, rows, cols, used, 1, d.U, len(d.S), d.VT, cols, 0, o.wide, cols)
	for i, v := range o.wide {
		dst[i] = T(v)
	}
	return dual, nil
}

// absolute returns the absolute values of x.
func (o *Oracle[T]) absolute(x []T) []float64 {
	o.magnitudes = scratch.Grow(o.magnitudes, len(x))
	for i, v := range x {
		o.magnitudes[i] = math.Abs(float64(v))
	}
	return o.magnitudes
}

// lengths returns the lengths of the rows of x in a unit. Unless dst is nil, it sets dst to the rows divided by their lengths.
// It scales each row separately, since one may be tiny compared with the others.
func (o *Oracle[T]) lengths(dst, x []T, cols int, unit float64) []float64 {
	o.magnitudes = scratch.Grow(o.magnitudes, len(x)/cols)
	for i := range o.magnitudes {
		row, square, own, _ := rescale.Matrix(x[i*cols:][:cols], cols, &o.piece) // no error, since all of x has been measured
		length := math.Sqrt(square)
		o.magnitudes[i] = 0
		if length > 0 { // otherwise own has no meaning
			o.magnitudes[i] = length * (own / unit)
		}
		if dst != nil {
			simd.Divide([]float64{length}, dst[i*cols:][:cols], row, nil)
		}
	}
	return o.magnitudes
}

// transposed returns the transpose of x.
func (o *Oracle[T]) transposed(x []T, rows, cols int) []T {
	o.turned = scratch.Grow(o.turned, len(x))
	gemm.Transpose(o.turned, rows, x, cols, rows, cols)
	return o.turned
}

// check panics if a method of an Oracle cannot be called with n and slices of these lengths.
func (n Norm) check(rows, cols int, lengths ...int) {
	if n == (Norm{}) {
		panic("norm: an Oracle without a Norm")
	}
	for _, length := range lengths {
		if rows < 0 || cols < 0 || length != rows*cols {
			panic(fmt.Sprintf("norm: %d elements for a %d × %d matrix", length, rows, cols))
		}
	}
}
