package rescale_test

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"

	"steepest/internal/simd"
	"steepest/optim/internal/rescale"
)

func TestMatrix(t *testing.T) {
	t.Run("float32", func(t *testing.T) { testMatrix[float32](t, 0x1p-149, 0x1p+127) })
	t.Run("float64", func(t *testing.T) { testMatrix[float64](t, 0x1p-1074, 0x1p+1023) })
}

// testMatrix: at any scale the elements are the same, up to the unit. Only elements that are negligible compared with the largest may be
// lost.
func testMatrix[T simd.Float](t *testing.T, least, most T) {
	for _, scale := range []T{least, least * 0x1p+20, 0x1p-60, 1, 0x1p+45, 0x1p+60, most / 4} {
		x := []T{0, 3 * scale, -scale, 2 * scale}
		before := slices.Clone(x)
		var memory []T
		y, square, unit, err := rescale.Matrix(x, 2, &memory)
		if err != nil || !slices.Equal(x, before) {
			t.Fatalf("%v becomes %v, %v", before, x, err)
		}
		size := float64(scale) / unit
		if square != 14*size*size || !slices.Equal(y, []T{0, T(3 * size), T(-size), T(2 * size)}) ||
			!(square > 0x1p-100 && square < 0x1p+100) {
			t.Errorf("%v is %v in units of %v, with the sum of squares %v", x, y, unit, square)
		}
		if &y[0] == &x[0] != (unit == 1) {
			t.Errorf("%v: the unit is %v, and x is left: %v", x, unit, &y[0] == &x[0])
		}
		if y, again, same, err := rescale.Matrix(x, 2, &x); &y[0] != &x[0] || again != square || same != unit || err != nil {
			t.Errorf("in place of x: %v, %v in units of %v, %v", y, again, same, err)
		}
	}
}

func TestZero(t *testing.T) {
	for _, x := range [][]float64{nil, {0, 0}} {
		if _, square, unit, err := rescale.Matrix(x, len(x), new([]float64)); square != 0 || unit != 1 || err != nil {
			t.Errorf("%v: %v, %v, %v", x, square, unit, err)
		}
	}
}

func TestNotFinite(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		x := []float64{1, 2, 3, 4, bad, 6}
		_, _, _, err := rescale.Matrix(x, 3, &x)
		want := fmt.Sprintf("element (1, 1) of the 2 × 3 matrix is %v", bad)
		if err == nil || err.Error() != want || x[0] != 1 {
			t.Errorf("%v: %v, want %s", x, err, want)
		}
	}
}

func TestFollow(t *testing.T) {
	t.Run("float32", func(t *testing.T) { testFollow[float32](t, -126, 126) })
	t.Run("float64", func(t *testing.T) { testFollow[float64](t, -1022, 1022) })
}

// testFollow: decayed sums of squares of gradients of any magnitude, kept in the unit, agree with sums in numbers of unlimited range.
func testFollow[T simd.Float](t *testing.T, least, most int) {
	for _, exponents := range [][]int{{0, 3, -3, 10}, {least, least + 1}, {most, most - 1}, {least, 0, most, 0, least}, {-70, -60, 60, 70}} {
		state, sum := make([]T, 2), T(0)
		want := new(big.Float)
		for _, at := range exponents {
			g := []T{T(math.Ldexp(1, at)), T(math.Ldexp(-0.5, at))}
			e, change := rescale.Follow(state, 0.5, g)
			if exponents[0] == 0 && e != 0 {
				t.Errorf("%v: the unit is 2^%d, where there is no need of one", exponents, e)
			}
			var memory []T
			in := rescale.Per(g, e, &memory)
			sum = T(math.Ldexp(float64(sum), -2*change))/2 + in[0]*in[0] + in[1]*in[1]
			square := new(big.Float).SetMantExp(big.NewFloat(1.25), 2*at)
			want.Add(want.SetMantExp(want, -1), square)
			got := new(big.Float).SetMantExp(big.NewFloat(float64(sum)), 2*e)
			ratio, _ := new(big.Float).Quo(got, want).Float64()
			if math.Abs(ratio-1) > 1e-6 || !rescale.InRange(float64(sum)) {
				t.Errorf("%T, %v: at 2^%d the sum is %g in units of 2^%d, %g of what it should be", sum, exponents, at, sum, e, ratio)
			}
		}
	}
}
