package matfun

import (
	"math"
	"math/rand/v2"
	"testing"

	"steepest/internal/gemm"
)

// TestSolve: the solution times the triangle is the right side, whatever lies below the diagonal.
func TestSolve(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	normals := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = r.NormFloat64()
		}
		return v
	}
	for _, shape := range [][2]int{{1, 1}, {3, 5}, {64, 7}, {65, 70}, {130, 40}} {
		n, m := shape[0], shape[1]
		u, b := normals(n*n), normals(n*m)
		upper := make([]float64, n*n)
		for i := range n {
			u[i*n+i] += math.Copysign(4*math.Sqrt(float64(n)), u[i*n+i])
			copy(upper[i*n+i:(i+1)*n], u[i*n+i:(i+1)*n])
		}
		x, back := append([]float64(nil), b...), make([]float64, n*m)
		SolveLeft(u, n, x, m)
		gemm.Mul(true, false, n, m, n, 1, upper, n, x, m, 0, back, m)
		far(t, back, b)
		copy(x, b)
		SolveRight(u, n, x, m)
		gemm.Mul(false, false, m, n, n, 1, x, n, upper, n, 0, back, n)
		far(t, back, b)
	}
}

// far fails if an element is far from the wanted one.
func far(t *testing.T, got, want []float64) {
	t.Helper()
	for i, w := range want {
		if !(math.Abs(got[i]-w) <= 1e-12) {
			t.Fatalf("element %d of %d is %v, want %v", i, len(want), got[i], w)
		}
	}
}
