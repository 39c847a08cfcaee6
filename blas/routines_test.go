package blas_test

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/blas"

	"steepest/internal/simd"
)

// routines are the routines that are replaced, under one name for both element types.
type routines[T simd.Float] interface {
	Dot(n int, x []T, incX int, y []T, incY int) T
	DotWide(n int, alpha T, x []T, incX int, y []T, incY int) float64
	Nrm2(n int, x []T, incX int) T
	Asum(n int, x []T, incX int) T
	Axpy(n int, alpha T, x []T, incX int, y []T, incY int)
	Scal(n int, alpha T, x []T, incX int)
	Gemv(tA blas.Transpose, m, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int)
	Ger(m, n int, alpha T, x []T, incX int, y []T, incY int, a []T, lda int)
	Gemm(tA, tB blas.Transpose, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int)
	Syrk(ul blas.Uplo, tA blas.Transpose, n, k int, alpha T, a []T, lda int, beta T, c []T, ldc int)
}

type single struct{ blas.Float32 }

func (s single) Dot(n int, x []float32, incX int, y []float32, incY int) float32 {
	return s.Sdot(n, x, incX, y, incY)
}

// DotWide is the sum of two routines with the same sum.
func (s single) DotWide(n int, alpha float32, x []float32, incX int, y []float32, incY int) float64 {
	return s.Dsdot(n, x, incX, y, incY) + float64(s.Sdsdot(n, alpha, x, incX, y, incY))
}
func (s single) Nrm2(n int, x []float32, incX int) float32        { return s.Snrm2(n, x, incX) }
func (s single) Asum(n int, x []float32, incX int) float32        { return s.Sasum(n, x, incX) }
func (s single) Scal(n int, alpha float32, x []float32, incX int) { s.Sscal(n, alpha, x, incX) }
func (s single) Axpy(n int, alpha float32, x []float32, incX int, y []float32, incY int) {
	s.Saxpy(n, alpha, x, incX, y, incY)
}
func (s single) Gemv(tA blas.Transpose, m, n int, alpha float32, a []float32, lda int, x []float32, incX int,
	beta float32, y []float32, incY int) {
	s.Sgemv(tA, m, n, alpha, a, lda, x, incX, beta, y, incY)
}
func (s single) Ger(m, n int, alpha float32, x []float32, incX int, y []float32, incY int, a []float32, lda int) {
	s.Sger(m, n, alpha, x, incX, y, incY, a, lda)
}
func (s single) Gemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int,
	beta float32, c []float32, ldc int) {
	s.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}
func (s single) Syrk(ul blas.Uplo, tA blas.Transpose, n, k int, alpha float32, a []float32, lda int, beta float32,
	c []float32, ldc int) {
	s.Ssyrk(ul, tA, n, k, alpha, a, lda, beta, c, ldc)
}

type double struct{ blas.Float64 }

func (d double) Dot(n int, x []float64, incX int, y []float64, incY int) float64 {
	return d.Ddot(n, x, incX, y, incY)
}
func (d double) DotWide(n int, _ float64, x []float64, incX int, y []float64, incY int) float64 {
	return d.Ddot(n, x, incX, y, incY)
}
func (d double) Nrm2(n int, x []float64, incX int) float64        { return d.Dnrm2(n, x, incX) }
func (d double) Asum(n int, x []float64, incX int) float64        { return d.Dasum(n, x, incX) }
func (d double) Scal(n int, alpha float64, x []float64, incX int) { d.Dscal(n, alpha, x, incX) }
func (d double) Axpy(n int, alpha float64, x []float64, incX int, y []float64, incY int) {
	d.Daxpy(n, alpha, x, incX, y, incY)
}
func (d double) Gemv(tA blas.Transpose, m, n int, alpha float64, a []float64, lda int, x []float64, incX int,
	beta float64, y []float64, incY int) {
	d.Dgemv(tA, m, n, alpha, a, lda, x, incX, beta, y, incY)
}
func (d double) Ger(m, n int, alpha float64, x []float64, incX int, y []float64, incY int, a []float64, lda int) {
	d.Dger(m, n, alpha, x, incX, y, incY, a, lda)
}
func (d double) Gemm(tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int,
	beta float64, c []float64, ldc int) {
	d.Dgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}
func (d double) Syrk(ul blas.Uplo, tA blas.Transpose, n, k int, alpha float64, a []float64, lda int, beta float64,
	c []float64, ldc int) {
	d.Dsyrk(ul, tA, n, k, alpha, a, lda, beta, c, ldc)
}

// arguments holds the arguments of all routines. A routine uses those that it has.
type arguments[T simd.Float] struct {
	ul            blas.Uplo
	tA, tB        blas.Transpose
	m, n, k       int
	alpha, beta   T
	lda, ldb, ldc int
	incX, incY    int
	a, b, c, x, y []T
	gap           int // elements between the rows of a matrix
}

// routine is one of the routines: the shapes of its operands, and its call, which returns the sum if there is one.
type routine[T simd.Float] struct {
	name string
	x, y func(p arguments[T]) int
	a    func(p arguments[T]) (rows, cols int)
	b, c func(p arguments[T]) (rows, cols int)
	run  func(r routines[T], p arguments[T]) float64
}

func list[T simd.Float]() []routine[T] {
	m := func(p arguments[T]) int { return p.m }
	n := func(p arguments[T]) int { return p.n }
	flip := func(t blas.Transpose, rows, cols int) (int, int) {
		if t == blas.NoTrans {
			return rows, cols
		}
		return cols, rows
	}
	mn := func(p arguments[T]) (int, int) { return p.m, p.n }
	nn := func(p arguments[T]) (int, int) { return p.n, p.n }
	return []routine[T]{
		{name: "Dot", x: n, y: n, run: func(r routines[T], p arguments[T]) float64 {
			return float64(r.Dot(p.n, p.x, p.incX, p.y, p.incY))
		}},
		{name: "DotWide", x: n, y: n, run: func(r routines[T], p arguments[T]) float64 {
			return r.DotWide(p.n, p.alpha, p.x, p.incX, p.y, p.incY)
		}},
		{name: "Nrm2", x: n, run: func(r routines[T], p arguments[T]) float64 { return float64(r.Nrm2(p.n, p.x, p.incX)) }},
		{name: "Asum", x: n, run: func(r routines[T], p arguments[T]) float64 { return float64(r.Asum(p.n, p.x, p.incX)) }},
		{name: "Axpy", x: n, y: n, run: func(r routines[T], p arguments[T]) float64 {
			r.Axpy(p.n, p.alpha, p.x, p.incX, p.y, p.incY)
			return 0
		}},
		{name: "Scal", x: n, run: func(r routines[T], p arguments[T]) float64 {
			r.Scal(p.n, p.alpha, p.x, p.incX)
			return 0
		}},
		{
			name: "Gemv", a: mn,
			x: func(p arguments[T]) int { _, cols := flip(p.tA, p.m, p.n); return cols },
			y: func(p arguments[T]) int { rows, _ := flip(p.tA, p.m, p.n); return rows },
			run: func(r routines[T], p arguments[T]) float64 {
				r.Gemv(p.tA, p.m, p.n, p.alpha, p.a, p.lda, p.x, p.incX, p.beta, p.y, p.incY)
				return 0
			},
		},
		{name: "Ger", x: m, y: n, a: mn, run: func(r routines[T], p arguments[T]) float64 {
			r.Ger(p.m, p.n, p.alpha, p.x, p.incX, p.y, p.incY, p.a, p.lda)
			return 0
		}},
		{
			name: "Gemm", c: mn,
			a: func(p arguments[T]) (int, int) { return flip(p.tA, p.m, p.k) },
			b: func(p arguments[T]) (int, int) { return flip(p.tB, p.k, p.n) },
			run: func(r routines[T], p arguments[T]) float64 {
				r.Gemm(p.tA, p.tB, p.m, p.n, p.k, p.alpha, p.a, p.lda, p.b, p.ldb, p.beta, p.c, p.ldc)
				return 0
			},
		},
		{
			name: "Syrk", c: nn,
			a: func(p arguments[T]) (int, int) { return flip(p.tA, p.n, p.k) },
			run: func(r routines[T], p arguments[T]) float64 {
				r.Syrk(p.ul, p.tA, p.n, p.k, p.alpha, p.a, p.lda, p.beta, p.c, p.ldc)
				return 0
			},
		},
	}
}

// fill returns p with operands as long as the routine needs, filled by next.
func (q routine[T]) fill(p arguments[T], next func() T) arguments[T] {
	slice := func(n int) []T {
		v := make([]T, max(n, 0))
		for i := range v {
			v[i] = next()
		}
		return v
	}
	vector := func(length func(arguments[T]) int, inc int) []T {
		if length == nil {
			return nil
		}
		return slice((length(p)-1)*max(inc, -inc) + 1)
	}
	matrix := func(shape func(arguments[T]) (int, int)) ([]T, int) {
		if shape == nil {
			return nil, 0
		}
		rows, cols := shape(p)
		ld := max(1, cols+p.gap)
		return slice((rows-1)*ld + cols), ld
	}
	p.x, p.y = vector(q.x, p.incX), vector(q.y, p.incY)
	p.a, p.lda = matrix(q.a)
	p.b, p.ldb = matrix(q.b)
	p.c, p.ldc = matrix(q.c)
	return p
}

// asGonum runs the routine of gonum. Its Ger is wrong at negative increments (gonum issue 2105), so it gets reversed vectors.
func (q routine[T]) asGonum(theirs routines[T], p arguments[T]) float64 {
	if q.name == "Ger" {
		p.x, p.y = slices.Clone(p.x), slices.Clone(p.y)
		if p.incX < 0 {
			slices.Reverse(p.x)
			p.incX = -p.incX
		}
		if p.incY < 0 {
			slices.Reverse(p.y)
			p.incY = -p.incY
		}
	}
	return q.run(theirs, p)
}

// all returns the operands.
func (p arguments[T]) all() [][]T {
	return [][]T{p.a, p.b, p.c, p.x, p.y}
}

// change returns p with copies of the operands whose elements f has changed.
func (p arguments[T]) change(f func(T) T) arguments[T] {
	p.alpha, p.beta = f(p.alpha), f(p.beta)
	for _, v := range []*[]T{&p.a, &p.b, &p.c, &p.x, &p.y} {
		*v = slices.Clone(*v)
		for i, e := range *v {
			(*v)[i] = f(e)
		}
	}
	return p
}

func same[T simd.Float](v T) T      { return v }
func magnitude[T simd.Float](v T) T { return T(math.Abs(float64(v))) }

// integer returns small integers, whose sums and products are exact.
func integer[T simd.Float](r *rand.Rand) func() T { return func() T { return T(r.IntN(9) - 4) } }

func normal[T simd.Float](r *rand.Rand) func() T { return func() T { return T(r.NormFloat64()) } }
