package simd

import "testing"

// TestLevelsStayInside runs the kernels on vectors that have no memory before them or none after them.
func TestLevelsStayInside(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, atEnd := range []bool{false, true} {
			for n := range 71 {
				inside(t, level1[float32](), 0, n, 0, atEnd)
				inside(t, level1[float64](), 0, n, 0, atEnd)
				for m := range 6 {
					inside(t, level2[float32](), m, n, n+1, atEnd)
					inside(t, level2[float64](), m, n, n+1, atEnd)
				}
			}
		}
	})
}

func inside[T Float](t *testing.T, list []routine[T], m, n, lda int, atEnd bool) {
	t.Helper()
	for _, k := range list {
		t.Run("", func(t *testing.T) { // gives the memory back
			var v [][]T
			for _, length := range k.lengths(m, n, lda) {
				v = append(v, guarded[T](t, length, atEnd))
			}
			k.run(1, m, n, lda, v)
		})
	}
}
