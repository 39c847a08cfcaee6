package main

import (
	"fmt"
	"slices"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	lineBytes = 64   // of a cache line
	ahead     = 1024 // distance of prefetches, in bytes
)

// The relations of VCMPPS and VCMPPD. All are false if an operand is NaN.
const (
	equal           = 0
	unordered       = 3
	notEqualOrdered = 12
	less            = 17
	notLess         = 29 // and not NaN
	greater         = 30
)

// instructions are the instructions for one element type, in registers of any width.
type instructions struct {
	add, sub, mul, div, max, min, sqrt, cmp, and, or, mov, broadcast func(...Op)
}

// emitter writes code for one element type and machine: mul(a, b) returns a new register that holds the product.
type emitter struct {
	machine
	ctx        *build.Context
	v          instructions
	bits       int // of an element
	oneAt      Mem
	minusAt    Mem
	exponentAt Mem // the bits of an exponent
	zero       reg.VecVirtual
	one        reg.VecVirtual
	minus      reg.VecVirtual // the bit of the sign, −0
	coeffs     []Op
	spilled    []Mem
	x          int             // the place of the parameters among the vectors
	to, from   []reg.GPVirtual // the addresses for stores and loads of each vector; they may differ for the update
	offset     reg.GPVirtual   // of the current cache line or register in each vector, in bytes
	part       int             // of the current register in the line, in bytes
	leftover   Op              // the mask of the elements after the last whole register, nil before them
}

func newFloat32(ctx *build.Context, m machine) *emitter {
	return &emitter{
		machine: m, ctx: ctx, bits: 32, oneAt: ctx.ConstData("one32", F32(1)), minusAt: ctx.ConstData("minus32", U32(1<<31)),
		exponentAt: ctx.ConstData("exponent32", U32(0xff<<23)),
		v: instructions{
			ctx.VADDPS, ctx.VSUBPS, ctx.VMULPS, ctx.VDIVPS, ctx.VMAXPS, ctx.VMINPS, ctx.VSQRTPS, ctx.VCMPPS,
			ctx.VANDPS, ctx.VORPS, ctx.VMOVUPS, ctx.VBROADCASTSS,
		},
	}
}

func newFloat64(ctx *build.Context, m machine) *emitter {
	return &emitter{
		machine: m, ctx: ctx, bits: 64, oneAt: ctx.ConstData("one64", F64(1)), minusAt: ctx.ConstData("minus64", U64(1<<63)),
		exponentAt: ctx.ConstData("exponent64", U64(0x7ff<<52)),
		v: instructions{
			ctx.VADDPD, ctx.VSUBPD, ctx.VMULPD, ctx.VDIVPD, ctx.VMAXPD, ctx.VMINPD, ctx.VSQRTPD, ctx.VCMPPD,
			ctx.VANDPD, ctx.VORPD, ctx.VMOVUPD, ctx.VBROADCASTSD,
		},
	}
}

// kernel writes the function of k with an ending: a loop over cache lines, a loop over registers, and masked code for the last
// elements.
func (e *emitter) kernel(k kernel, end ending) {
	ctx := e.ctx
	ctx.Function(fmt.Sprintf("%s%sF%d%s", k.Name, end.Name, e.bits, e.name))
	ctx.Attributes(attr.NOSPLIT)
	ctx.SignatureExpr(fmt.Sprintf("func(c, m *float64, v *[]float%d, x *float%d) (subnormal bool)", e.bits, e.bits))
	e.loadCoeffs(k.coeffs)
	e.spilled = e.spill("m", 0, end.coeffs)
	e.constants()
	e.offset, e.leftover, e.x = ctx.GP64(), nil, k.vectors
	list, n := ctx.Load(ctx.Param("v"), ctx.GP64()), ctx.GP64()
	ctx.MOVQ(Mem{Base: list, Disp: 8}, n)
	vectors := make([]reg.GPVirtual, 1+k.vectors)
	for i := range vectors {
		vectors[i] = ctx.GP64()
		ctx.MOVQ(Mem{Base: list, Disp: 24 * i}, vectors[i])
	}
	x := ctx.Load(ctx.Param("x"), ctx.GP64()).(reg.GPVirtual)
	e.from, e.to = append(vectors[1:], x), slices.Concat(vectors[:1], vectors[2:], []reg.GPVirtual{x})
	ctx.XORQ(e.offset, e.offset)

	body := func() { end.body(e, k.body(e)) }
	lanes := 8 * e.bytes / e.bits
	e.loop("lines", n, lineBytes/e.bytes*lanes, func() {
		for _, from := range e.from {
			ctx.PREFETCHT0(Mem{Base: from, Index: e.offset, Scale: 1, Disp: ahead})
		}
		for e.part = 0; e.part < lineBytes; e.part += e.bytes {
			body()
		}
		e.part = 0
	})
	if e.bytes < lineBytes {
		e.loop("registers", n, lanes, body)
	}
	ctx.TESTQ(n, n)
	ctx.JEQ(LabelRef("done"))
	e.leftover = e.tail(n)
	body()

	ctx.Label("done")
	ctx.VZEROUPPER()
	e.returnSubnormal()
}

// constants fills the registers of 0, 1 and the bit of the sign.
func (e *emitter) constants() {
	e.zero, e.one, e.minus = e.register(), e.broadcast(e.oneAt), e.broadcast(e.minusAt)
	e.ctx.VXORPS(e.zero, e.zero, e.zero)
}

// returnSubnormal makes the function return the flag of MXCSR that the processor sets if an operand is subnormal, and clears the flag.
// The other flags and the control bits stay.
func (e *emitter) returnSubnormal() {
	const flag = 1
	ctx, status, set := e.ctx, e.ctx.GP32(), e.ctx.GP8()
	var at Mem
	if len(e.spilled) > 0 {
		at = e.spilled[0] // no longer needed
	} else {
		at = ctx.AllocLocal(8)
	}
	ctx.STMXCSR(at)
	ctx.MOVL(at, status)
	ctx.BTRL(Imm(flag), status)
	ctx.SETCS(set)
	ctx.Store(set, ctx.ReturnIndex(0))
	ctx.JCC(LabelRef("clear"))
	ctx.MOVL(status, at)
	ctx.LDMXCSR(at)
	ctx.Label("clear")
	ctx.RET()
}

// loop writes a loop whose rounds take step elements each. It ends when fewer are left, and n is then the number left.
func (e *emitter) loop(label string, n reg.GPVirtual, step int, body func()) {
	e.ctx.SUBQ(Imm(uint64(step)), n)
	e.ctx.JLT(LabelRef("after" + label))
	e.ctx.Instruction(&ir.Instruction{Opcode: "PCALIGN", Operands: []Op{U32(64)}}) // a line of the cache
	e.ctx.Label(label)
	body()
	e.ctx.ADDQ(Imm(uint64(step*e.bits/8)), e.offset)
	e.ctx.SUBQ(Imm(uint64(step)), n)
	e.ctx.JGE(LabelRef(label))
	e.ctx.Label("after" + label)
	e.ctx.ADDQ(Imm(uint64(step)), n)
}

// mostCoeffs is the largest number of coefficients in registers, which AVX2 limits. A kernel with more coefficients holds one fewer,
// because its formula needs the register.
const mostCoeffs = 10

// loadCoeffs loads n coefficients of the kernel into registers, and spills those for which there are no registers.
func (e *emitter) loadCoeffs(n int) {
	e.coeffs = nil
	loaded := n
	if n > mostCoeffs {
		loaded = mostCoeffs - 1
	}
	for i := range loaded {
		e.coeffs = append(e.coeffs, e.coeff("c", i))
	}
	for _, at := range e.spill("c", loaded, n) {
		e.coeffs = append(e.coeffs, at)
	}
}

// spill copies the coefficients from (inclusive) to (exclusive) of a list to memory, since AVX2 has too few registers. The memory is
// aligned, so that no coefficient crosses a cache line.
func (e *emitter) spill(list string, from, to int) (spilled []Mem) {
	if from == to {
		return nil
	}
	memory, aligned := e.ctx.AllocLocal((to-from+1)*e.bytes), e.ctx.GP64()
	e.ctx.LEAQ(memory.Offset(e.bytes-1), aligned)
	e.ctx.ANDQ(I32(-e.bytes), aligned)
	for i := from; i < to; i++ {
		at := Mem{Base: aligned, Disp: (i - from) * e.bytes}
		e.v.mov(e.coeff(list, i), at)
		spilled = append(spilled, at)
	}
	return spilled
}

// coeff returns a coefficient of the list that a parameter points to, rounded to the element type, in every lane.
func (e *emitter) coeff(list string, i int) reg.VecVirtual {
	var from Op = Mem{Base: e.ctx.Load(e.ctx.Param(list), e.ctx.GP64()), Disp: 8 * i}
	if e.bits == 32 {
		rounded := e.ctx.XMM()
		e.ctx.VXORPS(rounded, rounded, rounded) // or the conversion would wait for what the register held
		e.ctx.VCVTSD2SS(from, rounded, rounded)
		from = rounded
	}
	return e.broadcast(from)
}

// at returns an operand for a single instruction: if possible an address, so that the instruction itself loads it.
func (e *emitter) at(vector int) Op {
	at := Mem{Base: e.from[vector], Index: e.offset, Scale: 1, Disp: e.part}
	if e.leftover != nil {
		to := e.register()
		e.loadMasked(at, e.leftover, to)
		return to
	}
	return at
}

// load returns a register with the elements, for use by several instructions.
func (e *emitter) load(vector int) reg.VecVirtual {
	at := e.at(vector)
	to, loaded := at.(reg.VecVirtual)
	if !loaded {
		to = e.register()
		e.v.mov(at, to)
	}
	return to
}

// storeLast is store for numbers of the state that no later instruction reads. It adds an instruction that reads them, so that the
// processor sets its flag if one is subnormal.
func (e *emitter) storeLast(vector int, from reg.VecVirtual) {
	e.store(vector, from)
	e.v.max(from, from, e.register())
}

func (e *emitter) store(vector int, from reg.VecVirtual) {
	at := Mem{Base: e.to[vector], Index: e.offset, Scale: 1, Disp: e.part}
	if e.leftover == nil {
		e.v.mov(from, at)
	} else {
		e.storeMasked(from, e.leftover, at)
	}
}

// c returns the coefficient cᵢ in every lane, and m a coefficient of the ending.
func (e *emitter) c(i int) Op  { return e.coeffs[i] }
func (e *emitter) m(i int) Mem { return e.spilled[i] }

func (e *emitter) broadcast(from Op) reg.VecVirtual {
	to := e.register()
	e.v.broadcast(from, to)
	return to
}

func (e *emitter) add(a, b Op) reg.VecVirtual { return e.binary(e.v.add, a, b) }
func (e *emitter) sub(a, b Op) reg.VecVirtual { return e.binary(e.v.sub, a, b) }

// mul is ab. The instruction takes its second operand from memory alone.
func (e *emitter) mul(a, b Op) reg.VecVirtual {
	if _, stored := a.(Mem); stored {
		a, b = b, a
	}
	return e.binary(e.v.mul, a, b)
}

func (e *emitter) binary(instruction func(...Op), a, b Op) reg.VecVirtual {
	to := e.register()
	instruction(b, a, to)
	return to
}

// where returns yes in the lanes where the relation holds between a and b, and no in the other lanes.
func (e *emitter) where(a Op, relation uint64, b, yes, no Op) reg.VecVirtual {
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

// ratio returns a/b, or 0 where b = 0.
func (e *emitter) ratio(a, b Op) reg.VecVirtual {
	return e.where(b, equal, e.zero, e.zero, e.binary(e.v.div, a, b))
}

// max is Go's max. For two zeros or a NaN the instruction returns its second operand. So max takes both orders of the operands and
// combines the bits of the two results, which gives the right sign of 0 and keeps a NaN.
func (e *emitter) max(a, b Op) reg.VecVirtual {
	larger := e.binary(e.v.and, e.binary(e.v.max, a, b), e.binary(e.v.max, b, a))
	return e.where(a, unordered, b, e.binary(e.v.or, a, b), larger)
}

// min is Go's, by the same means.
func (e *emitter) min(a, b Op) reg.VecVirtual {
	return e.binary(e.v.or, e.binary(e.v.min, a, b), e.binary(e.v.min, b, a))
}

// sign returns 1 with the sign of a, or a itself for zeros and NaN.
func (e *emitter) sign(a reg.VecVirtual) reg.VecVirtual {
	unit := e.binary(e.v.or, e.binary(e.v.and, a, e.minus), e.one)
	return e.where(a, notEqualOrdered, e.zero, unit, a)
}
