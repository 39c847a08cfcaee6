package gpt

import (
	"steepest/internal/simd"
	"steepest/param"
)

// stored is a vector of activations, in T or in bfloat16. With products of rounded operands the activations that products read are in bfloat16,
// and so are results and gradients that PyTorch's autocast keeps in bfloat16.
type stored[T param.Float] struct {
	values []T
	half   []simd.BF16 // instead of values
}

// buffers has room for two rows that are in bfloat16.
type buffers[T param.Float] [2][]T

// from returns the elements from i on.
func (s stored[T]) from(i int) stored[T] {
	if s.half != nil {
		return stored[T]{half: s.half[i:]}
	}
	return stored[T]{values: s.values[i:]}
}

// part returns the first n elements.
func (s stored[T]) part(n int) stored[T] {
	if s.half != nil {
		return stored[T]{half: s.half[:n]}
	}
	return stored[T]{values: s.values[:n]}
}

// len returns the number of elements.
func (s stored[T]) len() int { return max(len(s.values), len(s.half)) }

// room returns memory for n elements from i on: their own, or some of buffer, from where store stores them.
func (s stored[T]) room(i, n int, buffer []T) []T {
	if s.half != nil {
		return buffer[:n]
	}
	return s.values[i:][:n]
}

// load returns n elements from i on. If they are in bfloat16, it widens them in buffer.
func (s stored[T]) load(i, n int, buffer []T) []T {
	v := s.room(i, n, buffer)
	if s.half != nil {
		simd.WidenBF16(single(v), s.half[i:])
	}
	return v
}

// store stores elements from i on. They are in the memory that room or load has returned.
func (s stored[T]) store(i int, v []T) {
	if s.half != nil {
		simd.RoundBF16(s.half[i:][:len(v)], single(v))
	}
}
