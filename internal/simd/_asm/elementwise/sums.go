package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// sum is a sum over vectors: the function with this name in package simd. The body returns a and b of the terms ab, or nil for b if the
// terms are a.
type sum struct {
	Name    string
	vectors int // how many it reads
	coeffs  int // how many of c₀, c₁, … it uses
	body    func(e *emitter) (a, b reg.VecVirtual)
}

var sums = []sum{
	{"countAgreeing", 2, 0, func(e *emitter) (a, b reg.VecVirtual) {
		return e.where(e.agreement(e.load(0), e.load(1)), equal, e.one, e.one, e.zero), nil
	}},
	{"distanceSquared", 2, 0, func(e *emitter) (a, b reg.VecVirtual) {
		d := e.sub(e.load(0), e.at(1))
		return d, d
	}},
	{"dotDifference", 3, 0, func(e *emitter) (a, b reg.VecVirtual) {
		return e.load(0), e.sub(e.load(1), e.at(2))
	}},
	{"dotRatio", 3, 1, func(e *emitter) (a, b reg.VecVirtual) {
		return e.load(0), e.ratio(e.load(1), e.add(e.sqrt(e.load(2)), e.c(0)))
	}},
	{"sumAbsLinear", 2, 2, func(e *emitter) (a, b reg.VecVirtual) {
		sum := e.linear(0, e.at(0), 1, e.at(1))
		return e.sub(e.zero, e.binary(e.v.or, sum, e.minus)), nil
	}},
	{"sumSquareRatios", 2, 4, func(e *emitter) (a, b reg.VecVirtual) {
		u := e.load(0)
		v := e.linear(0, e.at(1), 1, e.mul(u, u))
		r := e.ratio(u, e.max(e.sqrt(e.mul(e.c(2), v)), e.c(3)))
		return r, r
	}},
}

// sum writes the function of k: a loop over whole cache lines, whose elements are the terms of the partial sums, in float64.
func (e *emitter) sum(k sum) {
	ctx := e.ctx
	ctx.Function(fmt.Sprintf("%sF%d%s", k.Name, e.bits, e.name))
	ctx.Attributes(attr.NOSPLIT)
	ctx.SignatureExpr(fmt.Sprintf("func(c *float64, v *[]float%d, s *[16]float64) (done int)", e.bits))
	e.loadCoeffs(k.coeffs)
	e.constants()
	e.offset, e.leftover = ctx.GP64(), nil
	list, n := ctx.Load(ctx.Param("v"), ctx.GP64()), ctx.GP64()
	ctx.MOVQ(Mem{Base: list, Disp: 8}, n)
	e.from = nil
	for i := range k.vectors {
		from := ctx.GP64()
		ctx.MOVQ(Mem{Base: list, Disp: 24 * i}, from)
		e.from = append(e.from, from)
	}
	partial := make([]reg.VecVirtual, 64*lineBytes/e.bits/e.bytes)
	for i := range partial {
		partial[i] = e.register()
		ctx.VXORPS(partial[i], partial[i], partial[i])
	}
	ctx.XORQ(e.offset, e.offset)
	done := ctx.GP64()
	ctx.MOVQ(n, done)
	e.loop("lines", n, 8*lineBytes/e.bits, func() {
		for _, from := range e.from {
			ctx.PREFETCHT0(Mem{Base: from, Index: e.offset, Scale: 1, Disp: ahead})
		}
		at := 0
		for e.part = 0; e.part < lineBytes; e.part += e.bytes {
			a, b := k.body(e)
			terms := e.widen(a)
			if b != nil {
				factors := terms
				if b != a {
					factors = e.widen(b)
				}
				for i, term := range terms {
					product := e.register()
					ctx.VMULPD(factors[i], term, product)
					terms[i] = product
				}
			}
			for _, term := range terms {
				ctx.VADDPD(term, partial[at], partial[at])
				at++
			}
		}
		e.part = 0
	})
	ctx.SUBQ(n, done)
	to := ctx.Load(ctx.Param("s"), ctx.GP64())
	for i, p := range partial {
		ctx.VMOVUPD(p, Mem{Base: to, Disp: i * e.bytes})
	}
	ctx.VZEROUPPER()
	ctx.Store(done, ctx.ReturnIndex(0))
	ctx.RET()
}

// widen returns the elements of a register as float64, in one register or in two.
func (e *emitter) widen(v reg.VecVirtual) []reg.VecVirtual {
	if e.bits == 64 {
		return []reg.VecVirtual{v}
	}
	lower, upper := e.register(), e.register()
	e.ctx.VCVTPS2PD(e.half(v), lower)
	e.ctx.VCVTPS2PD(e.upper(v), upper)
	return []reg.VecVirtual{lower, upper}
}
