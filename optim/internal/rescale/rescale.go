// Package rescale scales matrices of any magnitude so that squares and products of their elements stay in the range of their type. It also says
// which singular values are rounding errors.
package rescale

import (
	"fmt"
	"math"
	"unsafe"

	"steepest/internal/scratch"
	"steepest/internal/simd"
)

// Matrix returns x in a unit, a power of 2, with its sum of squares in that unit. If the sum is far from the ends of the range of
// float32 and float64, the unit is 1 and y is x. Otherwise the unit is near the largest element and y is a copy in memory, which
// grows if need be and may be x itself. So the caller need not care about over- and underflow. It fails if x, a matrix of cols
// columns, holds a NaN or an infinity.
func Matrix[T simd.Float](x []T, cols int, memory *[]T) (y []T, square, unit float64, err error) {
	if s := simd.SumSquares(x); InRange(s) {
		return x, s, 1, nil
	}
	var largest T
	for i, v := range x {
		if v-v != 0 {
			return nil, 0, 1, fmt.Errorf("element (%d, %d) of the %d × %d matrix is %v", i/cols, i%cols, len(x)/cols, cols, v)
		}
		largest = max(largest, v, -v)
	}
	if largest == 0 {
		return x, 0, 1, nil
	}
	_, e := math.Frexp(float64(largest))
	*memory = scratch.Grow(*memory, len(x))
	y = *memory
	Shift(y, x, 1-e)
	return y, simd.SumSquares(y), math.Ldexp(1, e-1), nil
}

// InRange reports whether a sum of squares is far from the ends of the range of float32 and float64.
func InRange(square float64) bool { return 0x1p-100 < square && square < 0x1p+100 }

// Norm returns ‖x‖₂ in a unit, a power of 2 near the largest element. The unit and its inverse are normal numbers of T. The norm of
// 0 is 0 in the unit 1.
func Norm[T simd.Float](x []T) (norm, unit float64) {
	var largest T
	for _, v := range x {
		largest = max(largest, v, -v)
	}
	if largest == 0 {
		return 0, 1
	}
	_, e := math.Frexp(float64(largest))
	most := exponents[T]() - 2
	unit = math.Ldexp(1, max(-most, min(most, e-1)))
	by := 1 / unit
	for _, v := range x {
		f := float64(v) * by
		norm += float64(f * f)
	}
	return math.Sqrt(norm), unit
}

// Ordinary reports whether a norm is so far from the ends of the range of T that ratios of such norms stay in the range.
func Ordinary[T simd.Float](norm float64) bool {
	high := math.Ldexp(1, exponents[T]()/2-4)
	return 1/high < norm && norm < high
}

// exponents returns the e of the least 2ᵉ that overflows T.
func exponents[T simd.Float]() int {
	if unsafe.Sizeof(T(0)) == 4 {
		return 128
	}
	return 1024
}

// Epsilon returns the distance from 1 to the next number.
func Epsilon[T simd.Float]() float64 {
	if _, ok := any(T(0)).(float32); ok {
		return 0x1p-23
	}
	return 0x1p-52
}

// Rank returns how many singular values of a matrix do not count as 0: those above max(rows, cols)·ε·σ₁. Rounding can make a singular value
// of 0 as large as this bound.
func Rank[T simd.Float](descending []float64, rows, cols int) (r int) {
	for _, σ := range descending {
		if σ > float64(max(rows, cols))*Epsilon[T]()*descending[0] {
			r++
		}
	}
	return r
}
