package main

import (
	"fmt"
	"slices"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	lineBytes = 64 // of a cache line
	// ahead is how many bytes before their use a kernel asks memory for elements. Package optim runs one kernel after the
	// other on a short tile, and the processor's own prefetching begins anew with each.
	ahead = 512
)

// The relations of VCMPPS and VCMPPD. A NaN is in no order with anything, nor equal to it.
const (
	equal           = 0
	unordered       = 3
	notEqualOrdered = 12
)

// instructions are those of one element type, in registers of any width.
type instructions struct {
	add, sub, mul, div, max, min, sqrt, cmp, and, or, mov, broadcast func(...Op)
}

// emitter writes code for one element type and machine: mul(a, b) returns a new register that holds the product.
type emitter struct {
	machine
	ctx      *build.Context
	v        instructions
	bits     int // of an element
	one      Mem
	minus    Mem // the bit of the sign, −0
	coeffs   []reg.VecVirtual
	to, from []reg.GPVirtual // where each vector is stored and loaded; the update's places may differ
	offset   reg.GPVirtual   // of the cache line or register at hand in each vector, in bytes
	part     int             // of the register at hand in the line, in bytes
	leftover Op              // the mask of the elements after the last whole register, nil before them
}

func newFloat32(ctx *build.Context, m machine) *emitter {
	return &emitter{
		machine: m, ctx: ctx, bits: 32, one: ctx.ConstData("one32", F32(1)), minus: ctx.ConstData("minus32", U32(1<<31)),
		v: instructions{
			ctx.VADDPS, ctx.VSUBPS, ctx.VMULPS, ctx.VDIVPS, ctx.VMAXPS, ctx.VMINPS, ctx.VSQRTPS, ctx.VCMPPS,
			ctx.VANDPS, ctx.VORPS, ctx.VMOVUPS, ctx.VBROADCASTSS,
		},
	}
}

func newFloat64(ctx *build.Context, m machine) *emitter {
	return &emitter{
		machine: m, ctx: ctx, bits: 64, one: ctx.ConstData("one64", F64(1)), minus: ctx.ConstData("minus64", U64(1<<63)),
		v: instructions{
			ctx.VADDPD, ctx.VSUBPD, ctx.VMULPD, ctx.VDIVPD, ctx.VMAXPD, ctx.VMINPD, ctx.VSQRTPD, ctx.VCMPPD,
			ctx.VANDPD, ctx.VORPD, ctx.VMOVUPD, ctx.VBROADCASTSD,
		},
	}
}

// kernel writes the function of k: a loop over cache lines, one over registers, and what is left under a mask.
func (e *emitter) kernel(k kernel) {
	ctx := e.ctx
	ctx.Function(fmt.Sprintf("%sF%d%s", k.Name, e.bits, e.name))
	ctx.Attributes(attr.NOSPLIT)
	ctx.SignatureExpr(fmt.Sprintf("func(c *float64, v *[]float%d)", e.bits))
	e.loadCoeffs(k.coeffs)
	e.offset, e.leftover = ctx.GP64(), nil
	list, n := ctx.Load(ctx.Param("v"), ctx.GP64()), ctx.GP64()
	ctx.MOVQ(Mem{Base: list, Disp: 8}, n)
	vectors := make([]reg.GPVirtual, 1+k.vectors)
	for i := range vectors {
		vectors[i] = ctx.GP64()
		ctx.MOVQ(Mem{Base: list, Disp: 24 * i}, vectors[i])
	}
	e.from, e.to = vectors[1:], slices.Concat(vectors[:1], vectors[2:])
	ctx.XORQ(e.offset, e.offset)

	lanes := 8 * e.bytes / e.bits
	e.loop("lines", n, lineBytes/e.bytes*lanes, func() {
		for e.part = 0; e.part < lineBytes; e.part += e.bytes {
			k.body(e)
		}
		e.part = 0
	})
	if e.bytes < lineBytes {
		e.loop("registers", n, lanes, func() { k.body(e) })
	}
	ctx.TESTQ(n, n)
	ctx.JEQ(LabelRef("done"))
	e.leftover = e.tail(n)
	k.body(e)

	ctx.Label("done")
	ctx.VZEROUPPER()
	ctx.RET()
}

// loop writes a loop that takes step of the n elements off in each round, while there are so many.
func (e *emitter) loop(label string, n reg.GPVirtual, step int, body func()) {
	e.ctx.SUBQ(Imm(uint64(step)), n)
	e.ctx.JLT(LabelRef("after" + label))
	e.ctx.Label(label)
	body()
	e.ctx.ADDQ(Imm(uint64(step*e.bits/8)), e.offset)
	e.ctx.SUBQ(Imm(uint64(step)), n)
	e.ctx.JGE(LabelRef(label))
	e.ctx.Label("after" + label)
	e.ctx.ADDQ(Imm(uint64(step)), n)
}

// loadCoeffs fills registers with n coefficients, rounded to the element type.
func (e *emitter) loadCoeffs(n int) {
	e.coeffs = nil
	if n == 0 {
		return
	}
	c := Mem{Base: e.ctx.Load(e.ctx.Param("c"), e.ctx.GP64())}
	for i := range n {
		var from Op = c.Offset(8 * i)
		if e.bits == 32 {
			rounded := e.ctx.XMM()
			e.ctx.VXORPS(rounded, rounded, rounded) // or the conversion would wait for what the register held
			e.ctx.VCVTSD2SS(from, rounded, rounded)
			from = rounded
		}
		e.coeffs = append(e.coeffs, e.broadcast(from))
	}
}

// sumSquares writes the loop of SumSquares over a multiple of 16 elements; the sums stay in registers.
func (e *emitter) sumSquares() {
	ctx := e.ctx
	ctx.Function(fmt.Sprintf("sumSquaresF%d%s", e.bits, e.name))
	ctx.Attributes(attr.NOSPLIT)
	ctx.SignatureExpr(fmt.Sprintf("func(n int, s *[16]float64, v *float%d)", e.bits))
	n := ctx.Load(ctx.Param("n"), ctx.GP64())
	sums := Mem{Base: ctx.Load(ctx.Param("s"), ctx.GP64())}
	v := ctx.Load(ctx.Param("v"), ctx.GP64())
	acc := make([]reg.VecVirtual, 16*8/e.bytes)
	for i := range acc {
		acc[i] = e.register()
		ctx.VMOVUPD(sums.Offset(i*e.bytes), acc[i])
	}
	ctx.SUBQ(Imm(16), n)
	ctx.JLT(LabelRef("done"))

	ctx.Label("loop")
	for i, a := range acc {
		t := e.register()
		if from := (Mem{Base: v, Disp: i * e.bytes * e.bits / 64}); e.bits == 32 {
			ctx.VCVTPS2PD(from, t)
		} else {
			ctx.VMOVUPD(from, t)
		}
		ctx.VMULPD(t, t, t)
		ctx.VADDPD(t, a, a)
	}
	ctx.ADDQ(Imm(uint64(2*e.bits)), v)
	ctx.SUBQ(Imm(16), n)
	ctx.JGE(LabelRef("loop"))

	ctx.Label("done")
	for i, a := range acc {
		ctx.VMOVUPD(a, sums.Offset(i*e.bytes))
	}
	ctx.VZEROUPPER()
	ctx.RET()
}

func (e *emitter) load(vector int) reg.VecVirtual {
	at, to := Mem{Base: e.from[vector], Index: e.offset, Scale: 1, Disp: e.part}, e.register()
	if e.leftover == nil {
		if e.part == 0 {
			e.ctx.PREFETCHT0(at.Offset(ahead))
		}
		e.v.mov(at, to)
	} else {
		e.loadMasked(at, e.leftover, to)
	}
	return to
}

func (e *emitter) store(vector int, from reg.VecVirtual) {
	at := Mem{Base: e.to[vector], Index: e.offset, Scale: 1, Disp: e.part}
	if e.leftover == nil {
		e.v.mov(from, at)
	} else {
		e.storeMasked(from, e.leftover, at)
	}
}

// c is the coefficient cᵢ in every lane.
func (e *emitter) c(i int) reg.VecVirtual { return e.coeffs[i] }

func (e *emitter) broadcast(from Op) reg.VecVirtual {
	to := e.register()
	e.v.broadcast(from, to)
	return to
}

func (e *emitter) add(a, b reg.VecVirtual) reg.VecVirtual { return e.binary(e.v.add, a, b) }
func (e *emitter) sub(a, b reg.VecVirtual) reg.VecVirtual { return e.binary(e.v.sub, a, b) }
func (e *emitter) mul(a, b reg.VecVirtual) reg.VecVirtual { return e.binary(e.v.mul, a, b) }

func (e *emitter) binary(instruction func(...Op), a, b reg.VecVirtual) reg.VecVirtual {
	to := e.register()
	instruction(b, a, to)
	return to
}

// where is yes in the lanes where the relation holds between a and b, and no in the others.
func (e *emitter) where(a reg.VecVirtual, relation uint64, b, yes, no reg.VecVirtual) reg.VecVirtual {
	mask, to := e.mask(), e.register()
	e.v.cmp(Imm(relation), b, a, mask)
	e.blend(mask, yes, no, to)
	return to
}

func (e *emitter) sqrt(a reg.VecVirtual) reg.VecVirtual {
	to := e.register()
	e.v.sqrt(a, to)
	return to
}

func (e *emitter) zero() reg.VecVirtual {
	to := e.register()
	e.ctx.VXORPS(to, to, to)
	return to
}

// ratio is a/b, and 0 where b = 0.
func (e *emitter) ratio(a, b reg.VecVirtual) reg.VecVirtual {
	zero := e.zero()
	return e.where(b, equal, zero, zero, e.binary(e.v.div, a, b))
}

// max is Go's. The instruction returns its second operand for zeros of either sign and where there is a NaN; so both
// orders give both operands, of which the sign bits are joined. To join the bits of a NaN with others keeps it NaN.
func (e *emitter) max(a, b reg.VecVirtual) reg.VecVirtual {
	larger := e.binary(e.v.and, e.binary(e.v.max, a, b), e.binary(e.v.max, b, a))
	return e.where(a, unordered, b, e.binary(e.v.or, a, b), larger)
}

// min is Go's, by the same means.
func (e *emitter) min(a, b reg.VecVirtual) reg.VecVirtual {
	return e.binary(e.v.or, e.binary(e.v.min, a, b), e.binary(e.v.min, b, a))
}

// sign is 1 with the sign of a, and a itself for zeros and NaN.
func (e *emitter) sign(a reg.VecVirtual) reg.VecVirtual {
	unit := e.binary(e.v.or, e.binary(e.v.and, a, e.broadcast(e.minus)), e.broadcast(e.one))
	return e.where(a, notEqualOrdered, e.zero(), unit, a)
}
