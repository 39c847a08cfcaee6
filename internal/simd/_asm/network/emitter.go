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
	constantBytes = 32   // of a constant in memory: a register of AVX2
	ahead         = 1024 // distance of prefetches, in bytes
	greater       = 30   // the comparison of VCMPPS and VCMPPD, false for NaN
)

// The coefficients of the polynomials, by the bits of an element.
var (
	expTerms = map[int]int{32: 5, 64: 10}
	logTerms = map[int]int{32: 3, 64: 7}
)

// instructions are the instructions for one element type, in registers of any width.
type instructions struct {
	add, sub, mul, div, max, min, cmp, and, andn, or, mov, broadcast, addInt, shiftLeft func(...Op)
	addProduct, subProduct                                                              func(...Op) // fused
}

// emitter writes code for one element type and machine: mul(a, b) returns a new register that holds the product.
type emitter struct {
	machine
	ctx            *build.Context
	v              instructions
	bits, exponent int            // of an element; the place of its exponent
	own            map[string]Mem // constants that only the vector code has

	held      map[string]reg.VecVirtual // the constants and arguments in registers
	constants Mem
	arguments Mem
	sums      [2][]reg.VecVirtual // of each quantity, in float64
	largest   []reg.VecVirtual    // so far, for each part of a block
	vectors   []reg.GPVirtual
	offset    reg.GPVirtual     // of the block in each vector, in bytes
	part      int               // the register of the block at hand
	present   func(part int) Op // the masks of the elements after the last whole block, nil before them
}

// filled writes a constant full of v.
func filled(ctx *build.Context, name string, v Constant) Mem {
	all := ctx.StaticGlobal(name)
	ctx.DataAttributes(attr.RODATA | attr.NOPTR)
	for at := 0; at < constantBytes; at += v.Bytes() {
		ctx.AddDatum(at, v)
	}
	return all
}

func newFloat32(ctx *build.Context, m machine) *emitter {
	return &emitter{
		machine: m, ctx: ctx, bits: 32, exponent: 23,
		own: map[string]Mem{
			"one":       filled(ctx, "networkOne32", F32(1)),
			"two":       filled(ctx, "networkTwo32", F32(2)),
			"half":      filled(ctx, "networkHalf32", F32(0.5)),
			"sign":      filled(ctx, "networkSign32", U32(1<<31)),
			"shiftUp":   filled(ctx, "networkShiftUp32", F32(3<<22+64)),
			"shiftDown": filled(ctx, "networkShiftDown32", F32(3<<22-64)),
			"up":        filled(ctx, "networkUp32", F32(0x1p64)),
			"down":      filled(ctx, "networkDown32", F32(0x1p-64)),
		},
		v: instructions{
			ctx.VADDPS, ctx.VSUBPS, ctx.VMULPS, ctx.VDIVPS, ctx.VMAXPS, ctx.VMINPS, ctx.VCMPPS,
			ctx.VANDPS, ctx.VANDNPS, ctx.VORPS, ctx.VMOVUPS, ctx.VBROADCASTSS,
			ctx.VPADDD, ctx.VPSLLD, ctx.VFMADD231PS, ctx.VFNMADD231PS,
		},
	}
}

func newFloat64(ctx *build.Context, m machine) *emitter {
	return &emitter{
		machine: m, ctx: ctx, bits: 64, exponent: 52,
		own: map[string]Mem{
			"one":       filled(ctx, "networkOne64", F64(1)),
			"two":       filled(ctx, "networkTwo64", F64(2)),
			"half":      filled(ctx, "networkHalf64", F64(0.5)),
			"sign":      filled(ctx, "networkSign64", U64(1<<63)),
			"shiftUp":   filled(ctx, "networkShiftUp64", F64(3<<51+512)),
			"shiftDown": filled(ctx, "networkShiftDown64", F64(3<<51-512)),
			"up":        filled(ctx, "networkUp64", F64(0x1p512)),
			"down":      filled(ctx, "networkDown64", F64(0x1p-512)),
		},
		v: instructions{
			ctx.VADDPD, ctx.VSUBPD, ctx.VMULPD, ctx.VDIVPD, ctx.VMAXPD, ctx.VMINPD, ctx.VCMPPD,
			ctx.VANDPD, ctx.VANDNPD, ctx.VORPD, ctx.VMOVUPD, ctx.VBROADCASTSD,
			ctx.VPADDQ, ctx.VPSLLQ, ctx.VFMADD231PD, ctx.VFNMADD231PD,
		},
	}
}

// kernel writes the function of k: a loop over whole blocks, then the same code under masks for the last elements.
func (e *emitter) kernel(k kernel) {
	ctx := e.ctx
	ctx.Function(fmt.Sprintf("%sF%d%s", k.Name, e.bits, e.name))
	ctx.Attributes(attr.NOSPLIT)
	ctx.SignatureExpr("func(n int, c, a, s, v *byte)")

	n := ctx.Load(ctx.Param("n"), ctx.GP64()).(reg.GPVirtual)
	e.constants = Mem{Base: ctx.Load(ctx.Param("c"), ctx.GP64())}
	e.begin(k)
	block := uint64(8 * e.bytes * e.parts() / e.bits)
	ctx.SUBQ(Imm(block), n)
	ctx.JLT(LabelRef("rest"))

	ctx.Instruction(&ir.Instruction{Opcode: "PCALIGN", Operands: []Op{U32(64)}}) // a line of the cache
	ctx.Label("loop")
	e.prefetch()
	e.round(k)
	ctx.ADDQ(U32(uint64(e.bytes*e.parts())), e.offset)
	ctx.SUBQ(Imm(block), n)
	ctx.JGE(LabelRef("loop"))

	ctx.Label("rest")
	ctx.ADDQ(Imm(block), n)
	ctx.JEQ(LabelRef("done"))
	e.present = e.tail(n)
	e.round(k)

	ctx.Label("done")
	e.end(k)
	ctx.VZEROUPPER()
	ctx.RET()
}

// begin loads the constants and arguments that k keeps in registers.
func (e *emitter) begin(k kernel) {
	ctx := e.ctx
	e.held, e.vectors, e.present = make(map[string]reg.VecVirtual), nil, nil
	if k.arguments > 0 {
		e.arguments = Mem{Base: ctx.Load(ctx.Param("a"), ctx.GP64())}
	}
	for i := range k.arguments {
		e.held[argument(i)] = e.broadcast(e.arguments.Offset(i * e.bits / 8))
	}
	for _, name := range k.hold {
		names, several := e.hold[name]
		if !several {
			names = []string{name}
		}
		for _, name := range names {
			e.held[name] = e.inRegister(name)
		}
	}
	if k.sums > 0 {
		from := Mem{Base: ctx.Load(ctx.Param("s"), ctx.GP64())}
		e.eachSum(k, func(sum *reg.VecVirtual, place int) {
			*sum = e.register()
			ctx.VMOVUPD(from.Offset(place), *sum)
		})
	}
	list := ctx.Load(ctx.Param("v"), ctx.GP64())
	for i := range k.vectors {
		e.vectors = append(e.vectors, ctx.GP64())
		ctx.MOVQ(Mem{Base: list, Disp: 8 * i}, e.vectors[i])
	}
	e.offset = ctx.GP64()
	ctx.XORQ(e.offset, e.offset)
	if k.start != nil {
		k.start(e)
	}
}

// round is one block of k.
func (e *emitter) round(k kernel) {
	for e.part = range e.parts() {
		k.body(e)
	}
}

// prefetch prefetches the block of each vector that is used some rounds later.
func (e *emitter) prefetch() {
	for _, v := range e.vectors {
		for line := 0; line < e.bytes*e.parts(); line += 64 {
			e.ctx.PREFETCHT0(Mem{Base: v, Index: e.offset, Scale: 1, Disp: ahead + line})
		}
	}
}

// parts returns the number of registers that a block fills in each vector: 8 elements with AVX2, 16 with AVX-512.
func (e *emitter) parts() int { return e.bits / 32 }

func (e *emitter) end(k kernel) {
	if k.sums > 0 {
		to := Mem{Base: e.ctx.Load(e.ctx.Param("s"), e.ctx.GP64())}
		e.eachSum(k, func(sum *reg.VecVirtual, place int) { e.ctx.VMOVUPD(*sum, to.Offset(place)) })
	}
	if k.finish != nil {
		k.finish(e)
	}
}

// eachSum visits the registers of the 8 partial sums of each quantity of k.
func (e *emitter) eachSum(k kernel, do func(sum *reg.VecVirtual, place int)) {
	for q := range k.sums {
		e.sums[q] = slices.Grow(e.sums[q][:0], 64/e.bytes)[:64/e.bytes]
		for i := range e.sums[q] {
			do(&e.sums[q][i], 64*q+e.bytes*i)
		}
	}
}

func (e *emitter) at(vector int) Mem {
	return Mem{Base: e.vectors[vector], Index: e.offset, Scale: 1, Disp: e.part * e.bytes}
}

// load returns a register of elements, with 0 for missing ones.
func (e *emitter) load(vector int) reg.VecVirtual {
	to := e.register()
	if e.present == nil {
		e.v.mov(e.at(vector), to)
	} else {
		e.loadMasked(e.at(vector), e.present(e.part), to)
	}
	return to
}

// loadOr returns a register of elements, with those of other for missing ones.
func (e *emitter) loadOr(vector int, other reg.VecVirtual) reg.VecVirtual {
	from := e.load(vector)
	if e.present == nil {
		return from
	}
	return e.where(e.present(e.part), from, other)
}

func (e *emitter) store(vector int, from reg.VecVirtual) {
	if e.present == nil {
		e.v.mov(from, e.at(vector))
	} else {
		e.storeMasked(from, e.present(e.part), e.at(vector))
	}
}

// accumulate adds a to the sums of quantity q.
func (e *emitter) accumulate(q int, a reg.VecVirtual) {
	if e.present != nil {
		a = e.onlyWhere(e.present(e.part), a)
	}
	for i, d := range e.doubles(a) {
		e.accumulateDoubles(q, i, d)
	}
}

// accumulateDoubles adds d, result i of doubles, to the sums of quantity q.
func (e *emitter) accumulateDoubles(q, i int, d reg.VecVirtual) {
	sum := e.sums[q][(e.part+i)%len(e.sums[q])]
	e.ctx.VADDPD(d, sum, sum)
}

// doubles returns a in float64: in two registers if a is float32.
func (e *emitter) doubles(a reg.VecVirtual) []reg.VecVirtual {
	if e.bits == 64 {
		return []reg.VecVirtual{a}
	}
	lower, upper := e.halves(a)
	low, high := e.register(), e.register()
	e.ctx.VCVTPS2PD(lower, low)
	e.ctx.VCVTPS2PD(upper, high)
	return []reg.VecVirtual{low, high}
}

// c returns a constant in every lane: a register if the constant is held or must be widened, otherwise its address.
func (e *emitter) c(name string) Op {
	if r, ok := e.held[name]; ok {
		return r
	}
	if e.bytes > constantBytes {
		return e.inRegister(name)
	}
	return e.constant(name)
}

// inRegister returns c in a register.
func (e *emitter) inRegister(name string) reg.VecVirtual {
	if r, ok := e.held[name]; ok {
		return r
	}
	return e.broadcast(e.constant(name))
}

func (e *emitter) constant(name string) Mem {
	if own, ok := e.own[name]; ok {
		return own
	}
	return e.constants.Offset(place(name) * constantBytes)
}

// a returns an argument in every lane.
func (e *emitter) a(i int) reg.VecVirtual { return e.held[argument(i)] }

func argument(i int) string { return fmt.Sprint("argument ", i) }

// layout is the order of the constants in the table of package simd.
var layout = slices.Concat(
	[]string{"low", "high", "log2e", "shift", "ln2High", "ln2Low"}, terms("exp", 10),
	[]string{"tanhOne", "geluEnd", "geluLinear", "geluCubic", "geluSlope", "logSplit", "ln2"}, terms("log", 7),
)

func place(name string) int {
	i := slices.Index(layout, name)
	if i < 0 {
		panic("no constant " + name)
	}
	return i
}

func terms(polynomial string, n int) (names []string) {
	for i := range n {
		names = append(names, term(polynomial, i))
	}
	return names
}

func term(polynomial string, i int) string { return fmt.Sprint(polynomial, " ", i) }

func (e *emitter) broadcast(from Mem) reg.VecVirtual {
	to := e.register()
	e.v.broadcast(from, to)
	return to
}

// The second of two operands may be in memory.

func (e *emitter) add(a, b Op) reg.VecVirtual { return e.binary(e.v.add, a, b) }
func (e *emitter) sub(a, b Op) reg.VecVirtual { return e.binary(e.v.sub, a, b) }
func (e *emitter) mul(a, b Op) reg.VecVirtual { return e.binary(e.v.mul, a, b) }
func (e *emitter) div(a, b Op) reg.VecVirtual { return e.binary(e.v.div, a, b) }
func (e *emitter) and(a, b Op) reg.VecVirtual { return e.binary(e.v.and, a, b) }
func (e *emitter) or(a, b Op) reg.VecVirtual  { return e.binary(e.v.or, a, b) }

// max and min return the maximum and minimum of v and a constant, or v if v is NaN.
func (e *emitter) max(bound string, v Op) reg.VecVirtual {
	return e.binary(e.v.max, e.inRegister(bound), v)
}
func (e *emitter) min(bound string, v Op) reg.VecVirtual {
	return e.binary(e.v.min, e.inRegister(bound), v)
}

func (e *emitter) binary(instruction func(...Op), a, b Op) reg.VecVirtual {
	to := e.register()
	instruction(b, a, to)
	return to
}

// addExact and subExact compute sum ± ab for an exact product ab, so that a fused instruction gives the bits of two operations.
// They destroy sum.
func (e *emitter) addExact(sum, a reg.VecVirtual, b Op) reg.VecVirtual {
	e.v.addProduct(b, a, sum)
	return sum
}
func (e *emitter) subExact(sum, a reg.VecVirtual, b Op) reg.VecVirtual {
	e.v.subProduct(b, a, sum)
	return sum
}

// where returns yes where the mask is set, else no.
func (e *emitter) where(mask, yes, no Op) reg.VecVirtual {
	to := e.register()
	e.blend(mask, yes, no, to)
	return to
}

// onlyWhere returns a where the mask is set, else 0.
func (e *emitter) onlyWhere(mask, a Op) reg.VecVirtual {
	to := e.register()
	e.only(mask, a, to)
	return to
}

// negativeAbs returns −|a|.
func (e *emitter) negativeAbs(a reg.VecVirtual) reg.VecVirtual { return e.or(a, e.c("sign")) }
