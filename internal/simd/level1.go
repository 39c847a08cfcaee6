package simd

import (
	"math"
	"unsafe"
)

//go:generate go run -C _asm ./level12 -dir ..

// The kernels of BLAS level 1, for vectors without gaps. The comment of the package gives the order of their sums.

// few is the least number of elements for which a call of vector code pays. Shorter sums go from left to right.
const few = 8

// lanes returns L, the number of partial sums of Dot.
func lanes[T Float]() int { return 128 / int(unsafe.Sizeof(T(0))) }

// Dot returns Σ xᵢyᵢ, over the length of x.
func Dot[T Float](x, y []T) T { return dot(x, y[:len(x)]) }

func portableDot[T Float](x, y []T) T {
	if len(x) < few {
		return dotFew(x, y)
	}
	var s [32]T
	for i, v := range x {
		s[i%lanes[T]()] += T(v * y[i])
	}
	return fold(s[:lanes[T]()])
}

func dotFew[T Float](x, y []T) (s T) {
	for i, v := range x {
		s += T(v * y[i])
	}
	return s
}

// DotWide returns Σ xᵢyᵢ, over the length of x, computed in float64, where the products are exact.
func DotWide(x, y []float32) float64 { return dotWide(x, y[:len(x)]) }

func portableDotWide(x, y []float32) float64 {
	if len(x) < few {
		return dotWideFew(x, y)
	}
	var s [16]float64
	for i, v := range x {
		s[i%16] += float64(float64(v) * float64(y[i]))
	}
	return fold(s[:])
}

func dotWideFew(x, y []float32) (s float64) {
	for i, v := range x {
		s += float64(float64(v) * float64(y[i]))
	}
	return s
}

// SumSquares returns Σ xᵢ² with the bits of Dot, or of DotWide for float32, whose squares need the range of float64.
func SumSquares[T Float](x []T) float64 {
	s, _ := sumSquares(x)
	return s
}

// portableSumSquares returns Σ xᵢ², and a magnitude that is 0 only if all of x is 0: squares of small float64 numbers underflow to 0.
func portableSumSquares[T Float](x []T) (sum, magnitude float64) {
	if x, is32 := any(x).([]float32); is32 {
		s := portableDotWide(x, x)
		return s, s
	}
	return float64(portableDot(x, x)), float64(portableAsum(x))
}

// Asum returns Σ |xᵢ|.
func Asum[T Float](x []T) T { return asum(x) }

func portableAsum[T Float](x []T) T {
	if len(x) < few {
		return asumFew(x)
	}
	var s [32]T
	for i, v := range x {
		s[i%lanes[T]()] += abs(v)
	}
	return fold(s[:lanes[T]()])
}

func asumFew[T Float](x []T) (s T) {
	for _, v := range x {
		s += abs(v)
	}
	return s
}

// fold adds the second half of s to the first, until one element is left, which it returns. The length is a power of 2.
func fold[T Float](s []T) T {
	for half := len(s) / 2; half > 0; half /= 2 {
		for j := range half {
			s[j] += s[half+j]
		}
	}
	return s[0]
}

// Axpy computes y ← y + ax, over the length of x. The vectors are the same or do not overlap.
func Axpy[T Float](a T, x, y []T) { axpy(a, x, y[:len(x)]) }

func portableAxpy[T Float](a T, x, y []T) {
	for i, v := range x {
		y[i] += T(a * v)
	}
}

// Scal computes x ← ax.
func Scal[T Float](a T, x []T) { scal(a, x) }

func portableScal[T Float](a T, x []T) {
	for i := range x {
		x[i] *= a
	}
}

// Nrm2 returns Norm rounded to T.
func Nrm2[T Float](x []T) T { return T(Norm(x)) }

// Norm returns √Σ xᵢ² in float64. It over- or underflows only where the result itself does. It is the root of SumSquares; if that sum
// leaves the range of float64, the squares are summed again from left to right, with x scaled by a power of 2.
func Norm[T Float](x []T) float64 {
	const (
		small = 0x1p-900 // above it, the squares lost to underflow cannot matter, however many there are
		up    = 0x1p+600
		down  = 0x1p-600
	)
	s, magnitude := sumSquares(x)
	scale := 0.0
	switch {
	case s == 0 && magnitude == 0:
		return 0
	case s < small:
		scale = up
	case s > math.MaxFloat64:
		scale = down
	default: // NaN too
		return math.Sqrt(s)
	}
	s = 0
	for _, v := range x {
		f := float64(v) * scale
		s += float64(f * f)
	}
	return math.Sqrt(s) / scale
}
