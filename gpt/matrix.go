package gpt

import (
	"steepest/internal/gemm"
	"steepest/param"
)

// matrix is an operand of a product: a matrix that is stored by rows, or its transpose.
type matrix[T param.Float] struct {
	stored[T]
	stride     int // from one row to the next
	transposed bool
}

// byRows returns a matrix of rows that begin stride elements apart.
func byRows[T param.Float](s stored[T], stride int) matrix[T] {
	return matrix[T]{stored: s, stride: stride}
}

// inT returns a vector in T.
func inT[T param.Float](values []T) stored[T] { return stored[T]{values: values} }

// below returns the rows from i on. The matrix is not transposed.
func (m matrix[T]) below(i int) matrix[T] { return byRows(m.from(i*m.stride), m.stride) }

// t returns the transpose.
func (m matrix[T]) t() matrix[T] {
	m.transposed = !m.transposed
	return m
}

// product computes C ← αAB + βC for A of m×k and B of k×n. If bf16 is set, it rounds A and B to bfloat16. If C is in bfloat16, α is 1 and β is 0.
func product[T param.Float](bf16 bool, m, n, k int, alpha T, a, b matrix[T], beta T, c matrix[T]) {
	switch {
	case !bf16:
		gemm.Mul(a.transposed, b.transposed, m, n, k, alpha, a.values, a.stride, b.values, b.stride, beta, c.values, c.stride)
	case c.half != nil:
		gemm.MulBiasRounded(m, n, k, a.rounded(), b.rounded(), nil, c.half, c.stride)
	default:
		gemm.MulRounded(m, n, k, float32(alpha), a.rounded(), b.rounded(), float32(beta), single(c.values), c.stride)
	}
}

// rounded returns m as an operand that is rounded to bfloat16.
func (m matrix[T]) rounded() gemm.Rounded {
	r := gemm.Rounded{Half: m.half, Stride: m.stride, Transposed: m.transposed}
	if m.half == nil {
		r.Single = single(m.values)
	}
	return r
}

// single returns v, which must be of float32.
func single[T param.Float](v []T) []float32 { return any(v).([]float32) }
