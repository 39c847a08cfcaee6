package simd

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestSparseBetweenGuardPages runs the kernels on rows and vectors that begin or end at a forbidden page.
func TestSparseBetweenGuardPages(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		sparseBetweenGuardPages[float32](t)
		sparseBetweenGuardPages[float64](t)
	})
}

func sparseBetweenGuardPages[T Float](t *testing.T) {
	const d = 37
	r := rand.New(rand.NewPCG(1, 2))
	for _, atEnd := range []bool{false, true} {
		for n := range 21 {
			t.Run(fmt.Sprintf("%T/%d/%v", T(0), n, atEnd), func(t *testing.T) {
				columns, values, x := guarded[uint32](t, n, atEnd), guarded[T](t, n, atEnd), guarded[T](t, d, atEnd)
				for k := range columns {
					columns[k] = [...]uint32{0, d - 1, uint32(r.IntN(d))}[r.IntN(3)]
				}
				Prefetch(columns)
				Prefetch(values)
				if got := GatherDot(columns, values, x); got != 0 {
					t.Errorf("the product of zeros is %v", got)
				}
				ScatterAxpy(1, columns, values, x)
				dst, pointers := guarded[T](t, 3, atEnd), guarded[int](t, 4, atEnd)
				pointers[2], pointers[3] = n/2, n
				GatherDots(dst, pointers, columns, values, x)
				dst[1], dst[2] = 1, 1
				ScatterAxpys(dst, pointers, columns, values, x)
			})
		}
	}
}
