package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// kernel is an elementwise operation: the function with this name in package simd.
type kernel struct {
	Name    string
	vectors int // how many it reads; vector 0 is the update
	coeffs  int // how many of c₀, c₁, … it uses
	body    func(e *emitter) (u reg.VecVirtual)
}

var kernels = []kernel{
	{"acceleratedFlow", 3, 4, func(e *emitter) reg.VecVirtual {
		u, x, v := e.at(0), e.load(1), e.at(2)
		moved := e.sub(e.add(e.mul(e.c(0), v), e.mul(e.c(1), x)), e.mul(e.c(2), u))
		e.store(2, moved)
		return e.mul(e.c(3), e.sub(x, moved))
	}},
	{"adaptiveMaximum", 4, 10, func(e *emitter) reg.VecVirtual {
		numerator, v := e.moments()
		w := e.max(e.load(3), e.mul(e.c(6), v))
		e.store(3, w)
		return e.ratio(numerator, e.root(9, w, 7, 8))
	}},
	{"adaptiveMoments", 3, 9, func(e *emitter) reg.VecVirtual {
		numerator, v := e.moments()
		return e.ratio(numerator, e.root(6, v, 7, 8))
	}},
	{"averageAhead", 3, 3, func(e *emitter) reg.VecVirtual {
		u := e.sub(e.load(0), e.at(2))
		b := e.sub(e.mul(e.c(0), e.at(1)), e.mul(e.c(1), u))
		e.store(1, b)
		e.storeLast(2, e.mul(e.c(2), b))
		return u
	}},
	{"beliefMoments", 3, 10, func(e *emitter) reg.VecVirtual {
		u := e.load(0)
		m := e.linear(0, e.at(1), 2, u)
		e.store(1, m)
		d := e.sub(u, m)
		v := e.add(e.linear(1, e.at(2), 3, e.mul(d, d)), e.c(9))
		e.store(2, v)
		return e.ratio(e.linear(4, m, 5, u), e.root(6, v, 7, 8))
	}},
	{"clip", 1, 2, func(e *emitter) reg.VecVirtual {
		return e.max(e.c(0), e.min(e.c(1), e.load(0)))
	}},
	{"combineDifference", 3, 2, func(e *emitter) reg.VecVirtual {
		return e.linear(0, e.at(0), 1, e.sub(e.load(1), e.at(2)))
	}},
	{"combineX", 2, 2, func(e *emitter) reg.VecVirtual {
		return e.linear(0, e.at(0), 1, e.at(1))
	}},
	{"decayAgreeing", 2, 1, func(e *emitter) reg.VecVirtual {
		u, x := e.load(0), e.load(1)
		return e.where(e.mul(u, x), notLess, e.zero, e.add(u, e.mul(e.c(0), x)), u)
	}},
	{"differenceMoments", 5, 13, func(e *emitter) reg.VecVirtual {
		u := e.load(0)
		d := e.mul(e.c(12), e.sub(u, e.at(4)))
		e.store(4, u)
		ahead := e.add(u, e.mul(e.c(11), d))
		v := e.linear(4, e.at(3), 5, e.mul(ahead, ahead))
		e.store(3, v)
		n := e.linear(2, e.at(2), 3, d)
		e.store(2, n)
		m := e.linear(0, e.at(1), 1, u)
		e.store(1, m)
		return e.ratio(e.linear(6, m, 7, n), e.root(8, v, 9, 10))
	}},
	{"divide", 1, 1, func(e *emitter) reg.VecVirtual {
		return e.ratio(e.load(0), e.c(0))
	}},
	{"divideByDeviation", 3, 5, func(e *emitter) reg.VecVirtual {
		u := e.load(0)
		v := e.linear(0, e.at(1), 1, e.mul(u, u))
		m := e.linear(0, e.at(2), 1, u)
		e.store(1, v)
		e.store(2, m)
		mean := e.mul(e.c(2), m)
		variance := e.max(e.zero, e.sub(e.mul(e.c(2), v), e.mul(mean, mean)))
		return e.ratio(u, e.add(e.sqrt(e.add(variance, e.c(3))), e.c(4)))
	}},
	{"divideByRoot", 2, 5, func(e *emitter) reg.VecVirtual {
		u := e.load(0)
		v := e.linear(0, e.at(1), 1, e.mul(u, u))
		e.store(1, v)
		return e.ratio(u, e.root(2, v, 3, 4))
	}},
	{"dualAverage", 4, 2, func(e *emitter) reg.VecVirtual {
		s := e.add(e.load(3), e.mul(e.c(0), e.at(0)))
		e.store(3, s)
		return e.mul(e.c(1), e.add(e.sub(e.load(1), e.at(2)), s))
	}},
	{"extrapolate", 2, 1, func(e *emitter) reg.VecVirtual {
		u := e.load(0)
		d := e.sub(u, e.at(1))
		e.store(1, u)
		return e.add(u, e.mul(e.c(0), d))
	}},
	{"flush", 1, 0, func(e *emitter) reg.VecVirtual {
		u, mask, to := e.load(0), e.mask(), e.register()
		e.subnormal(u, e.broadcast(e.exponentAt), e.zero, mask)
		e.blend(mask, e.binary(e.v.and, u, e.minus), u, to)
		return to
	}},
	{"followLeader", 4, 4, func(e *emitter) reg.VecVirtual {
		u, x := e.load(0), e.load(1)
		n := e.add(e.load(2), e.mul(u, u))
		e.store(2, n)
		q := e.add(e.binary(e.v.div, e.add(e.c(1), e.sqrt(n)), e.c(0)), e.c(2))
		v := e.where(x, equal, e.zero, e.load(3), e.binary(e.v.or, e.binary(e.v.and, x, e.minus), e.c(3)))
		t := e.sub(e.add(e.mul(q, x), v), u)
		w := e.max(e.sub(e.zero, e.c(3)), e.min(t, e.c(3)))
		e.store(3, w)
		moved := e.where(w, equal, v, u, e.sub(t, w))
		divided := e.ratio(moved, q)
		return e.where(w, equal, v, divided, e.sub(x, divided))
	}},
	{"keep", 1, 0, func(e *emitter) reg.VecVirtual { return e.load(0) }},
	{"keepAgreeing", 2, 1, func(e *emitter) reg.VecVirtual {
		u := e.load(0)
		return e.where(e.agreement(u, e.load(1)), equal, e.one, e.mul(e.c(0), u), e.zero)
	}},
	{"largestMoment", 3, 6, func(e *emitter) reg.VecVirtual {
		u := e.load(0)
		m := e.linear(0, e.at(1), 1, u)
		e.store(1, m)
		magnitude := e.sub(e.zero, e.binary(e.v.or, u, e.minus))
		w := e.max(e.mul(e.c(2), e.at(2)), e.add(magnitude, e.c(4)))
		e.store(2, w)
		return e.ratio(e.mul(e.c(3), m), e.add(w, e.c(5)))
	}},
	{"linear", 2, 4, func(e *emitter) reg.VecVirtual {
		u := e.load(0)
		b := e.linear(0, e.at(1), 1, u)
		e.store(1, b)
		return e.linear(2, b, 3, u)
	}},
	{"mixedMoments", 4, 10, func(e *emitter) reg.VecVirtual {
		u := e.load(0)
		v := e.linear(1, e.at(2), 3, e.mul(u, u))
		e.store(2, v)
		m := e.linear(0, e.at(1), 2, u)
		e.store(1, m)
		s := e.linear(8, e.at(3), 9, u)
		e.store(3, s)
		return e.ratio(e.linear(4, m, 5, s), e.add(e.sqrt(e.mul(e.c(6), v)), e.c(7)))
	}},
	{"pastMeanSquare", 2, 5, func(e *emitter) reg.VecVirtual {
		u, v := e.load(0), e.load(1)
		divided := e.ratio(u, e.max(e.sqrt(v), e.c(2)))
		e.storeLast(1, e.linear(0, v, 1, e.mul(u, u)))
		return e.max(e.c(3), e.min(e.c(4), divided))
	}},
	{"resilient", 3, 4, func(e *emitter) reg.VecVirtual {
		u, s := e.load(0), e.load(1)
		now := e.where(u, notEqualOrdered, e.zero, e.sign(u), e.zero)
		p, back := e.mul(now, e.at(2)), e.sub(e.zero, e.one)
		grown := e.min(e.c(3), e.max(e.c(2), e.mul(e.c(1), s)))
		shrunk := e.min(e.c(3), e.max(e.c(2), e.mul(e.c(0), s)))
		s = e.where(p, equal, e.one, grown, e.where(p, equal, back, shrunk, s))
		e.store(1, s)
		now = e.where(p, equal, back, e.zero, now)
		e.store(2, now)
		return e.mul(now, s)
	}},
	{"scale", 1, 1, func(e *emitter) reg.VecVirtual {
		return e.mul(e.c(0), e.at(0))
	}},
	{"sign", 1, 0, func(e *emitter) reg.VecVirtual {
		return e.sign(e.load(0))
	}},
	{"signOfAverage", 2, 4, func(e *emitter) reg.VecVirtual {
		u, m := e.load(0), e.load(1)
		sign := e.sign(e.linear(0, m, 1, u))
		e.storeLast(1, e.linear(2, m, 3, u))
		return sign
	}},
	{"slowWeights", 3, 1, func(e *emitter) reg.VecVirtual {
		x, s := e.load(1), e.load(2)
		s = e.add(s, e.mul(e.c(0), e.sub(e.sub(x, e.at(0)), s)))
		e.store(2, s)
		return e.sub(x, s)
	}},
	{"squareRatio", 3, 3, func(e *emitter) reg.VecVirtual {
		u, d := e.load(0), e.load(2)
		v := e.linear(0, e.at(1), 1, e.mul(u, u))
		e.store(1, v)
		u = e.ratio(e.mul(u, e.sqrt(e.add(d, e.c(2)))), e.sqrt(e.add(v, e.c(2))))
		e.storeLast(2, e.linear(0, d, 1, e.mul(u, u)))
		return u
	}},
	{"yogiMoments", 3, 9, func(e *emitter) reg.VecVirtual {
		u, v := e.load(0), e.load(2)
		square := e.mul(u, u)
		step := e.mul(e.c(3), square)
		v = e.where(v, greater, square, e.sub(v, step), e.where(v, less, square, e.add(v, step), v))
		e.store(2, v)
		m := e.linear(0, e.at(1), 2, u)
		e.store(1, m)
		return e.ratio(e.linear(4, m, 5, u), e.root(6, v, 7, 8))
	}},
}

// ending says what a kernel does with its u: store it, or move x by it as simd.Move says.
type ending struct {
	Name   string
	coeffs int // how many of its own it uses
	body   func(e *emitter, u reg.VecVirtual)
}

var endings = []ending{
	{"Stored", 0, func(e *emitter, u reg.VecVirtual) { e.store(0, u) }},
	{"Added", 1, func(e *emitter, u reg.VecVirtual) {
		e.store(e.x, e.add(e.mul(u, e.m(0)), e.at(e.x)))
	}},
	{"Mixed", 3, func(e *emitter, u reg.VecVirtual) {
		x := e.load(e.x)
		e.store(e.x, e.add(x, e.mul(e.add(e.mul(u, e.m(1)), e.mul(x, e.m(2))), e.m(0))))
	}},
}

// linear returns cᵢa + cⱼb.
func (e *emitter) linear(i int, a Op, j int, b Op) reg.VecVirtual {
	return e.add(e.mul(e.c(i), a), e.mul(e.c(j), b))
}

// root returns √(cᵢa + cⱼ) + cₖ.
func (e *emitter) root(i int, a reg.VecVirtual, j, k int) reg.VecVirtual {
	return e.add(e.sqrt(e.add(e.mul(e.c(i), a), e.c(j))), e.c(k))
}

// agreement returns 1 where a and b have the same sign.
func (e *emitter) agreement(a, b reg.VecVirtual) reg.VecVirtual { return e.mul(e.sign(a), e.sign(b)) }

// moments updates m and v, and returns c₄m + c₅u and v.
func (e *emitter) moments() (numerator, v reg.VecVirtual) {
	u := e.load(0)
	m := e.linear(0, e.at(1), 2, u)
	e.store(1, m)
	v = e.linear(1, e.at(2), 3, e.mul(u, u))
	e.store(2, v)
	return e.linear(4, m, 5, u), v
}
