package main

import "github.com/mmcloughlin/avo/reg"

// kernel is an elementwise operation: the function of the same name of package simd.
type kernel struct {
	Name    string
	vectors int // how many it reads, the first being the update, which is 0 to load and store
	coeffs  int // how many of c₀, c₁, … it uses
	body    func(e *emitter)
}

var kernels = []kernel{
	{"acceleratedFlow", 3, 4, func(e *emitter) {
		u, x, v := e.load(0), e.load(1), e.load(2)
		v = e.sub(e.add(e.mul(e.c(0), v), e.mul(e.c(1), x)), e.mul(e.c(2), u))
		e.store(2, v)
		e.store(0, e.mul(e.c(3), e.sub(x, v)))
	}},
	{"adaptiveMaximum", 4, 10, func(e *emitter) {
		numerator, v := e.moments()
		w := e.max(e.load(3), e.mul(e.c(6), v))
		e.store(3, w)
		e.store(0, e.ratio(numerator, e.root(9, w, 7, 8)))
	}},
	{"adaptiveMoments", 3, 9, func(e *emitter) {
		numerator, v := e.moments()
		e.store(0, e.ratio(numerator, e.root(6, v, 7, 8)))
	}},
	{"addX", 2, 1, func(e *emitter) {
		e.store(0, e.add(e.load(0), e.mul(e.c(0), e.load(1))))
	}},
	{"clip", 1, 2, func(e *emitter) {
		e.store(0, e.max(e.c(0), e.min(e.c(1), e.load(0))))
	}},
	{"combineX", 2, 2, func(e *emitter) {
		e.store(0, e.linear(0, e.load(0), 1, e.load(1)))
	}},
	{"divide", 1, 1, func(e *emitter) {
		e.store(0, e.ratio(e.load(0), e.c(0)))
	}},
	{"divideByDeviation", 3, 5, func(e *emitter) {
		u := e.load(0)
		v := e.linear(0, e.load(1), 1, e.mul(u, u))
		m := e.linear(0, e.load(2), 1, u)
		e.store(1, v)
		e.store(2, m)
		mean := e.mul(e.c(2), m)
		variance := e.max(e.zero(), e.sub(e.mul(e.c(2), v), e.mul(mean, mean)))
		e.store(0, e.ratio(u, e.add(e.sqrt(e.add(variance, e.c(3))), e.c(4))))
	}},
	{"divideByRoot", 2, 5, func(e *emitter) {
		u := e.load(0)
		v := e.linear(0, e.load(1), 1, e.mul(u, u))
		e.store(1, v)
		e.store(0, e.ratio(u, e.root(2, v, 3, 4)))
	}},
	{"linear", 2, 4, func(e *emitter) {
		u := e.load(0)
		b := e.linear(0, e.load(1), 1, u)
		e.store(1, b)
		e.store(0, e.linear(2, b, 3, u))
	}},
	{"scale", 1, 1, func(e *emitter) {
		e.store(0, e.mul(e.c(0), e.load(0)))
	}},
	{"sign", 1, 0, func(e *emitter) {
		e.store(0, e.sign(e.load(0)))
	}},
	{"signOfAverage", 2, 4, func(e *emitter) {
		u, m := e.load(0), e.load(1)
		e.store(0, e.sign(e.linear(0, m, 1, u)))
		e.store(1, e.linear(2, m, 3, u))
	}},
	{"squareRatio", 3, 3, func(e *emitter) {
		u, d := e.load(0), e.load(2)
		v := e.linear(0, e.load(1), 1, e.mul(u, u))
		e.store(1, v)
		u = e.ratio(e.mul(u, e.sqrt(e.add(d, e.c(2)))), e.sqrt(e.add(v, e.c(2))))
		e.store(2, e.linear(0, d, 1, e.mul(u, u)))
		e.store(0, u)
	}},
}

// linear is cᵢa + cⱼb.
func (e *emitter) linear(i int, a reg.VecVirtual, j int, b reg.VecVirtual) reg.VecVirtual {
	return e.add(e.mul(e.c(i), a), e.mul(e.c(j), b))
}

// root is √(cᵢa + cⱼ) + cₖ.
func (e *emitter) root(i int, a reg.VecVirtual, j, k int) reg.VecVirtual {
	return e.add(e.sqrt(e.add(e.mul(e.c(i), a), e.c(j))), e.c(k))
}

// moments moves m and v on, and returns c₄m + c₅u and v.
func (e *emitter) moments() (numerator, v reg.VecVirtual) {
	u := e.load(0)
	m := e.linear(0, e.load(1), 2, u)
	e.store(1, m)
	v = e.linear(1, e.load(2), 3, e.mul(u, u))
	e.store(2, v)
	return e.linear(4, m, 5, u), v
}
