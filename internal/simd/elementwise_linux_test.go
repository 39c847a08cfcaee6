package simd

import "testing"

// TestElementwiseStaysInside runs the kernels on vectors that begin or end at a forbidden page.
func TestElementwiseStaysInside(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		staysInside[float32](t)
		staysInside[float64](t)
	})
}

func staysInside[T Float](t *testing.T) {
	for _, atEnd := range []bool{false, true} {
		whole := make([][]T, 6)
		for i := range whole {
			whole[i] = guarded[T](t, 40, atEnd)
		}
		for n := range 41 {
			v := make([][]T, len(whole))
			for i, w := range whole {
				v[i] = w[:n]
				if atEnd {
					v[i] = w[len(w)-n:]
				}
			}
			for _, op := range operations[T]() {
				for _, m := range moves {
					op.run(make([]float64, op.coeffs), v[0], v[:op.vectors], move(m, v[5]))
				}
			}
			SumSquares(v[0])
			Finite(v[0])
		}
	}
}
