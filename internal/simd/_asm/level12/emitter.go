package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const registerBytes = 32

// instructions are the instructions for one element type.
type instructions struct {
	add, mul, fma, and, or, mov, broadcast func(...Op)
	horizontal                             func(b, a, to Op)
	maskmov                                func(from, mask, to Op)
}

// form is the type of the elements of the vectors.
type form int

const (
	plain form = iota // the type of their sums
	wide              // float32, with sums of float64
	half              // float32, and matrices of bfloat16
)

// emitter writes code for one element type.
type emitter struct {
	ctx    *build.Context
	v      instructions
	bits   int // of an element of a sum
	form       // of the vectors
	mask   Mem // 32 bytes of ones and then 32 of zeros
	words  Mem // the table with which VPSHUFB shifts 16 bytes down by 2k bytes
	abs    Mem // all bits of an element but its sign
	offset reg.GPVirtual
}

// tailMask writes the words from which a load at 32 − k gives a mask of the first k bytes.
func tailMask(ctx *build.Context) Mem {
	mask := ctx.StaticGlobal("tail")
	ctx.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range 8 {
		ctx.AddDatum(8*i, U64(0xffffffffffffffff*uint64(1-i/4)))
	}
	return mask
}

func newFloat32(ctx *build.Context, mask Mem) *emitter {
	return &emitter{
		ctx: ctx, bits: 32, mask: mask, abs: ctx.ConstData("abs32", U32(1<<31-1)),
		v: instructions{
			ctx.VADDPS, ctx.VMULPS, ctx.VFMADD231PS, ctx.VANDPS, ctx.VORPS, ctx.VMOVUPS, ctx.VBROADCASTSS, ctx.VHADDPS, ctx.VMASKMOVPS,
		},
	}
}

func newFloat64(ctx *build.Context, mask Mem) *emitter {
	return &emitter{
		ctx: ctx, bits: 64, mask: mask, abs: ctx.ConstData("abs64", U64(1<<63-1)),
		v: instructions{
			ctx.VADDPD, ctx.VMULPD, ctx.VFMADD231PD, ctx.VANDPD, ctx.VORPD, ctx.VMOVUPD, ctx.VBROADCASTSD, ctx.VHADDPD, ctx.VMASKMOVPD,
		},
	}
}

// widened returns an emitter for float64 sums of float32 elements, four to a register.
func (e emitter) widened() *emitter {
	e.form, e.v.maskmov = wide, e.ctx.VMASKMOVPS
	return &e
}

// halved returns an emitter for matrices of bfloat16.
func (e emitter) halved() *emitter {
	e.form, e.words = half, e.ctx.StaticGlobal("words")
	e.ctx.DataAttributes(attr.RODATA | attr.NOPTR)
	for i, bytes := range []uint64{0x0706050403020100, 0x0f0e0d0c0b0a0908, 0x8080808080808080, 0x8080808080808080} { // then zeros
		e.ctx.AddDatum(8*i, U64(bytes))
	}
	return &e
}

// lanes returns how many elements a register holds.
func (e *emitter) lanes() int { return 8 * registerBytes / e.bits }

// size returns the size of an element in memory, in bytes.
func (e *emitter) size() int {
	if e.form == wide {
		return 4
	}
	return e.bits / 8
}

// function writes kernel k and returns the declaration of its stub.
func (e *emitter) function(k kernel) string {
	signature := fmt.Sprintf(k.signature, 8*e.size())
	name := fmt.Sprintf("%sF%dAVX2", k.name, 8*e.size())
	if e.form == half {
		name = k.name + "BF16AVX2"
	}
	e.ctx.Function(name)
	e.ctx.Attributes(attr.NOSPLIT)
	e.ctx.SignatureExpr("func" + signature)
	e.offset = e.ctx.GP64()
	k.body(e)
	return fmt.Sprintf("\n//go:noescape\nfunc %s%s\n", name, signature)
}

func (e *emitter) param(name string) reg.GPVirtual {
	return e.ctx.Load(e.ctx.Param(name), e.ctx.GP64()).(reg.GPVirtual)
}

// scalar broadcasts a parameter.
func (e *emitter) scalar(name string) reg.VecVirtual {
	address, err := e.ctx.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return e.broadcast(address.Addr)
}

func (e *emitter) broadcast(from Mem) reg.VecVirtual {
	to := e.ctx.YMM()
	e.v.broadcast(from, to)
	return to
}

// at returns the address of the element at the current offset, plus disp registers.
func (e *emitter) at(vector reg.GPVirtual, disp int) Mem {
	return Mem{Base: vector, Index: e.offset, Scale: 1, Disp: disp * e.lanes() * e.size()}
}

// sweep calls body for n elements from left to right. body gets the number of elements to take at once and their position in
// registers: four whole registers while that many are left, then two, one, a half, down to one element.
func (e *emitter) sweep(n reg.GPVirtual, body func(count, disp int)) {
	ctx, lanes := e.ctx, e.lanes()
	ctx.XORQ(e.offset, e.offset)
	ctx.SUBQ(U32(4*lanes), n)
	ctx.JLT(LabelRef("rest"))
	ctx.Label("loop")
	for i := range 4 {
		body(lanes, i)
	}
	ctx.ADDQ(U32(4*registerBytes), e.offset)
	ctx.SUBQ(U32(4*lanes), n)
	ctx.JGE(LabelRef("loop"))

	ctx.Label("rest") // n is the number left minus 4·lanes; the bits tested below are the same
	for count := 2 * lanes; count > 0; count /= 2 {
		next := fmt.Sprintf("under%d", count)
		ctx.TESTQ(U32(count), n)
		ctx.JEQ(LabelRef(next))
		for i := range max(1, count/lanes) {
			body(min(count, lanes), i)
		}
		if count > 1 {
			ctx.ADDQ(Imm(uint64(count*e.size())), e.offset)
		}
		ctx.Label(next)
	}
}

// load returns count elements, the rest of the register being 0.
func (e *emitter) load(from Mem, count int) reg.VecVirtual {
	to := e.ctx.YMM()
	switch count * e.size() {
	case 32:
		e.v.mov(from, to)
	case 16:
		e.v.mov(from, to.AsX())
	case 8:
		e.ctx.VMOVSD(from, to.AsX())
	case 4:
		e.ctx.VMOVSS(from, to.AsX())
	}
	return to
}

func (e *emitter) store(v reg.VecVirtual, to Mem, count int) {
	switch count * e.size() {
	case 32:
		e.v.mov(v, to)
	case 16:
		e.v.mov(v.AsX(), to)
	case 8:
		e.ctx.VMOVSD(v.AsX(), to)
	case 4:
		e.ctx.VMOVSS(v.AsX(), to)
	}
}

// accumulate calls step for n elements from left to right, a register at a time. Registers go to the sums 0, 1, … in turn. The
// mask is nil, except in a last step with less than a register left. accumulate destroys n.
func (e *emitter) accumulate(n reg.GPVirtual, sums int, step func(sum, disp int, mask reg.VecVirtual)) {
	ctx, lanes := e.ctx, e.lanes()
	bytes := lanes * e.size()
	ctx.XORQ(e.offset, e.offset)
	ctx.SUBQ(Imm(uint64(sums*lanes)), n)
	ctx.JLT(LabelRef("rest"))

	ctx.Label("loop")
	for i := range sums {
		step(i, i, nil)
	}
	ctx.ADDQ(U32(sums*bytes), e.offset)
	ctx.SUBQ(Imm(uint64(sums*lanes)), n)
	ctx.JGE(LabelRef("loop"))

	ctx.Label("rest")
	ctx.ADDQ(Imm(uint64(sums*lanes)), n)
	ctx.JEQ(LabelRef("total"))
	for i := range sums - 1 {
		ctx.SUBQ(Imm(uint64(lanes)), n)
		ctx.JLT(LabelRef(fmt.Sprintf("tail%d", i)))
		step(i, 0, nil)
		ctx.TESTQ(n, n)
		ctx.JEQ(LabelRef("total"))
		ctx.ADDQ(Imm(uint64(bytes)), e.offset)
	}
	ctx.SUBQ(Imm(uint64(lanes)), n)
	for i := sums - 1; i >= 0; i-- {
		ctx.Label(fmt.Sprintf("tail%d", i))
		step(i, 0, e.maskOf(n))
		if i > 0 {
			ctx.JMP(LabelRef("total"))
		}
	}
	ctx.Label("total")
}

// maskOf returns the mask of the first n + lanes elements, for negative n. It destroys n.
func (e *emitter) maskOf(n reg.GPVirtual) reg.VecVirtual {
	mask, table := e.ctx.YMM(), e.ctx.GP64()
	e.ctx.LEAQ(e.mask.Offset(registerBytes-e.lanes()*e.size()), table)
	e.ctx.NEGQ(n)
	e.ctx.VMOVUPS(Mem{Base: table, Index: n, Scale: uint8(e.size())}, mask)
	return mask
}

// fetch returns a register of elements, those outside the mask being 0.
func (e *emitter) fetch(from Mem, mask reg.VecVirtual) reg.VecVirtual {
	to := e.ctx.YMM()
	switch {
	case mask == nil && e.form == wide:
		e.ctx.VCVTPS2PD(from, to)
	case mask == nil:
		e.v.mov(from, to)
	case e.form == wide:
		e.v.maskmov(from, mask.AsX(), to.AsX())
		e.ctx.VCVTPS2PD(to.AsX(), to)
	default:
		e.v.maskmov(from, mask, to)
	}
	return to
}

// zeros returns n registers of sums.
func (e *emitter) zeros(n int) (sums []reg.VecVirtual) {
	for i := range n {
		sums = append(sums, e.ctx.YMM())
		e.ctx.VXORPS(sums[i], sums[i], sums[i])
	}
	return sums
}

func (e *emitter) binary(instruction func(...Op), a, b reg.VecVirtual) reg.VecVirtual {
	to := e.ctx.YMM()
	instruction(b, a, to)
	return to
}

func (e *emitter) mul(a, b reg.VecVirtual) reg.VecVirtual { return e.binary(e.v.mul, a, b) }
func (e *emitter) add(a, b reg.VecVirtual) reg.VecVirtual { return e.binary(e.v.add, a, b) }

// horizontal adds neighbors. Sums of a and of b alternate every 16 bytes.
func (e *emitter) horizontal(a, b reg.VecVirtual) reg.VecVirtual {
	to := e.ctx.YMM()
	e.v.horizontal(b, a, to)
	return to
}

// fold adds the second half of the registers to the first half until one is left, and returns it.
func (e *emitter) fold(sums []reg.VecVirtual) reg.VecVirtual {
	for half := len(sums) / 2; half > 0; half /= 2 {
		for i := range half {
			e.v.add(sums[half+i], sums[i], sums[i])
		}
	}
	return sums[0]
}

// total adds the second half of a register to the first half until one element is left, and stores it as a result of the function.
func (e *emitter) total(v reg.VecVirtual, result int) {
	ctx, high := e.ctx, e.ctx.XMM()
	ctx.VEXTRACTF128(Imm(1), v, high)
	e.v.add(high, v.AsX(), v.AsX())
	if e.bits == 32 {
		ctx.VMOVHLPS(v.AsX(), v.AsX(), high)
		e.v.add(high, v.AsX(), v.AsX())
		ctx.VMOVSHDUP(v.AsX(), high)
	} else {
		ctx.VUNPCKHPD(v.AsX(), v.AsX(), high)
	}
	e.v.add(high, v.AsX(), v.AsX())
	ctx.Store(v.AsX(), ctx.ReturnIndex(result))
}

// totals is total for four registers at once. It returns the four sums in one register: a whole YMM register of float64, or the
// low half of a register of float32.
func (e *emitter) totals(a, b, c, d reg.VecVirtual) reg.VecVirtual {
	ac, bd := e.halves(a, c), e.halves(b, d)
	if e.bits == 64 {
		return e.horizontal(ac, bd)
	}
	low, high := e.ctx.YMM(), e.ctx.YMM()
	e.ctx.VSHUFPS(Imm(0x44), bd, ac, low)
	e.ctx.VSHUFPS(Imm(0xee), bd, ac, high)
	t := e.add(low, high)
	t = e.horizontal(t, t)
	e.ctx.VEXTRACTF128(Imm(1), t, high.AsX())
	e.ctx.VUNPCKLPD(high.AsX(), t.AsX(), t.AsX())
	return t
}

// halves adds the second half of a to its first half, does the same for c, and returns both sums in one register.
func (e *emitter) halves(a, c reg.VecVirtual) reg.VecVirtual {
	first, second := e.ctx.YMM(), e.ctx.YMM()
	e.ctx.VPERM2F128(Imm(0x20), c, a, first)
	e.ctx.VPERM2F128(Imm(0x31), c, a, second)
	return e.add(first, second)
}

func (e *emitter) end() {
	e.ctx.VZEROUPPER()
	e.ctx.RET()
}
