package matfun

import (
	"steepest/internal/gemm"
	"steepest/internal/parallel"
	"steepest/internal/scratch"
	"steepest/internal/simd"
)

// half holds the memory of an iteration with bfloat16 operands.
type half struct {
	x, a    []simd.BF16 // X and A, then A's polynomial
	gram    []float32   // the upper triangle of A, then of its polynomial
	wide    []float32   // X in float32, if its type is another
	rounder rounder
}

// iterateBF16 is Iterate with operands of bfloat16.
func (w *Workspace[T]) iterateBF16(x []T, rows, cols int, it *Iteration) error {
	inTiles := simd.HasTiles() && it.Products == BF16
	if single, ok := any(x).([]float32); ok && inTiles && it.Norm == Frobenius {
		return w.tiles.polar(single, rows, cols, it)
	}
	if zero, err := w.start(x, x, rows, cols, it); zero || err != nil {
		return err
	}
	h := &w.half
	single, ok := any(x).([]float32)
	if !ok {
		h.wide = scratch.Grow(h.wide, len(x))
		single = h.wide
		convert(single, x)
	}
	if inTiles {
		w.tiles.load(single, rows, cols)
		w.tiles.iterate(1, it)
	} else {
		h.iterate(single, rows, cols, it)
	}
	if !ok {
		convert(x, single)
	}
	return converged(simd.SumSquares(x), rows, cols)
}

// iterate computes X ← (bA + cA²)X + aX in place, or X ← X(bA + cA²) + aX if there are more rows than columns. The term aX is not
// rounded to bfloat16, unless Products is StoredBF16.
func (h *half) iterate(x []float32, rows, cols int, it *Iteration) {
	m, tall, stored := min(rows, cols), rows > cols, it.Products == StoredBF16
	h.x, h.a, h.gram = scratch.Grow(h.x, len(x)), scratch.Grow(h.a, m*m), scratch.Grow(h.gram, m*m)
	for k := range it.steps() {
		h.rounder.all(h.x, x, stored)
		p := it.Table.Step(k)
		a, b, c := float32(p[0]), float32(p[1]), float32(p[2])
		gemm.SyrkBF16(true, tall, m, max(rows, cols), 1, h.x, cols, 0, h.gram, m)
		h.rounder.symmetric(h.a, h.gram, m, stored)
		gemm.MulTriangleBF16(true, false, false, m, m, c, h.a, m, h.a, m, b, h.gram, m)
		h.rounder.symmetric(h.a, h.gram, m, false)
		if tall {
			gemm.MulBF16(false, false, rows, m, m, 1, h.x, m, h.a, m, a, x, m)
		} else {
			gemm.MulBF16(false, false, m, cols, m, 1, h.a, m, h.x, cols, a, x, cols)
		}
	}
	if stored {
		h.rounder.all(h.x, x, true)
	}
}

// rounder rounds matrices to bfloat16.
type rounder struct {
	dst    []simd.BF16
	src    []float32
	order  int // of the symmetric matrix
	stored bool

	doPiece, doBand func(worker, i int) // methods, stored once to avoid an allocation per call
}

// roundPiece is the number of elements that a worker rounds at a time.
const roundPiece = 1 << 14

// all sets dst to src rounded to bfloat16. If stored is set, it rounds src too.
func (r *rounder) all(dst []simd.BF16, src []float32, stored bool) {
	if r.doPiece == nil {
		r.doPiece = r.piece
	}
	r.dst, r.src, r.stored = dst, src, stored
	parallel.For((len(src)+roundPiece-1)/roundPiece, r.doPiece)
	r.dst, r.src = nil, nil
}

func (r *rounder) piece(_, i int) {
	lo, hi := i*roundPiece, min((i+1)*roundPiece, len(r.src))
	simd.RoundBF16(r.dst[lo:hi], r.src[lo:hi])
	if r.stored {
		simd.WidenBF16(r.src[lo:hi], r.dst[lo:hi])
	}
}

// mirrorSize is the order of the blocks in which a triangle is rounded and mirrored, a multiple of simd.Pad.
const mirrorSize = 64

// symmetric does what all does, for a symmetric matrix whose upper triangle is in src.
func (r *rounder) symmetric(dst []simd.BF16, src []float32, order int, stored bool) {
	if r.doBand == nil {
		r.doBand = r.band
	}
	r.dst, r.src, r.order = dst, src, order
	parallel.For((order+mirrorSize-1)/mirrorSize, r.doBand)
	r.dst, r.src = nil, nil
	if stored {
		simd.WidenBF16(src, dst)
	}
}

// band sets the rows of the i-th row of blocks.
func (r *rounder) band(_, i int) {
	var block [mirrorSize * mirrorSize]float32
	n, lo, hi := r.order, i*mirrorSize, min((i+1)*mirrorSize, r.order)
	for j := 0; j < lo; j += mirrorSize {
		simd.Transpose(block[:], mirrorSize, r.src[j*n+lo:], n, mirrorSize, hi-lo)
		for k := lo; k < hi; k++ {
			simd.RoundBF16(r.dst[k*n+j:][:mirrorSize], block[(k-lo)*mirrorSize:])
		}
	}
	for k := lo; k < hi; k++ {
		simd.RoundBF16(r.dst[k*n+lo:(k+1)*n], r.src[k*n+lo:])
		for j := lo; j < k; j++ {
			r.dst[k*n+j] = r.dst[j*n+k]
		}
	}
}

func convert[To, From simd.Float](dst []To, src []From) {
	for i, v := range src {
		dst[i] = To(v)
	}
}
