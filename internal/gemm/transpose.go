package gemm

import (
	"sync"

	"steepest/internal/parallel"
	"steepest/internal/simd"
)

// turned is the order of the square blocks in which matrices are transposed. Two of them fit into the first-level cache. It is a multiple
// of simd.Pad.
const turned = 64

// Transpose stores the transpose of the rows × cols matrix src in dst. Rows are from elements apart in src and to elements apart in dst.
func Transpose[T simd.Float](dst []T, to int, src []T, from, rows, cols int) {
	pad := simd.Pad[T]()
	whole := rows / pad * pad
	for i := 0; i < whole; i += turned {
		for j := 0; j < cols; j += turned {
			simd.Transpose(dst[j*to+i:], to, src[i*from+j:], from, min(turned, whole-i), min(turned, cols-j))
		}
	}
	switch i := rows - pad; {
	case whole == rows:
	case i >= 0: // the last pad rows, some of them a second time
		simd.Transpose(dst[i:], to, src[i*from:], from, pad, cols)
	default:
		for i := range rows {
			for j, v := range src[i*from:][:cols] {
				dst[j*to+i] = v
			}
		}
	}
}

// Mirror copies the upper triangle of the n×n matrix C to the lower triangle. It completes the result of Syrk and MulTriangle.
func Mirror[T simd.Float](n int, c []T, ldc int) {
	pool := poolOf[T](&mirrors)
	m := pool.Get().(*mirror[T])
	m.n, m.c, m.ldc = n, c, ldc
	parallel.For(pieces(n, turned), m.do)
	m.c = nil // not to keep the caller's matrix
	pool.Put(m)
}

type mirror[T simd.Float] struct {
	n, ldc int
	c      []T
	do     func(worker, i int) // m.band, kept so that a call allocates nothing
}

var mirrors = pools{sync.Pool{New: func() any { return newMirror[float32]() }}, sync.Pool{New: func() any { return newMirror[float64]() }}}

func newMirror[T simd.Float]() *mirror[T] {
	m := new(mirror[T])
	m.do = m.band
	return m
}

// band fills the elements below the diagonal in the rows of block i.
func (m *mirror[T]) band(_, i int) {
	c, ld := m.c, m.ldc
	lo, hi := i*turned, min((i+1)*turned, m.n)
	for j := 0; j < lo; j += turned {
		simd.Transpose(c[lo*ld+j:], ld, c[j*ld+lo:], ld, turned, hi-lo)
	}
	for i := lo; i < hi; i++ {
		for j := lo; j < i; j++ {
			c[i*ld+j] = c[j*ld+i]
		}
	}
}
