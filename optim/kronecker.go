package optim

import (
	"steepest/internal/gemm"
	"steepest/internal/scratch"
)

// kronecker multiplies matrices from both sides, which is what a Kronecker product does to their elements. It holds the memory
// for that.
type kronecker[T Float] struct{ a, b []T }

// between returns LᵀXR, or LXRᵀ if back is set, where nil stands for the identity. X is rows × cols with ld elements from one row
// to the next, L and R are square, and the result has no gaps. It is the receiver's until the next call.
func (k *kronecker[T]) between(left, x []T, ld int, right []T, rows, cols int, back bool) []T {
	k.a, k.b = scratch.Grow(k.a, rows*cols), scratch.Grow(k.b, rows*cols)
	if left != nil {
		gemm.Mul(!back, false, rows, cols, rows, 1, left, rows, x, ld, 0, k.a, cols)
		x, ld = k.a, cols
	}
	if right != nil {
		gemm.Mul(false, back, rows, cols, cols, 1, x, ld, right, cols, 0, k.b, cols)
		return k.b
	}
	if left == nil {
		for i := range rows {
			copy(k.a[i*cols:(i+1)*cols], x[i*ld:])
		}
	}
	return k.a
}
