package matfun

import (
	"steepest/internal/gemm"
	"steepest/internal/simd"
)

// half is the memory of an iteration with operands of bfloat16.
type half struct {
	x, a []simd.BF16 // X and A, then A's polynomial
	gram []float32
	wide []float32 // X, if it is not of float32
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
	round(h.x, x, stored)
	for k := range it.steps() {
		p := it.Table.Step(k)
		a, b, c := float32(p[0]), float32(p[1]), float32(p[2])
		gemm.MulBF16(tall, !tall, m, m, max(rows, cols), 1, h.x, cols, h.x, cols, 0, h.gram, m)
		round(h.a, h.gram, stored)
		gemm.MulBF16(false, false, m, m, m, c, h.a, m, h.a, m, b, h.gram, m)
		round(h.a, h.gram, false)
		if tall {
			gemm.MulBF16(false, false, rows, m, m, 1, h.x, m, h.a, m, a, x, m)
		} else {
			gemm.MulBF16(false, false, m, cols, m, 1, h.a, m, h.x, cols, a, x, cols)
		}
		round(h.x, x, stored)
	}
}

// round sets dst to src in bfloat16, and, if stored, src to it as well.
func round(dst []simd.BF16, src []float32, stored bool) {
	simd.RoundBF16(dst, src)
	if stored {
		simd.WidenBF16(src, dst)
	}
}

func convert[To, From simd.Float](dst []To, src []From) {
	for i, v := range src {
		dst[i] = To(v)
	}
}
