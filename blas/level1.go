package blas

import (
	"steepest/internal/parallel"
	"steepest/internal/simd"
)

// large is the number of elements above which several workers share a vector or a matrix. A single worker takes 50 µs or more
// for it, several times the time that it takes to start another one. piece is the number of elements of a vector (and about
// that of a matrix) that a worker takes at a time.
const large, piece = 1 << 19, 1 << 16

// Ddot returns Σ xᵢyᵢ.
func (Implementation) Ddot(n int, x []float64, incX int, y []float64, incY int) float64 {
	switch {
	case !dense(n, incX, len(x)) || !dense(n, incY, len(y)):
		return reference.Ddot(n, x, incX, y, incY)
	case n <= large:
		return simd.Dot(x[:n], y[:n])
	default:
		return largeDot(x[:n], y[:n])
	}
}

// Sdot returns Σ xᵢyᵢ, computed in float32.
func (Implementation) Sdot(n int, x []float32, incX int, y []float32, incY int) float32 {
	switch {
	case !dense(n, incX, len(x)) || !dense(n, incY, len(y)):
		return reference.Sdot(n, x, incX, y, incY)
	case n <= large:
		return simd.Dot(x[:n], y[:n])
	default:
		return largeDot(x[:n], y[:n])
	}
}

// Dsdot returns Σ xᵢyᵢ, computed in float64.
func (Implementation) Dsdot(n int, x []float32, incX int, y []float32, incY int) float64 {
	switch {
	case !dense(n, incX, len(x)) || !dense(n, incY, len(y)):
		return reference.Dsdot(n, x, incX, y, incY)
	case n <= large:
		return simd.DotWide(x[:n], y[:n])
	default:
		return largeDotWide(x[:n], y[:n])
	}
}

// Sdsdot returns α + Σ xᵢyᵢ, computed in float64 and then rounded.
func (i Implementation) Sdsdot(n int, alpha float32, x []float32, incX int, y []float32, incY int) float32 {
	if n == 0 { // gonum leaves out α, if the arguments are right
		return reference.Sdsdot(n, alpha, x, incX, y, incY)
	}
	return alpha + float32(i.Dsdot(n, x, incX, y, incY))
}

// Dnrm2 returns the Euclidean norm √Σ xᵢ².
func (Implementation) Dnrm2(n int, x []float64, incX int) float64 {
	switch {
	case n == 1 || !dense(n, incX, len(x)):
		return reference.Dnrm2(n, x, incX)
	case n <= large:
		return simd.Nrm2(x[:n])
	default:
		return largeNrm2(x[:n])
	}
}

// Snrm2 returns the Euclidean norm √Σ xᵢ². The sum is computed in float64.
func (Implementation) Snrm2(n int, x []float32, incX int) float32 {
	switch {
	case n == 1 || !dense(n, incX, len(x)):
		return reference.Snrm2(n, x, incX)
	case n <= large:
		return simd.Nrm2(x[:n])
	default:
		return largeNrm2(x[:n])
	}
}

// Dasum returns Σ |xᵢ|.
func (Implementation) Dasum(n int, x []float64, incX int) float64 {
	switch {
	case !dense(n, incX, len(x)):
		return reference.Dasum(n, x, incX)
	case n <= large:
		return simd.Asum(x[:n])
	default:
		return largeAsum(x[:n])
	}
}

// Sasum returns Σ |xᵢ|, computed in float32.
func (Implementation) Sasum(n int, x []float32, incX int) float32 {
	switch {
	case !dense(n, incX, len(x)):
		return reference.Sasum(n, x, incX)
	case n <= large:
		return simd.Asum(x[:n])
	default:
		return largeAsum(x[:n])
	}
}

// Daxpy computes y ← y + αx. If α = 0, y does not change.
func (Implementation) Daxpy(n int, alpha float64, x []float64, incX int, y []float64, incY int) {
	switch {
	case alpha == 0 || !dense(n, incX, len(x)) || !dense(n, incY, len(y)):
		reference.Daxpy(n, alpha, x, incX, y, incY)
	case n <= large:
		simd.Axpy(alpha, x[:n], y[:n])
	default:
		largeAxpy(alpha, x[:n], y[:n])
	}
}

// Saxpy computes y ← y + αx. If α = 0, y does not change.
func (Implementation) Saxpy(n int, alpha float32, x []float32, incX int, y []float32, incY int) {
	switch {
	case alpha == 0 || !dense(n, incX, len(x)) || !dense(n, incY, len(y)):
		reference.Saxpy(n, alpha, x, incX, y, incY)
	case n <= large:
		simd.Axpy(alpha, x[:n], y[:n])
	default:
		largeAxpy(alpha, x[:n], y[:n])
	}
}

// Dscal computes x ← αx. α = 0 clears x, even NaN. With a negative increment x does not change.
func (Implementation) Dscal(n int, alpha float64, x []float64, incX int) {
	switch {
	case alpha == 0 || !dense(n, incX, len(x)):
		reference.Dscal(n, alpha, x, incX)
	case n <= large:
		simd.Scal(alpha, x[:n])
	default:
		largeScal(alpha, x[:n])
	}
}

// Sscal computes x ← αx. α = 0 clears x, even NaN. With a negative increment x does not change.
func (Implementation) Sscal(n int, alpha float32, x []float32, incX int) {
	switch {
	case alpha == 0 || !dense(n, incX, len(x)):
		reference.Sscal(n, alpha, x, incX)
	case n <= large:
		simd.Scal(alpha, x[:n])
	default:
		largeScal(alpha, x[:n])
	}
}

// The functions below are for vectors that several workers share. They are separate from the methods, so that a call for a few
// elements stays cheap.

func largeDot[T simd.Float](x, y []T) T {
	return sum(each(len(x), func(from, to int) T { return simd.Dot(x[from:to], y[from:to]) }))
}

func largeDotWide(x, y []float32) float64 {
	return sum(each(len(x), func(from, to int) float64 { return simd.DotWide(x[from:to], y[from:to]) }))
}

func largeNrm2[T simd.Float](x []T) T {
	return simd.Nrm2(each(len(x), func(from, to int) T { return simd.Nrm2(x[from:to]) }))
}

func largeAsum[T simd.Float](x []T) T {
	return sum(each(len(x), func(from, to int) T { return simd.Asum(x[from:to]) }))
}

//go:noinline
func largeAxpy[T simd.Float](alpha T, x, y []T) {
	pieces(len(x), func(_, from, to int) { simd.Axpy(alpha, x[from:to], y[from:to]) })
}

//go:noinline
func largeScal[T simd.Float](alpha T, x []T) {
	pieces(len(x), func(_, from, to int) { simd.Scal(alpha, x[from:to]) })
}

// sum adds from left to right.
func sum[T simd.Float](v []T) (total T) {
	for _, e := range v {
		total += e
	}
	return total
}

// each returns the results of f for the bounds of each piece of a vector of n elements.
func each[T simd.Float](n int, f func(from, to int) T) []T {
	values := make([]T, (n+piece-1)/piece)
	pieces(n, func(k, from, to int) { values[k] = f(from, to) })
	return values
}

// pieces calls body for the bounds of each piece of a vector of n elements, several at a time.
func pieces(n int, body func(k, from, to int)) {
	parallel.For((n+piece-1)/piece, func(_, k int) { body(k, k*piece, min((k+1)*piece, n)) })
}
