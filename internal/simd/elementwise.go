package simd

import (
	"math"
	"unsafe"
)

//go:generate go run -C _asm ./elementwise -dir ..

// kernel identifies an elementwise operation to dispatch.
type kernel int

const (
	acceleratedFlow kernel = iota
	adaptiveMaximum
	adaptiveMoments
	averageAhead
	beliefMoments
	clip
	combineDifference
	combineX
	decayAgreeing
	differenceMoments
	divide
	divideByDeviation
	divideByRoot
	dualAverage
	extrapolate
	flush
	followLeader
	keep
	keepAgreeing
	largestMoment
	linear
	mixedMoments
	pastMeanSquare
	resilient
	scale
	sign
	signOfAverage
	slowWeights
	squareRatio
	yogiMoments
)

// Move is the step x ← x + c₀u, or x ← x + c₀(c₁u + c₂x) if Mixes is set.
type Move[T Float] struct {
	X     []T
	Mixes bool
	C     [3]float64
}

// Apply moves x. It does nothing if m is nil.
func (m *Move[T]) Apply(u []T) {
	if m == nil || vector(keep, m, nil, u, u) {
		return
	}
	x, all, ofU, ofX := m.X[:len(u)], T(m.C[0]), T(m.C[1]), T(m.C[2])
	for i, e := range u {
		if m.Mixes {
			e = T(ofU*e) + T(ofX*x[i])
		}
		x[i] += T(all * e)
	}
}

// The comment of the package says what the arguments of the kernels below mean.

// AcceleratedFlow computes v ← c₀v + c₁x − c₂u,  u ← c₃(x − v).
func AcceleratedFlow[T Float](c []float64, u, from, x, v []T, then *Move[T]) {
	c, from, x, v = c[:4], from[:len(u)], x[:len(u)], v[:len(u)]
	if vector(acceleratedFlow, then, c, u, from, x, v) {
		return
	}
	keep, pull, push, move := T(c[0]), T(c[1]), T(c[2]), T(c[3])
	least := smallest[T]()
	for i, e := range from {
		moved := T(keep*v[i]) + T(pull*x[i]) - T(push*e)
		u[i] = move * (x[i] - moved)
		v[i] = flushed(moved, least)
	}
	then.Apply(u)
}

// AdaptiveMoments computes m ← c₀m + c₂u,  v ← c₁v + c₃u²,  u ← (c₄m + c₅u) ⊘ (√(c₆v + c₇) + c₈).
func AdaptiveMoments[T Float](c []float64, u, from, m, v []T, then *Move[T]) {
	c, from, m, v = c[:9], from[:len(u)], m[:len(u)], v[:len(u)]
	if vector(adaptiveMoments, then, c, u, from, m, v) {
		return
	}
	keepM, keepV, addM, addV := T(c[0]), T(c[1]), T(c[2]), T(c[3])
	fromM, fromU, debias, inside, outside := T(c[4]), T(c[5]), T(c[6]), T(c[7]), T(c[8])
	least := smallest[T]()
	for i, e := range from {
		first, second := T(keepM*m[i])+T(addM*e), T(keepV*v[i])+T(addV*(e*e))
		u[i] = ratio(T(fromM*first)+T(fromU*e), sqrt(T(debias*second)+inside)+outside)
		m[i], v[i] = flushed(first, least), flushed(second, least)
	}
	then.Apply(u)
}

// AdaptiveMaximum computes m ← c₀m + c₂u,  v ← c₁v + c₃u²,  w ← max(w, c₆v),  u ← (c₄m + c₅u) ⊘ (√(c₉w + c₇) + c₈).
func AdaptiveMaximum[T Float](c []float64, u, from, m, v, w []T, then *Move[T]) {
	c, from, m, v, w = c[:10], from[:len(u)], m[:len(u)], v[:len(u)], w[:len(u)]
	if vector(adaptiveMaximum, then, c, u, from, m, v, w) {
		return
	}
	keepM, keepV, addM, addV := T(c[0]), T(c[1]), T(c[2]), T(c[3])
	fromM, fromU, before, inside, outside, after := T(c[4]), T(c[5]), T(c[6]), T(c[7]), T(c[8]), T(c[9])
	least := smallest[T]()
	for i, e := range from {
		first, second := T(keepM*m[i])+T(addM*e), T(keepV*v[i])+T(addV*(e*e))
		largest := max(w[i], before*second)
		u[i] = ratio(T(fromM*first)+T(fromU*e), sqrt(T(after*largest)+inside)+outside)
		m[i], v[i], w[i] = flushed(first, least), flushed(second, least), flushed(largest, least)
	}
	then.Apply(u)
}

// AverageAhead computes u ← u − h,  b ← c₀b − c₁u,  h ← c₂b.
func AverageAhead[T Float](c []float64, u, from, b, h []T, then *Move[T]) {
	c, from, b, h = c[:3], from[:len(u)], b[:len(u)], h[:len(u)]
	if vector(averageAhead, then, c, u, from, b, h) {
		return
	}
	keep, add, by := T(c[0]), T(c[1]), T(c[2])
	least := smallest[T]()
	for i, e := range from {
		e -= h[i]
		average := T(keep*b[i]) - T(add*e)
		u[i] = e
		b[i], h[i] = flushed(average, least), flushed(T(by*average), least)
	}
	then.Apply(u)
}

// BeliefMoments computes m ← c₀m + c₂u,  v ← c₁v + c₃(u − m)² + c₉,  u ← (c₄m + c₅u) ⊘ (√(c₆v + c₇) + c₈).
func BeliefMoments[T Float](c []float64, u, from, m, v []T, then *Move[T]) {
	c, from, m, v = c[:10], from[:len(u)], m[:len(u)], v[:len(u)]
	if vector(beliefMoments, then, c, u, from, m, v) {
		return
	}
	keepM, keepV, addM, addV, more := T(c[0]), T(c[1]), T(c[2]), T(c[3]), T(c[9])
	fromM, fromU, debias, inside, outside := T(c[4]), T(c[5]), T(c[6]), T(c[7]), T(c[8])
	least := smallest[T]()
	for i, e := range from {
		first := T(keepM*m[i]) + T(addM*e)
		d := e - first
		second := T(keepV*v[i]) + T(addV*(d*d)) + more
		u[i] = ratio(T(fromM*first)+T(fromU*e), sqrt(T(debias*second)+inside)+outside)
		m[i], v[i] = flushed(first, least), flushed(second, least)
	}
	then.Apply(u)
}

// Clip computes u ← max(c₀, min(c₁, u)). NaN stays NaN.
func Clip[T Float](c []float64, u, from []T, then *Move[T]) {
	c, from = c[:2], from[:len(u)]
	if vector(clip, then, c, u, from) {
		return
	}
	low, high := T(c[0]), T(c[1])
	for i, e := range from {
		u[i] = max(low, min(high, e))
	}
	then.Apply(u)
}

// CombineDifference computes u ← c₀u + c₁(x − a).
func CombineDifference[T Float](c []float64, u, from, x, a []T, then *Move[T]) {
	c, from, x, a = c[:2], from[:len(u)], x[:len(u)], a[:len(u)]
	if vector(combineDifference, then, c, u, from, x, a) {
		return
	}
	ofU, ofDifference := T(c[0]), T(c[1])
	for i, e := range from {
		u[i] = T(ofU*e) + T(ofDifference*(x[i]-a[i]))
	}
	then.Apply(u)
}

// CombineX computes u ← c₀u + c₁x.
func CombineX[T Float](c []float64, u, from, x []T, then *Move[T]) {
	c, from, x = c[:2], from[:len(u)], x[:len(u)]
	if vector(combineX, then, c, u, from, x) {
		return
	}
	a, b := T(c[0]), T(c[1])
	for i, e := range from {
		u[i] = T(a*e) + T(b*x[i])
	}
	then.Apply(u)
}

// DecayAgreeing computes u ← u + c₀x where ux ≥ 0.
func DecayAgreeing[T Float](c []float64, u, from, x []T, then *Move[T]) {
	c, from, x = c[:1], from[:len(u)], x[:len(u)]
	if vector(decayAgreeing, then, c, u, from, x) {
		return
	}
	by := T(c[0])
	for i, e := range from {
		if e*x[i] >= 0 {
			e += T(by * x[i])
		}
		u[i] = e
	}
	then.Apply(u)
}

// DifferenceMoments computes d = c₁₂(u − b),  m ← c₀m + c₁u,  n ← c₂n + c₃d,  v ← c₄v + c₅(u + c₁₁d)²,
// u ← (c₆m + c₇n) ⊘ (√(c₈v + c₉) + c₁₀),  b ← the old u.
func DifferenceMoments[T Float](c []float64, u, from, m, n, v, b []T, then *Move[T]) {
	c, from, m, n, v, b = c[:13], from[:len(u)], m[:len(u)], n[:len(u)], v[:len(u)], b[:len(u)]
	if vector(differenceMoments, then, c, u, from, m, n, v, b) {
		return
	}
	var k [13]T
	for i := range k {
		k[i] = T(c[i])
	}
	least := smallest[T]()
	for i, e := range from {
		d := k[12] * (e - b[i])
		ahead := e + T(k[11]*d)
		first, difference, second := T(k[0]*m[i])+T(k[1]*e), T(k[2]*n[i])+T(k[3]*d), T(k[4]*v[i])+T(k[5]*(ahead*ahead))
		u[i] = ratio(T(k[6]*first)+T(k[7]*difference), sqrt(T(k[8]*second)+k[9])+k[10])
		m[i], n[i], v[i], b[i] = flushed(first, least), flushed(difference, least), flushed(second, least), flushed(e, least)
	}
	then.Apply(u)
}

// Divide computes u ← u ⊘ c₀.
func Divide[T Float](c []float64, u, from []T, then *Move[T]) {
	c, from = c[:1], from[:len(u)]
	if vector(divide, then, c, u, from) {
		return
	}
	by := T(c[0])
	for i, e := range from {
		u[i] = ratio(e, by)
	}
	then.Apply(u)
}

// DivideByDeviation computes v ← c₀v + c₁u²,  m ← c₀m + c₁u,  u ← u ⊘ (√(max(0, c₂v − (c₂m)²) + c₃) + c₄). The maximum is
// needed because rounding can make a variance of 0 negative.
func DivideByDeviation[T Float](c []float64, u, from, v, m []T, then *Move[T]) {
	c, from, v, m = c[:5], from[:len(u)], v[:len(u)], m[:len(u)]
	if vector(divideByDeviation, then, c, u, from, v, m) {
		return
	}
	keep, add, debias, inside, outside := T(c[0]), T(c[1]), T(c[2]), T(c[3]), T(c[4])
	least := smallest[T]()
	for i, e := range from {
		second, first := T(keep*v[i])+T(add*(e*e)), T(keep*m[i])+T(add*e)
		mean := debias * first
		variance := max(0, T(debias*second)-T(mean*mean))
		u[i] = ratio(e, sqrt(variance+inside)+outside)
		v[i], m[i] = flushed(second, least), flushed(first, least)
	}
	then.Apply(u)
}

// DivideByRoot computes v ← c₀v + c₁u²,  u ← u ⊘ (√(c₂v + c₃) + c₄).
func DivideByRoot[T Float](c []float64, u, from, v []T, then *Move[T]) {
	c, from, v = c[:5], from[:len(u)], v[:len(u)]
	if vector(divideByRoot, then, c, u, from, v) {
		return
	}
	keep, add, debias, inside, outside := T(c[0]), T(c[1]), T(c[2]), T(c[3]), T(c[4])
	least := smallest[T]()
	for i, e := range from {
		second := T(keep*v[i]) + T(add*(e*e))
		u[i] = ratio(e, sqrt(T(debias*second)+inside)+outside)
		v[i] = flushed(second, least)
	}
	then.Apply(u)
}

// DualAverage computes s ← s + c₀u,  u ← c₁(x − a + s).
func DualAverage[T Float](c []float64, u, from, x, a, s []T, then *Move[T]) {
	c, from, x, a, s = c[:2], from[:len(u)], x[:len(u)], a[:len(u)], s[:len(u)]
	if vector(dualAverage, then, c, u, from, x, a, s) {
		return
	}
	add, by, least := T(c[0]), T(c[1]), smallest[T]()
	for i, e := range from {
		sum := s[i] + T(add*e)
		u[i] = by * (x[i] - a[i] + sum)
		s[i] = flushed(sum, least)
	}
	then.Apply(u)
}

// Extrapolate computes u ← u + c₀(u − b),  b ← the old u.
func Extrapolate[T Float](c []float64, u, from, b []T, then *Move[T]) {
	c, from, b = c[:1], from[:len(u)], b[:len(u)]
	if vector(extrapolate, then, c, u, from, b) {
		return
	}
	by, least := T(c[0]), smallest[T]()
	for i, e := range from {
		u[i] = e + T(by*(e-b[i]))
		b[i] = flushed(e, least)
	}
	then.Apply(u)
}

// Flush computes u ← u, except that a subnormal u becomes a 0 of the same sign.
func Flush[T Float](u, from []T, then *Move[T]) {
	from = from[:len(u)]
	if vector(flush, then, nil, u, from) {
		return
	}
	least := smallest[T]()
	for i, e := range from {
		u[i] = flushed(e, least)
	}
	then.Apply(u)
}

// FollowLeader computes n ← n + u²,  q = (c₁ + √n)/c₀ + c₂,  v ← c₃·sign(x) where x ≠ 0,  t = qx + v − u,  w = max(−c₃, min(t, c₃)),
// u ← u ⊘ q where w = v, and x − (t − w) ⊘ q elsewhere,  v ← w. It requires c₃ > 0.
func FollowLeader[T Float](c []float64, u, from, x, n, v []T, then *Move[T]) {
	c, from, x, n, v = c[:4], from[:len(u)], x[:len(u)], n[:len(u)], v[:len(u)]
	if vector(followLeader, then, c, u, from, x, n, v) {
		return
	}
	lr, beta, l2, l1 := T(c[0]), T(c[1]), T(c[2]), T(c[3])
	least := smallest[T]()
	for i, e := range from {
		sum, before := n[i]+T(e*e), v[i]
		q := (beta+sqrt(sum))/lr + l2
		if x[i] != 0 {
			before = T(math.Copysign(float64(l1), float64(x[i])))
		}
		to := T(q*x[i]) + before - e
		after := max(-l1, min(to, l1))
		if after == before {
			u[i] = ratio(e, q)
		} else {
			u[i] = x[i] - ratio(to-after, q)
		}
		n[i], v[i] = flushed(sum, least), flushed(after, least)
	}
	then.Apply(u)
}

// KeepAgreeing computes u ← c₀u where u and g have the same sign, and 0 elsewhere.
func KeepAgreeing[T Float](c []float64, u, from, g []T, then *Move[T]) {
	c, from, g = c[:1], from[:len(u)], g[:len(u)]
	if vector(keepAgreeing, then, c, u, from, g) {
		return
	}
	by := T(c[0])
	for i, e := range from {
		if u[i] = 0; agree(e, g[i]) {
			u[i] = by * e
		}
	}
	then.Apply(u)
}

// LargestMoment computes m ← c₀m + c₁u,  w ← max(c₂w, |u| + c₄),  u ← c₃m ⊘ (w + c₅).
func LargestMoment[T Float](c []float64, u, from, m, w []T, then *Move[T]) {
	c, from, m, w = c[:6], from[:len(u)], m[:len(u)], w[:len(u)]
	if vector(largestMoment, then, c, u, from, m, w) {
		return
	}
	keep, add, fade, debias, inside, outside := T(c[0]), T(c[1]), T(c[2]), T(c[3]), T(c[4]), T(c[5])
	least := smallest[T]()
	for i, e := range from {
		first, largest := T(keep*m[i])+T(add*e), max(T(fade*w[i]), T(math.Abs(float64(e)))+inside)
		u[i] = ratio(debias*first, largest+outside)
		m[i], w[i] = flushed(first, least), flushed(largest, least)
	}
	then.Apply(u)
}

// Linear computes b ← c₀b + c₁u,  u ← c₂b + c₃u.
func Linear[T Float](c []float64, u, from, b []T, then *Move[T]) {
	c, from, b = c[:4], from[:len(u)], b[:len(u)]
	if vector(linear, then, c, u, from, b) {
		return
	}
	keep, add, fromB, fromU := T(c[0]), T(c[1]), T(c[2]), T(c[3])
	least := smallest[T]()
	for i, e := range from {
		sum := T(keep*b[i]) + T(add*e)
		u[i] = T(fromB*sum) + T(fromU*e)
		b[i] = flushed(sum, least)
	}
	then.Apply(u)
}

// MixedMoments computes m ← c₀m + c₂u,  v ← c₁v + c₃u²,  s ← c₈s + c₉u,  u ← (c₄m + c₅s) ⊘ (√(c₆v) + c₇).
func MixedMoments[T Float](c []float64, u, from, m, v, s []T, then *Move[T]) {
	c, from, m, v, s = c[:10], from[:len(u)], m[:len(u)], v[:len(u)], s[:len(u)]
	if vector(mixedMoments, then, c, u, from, m, v, s) {
		return
	}
	keepM, keepV, addM, addV, fromM := T(c[0]), T(c[1]), T(c[2]), T(c[3]), T(c[4])
	fromS, debias, outside, keepS, addS := T(c[5]), T(c[6]), T(c[7]), T(c[8]), T(c[9])
	least := smallest[T]()
	for i, e := range from {
		first, second, slow := T(keepM*m[i])+T(addM*e), T(keepV*v[i])+T(addV*(e*e)), T(keepS*s[i])+T(addS*e)
		u[i] = ratio(T(fromM*first)+T(fromS*slow), sqrt(debias*second)+outside)
		m[i], v[i], s[i] = flushed(first, least), flushed(second, least), flushed(slow, least)
	}
	then.Apply(u)
}

// PastMeanSquare computes u ← max(c₃, min(c₄, u ⊘ max(√v, c₂))),  v ← c₀v + c₁u² with the old u.
func PastMeanSquare[T Float](c []float64, u, from, v []T, then *Move[T]) {
	c, from, v = c[:5], from[:len(u)], v[:len(u)]
	if vector(pastMeanSquare, then, c, u, from, v) {
		return
	}
	keep, add, eps, low, high := T(c[0]), T(c[1]), T(c[2]), T(c[3]), T(c[4])
	least := smallest[T]()
	for i, e := range from {
		u[i] = max(low, min(high, ratio(e, max(sqrt(v[i]), eps))))
		v[i] = flushed(T(keep*v[i])+T(add*(e*e)), least)
	}
	then.Apply(u)
}

// Resilient computes p = b·sign u,  s ← min(c₃, max(c₂, c₁s)) where p = 1, and min(c₃, max(c₂, c₀s)) where p = −1,
// b ← sign u, or 0 where p = −1,  u ← bs. Here the sign of 0 and of NaN is 0.
func Resilient[T Float](c []float64, u, from, s, b []T, then *Move[T]) {
	c, from, s, b = c[:4], from[:len(u)], s[:len(u)], b[:len(u)]
	if vector(resilient, then, c, u, from, s, b) {
		return
	}
	shrink, grow, low, high := T(c[0]), T(c[1]), T(c[2]), T(c[3])
	least := smallest[T]()
	for i, e := range from {
		step, now := s[i], T(0)
		if e != 0 && e == e {
			now = signOf(e)
		}
		switch now * b[i] {
		case 1:
			step = min(high, max(low, grow*step))
		case -1:
			step, now = min(high, max(low, shrink*step)), 0
		}
		u[i] = now * step
		s[i], b[i] = flushed(step, least), now
	}
	then.Apply(u)
}

// Scale computes u ← c₀u.
func Scale[T Float](c []float64, u, from []T, then *Move[T]) {
	c, from = c[:1], from[:len(u)]
	if vector(scale, then, c, u, from) {
		return
	}
	a := T(c[0])
	for i, e := range from {
		u[i] = a * e
	}
	then.Apply(u)
}

// Sign computes u ← sign u, where ±0 and NaN stay what they are.
func Sign[T Float](u, from []T, then *Move[T]) {
	from = from[:len(u)]
	if vector(sign, then, nil, u, from) {
		return
	}
	for i, e := range from {
		u[i] = signOf(e)
	}
	then.Apply(u)
}

// SignOfAverage computes u ← sign(c₀m + c₁u),  m ← c₂m + c₃u, both with the old u.
func SignOfAverage[T Float](c []float64, u, from, m []T, then *Move[T]) {
	c, from, m = c[:4], from[:len(u)], m[:len(u)]
	if vector(signOfAverage, then, c, u, from, m) {
		return
	}
	fromM, fromU, keep, add := T(c[0]), T(c[1]), T(c[2]), T(c[3])
	least := smallest[T]()
	for i, e := range from {
		u[i] = signOf(T(fromM*m[i]) + T(fromU*e))
		m[i] = flushed(T(keep*m[i])+T(add*e), least)
	}
	then.Apply(u)
}

// SlowWeights computes s ← s + c₀(x − u − s),  u ← x − s.
func SlowWeights[T Float](c []float64, u, from, x, s []T, then *Move[T]) {
	c, from, x, s = c[:1], from[:len(u)], x[:len(u)], s[:len(u)]
	if vector(slowWeights, then, c, u, from, x, s) {
		return
	}
	by, least := T(c[0]), smallest[T]()
	for i, e := range from {
		slow := s[i] + T(by*(x[i]-e-s[i]))
		u[i] = x[i] - slow
		s[i] = flushed(slow, least)
	}
	then.Apply(u)
}

// SquareRatio computes v ← c₀v + c₁u²,  u ← u√(d + c₂) ⊘ √(v + c₂),  d ← c₀d + c₁u².
func SquareRatio[T Float](c []float64, u, from, v, d []T, then *Move[T]) {
	c, from, v, d = c[:3], from[:len(u)], v[:len(u)], d[:len(u)]
	if vector(squareRatio, then, c, u, from, v, d) {
		return
	}
	keep, add, eps := T(c[0]), T(c[1]), T(c[2])
	least := smallest[T]()
	for i, e := range from {
		second := T(keep*v[i]) + T(add*(e*e))
		e = ratio(e*sqrt(d[i]+eps), sqrt(second+eps))
		u[i] = e
		v[i], d[i] = flushed(second, least), flushed(T(keep*d[i])+T(add*(e*e)), least)
	}
	then.Apply(u)
}

// YogiMoments computes m ← c₀m + c₂u,  v ← v − c₃·sign(v − u²)·u²,  u ← (c₄m + c₅u) ⊘ (√(c₆v + c₇) + c₈).
func YogiMoments[T Float](c []float64, u, from, m, v []T, then *Move[T]) {
	c, from, m, v = c[:9], from[:len(u)], m[:len(u)], v[:len(u)]
	if vector(yogiMoments, then, c, u, from, m, v) {
		return
	}
	keep, add, by := T(c[0]), T(c[2]), T(c[3])
	fromM, fromU, debias, inside, outside := T(c[4]), T(c[5]), T(c[6]), T(c[7]), T(c[8])
	least := smallest[T]()
	for i, e := range from {
		first, second, square := T(keep*m[i])+T(add*e), v[i], T(e*e)
		switch {
		case second > square:
			second -= T(by * square)
		case second < square:
			second += T(by * square)
		}
		u[i] = ratio(T(fromM*first)+T(fromU*e), sqrt(T(debias*second)+inside)+outside)
		m[i], v[i] = flushed(first, least), flushed(second, least)
	}
	then.Apply(u)
}

// flushed returns v, or a 0 of the same sign if v is subnormal (nearer to 0 than the smallest normal number).
func flushed[T Float](v, smallest T) T {
	if v < smallest && -smallest < v {
		return 0 * v
	}
	return v
}

// smallest returns the smallest normal number.
func smallest[T Float]() T {
	if unsafe.Sizeof(T(0)) == 4 {
		return T(math.Float32frombits(1 << 23))
	}
	return T(math.Float64frombits(1 << 52))
}

// ratio returns a ⊘ b.
func ratio[T Float](a, b T) T {
	if b == 0 {
		return 0
	}
	return a / b
}

// signOf returns the sign of u, or u itself for ±0 and NaN.
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

// agree reports whether two numbers have the same sign.
func agree[T Float](a, b T) bool { return a > 0 && b > 0 || a < 0 && b < 0 }

func sqrt[T Float](v T) T { return T(math.Sqrt(float64(v))) }
