package gpt

import "steepest/param"

// matrix is an operand of a product: a matrix that is stored by rows, or its transpose.
type matrix[T param.Float] struct {
	values       []T
	cols, stride int // the length of a stored row, and the distance from one to the next
	transposed   bool
}

// byRows returns a matrix of contiguous rows.
func byRows[T param.Float](values []T, cols int) matrix[T] {
	return matrix[T]{values: values, cols: cols, stride: cols}
}

// t returns the transpose.
func (m matrix[T]) t() matrix[T] {
	m.transposed = !m.transposed
	return m
}

// size returns the numbers of rows and columns.
func (m matrix[T]) size() (rows, cols int) {
	rows, cols = len(m.values)/m.stride, m.cols
	if m.transposed {
		return cols, rows
	}
	return rows, cols
}

// single returns v, which must be of float32.
func single[T param.Float](v []T) []float32 { return any(v).([]float32) }
