package matfun

import (
	"steepest/internal/gemm"
	"steepest/internal/parallel"
	"steepest/internal/simd"
)

// half is the memory of an iteration with operands of bfloat16.
type half struct {
	x, a   []simd.BF16 // X and A, then A's polynomial
	gram   []float32
	wide   []float32 // X, if it is not of float32
	mirror mirror[float32]

	dst    []simd.BF16 // what is rounded
	src    []float32
	stored bool
	do     func(worker, i int) // h.piece, kept because it would be allocated
}

// iterateBF16 is Iterate with operands of bfloat16.
func (w *Workspace[T]) iterateBF16(x []T, rows, cols int, it *Iteration) error {
	if zero, err := w.start(x, x, rows, cols, it); zero || err != nil {
		return err
	}
	h := &w.half
	single, ok := any(x).([]float32)
	if !ok {
		h.wide = grow(h.wide, len(x))
		single = h.wide
		convert(single, x)
	}
	h.iterate(single, rows, cols, it)
	if !ok {
		convert(x, single)
	}
	return w.converged(x, rows, cols)
}

// iterate is X ← (bA + cA²)X + aX in place, or, if there are more rows, X ← X(bA + cA²) + aX. Of what is rounded nothing is
// aX, unless X is stored so.
func (h *half) iterate(x []float32, rows, cols int, it *Iteration) {
	m, tall, stored := min(rows, cols), rows > cols, it.Products == StoredBF16
	h.x, h.a, h.gram = grow(h.x, len(x)), grow(h.a, m*m), grow(h.gram, m*m)
	h.round(h.x, x, stored)
	for k := range it.steps() {
		p := it.Table.Step(k)
		a, b, c := float32(p[0]), float32(p[1]), float32(p[2])
		gemm.SyrkBF16(true, tall, m, max(rows, cols), 1, h.x, cols, 0, h.gram, m)
		h.mirror.fill(h.gram, m)
		h.round(h.a, h.gram, stored)
		gemm.SyrkBF16(true, false, m, m, c, h.a, m, b, h.gram, m)
		h.mirror.fill(h.gram, m)
		h.round(h.a, h.gram, false)
		if tall {
			gemm.MulBF16(false, false, rows, m, m, 1, h.x, m, h.a, m, a, x, m)
		} else {
			gemm.MulBF16(false, false, m, cols, m, 1, h.a, m, h.x, cols, a, x, cols)
		}
		h.round(h.x, x, stored)
	}
}

// roundPiece is the number of elements that a worker rounds at a time.
const roundPiece = 1 << 15

// round sets dst to src in bfloat16, and, if stored, src to it as well.
func (h *half) round(dst []simd.BF16, src []float32, stored bool) {
	if h.do == nil {
		h.do = h.piece
	}
	h.dst, h.src, h.stored = dst, src, stored
	parallel.For((len(src)+roundPiece-1)/roundPiece, h.do)
	h.dst, h.src = nil, nil
}

func (h *half) piece(_, i int) {
	lo, hi := i*roundPiece, min((i+1)*roundPiece, len(h.src))
	simd.RoundBF16(h.dst[lo:hi], h.src[lo:hi])
	if h.stored {
		simd.WidenBF16(h.src[lo:hi], h.dst[lo:hi])
	}
}

func convert[To, From simd.Float](dst []To, src []From) {
	for i, v := range src {
		dst[i] = To(v)
	}
}
