package nn

import (
	"steepest/internal/simd"
	"steepest/param"
)

// normEps is added to the variance in a layer norm, as in PyTorch and GPT-2.
const normEps = 1e-5

// LayerNorm computes y ← (x − μ)r ⊙ gain + bias for each row of x. A row has the length of gain and bias. μ is its mean, and
// r = 1/√(σ² + 1e-5) for its variance σ² (Ba, Kiros and Hinton 2016, arXiv:1607.06450). LayerNorm stores the μ and r of the rows in mean and r,
// an element for each row, for the backward pass. y may be x.
func LayerNorm[T param.Float](y, x, gain, bias, mean, r []T) {
	n := len(gain)
	rows := rowsOf("x", x, n)
	checkLen("y", y, len(x))
	checkLen("mean", mean, rows)
	checkLen("r", r, rows)
	for i := range rows {
		lo, hi := i*n, (i+1)*n
		mean[i], r[i] = simd.LayerNorm(y[lo:hi], x[lo:hi], gain, bias, normEps)
	}
}

// LayerNormGradient is the backward pass of LayerNorm, given the mean and r that LayerNorm stored. dx is stored, and the gradients of
// gain and bias are added to dgain and dbias. dx may be dy.
func LayerNormGradient[T param.Float](dx, dgain, dbias, dy, x, gain, mean, r []T) {
	n := len(gain)
	rows := rowsOf("x", x, n)
	checkLen("dx", dx, len(x))
	checkLen("dy", dy, len(x))
	checkLen("mean", mean, rows)
	checkLen("r", r, rows)
	for i := range rows {
		lo, hi := i*n, (i+1)*n
		simd.LayerNormGradient(dx[lo:hi], dgain, dbias, dy[lo:hi], x[lo:hi], gain, mean[i], r[i])
	}
}
