package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const registerBytes = 32

// resident is the number of coefficients that stay in registers; those after them are broadcast where they are used.
const resident = 8

// The comparisons of VCMPPS and VCMPPD: a NaN is unequal to everything, or in no order with anything.
const (
	unordered       = 3
	notEqual        = 4
	notEqualOrdered = 12
)

// instructions are those of one element type.
type instructions struct {
	add, sub, mul, div, max, min, sqrt, cmp, and, or, mov, broadcast func(...Op)
	blend                                                            func(mask, b, a, to Op)
	maskmov                                                          func(from, mask, to Op)
}

// emitter writes code for one element type: mul(a, b) returns a new register that holds the product.
type emitter struct {
	ctx      *build.Context
	v        instructions
	bits     int // of an element
	mask     Mem // 32 bytes of ones and then 32 of zeros
	one      Mem
	minus    Mem // the bit of the sign, −0
	coeffs   Mem
	held     []reg.VecVirtual // the first coefficients
	vectors  []reg.GPVirtual
	offset   reg.GPVirtual  // of the elements at hand in each vector, in bytes
	leftover reg.VecVirtual // the mask of the elements after the last whole register, nil before them
}

// tailMask writes the words from which a load at 32 − k gives a mask of the first k bytes.
func tailMask(ctx *build.Context) Mem {
	mask := ctx.StaticGlobal("mask")
	ctx.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range 8 {
		ctx.AddDatum(8*i, U64(0xffffffffffffffff*uint64(1-i/4)))
	}
	return mask
}

func newFloat32(ctx *build.Context, mask Mem) *emitter {
	return &emitter{
		ctx: ctx, bits: 32, mask: mask, one: ctx.ConstData("one32", F32(1)), minus: ctx.ConstData("minus32", U32(1<<31)),
		v: instructions{
			ctx.VADDPS, ctx.VSUBPS, ctx.VMULPS, ctx.VDIVPS, ctx.VMAXPS, ctx.VMINPS, ctx.VSQRTPS, ctx.VCMPPS,
			ctx.VANDPS, ctx.VORPS, ctx.VMOVUPS, ctx.VBROADCASTSS, ctx.VBLENDVPS, ctx.VMASKMOVPS,
		},
	}
}

func newFloat64(ctx *build.Context, mask Mem) *emitter {
	return &emitter{
		ctx: ctx, bits: 64, mask: mask, one: ctx.ConstData("one64", F64(1)), minus: ctx.ConstData("minus64", U64(1<<63)),
		v: instructions{
			ctx.VADDPD, ctx.VSUBPD, ctx.VMULPD, ctx.VDIVPD, ctx.VMAXPD, ctx.VMINPD, ctx.VSQRTPD, ctx.VCMPPD,
			ctx.VANDPD, ctx.VORPD, ctx.VMOVUPD, ctx.VBROADCASTSD, ctx.VBLENDVPD, ctx.VMASKMOVPD,
		},
	}
}

// kernel writes the function of k: a loop over whole registers, and once more the same under a mask for what is left.
func (e *emitter) kernel(k kernel) {
	ctx := e.ctx
	ctx.Function(fmt.Sprintf("%sF%dAVX2", k.Name, e.bits))
	ctx.Attributes(attr.NOSPLIT)
	ctx.SignatureExpr(fmt.Sprintf("func(n int, c *[10]float%[1]d, v *[4]*float%[1]d)", e.bits))
	lanes := 8 * registerBytes / e.bits

	n := ctx.Load(ctx.Param("n"), ctx.GP64()).(reg.GPVirtual)
	e.loadCoeffs(k.coeffs)
	e.vectors, e.offset, e.leftover = nil, ctx.GP64(), nil
	list := ctx.Load(ctx.Param("v"), ctx.GP64())
	for i := range k.vectors {
		e.vectors = append(e.vectors, ctx.GP64())
		ctx.MOVQ(Mem{Base: list, Disp: 8 * i}, e.vectors[i])
	}
	ctx.XORQ(e.offset, e.offset)
	ctx.SUBQ(Imm(uint64(lanes)), n)
	ctx.JLT(LabelRef("rest"))

	ctx.Label("loop")
	k.body(e)
	ctx.ADDQ(Imm(registerBytes), e.offset)
	ctx.SUBQ(Imm(uint64(lanes)), n)
	ctx.JGE(LabelRef("loop"))

	ctx.Label("rest")
	ctx.ADDQ(Imm(uint64(lanes)), n)
	ctx.JEQ(LabelRef("done"))
	e.loadMask(n)
	k.body(e)

	ctx.Label("done")
	ctx.VZEROUPPER()
	ctx.RET()
}

// loadCoeffs broadcasts the first of the n coefficients.
func (e *emitter) loadCoeffs(n int) {
	e.held = nil
	if n == 0 {
		return
	}
	e.coeffs = Mem{Base: e.ctx.Load(e.ctx.Param("c"), e.ctx.GP64())}
	for i := range min(n, resident) {
		e.held = append(e.held, e.broadcast(e.coeffs.Offset(i*e.bits/8)))
	}
}

// loadMask makes the bodies that follow see n elements only. It destroys n.
func (e *emitter) loadMask(n reg.GPVirtual) {
	table := e.ctx.GP64()
	e.ctx.LEAQ(e.mask.Offset(registerBytes), table)
	e.ctx.NEGQ(n)
	e.leftover = e.ctx.YMM()
	e.ctx.VMOVUPS(Mem{Base: table, Index: n, Scale: uint8(e.bits / 8)}, e.leftover)
}

// sumSquares writes the loop of SumSquares over a multiple of 16 elements; four registers hold the sums.
func (e *emitter) sumSquares() {
	ctx := e.ctx
	ctx.Function(fmt.Sprintf("sumSquaresF%dAVX2", e.bits))
	ctx.Attributes(attr.NOSPLIT)
	ctx.SignatureExpr(fmt.Sprintf("func(n int, s *[16]float64, v *float%d)", e.bits))
	n := ctx.Load(ctx.Param("n"), ctx.GP64())
	sums := Mem{Base: ctx.Load(ctx.Param("s"), ctx.GP64())}
	v := ctx.Load(ctx.Param("v"), ctx.GP64())
	acc := []reg.VecVirtual{ctx.YMM(), ctx.YMM(), ctx.YMM(), ctx.YMM()}
	for i, a := range acc {
		ctx.VMOVUPD(sums.Offset(i*registerBytes), a)
	}
	ctx.SUBQ(Imm(16), n)
	ctx.JLT(LabelRef("done"))

	ctx.Label("loop")
	for i, a := range acc {
		t := ctx.YMM()
		if from := (Mem{Base: v, Disp: i * e.bits / 2}); e.bits == 32 {
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
		ctx.VMOVUPD(a, sums.Offset(i*registerBytes))
	}
	ctx.VZEROUPPER()
	ctx.RET()
}

func (e *emitter) at(vector int) Mem {
	return Mem{Base: e.vectors[vector], Index: e.offset, Scale: 1}
}

func (e *emitter) load(vector int) reg.VecVirtual {
	to := e.ctx.YMM()
	if e.leftover == nil {
		e.v.mov(e.at(vector), to)
	} else {
		e.v.maskmov(e.at(vector), e.leftover, to)
	}
	return to
}

func (e *emitter) store(vector int, from reg.VecVirtual) {
	if e.leftover == nil {
		e.v.mov(from, e.at(vector))
	} else {
		e.v.maskmov(from, e.leftover, e.at(vector))
	}
}

// c is the coefficient cᵢ in every lane.
func (e *emitter) c(i int) reg.VecVirtual {
	if i < len(e.held) {
		return e.held[i]
	}
	return e.broadcast(e.coeffs.Offset(i * e.bits / 8))
}

func (e *emitter) broadcast(from Mem) reg.VecVirtual {
	to := e.ctx.YMM()
	e.v.broadcast(from, to)
	return to
}

func (e *emitter) add(a, b reg.VecVirtual) reg.VecVirtual { return e.binary(e.v.add, a, b) }
func (e *emitter) sub(a, b reg.VecVirtual) reg.VecVirtual { return e.binary(e.v.sub, a, b) }
func (e *emitter) mul(a, b reg.VecVirtual) reg.VecVirtual { return e.binary(e.v.mul, a, b) }

func (e *emitter) binary(instruction func(...Op), a, b reg.VecVirtual) reg.VecVirtual {
	to := e.ctx.YMM()
	instruction(b, a, to)
	return to
}

func (e *emitter) compare(a reg.VecVirtual, relation uint64, b reg.VecVirtual) reg.VecVirtual {
	to := e.ctx.YMM()
	e.v.cmp(Imm(relation), b, a, to)
	return to
}

func (e *emitter) sqrt(a reg.VecVirtual) reg.VecVirtual {
	to := e.ctx.YMM()
	e.v.sqrt(a, to)
	return to
}

func (e *emitter) zero() reg.VecVirtual {
	to := e.ctx.YMM()
	e.ctx.VXORPS(to, to, to)
	return to
}

// ratio is a/b, and 0 where b = 0.
func (e *emitter) ratio(a, b reg.VecVirtual) reg.VecVirtual {
	return e.binary(e.v.and, e.binary(e.v.div, a, b), e.compare(b, notEqual, e.zero()))
}

// max is Go's. The instruction returns its second operand for zeros of either sign and where there is a NaN; so both
// orders give both operands, of which the sign bits are joined, and NaN is put in.
func (e *emitter) max(a, b reg.VecVirtual) reg.VecVirtual {
	larger := e.binary(e.v.and, e.binary(e.v.max, a, b), e.binary(e.v.max, b, a))
	return e.binary(e.v.or, larger, e.compare(a, unordered, b))
}

// min is Go's, by the same means; here to join the bits keeps a NaN by itself.
func (e *emitter) min(a, b reg.VecVirtual) reg.VecVirtual {
	return e.binary(e.v.or, e.binary(e.v.min, a, b), e.binary(e.v.min, b, a))
}

// sign is 1 with the sign of a, and a itself for zeros and NaN.
func (e *emitter) sign(a reg.VecVirtual) reg.VecVirtual {
	to := e.ctx.YMM()
	unit := e.binary(e.v.or, e.binary(e.v.and, a, e.broadcast(e.minus)), e.broadcast(e.one))
	e.v.blend(e.compare(a, notEqualOrdered, e.zero()), unit, a, to)
	return to
}
