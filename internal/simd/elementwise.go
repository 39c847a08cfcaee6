package simd

import "math"

//go:generate go run -C _asm ./elementwise -dir ..

// kernel is an elementwise operation as dispatch knows it.
type kernel int

const (
	acceleratedFlow kernel = iota
	adaptiveMaximum
	adaptiveMoments
	addX
	clip
	combineX
	divide
	divideByDeviation
	divideByRoot
	linear
	scale
	sign
	signOfAverage
	squareRatio
	subtract
)

// The kernels below work in place, on u and on as many elements of the vectors after it, which must not overlap. The
// coefficients c₀, c₁, … are those that the formula names, rounded to T. a ⊘ b stands for a/b, and for 0 where b = 0.

// AcceleratedFlow is v ← c₀v + c₁x − c₂u,  u ← c₃(x − v).
func AcceleratedFlow[T Float](c []float64, u, x, v []T) {
	x, v = x[:len(u)], v[:len(u)]
	if vector(acceleratedFlow, c, u, x, v) {
		return
	}
	keep, pull, push, move := T(c[0]), T(c[1]), T(c[2]), T(c[3])
	for i, e := range u {
		v[i] = T(keep*v[i]) + T(pull*x[i]) - T(push*e)
		u[i] = move * (x[i] - v[i])
	}
}

// AdaptiveMoments is m ← c₀m + c₂u,  v ← c₁v + c₃u²,  u ← (c₄m + c₅u) ⊘ (√(c₆v + c₇) + c₈).
func AdaptiveMoments[T Float](c []float64, u, m, v []T) {
	m, v = m[:len(u)], v[:len(u)]
	if vector(adaptiveMoments, c, u, m, v) {
		return
	}
	keepM, keepV, addM, addV := T(c[0]), T(c[1]), T(c[2]), T(c[3])
	fromM, fromU, debias, inside, outside := T(c[4]), T(c[5]), T(c[6]), T(c[7]), T(c[8])
	for i, e := range u {
		m[i] = T(keepM*m[i]) + T(addM*e)
		v[i] = T(keepV*v[i]) + T(addV*(e*e))
		u[i] = ratio(T(fromM*m[i])+T(fromU*e), sqrt(T(debias*v[i])+inside)+outside)
	}
}

// AdaptiveMaximum is m ← c₀m + c₂u,  v ← c₁v + c₃u²,  w ← max(w, c₆v),  u ← (c₄m + c₅u) ⊘ (√(c₉w + c₇) + c₈).
func AdaptiveMaximum[T Float](c []float64, u, m, v, w []T) {
	m, v, w = m[:len(u)], v[:len(u)], w[:len(u)]
	if vector(adaptiveMaximum, c, u, m, v, w) {
		return
	}
	keepM, keepV, addM, addV := T(c[0]), T(c[1]), T(c[2]), T(c[3])
	fromM, fromU, before, inside, outside, after := T(c[4]), T(c[5]), T(c[6]), T(c[7]), T(c[8]), T(c[9])
	for i, e := range u {
		m[i] = T(keepM*m[i]) + T(addM*e)
		v[i] = T(keepV*v[i]) + T(addV*(e*e))
		w[i] = max(w[i], before*v[i])
		u[i] = ratio(T(fromM*m[i])+T(fromU*e), sqrt(T(after*w[i])+inside)+outside)
	}
}

// AddX is u ← u + c₀x.
func AddX[T Float](c []float64, u, x []T) {
	x = x[:len(u)]
	if vector(addX, c, u, x) {
		return
	}
	a := T(c[0])
	for i, e := range u {
		u[i] = e + T(a*x[i])
	}
}

// Clip is u ← max(c₀, min(c₁, u)), NaN staying NaN.
func Clip[T Float](c []float64, u []T) {
	if vector(clip, c, u) {
		return
	}
	low, high := T(c[0]), T(c[1])
	for i, e := range u {
		u[i] = max(low, min(high, e))
	}
}

// CombineX is u ← c₀u + c₁x.
func CombineX[T Float](c []float64, u, x []T) {
	x = x[:len(u)]
	if vector(combineX, c, u, x) {
		return
	}
	a, b := T(c[0]), T(c[1])
	for i, e := range u {
		u[i] = T(a*e) + T(b*x[i])
	}
}

// Divide is u ← u ⊘ c₀.
func Divide[T Float](c []float64, u []T) {
	if vector(divide, c, u) {
		return
	}
	by := T(c[0])
	for i, e := range u {
		u[i] = ratio(e, by)
	}
}

// DivideByDeviation is v ← c₀v + c₁u²,  m ← c₀m + c₁u,  u ← u ⊘ (√(max(0, c₂v − (c₂m)²) + c₃) + c₄). The maximum is
// there because rounding can push a variance of 0 below it.
func DivideByDeviation[T Float](c []float64, u, v, m []T) {
	v, m = v[:len(u)], m[:len(u)]
	if vector(divideByDeviation, c, u, v, m) {
		return
	}
	keep, add, debias, inside, outside := T(c[0]), T(c[1]), T(c[2]), T(c[3]), T(c[4])
	for i, e := range u {
		v[i] = T(keep*v[i]) + T(add*(e*e))
		m[i] = T(keep*m[i]) + T(add*e)
		mean := debias * m[i]
		variance := max(0, T(debias*v[i])-T(mean*mean))
		u[i] = ratio(e, sqrt(variance+inside)+outside)
	}
}

// DivideByRoot is v ← c₀v + c₁u²,  u ← u ⊘ (√(c₂v + c₃) + c₄).
func DivideByRoot[T Float](c []float64, u, v []T) {
	v = v[:len(u)]
	if vector(divideByRoot, c, u, v) {
		return
	}
	keep, add, debias, inside, outside := T(c[0]), T(c[1]), T(c[2]), T(c[3]), T(c[4])
	for i, e := range u {
		v[i] = T(keep*v[i]) + T(add*(e*e))
		u[i] = ratio(e, sqrt(T(debias*v[i])+inside)+outside)
	}
}

// Linear is b ← c₀b + c₁u,  u ← c₂b + c₃u.
func Linear[T Float](c []float64, u, b []T) {
	b = b[:len(u)]
	if vector(linear, c, u, b) {
		return
	}
	keep, add, fromB, fromU := T(c[0]), T(c[1]), T(c[2]), T(c[3])
	for i, e := range u {
		b[i] = T(keep*b[i]) + T(add*e)
		u[i] = T(fromB*b[i]) + T(fromU*e)
	}
}

// Scale is u ← c₀u.
func Scale[T Float](c []float64, u []T) {
	if vector(scale, c, u) {
		return
	}
	a := T(c[0])
	for i, e := range u {
		u[i] = a * e
	}
}

// Sign is u ← sign u, where ±0 and NaN stay what they are.
func Sign[T Float](u []T) {
	if vector(sign, nil, u) {
		return
	}
	for i, e := range u {
		u[i] = signOf(e)
	}
}

// SignOfAverage is u ← sign(c₀m + c₁u),  m ← c₂m + c₃u with the u before.
func SignOfAverage[T Float](c []float64, u, m []T) {
	m = m[:len(u)]
	if vector(signOfAverage, c, u, m) {
		return
	}
	fromM, fromU, keep, add := T(c[0]), T(c[1]), T(c[2]), T(c[3])
	for i, e := range u {
		u[i] = signOf(T(fromM*m[i]) + T(fromU*e))
		m[i] = T(keep*m[i]) + T(add*e)
	}
}

// SquareRatio is v ← c₀v + c₁u²,  u ← u√(d + c₂) ⊘ √(v + c₂),  d ← c₀d + c₁u².
func SquareRatio[T Float](c []float64, u, v, d []T) {
	v, d = v[:len(u)], d[:len(u)]
	if vector(squareRatio, c, u, v, d) {
		return
	}
	keep, add, eps := T(c[0]), T(c[1]), T(c[2])
	for i, e := range u {
		v[i] = T(keep*v[i]) + T(add*(e*e))
		e = ratio(e*sqrt(d[i]+eps), sqrt(v[i]+eps))
		d[i] = T(keep*d[i]) + T(add*(e*e))
		u[i] = e
	}
}

// Subtract is u ← u − x.
func Subtract[T Float](u, x []T) {
	x = x[:len(u)]
	if vector(subtract, nil, u, x) {
		return
	}
	for i, e := range u {
		u[i] = e - x[i]
	}
}

// ratio is a ⊘ b.
func ratio[T Float](a, b T) T {
	if b == 0 {
		return 0
	}
	return a / b
}

// signOf is the sign of u, and u itself for ±0 and NaN.
func signOf[T Float](u T) T {
	switch {
	case u > 0:
		return 1
	case u < 0:
		return -1
	default:
		return u
	}
}

func sqrt[T Float](v T) T { return T(math.Sqrt(float64(v))) }
