package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// kernel is a kernel of package simd, named as its constant there.
type kernel struct {
	Name      string
	vectors   int              // how many it works on
	arguments int              // how many numbers it is given
	sums      int              // how many quantities it sums
	hold      []string         // the constants that stay in registers; the name of a function stands for those that the machine lists for it
	start     func(e *emitter) // before the loop
	body      func(e *emitter) // for a register of each vector
	finish    func(e *emitter) // after the loop
}

var kernels = []kernel{
	{
		Name: "exp", vectors: 2,
		hold: []string{"low", "high", "exp"},
		body: func(e *emitter) { e.store(0, e.exp(e.min("high", e.max("low", e.load(1))))) },
	},
	{Name: "tanh", vectors: 2, hold: []string{"tanhOne", "sign", "reduce"}, body: func(e *emitter) {
		x := e.load(1)
		y := e.binary(e.v.andn, e.inRegister("sign"), x)
		shifted, _, q := e.reduce(e.min("tanhOne", e.add(y, y)), e.c("shift"))
		w := e.powerOf2(shifted)
		m := e.addExact(e.sub(w, e.c("one")), w, q)
		e.store(0, e.or(e.div(m, e.add(m, e.c("two"))), e.and(x, e.c("sign"))))
	}},
	{Name: "sigmoid", vectors: 2, hold: []string{"sign", "expNegative"}, body: func(e *emitter) {
		x := e.load(1)
		v := e.expNegative(e.max("low", e.negativeAbs(x)))
		e.store(0, e.div(e.where(e.negative(x), v, e.inRegister("one")), e.add(v, e.c("one"))))
	}},
	{Name: "softplus", vectors: 2, hold: []string{"sign", "expNegative"}, body: func(e *emitter) {
		x := e.load(1)
		v := e.log1p(e.expNegative(e.max("low", e.negativeAbs(x))))
		zero := e.register()
		e.ctx.VXORPS(zero, zero, zero)
		e.store(0, e.add(e.binary(e.v.max, zero, x), v))
	}},
	{Name: "gelu", vectors: 2, hold: []string{"sign", "expNegative"}, body: func(e *emitter) {
		x := e.load(1)
		v := e.clampGELU(x)
		p, _ := e.geluExp(v)
		e.store(0, e.div(e.where(e.negative(x), e.mul(v, p), x), e.add(p, e.c("one"))))
	}},
	{Name: "geluGradient", vectors: 3, hold: []string{"sign", "expNegative"}, body: func(e *emitter) {
		x := e.clampGELU(e.load(2))
		p, square := e.geluExp(x)
		s := e.div(e.inRegister("one"), e.add(p, e.c("one")))
		ps := e.mul(p, s)
		slope := e.mul(x, e.add(e.mul(square, e.c("geluSlope")), e.c("geluLinear")))
		slope = e.mul(slope, e.mul(ps, s))
		e.store(0, e.mul(e.load(1), e.add(e.where(e.negative(x), ps, s), slope)))
	}},
	{
		Name: "maximum", vectors: 1, arguments: 1,
		start: func(e *emitter) {
			e.largest = nil
			for range e.parts() {
				most := e.register()
				e.v.mov(e.a(0), most)
				e.largest = append(e.largest, most)
			}
		},
		body: func(e *emitter) {
			most := e.largest[e.part]
			e.v.max(most, e.loadOr(0, e.a(0)), most)
		},
		finish: func(e *emitter) {
			for part, most := range e.largest {
				e.v.mov(most, e.arguments.Offset(part*e.bytes))
			}
		},
	},
	{Name: "softmaxGradient", vectors: 3, arguments: 1, body: func(e *emitter) {
		e.store(0, e.mul(e.load(1), e.sub(e.load(2), e.a(0))))
	}},
	{Name: "expSum", vectors: 2, arguments: 1, sums: 1, hold: []string{"low", "expNegative"}, body: func(e *emitter) {
		v := e.expNegative(e.max("low", e.sub(e.load(1), e.a(0))))
		e.store(0, v)
		e.accumulate(0, v)
	}},
	{
		Name: "moments", vectors: 1, arguments: 1, sums: 2,
		start: func(e *emitter) { e.held["first"] = e.doubles(e.a(0))[0] },
		body: func(e *emitter) {
			for i, v := range e.doubles(e.loadOr(0, e.a(0))) {
				d, square := e.register(), e.register()
				e.ctx.VSUBPD(e.held["first"], v, d)
				e.accumulateDoubles(0, i, d)
				e.ctx.VMULPD(d, d, square)
				e.accumulateDoubles(1, i, square)
			}
		},
	},
	{Name: "normalize", vectors: 4, arguments: 2, body: func(e *emitter) {
		h := e.mul(e.sub(e.load(1), e.a(0)), e.a(1))
		e.store(0, e.add(e.mul(h, e.load(2)), e.load(3)))
	}},
	{Name: "addGradients", vectors: 5, arguments: 2, sums: 2, body: func(e *emitter) {
		dy := e.load(2)
		h := e.mul(e.sub(e.load(3), e.a(0)), e.a(1))
		g := e.mul(dy, e.load(4))
		e.store(0, e.add(e.load(0), e.mul(dy, h)))
		e.store(1, e.add(e.load(1), dy))
		e.accumulate(0, g)
		e.accumulate(1, e.mul(g, h))
	}},
	{Name: "unnormalize", vectors: 4, arguments: 4, body: func(e *emitter) {
		h := e.mul(e.sub(e.load(2), e.a(0)), e.a(1))
		g := e.mul(e.load(1), e.load(3))
		e.store(0, e.mul(e.sub(e.sub(g, e.a(2)), e.mul(h, e.a(3))), e.a(1)))
	}},
}

// reduce returns n and q with eˣ = 2ⁿ(1 + q), and n + shift. The operand shift is an integer in the binade of the constant shift, so that
// a sum with it is rounded to an integer. reduce destroys x, as exp and expNegative do.
func (e *emitter) reduce(x reg.VecVirtual, shift Op) (shifted, n, q reg.VecVirtual) {
	shifted = e.add(e.mul(x, e.c("log2e")), shift)
	n = e.sub(shifted, shift)
	r := e.subExact(e.subExact(x, n, e.c("ln2High")), n, e.c("ln2Low"))
	square := e.mul(r, r)
	return shifted, n, e.add(r, e.mul(square, e.polynomial("exp", expTerms[e.bits], r, square)))
}

// exp returns eˣ for x between the constants low and high. Portable code scales by two powers of 2, each with half of the exponent.
// This code scales by 2⁻⁶⁴ (2⁻⁵¹² in float64; the inverse for positive x) and by the rest, or by one instruction for any power.
// The bits are the same, because the first product is exact.
func (e *emitter) exp(x reg.VecVirtual) reg.VecVirtual {
	if e.scale != nil {
		return e.expScaled(x)
	}
	below := e.negative(x)
	shift := e.where(below, e.c("shiftUp"), e.inRegister("shiftDown"))
	return e.expTwice(x, shift, e.where(below, e.c("down"), e.inRegister("up")))
}

// expNegative is exp for x that is not positive.
func (e *emitter) expNegative(x reg.VecVirtual) reg.VecVirtual {
	if e.scale != nil {
		return e.expScaled(x)
	}
	return e.expTwice(x, e.c("shiftUp"), e.c("down"))
}

func (e *emitter) expScaled(x reg.VecVirtual) reg.VecVirtual {
	_, n, q := e.reduce(x, e.c("shift"))
	to := e.register()
	e.scale(e.add(q, e.c("one")), n, to)
	return to
}

func (e *emitter) expTwice(x reg.VecVirtual, shift, factor Op) reg.VecVirtual {
	shifted, _, q := e.reduce(x, shift)
	return e.mul(e.mul(e.add(q, e.c("one")), e.powerOf2(shifted)), factor)
}

// powerOf2 returns 2ⁿ for an integer n in the low bits of a. The bits of the constant shift are shifted out.
func (e *emitter) powerOf2(a reg.VecVirtual) reg.VecVirtual {
	to := e.register()
	e.v.shiftLeft(Imm(uint64(e.exponent)), a, to)
	e.v.addInt(e.c("one"), to, to)
	return to
}

// polynomial returns Σ aᵢxⁱ, the even and the odd terms apart.
func (e *emitter) polynomial(name string, terms int, x, square reg.VecVirtual) reg.VecVirtual {
	horner := func(last int) reg.VecVirtual {
		sum := e.inRegister(term(name, last))
		for i := last - 2; i >= 0; i -= 2 {
			sum = e.add(e.mul(sum, square), e.c(term(name, i)))
		}
		return sum
	}
	even, odd := horner((terms-1)/2*2), horner(terms/2*2-1)
	return e.add(even, e.mul(odd, x))
}

// log1p returns ln(1 + v) for 0 ≤ v ≤ 1.
func (e *emitter) log1p(v reg.VecVirtual) reg.VecVirtual {
	large := e.mask()
	e.v.cmp(Imm(greater), e.c("logSplit"), v, large)
	f := e.where(large, e.sub(e.mul(v, e.c("half")), e.c("half")), v)
	s := e.div(f, e.add(f, e.c("two")))
	z := e.mul(s, s)
	p := e.mul(e.mul(s, z), e.polynomial("log", logTerms[e.bits], z, e.mul(z, z)))
	return e.add(e.add(e.add(s, s), p), e.onlyWhere(large, e.c("ln2")))
}

// clampGELU returns x, but not beyond ±geluEnd.
func (e *emitter) clampGELU(x reg.VecVirtual) reg.VecVirtual {
	below := e.or(e.inRegister("geluEnd"), e.c("sign"))
	return e.min("geluEnd", e.binary(e.v.max, below, x))
}

// geluExp returns exp(−2|u|) and x².
func (e *emitter) geluExp(x reg.VecVirtual) (v, square reg.VecVirtual) {
	square = e.mul(x, x)
	u := e.mul(x, e.add(e.mul(square, e.c("geluCubic")), e.c("geluLinear")))
	return e.expNegative(e.negativeAbs(u)), square
}
