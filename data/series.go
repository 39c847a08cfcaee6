package data

import (
	"cmp"
	"errors"
	"unsafe"

	"steepest/internal/mapped"
	"steepest/internal/parallel"
	"steepest/internal/simd"
)

// series collects elements whose number is not known in advance. A growing slice is copied repeatedly and takes two or three times its size.
// A series instead grows by pieces outside Go's heap. slice copies piece after piece and returns each to the system. If about as many elements
// come as were expected, there are no pieces. A series may also be a file.
//
//	all elements = start, then pieces
type series[T element] struct {
	start  []T // the first elements: all while there are few, or not more than expected
	pieces []piece[T]
	n      int
	file   *array // the file that all elements go to; nil for memory
	failed error  // the first error of writing to the file
	memory []byte // the map of the file
}

type piece[T element] struct {
	elements []T
	memory   []byte // the memory of the elements; nil on Go's heap
}

const (
	fewElements = 1 << 13
	leastPiece  = 4 << 20 // bytes; pages take memory only once they are used
)

// expect makes room for n elements and a few more, unless there are pieces already, or that may take much of the free memory.
func (s *series[T]) expect(n float64) {
	n += float64(n / 16)
	var element T
	if s.file == nil && s.pieces == nil && n > fewElements && n*float64(unsafe.Sizeof(element)) < available()/4 {
		s.start = append(large[T](int(n))[:0], s.start...)
	}
}

// append appends elements.
func (s *series[T]) append(v []T) {
	if s.n += len(v); s.file != nil {
		s.failed = cmp.Or(s.failed, writeTo(s.file, v))
		return
	}
	if s.pieces == nil && s.n <= max(fewElements, cap(s.start)) {
		s.start = append(s.start, v...)
		return
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

// give is append for elements that the caller does not change any more.
func (s *series[T]) give(v []T) {
	if s.n > 0 || s.file != nil {
		s.append(v)
		return
	}
	s.start, s.n = v, len(v)
}

// onDisk maps the file and returns all elements, which stay valid until free.
func (s *series[T]) onDisk() ([]T, error) {
	if err := cmp.Or(s.failed, s.file.out.Flush()); err != nil || s.n == 0 {
		return nil, err
	}
	var element T
	if s.memory = mapped.File(s.file.file.File, int64(s.n)*int64(unsafe.Sizeof(element))); s.memory == nil {
		return nil, errors.New(s.file.file.Name() + " cannot be mapped into memory here")
	}
	return sliceOf[T](s.memory), nil
}

// newPiece returns a piece with room for at least n elements.
func newPiece[T element](n int) piece[T] {
	var element T
	n = max(n, leastPiece/int(unsafe.Sizeof(element)))
	memory := mapped.Memory(n * int(unsafe.Sizeof(element)))
	if memory == nil {
		return piece[T]{elements: make([]T, 0, n)}
	}
	return piece[T]{unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(memory))), n)[:0], memory}
}

// large returns n zeros on large pages of memory, where the system grants them: rows that are visited in random order come sooner from there.
func large[E any](n int) []E { return simd.LargePages(make([]E, n)) }

// slice returns all elements, and leaves the series empty.
func (s *series[T]) slice() []T {
	if s.pieces == nil {
		all := s.start
		if len(all) < cap(all)/4*3 { // fewer than were expected
			all = append(large[T](len(all))[:0], all...)
		}
		*s = series[T]{}
		return all
	}
	all := large[T](s.n)
	starts := make([]int, len(s.pieces))
	starts[0] = copy(all, s.start)
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
	mapped.Unmap(s.memory)
	*s = series[T]{}
}

func (p *piece[T]) free() {
	mapped.Unmap(p.memory)
	*p = piece[T]{}
}
