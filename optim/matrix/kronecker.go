package matrix

import (
	"steepest/internal/gemm"
	"steepest/internal/scratch"
	"steepest/param"
)

// kronecker multiplies matrices from both sides, which is a Kronecker product applied to their elements. It holds the memory for
// this.
type kronecker[T param.Float] struct{ half []T }

// between sets Y, which may be X, to LᵀXR, or to LXRᵀ if back is set; nil stands for the identity. X and Y are rows × cols, with rows
// ldx and ldy elements apart. L and R are square.
func (k *kronecker[T]) between(y []T, ldy int, left, x []T, ldx int, right []T, rows, cols int, back bool) {
	if left != nil {
		k.half = scratch.Grow(k.half, rows*cols)
		gemm.Mul(!back, false, rows, cols, rows, 1, left, rows, x, ldx, 0, k.half, cols)
		x, ldx = k.half, cols
	}
	switch {
	case right == nil:
		copyRows(y, ldy, x, ldx, rows, cols)
	case left == nil: // here X may be Y
		k.half = scratch.Grow(k.half, rows*cols)
		copyRows(k.half, cols, x, ldx, rows, cols)
		x, ldx = k.half, cols
		fallthrough
	default:
		gemm.Mul(false, back, rows, cols, cols, 1, x, ldx, right, cols, 0, y, ldy)
	}
}

// copyRows sets Y to X, both of them rows × cols.
func copyRows[T param.Float](y []T, ldy int, x []T, ldx, rows, cols int) {
	for i := range rows {
		copy(y[i*ldy:][:cols], x[i*ldx:])
	}
}
