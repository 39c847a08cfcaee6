package simd

import "testing"

func TestNetworkBetweenGuardPages(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, atEnd := range []bool{false, true} {
			for n := range 20 {
				networkBetweenGuardPages[float32](t, n, atEnd)
				networkBetweenGuardPages[float64](t, n, atEnd)
			}
		}
	})
}

// networkBetweenGuardPages crashes if a kernel touches memory outside its vectors.
func networkBetweenGuardPages[T Float](t *testing.T, n int, atEnd bool) {
	for _, op := range networkOperations[T]() {
		if n < op.least {
			continue
		}
		apart := randomVectors[T](op.vectors, n)
		v := make([][]T, op.vectors)
		for i := range v {
			v[i] = guarded[T](t, n, atEnd)
			copy(v[i], apart[i])
		}
		op.run(v)
		op.run(apart)
		if d := difference(v, apart); d != "" {
			t.Errorf("%s[%T] of %d elements between guard pages: %s", op.name, T(0), n, d)
		}
	}
}
