package gemm

import (
	"math/rand/v2"
	"slices"
	"testing"

	"steepest/internal/simd"
)

// TestTranspose tries sizes around those of blocks. The memory between the rows and after the last row must not change.
func TestTranspose(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		t.Run("float32", testTranspose[float32])
		t.Run("float64", testTranspose[float64])
	})
}

func testTranspose[T simd.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(59, 60))
	for _, s := range [][2]int{{0, 3}, {3, 0}, {1, 1}, {3, 70}, {70, 3}, {64, 64}, {67, 131}, {130, 65}} {
		for _, gap := range []int{0, 3} {
			rows, cols := s[0], s[1]
			from, to := cols+gap, rows+gap
			src, dst := numbers[T](r, rows*from), numbers[T](r, cols*to+3)
			want := slices.Clone(dst)
			for i := range rows {
				for j := range cols {
					want[j*to+i] = src[i*from+j]
				}
			}
			Transpose(dst, to, src, from, rows, cols)
			if !slices.Equal(dst, want) {
				t.Errorf("%d × %d, %d elements between rows: it is not the transpose", rows, cols, gap)
			}
		}
	}
}

// TestMirror tries sizes around those of blocks.
func TestMirror(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		t.Run("float32", testMirror[float32])
		t.Run("float64", testMirror[float64])
	})
}

func testMirror[T simd.Float](t *testing.T) {
	r := rand.New(rand.NewPCG(61, 62))
	for _, n := range []int{0, 1, 2, 63, 64, 65, 128, 150} {
		for _, ld := range []int{n, n + 5} {
			c := numbers[T](r, n*ld)
			want := slices.Clone(c)
			for i := range n {
				for j := range i {
					want[i*ld+j] = want[j*ld+i]
				}
			}
			Mirror(n, c, ld)
			if !slices.Equal(c, want) {
				t.Errorf("order %d, %d elements to a row: it is not symmetric, or has another upper triangle", n, ld)
			}
		}
	}
}

func numbers[T simd.Float](r *rand.Rand, n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(r.NormFloat64())
	}
	return x
}
