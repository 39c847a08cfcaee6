package nn

import (
	"fmt"

	"steepest/internal/gemm"
	"steepest/internal/simd"
	"steepest/param"
)

// Linear computes y ← xWᵀ + b: each row of x, of length in, becomes a row of y, of length out. W is out × in, as in PyTorch. b has
// length out, or is nil for no bias.
func Linear[T param.Float](y, x, w, b []T, in, out int) {
	rows := rowsOf("x", x, in)
	checkLen("y", y, rows*out)
	checkLen("w", w, out*in)
	keep := T(0)
	if b != nil {
		checkLen("b", b, out)
		for i := range rows {
			copy(y[i*out:(i+1)*out], b)
		}
		keep = 1
	}
	gemm.Mul(false, true, rows, out, in, 1, x, in, w, in, keep, y, out)
}

// LinearGradient is the backward pass of Linear: dx ← dy·W, dW ← dW + dyᵀx, db ← db + the sum of the rows of dy. A nil dx or
// db is not computed.
func LinearGradient[T param.Float](dx, dw, db, dy, x, w []T, in, out int) {
	rows := rowsOf("x", x, in)
	checkLen("dy", dy, rows*out)
	checkLen("dw", dw, out*in)
	checkLen("w", w, out*in)
	gemm.Mul(true, false, out, in, rows, 1, dy, out, x, in, 1, dw, in)
	if db != nil {
		checkLen("db", db, out)
		for i := range rows {
			simd.Axpy(1, dy[i*out:(i+1)*out], db)
		}
	}
	if dx != nil {
		checkLen("dx", dx, rows*in)
		gemm.Mul(false, false, rows, in, out, 1, dy, out, w, in, 0, dx, in)
	}
}

// rowsOf returns the number of rows of the given length in v.
func rowsOf[T param.Float](name string, v []T, length int) int {
	if length < 1 || len(v)%length != 0 {
		panic(fmt.Sprintf("nn: len(%s) = %d, want a multiple of the length of a row, %d", name, len(v), length))
	}
	return len(v) / length
}

func checkLen[E any](name string, v []E, want int) {
	if len(v) != want {
		panic(fmt.Sprintf("nn: len(%s) = %d, want %d", name, len(v), want))
	}
}
