package matrix

import (
	"iter"
	"math"

	"steepest/internal/scratch"
	"steepest/internal/simd"
	"steepest/param"
)

// A block is a part of a matrix, or a whole tensor, that has its own roots.
type block struct {
	at, stride, rows, cols int
	index                  int
	tensor                 bool
	sides                  [maxDimensions]side
}

// maxDimensions is the largest number of dimensions of a tensor with a side for each.
const maxDimensions = 8

// A block has unitsSize numbers in the slot of units: the state of rescale.Follow for its moments, and the exponent e of their unit when
// the roots were computed.
const unitsSize = 3

// A side belongs to the rows or columns of a block, or to a dimension of a tensor. For a side, the block is an array of outer × order ×
// inner numbers, and the side is the middle dimension. Its moments are size elements of a slot: an order × order matrix, or a diagonal.
// order is 0 if the side is not preconditioned.
type side struct{ order, inner, slot, size, at int }

// blocks iterates over the blocks of a tensor.
func (o PreconditionSides) blocks(p param.Param) iter.Seq[block] {
	return func(yield func(block) bool) { o.cut(p, yield) }
}

// cut calls yield for each block of a tensor, until it returns false.
func (o PreconditionSides) cut(p param.Param, yield func(block) bool) {
	count, rows, cols := p.Matrices()
	left, right := o.Sides.of(rows, cols)
	height, width := max(rows, 1), max(cols, 1)
	if o.Block > 0 {
		height, width = min(o.Block, height), min(o.Block, width)
	}
	b := block{stride: cols}
	if b.tensor = o.Tensors && b.dimensions(p); b.tensor {
		height, width = rows, cols
	}
	var used [2]int // of the slots
	for top := 0; top < count*rows; top += b.rows {
		b.rows = min(height, rows-top%rows)
		for at := 0; at < cols; at += b.cols {
			b.at, b.cols = top*cols+at, min(width, cols-at)
			if !b.tensor {
				b.sides[leftSide], b.sides[rightSide] = side{inner: b.cols}, side{inner: 1, slot: rightSide}
				if left {
					b.sides[leftSide].order = b.rows
				}
				if right {
					b.sides[rightSide].order = b.cols
				}
			}
			for i := range b.sides {
				s := &b.sides[i]
				if s.size = s.order; s.order <= o.MaxOrder {
					s.size *= s.order
				}
				s.at = used[s.slot]
				used[s.slot] += s.size
			}
			if !yield(b) {
				return
			}
			b.index++
		}
	}
}

// dimensions gives the block a side for each dimension longer than 1. It returns false unless p is a suitable tensor: with more than two
// dimensions, two or more of them longer than 1, and at most maxDimensions.
func (b *block) dimensions(p param.Param) bool {
	_, rows, cols := p.Matrices()
	if len(p.Shape) <= 2 || rows*cols == 0 {
		return false
	}
	n, inner := 0, rows*cols
	for i, order := range p.Shape {
		if i == 0 {
			order = rows
		}
		if inner /= order; order == 1 {
			continue
		}
		if n == maxDimensions {
			return false
		}
		b.sides[n] = side{order: order, inner: inner}
		n++
	}
	if n < 2 {
		return false
	}
	b.sides[n-1].slot = rightSide
	return true
}

// sideSize returns the size of the slot with the moments of all blocks on one side.
func (o PreconditionSides) sideSize(which int) func(param.Param) int {
	return func(p param.Param) (size int) {
		for b := range o.blocks(p) {
			for _, s := range b.sides {
				if s.slot == which {
					size += s.size
				}
			}
		}
		return size
	}
}

// unitsSize returns the size of the slot of units.
func (o PreconditionSides) unitsSize(p param.Param) (size int) {
	for range o.blocks(p) {
		size += unitsSize
	}
	return size
}

// diagonal reports whether the moments are a diagonal.
func (s side) diagonal() bool { return s.size < s.order*s.order }

// count returns the number of sides that have a root.
func (b block) count() (n int) {
	for _, s := range b.sides {
		if s.order > 0 {
			n++
		}
	}
	return n
}

// part returns a block of x as contiguous numbers. If it is not contiguous in x, it is copied to memory, which grows if need be.
func part[T param.Float](b block, x []T, memory *[]T) []T {
	if b.cols == b.stride || b.rows == 1 {
		return x[b.at:][:b.rows*b.cols]
	}
	*memory = scratch.Grow(*memory, b.rows*b.cols)
	copyRows(*memory, b.cols, x[b.at:], b.stride, b.rows, b.cols)
	return *memory
}

// length returns the Frobenius norm of a block of x.
func length[T param.Float](b block, x []T) float64 {
	var square float64
	for i := range b.rows {
		square += simd.SumSquares(x[b.at+i*b.stride:][:b.cols])
	}
	return math.Sqrt(square)
}
