package data

import (
	"unsafe"

	"steepest/internal/mapped"
	"steepest/internal/parallel"
)

// series collects elements whose number is not known in advance. A growing slice is copied repeatedly and takes two or three times its size.
// A series instead grows by pieces outside Go's heap. slice copies piece after piece and returns each to the system.
type series[T float64 | uint32 | int] struct {
	start  []T // all elements while there are few
	pieces []piece[T]
	n      int
}

type piece[T any] struct {
	elements []T
	memory   []byte // the memory of the elements; nil on Go's heap
}

const (
	fewElements = 1 << 13
	leastPiece  = 4 << 20 // bytes; pages take memory only once they are used
)

// append appends elements.
func (s *series[T]) append(v []T) {
	if s.n += len(v); s.n <= fewElements {
		s.start = append(s.start, v...)
		return
	}
	if s.start != nil {
		s.start, v = nil, append(s.start, v...)
	}
	for len(v) > 0 {
		if k := len(s.pieces); k == 0 || len(s.pieces[k-1].elements) == cap(s.pieces[k-1].elements) {
			s.pieces = append(s.pieces, newPiece[T](s.n/8))
		}
		last := &s.pieces[len(s.pieces)-1]
		n := len(last.elements)
		last.elements = last.elements[:min(n+len(v), cap(last.elements))]
		v = v[copy(last.elements[n:], v):]
	}
}

// newPiece returns a piece with room for at least n elements.
func newPiece[T any](n int) piece[T] {
	var element T
	n = max(n, leastPiece/int(unsafe.Sizeof(element)))
	memory := mapped.Memory(n * int(unsafe.Sizeof(element)))
	if memory == nil {
		return piece[T]{elements: make([]T, 0, n)}
	}
	return piece[T]{unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(memory))), n)[:0], memory}
}

// slice returns all elements, and leaves the series empty.
func (s *series[T]) slice() []T {
	if s.pieces == nil {
		all := s.start
		*s = series[T]{}
		return all
	}
	all := make([]T, s.n)
	starts := make([]int, len(s.pieces))
	for i := range s.pieces[1:] {
		starts[i+1] = starts[i] + len(s.pieces[i].elements)
	}
	parallel.For(len(s.pieces), func(_, i int) {
		copy(all[starts[i]:], s.pieces[i].elements)
		s.pieces[i].free()
	})
	*s = series[T]{}
	return all
}

// free returns the memory to the system.
func (s *series[T]) free() {
	for i := range s.pieces {
		s.pieces[i].free()
	}
	*s = series[T]{}
}

func (p *piece[T]) free() {
	mapped.Unmap(p.memory)
	*p = piece[T]{}
}
