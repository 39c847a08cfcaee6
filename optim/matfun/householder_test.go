package matfun

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"steepest/internal/gemm"
	"steepest/internal/simd"
	"steepest/optim/internal/rescale"
)

// TestReflector: Hx = βe₁, and H is orthogonal, also for numbers near the end of the range.
func TestReflector(t *testing.T) {
	r := rand.New(rand.NewPCG(63, 64))
	for _, scale := range []float64{1, -1, 1e150, 1e-150, 1e-290, 0x1p-1050, math.SmallestNonzeroFloat64} {
		for _, n := range []int{1, 2, 3, 40} {
			x := make([]float64, n)
			for i := range x {
				x[i] = scale * float64(r.IntN(5)-2) * 128
			}
			v := slices.Clone(x)
			tau, beta := reflector(v)
			scale, rounding := math.Abs(scale), 0.
			if scale < 1e-280 { // larger numbers, so that the checks below do not round subnormal ones; β has their error
				simd.Scal(0x1p+500, x)
				scale, beta, rounding = scale*0x1p+500, beta*0x1p+500, 0x1p-574
			}
			dot := simd.Dot(v, x)
			for i := range x {
				want := 0.
				if i == 0 {
					want = beta
				}
				if got := x[i] - tau*v[i]*dot; !(math.Abs(got-want) <= 0x1p-41*scale+rounding) {
					t.Errorf("H·%v has %v at %d, want %v", x, got, i, want)
				}
			}
			if square := tau * simd.Dot(v, v); v[0] != 1 || tau != 0 && !(math.Abs(square-2) <= 1e-14) {
				t.Errorf("of %v: v is %v, τvᵀv is %v", x, v, square)
			}
		}
	}
}

// TestQRBlocks tries sizes around those of blocks and panels, with columns of equal and of very different norms.
func TestQRBlocks(t *testing.T) {
	r := rand.New(rand.NewPCG(65, 66))
	for _, cols := range []int{1, 15, 16, 17, 31, 32, 33, 65, 257, 290} {
		for _, rows := range []int{cols, cols + 1, cols + 50} {
			if cols > 100 && rows == cols+1 {
				continue
			}
			for _, digits := range []float64{0, 30, 200} {
				size := func(j int) float64 { return math.Pow(10, -float64(j)*digits/float64(cols)) }
				factorOf[float64](t, r, rows, cols, size)
				if digits < 200 {
					factorOf[float32](t, r, rows, cols, size)
				}
			}
		}
	}
}

// factorOf checks QᵀQ = I and R = QᵀX for a random X with columns of the given size.
func factorOf[T simd.Float](t *testing.T, r *rand.Rand, rows, cols int, size func(j int) float64) {
	t.Helper()
	start := normal(r, rows, cols)
	for i := range start {
		start[i] *= size(i % cols)
	}
	var w Workspace[T]
	factor := to[T](start)
	x, q := make([]float64, rows*cols), make([]float64, rows*cols)
	convert(x, factor)
	if err := w.QR(factor, rows, cols); err != nil {
		t.Fatal(err)
	}
	convert(q, factor)
	gram, upper := make([]float64, cols*cols), make([]float64, cols*cols)
	gemm.Mul(true, false, cols, cols, rows, 1, q, cols, q, cols, 0, gram, cols)
	if d := distanceFromIdentity(gram, cols); !(d <= float64(rows+20)*rescale.Epsilon[T]()) {
		t.Errorf("%T %d × %d: QᵀQ is off by %g", factor, rows, cols, d)
	}
	gemm.Mul(true, false, cols, cols, rows, 1, q, cols, x, cols, 0, upper, cols)
	for i := range cols {
		for j := range i + 1 {
			v := upper[i*cols+j] / size(j)
			if i == j && !(v > 0) || i > j && !(math.Abs(v) <= float64(rows+20)*4*rescale.Epsilon[T]()) {
				t.Fatalf("%T %d × %d: R has %v times column %d at (%d, %d)", factor, rows, cols, v, j, i, j)
			}
		}
	}
}
