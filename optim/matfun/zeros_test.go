package matfun

import (
	"math"
	"math/rand/v2"
	"testing"

	"steepest/internal/gemm"
	"steepest/internal/simd"
)

// TestRowsOfZeros: a row of zeros of X is a row of zeros of Q too, except for a 1 in a column that replaces a dependent one. A row of
// zeros of a symmetric matrix has a unit vector as its eigenvector. Neither has rounding errors. Both factors are orthogonal and
// reproduce the matrix.
func TestRowsOfZeros(t *testing.T) {
	rowsOfZeros[float32](t, 1e-5)
	rowsOfZeros[float64](t, 1e-13)
}

func rowsOfZeros[T simd.Float](t *testing.T, tolerance float64) {
	r := rand.New(rand.NewPCG(30, 31))
	var w Workspace[T]
	for _, s := range [][3]int{{1, 1, 1}, {4, 4, 1}, {9, 5, 3}, {9, 9, 4}, {9, 7, 6}, {60, 40, 5}, {50, 50, 50}} {
		rows, cols, zeros := s[0], s[1], s[2]
		x, zero := make([]T, rows*cols), make([]bool, rows)
		for _, i := range r.Perm(rows)[:zeros] {
			zero[i] = true
		}
		for i := range x {
			if x[i] = T(r.NormFloat64()); zero[i/cols] || rows > 1 && i == (rows-1)*cols { // a row may be one once columns go
				x[i] = 0
			}
		}
		q, product, back := append([]T(nil), x...), make([]T, cols*cols), make([]T, rows*cols)
		if err := w.QR(q, rows, cols); err != nil {
			t.Fatal(err)
		}
		besideZeros(t, q, rows, cols, zero, tolerance)
		gemm.Mul(true, false, cols, cols, rows, 1, q, cols, x, cols, 0, product, cols)
		gemm.Mul(false, false, rows, cols, cols, 1, q, cols, product, cols, 0, back, cols)
		near(t, back, x, tolerance)

		a := make([]T, rows*rows)
		gemm.Mul(false, true, rows, rows, cols, 1, x, cols, x, cols, 0, a, rows)
		e, err := w.Eigen(a, rows)
		if err != nil {
			t.Fatal(err)
		}
		besideZeros(t, e.Vectors, rows, rows, zero, tolerance)
		scaled := append([]T(nil), e.Vectors...)
		for i := range scaled {
			scaled[i] *= T(e.Values[i%rows])
		}
		made := make([]T, rows*rows)
		gemm.Mul(false, true, rows, rows, rows, 1, scaled, rows, e.Vectors, rows, 0, made, rows)
		near(t, made, a, tolerance*float64(rows*cols))
		for i := 1; i < rows; i++ {
			if e.Values[i] < e.Values[i-1] {
				t.Fatalf("eigenvalues %v are not in order", e.Values)
			}
		}
	}
}

// besideZeros checks the columns of q, and its rows of zeros, each of which may contain a 1.
func besideZeros[T simd.Float](t *testing.T, q []T, rows, cols int, zero []bool, tolerance float64) {
	t.Helper()
	identity, product := make([]T, cols*cols), make([]T, cols*cols)
	for i := range cols {
		identity[i*cols+i] = 1
	}
	gemm.Mul(true, false, cols, cols, rows, 1, q, cols, q, cols, 0, product, cols)
	near(t, product, identity, tolerance)
	for i, v := range q {
		if zero[i/cols] && v != 0 && v != 1 {
			t.Fatalf("%d × %d: row %d of zeros has %v", rows, cols, i/cols, v)
		}
	}
}

func near[T simd.Float](t *testing.T, got, want []T, tolerance float64) {
	t.Helper()
	for i, v := range want {
		if !(math.Abs(float64(got[i]-v)) <= tolerance*20) {
			t.Fatalf("element %d is %v, want %v", i, got[i], v)
		}
	}
}
