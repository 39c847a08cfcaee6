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
	registerBytes = 32
	block         = 8 // elements in a round of the loop: one register of float32, two of float64
	allOnes       = 0xffffffffffffffff
	greater       = 30 // the comparison of VCMPPS and VCMPPD, false for NaN
)

// instructions are those of one element type.
type instructions struct {
	add, sub, mul, div, max, min, cmp, and, andn, or, mov, broadcast, addInt, shiftLeft func(...Op)
	blend                                                                               func(mask, b, a, to Op)
	maskmov                                                                             func(from, mask, to Op)
}

// emitter writes code for one element type: mul(a, b) returns a new register that holds the product.
type emitter struct {
	ctx                *build.Context
	v                  instructions
	bits, exponent     int            // of an element; the place of its exponent
	expTerms, logTerms int            // the coefficients of the polynomials
	mask               Mem            // 64 bytes of ones and then 64 of zeros
	own                map[string]Mem // constants that only the vector code has

	held      map[string]reg.VecVirtual // the constants and arguments in registers
	constants Mem
	arguments Mem
	sums      [2][2]reg.VecVirtual // of each quantity, in float64
	vectors   []reg.GPVirtual
	offset    reg.GPVirtual // of the block in each vector, in bytes
	part      int           // the register of the block at hand
	tail      reg.GPVirtual // where the masks of the elements after the last whole block are, nil before them
}

// tailMask writes the words from which a load at 64 − k gives a mask of the first k bytes.
func tailMask(ctx *build.Context) Mem {
	mask := ctx.StaticGlobal("networkMask")
	ctx.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range 16 {
		ctx.AddDatum(8*i, U64(allOnes*uint64(1-i/8)))
	}
	return mask
}

// filled writes a register full of v.
func filled(ctx *build.Context, name string, v Constant) Mem {
	all := ctx.StaticGlobal(name)
	ctx.DataAttributes(attr.RODATA | attr.NOPTR)
	for at := 0; at < registerBytes; at += v.Bytes() {
		ctx.AddDatum(at, v)
	}
	return all
}

func newFloat32(ctx *build.Context, mask Mem) *emitter {
	return &emitter{
		ctx: ctx, bits: 32, exponent: 23, expTerms: 5, logTerms: 3, mask: mask,
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
			ctx.VPADDD, ctx.VPSLLD, ctx.VBLENDVPS, ctx.VMASKMOVPS,
		},
	}
}

func newFloat64(ctx *build.Context, mask Mem) *emitter {
	return &emitter{
		ctx: ctx, bits: 64, exponent: 52, expTerms: 10, logTerms: 7, mask: mask,
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
			ctx.VPADDQ, ctx.VPSLLQ, ctx.VBLENDVPD, ctx.VMASKMOVPD,
		},
	}
}

// kernel writes the function of k: a loop over whole blocks, and once more the same under masks for what is left.
func (e *emitter) kernel(k kernel) {
	ctx := e.ctx
	ctx.Function(fmt.Sprintf("%sF%dAVX2", k.Name, e.bits))
	ctx.Attributes(attr.NOSPLIT)
	ctx.SignatureExpr("func(n int, c, a, s, v *byte)")

	n := ctx.Load(ctx.Param("n"), ctx.GP64()).(reg.GPVirtual)
	e.constants = Mem{Base: ctx.Load(ctx.Param("c"), ctx.GP64())}
	e.begin(k)
	ctx.SUBQ(Imm(block), n)
	ctx.JLT(LabelRef("rest"))

	ctx.Label("loop")
	e.round(k)
	ctx.ADDQ(Imm(uint64(block*e.bits/8)), e.offset)
	ctx.SUBQ(Imm(block), n)
	ctx.JGE(LabelRef("loop"))

	ctx.Label("rest")
	ctx.ADDQ(Imm(block), n)
	ctx.JEQ(LabelRef("done"))
	e.loadTail(n)
	e.round(k)

	ctx.Label("done")
	e.end(k)
	ctx.VZEROUPPER()
	ctx.RET()
}

// begin loads what the rounds of k find in registers.
func (e *emitter) begin(k kernel) {
	ctx := e.ctx
	e.held, e.vectors, e.tail = make(map[string]reg.VecVirtual), nil, nil
	if k.arguments > 0 {
		e.arguments = Mem{Base: ctx.Load(ctx.Param("a"), ctx.GP64())}
	}
	for i := range k.arguments {
		e.held[argument(i)] = e.broadcast(e.arguments.Offset(i * e.bits / 8))
	}
	for _, name := range k.hold {
		e.held[name] = e.register(name)
	}
	if k.sums > 0 {
		from := Mem{Base: ctx.Load(ctx.Param("s"), ctx.GP64())}
		e.eachSum(k, func(sum *reg.VecVirtual, place int) {
			*sum = ctx.YMM()
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
	for e.part = range block * e.bits / 8 / registerBytes {
		k.body(e)
	}
}

func (e *emitter) end(k kernel) {
	if k.sums > 0 {
		to := Mem{Base: e.ctx.Load(e.ctx.Param("s"), e.ctx.GP64())}
		e.eachSum(k, func(sum *reg.VecVirtual, place int) { e.ctx.VMOVUPD(*sum, to.Offset(place)) })
	}
	if k.finish != nil {
		k.finish(e)
	}
}

func (e *emitter) eachSum(k kernel, do func(sum *reg.VecVirtual, place int)) {
	for q := range k.sums {
		for half := range 2 {
			do(&e.sums[q][half], (2*q+half)*registerBytes)
		}
	}
}

// loadTail makes the round that follows see n elements only. It destroys n.
func (e *emitter) loadTail(n reg.GPVirtual) {
	table := e.ctx.GP64()
	e.ctx.LEAQ(e.mask.Offset(2*registerBytes), table)
	e.ctx.SHLQ(Imm(uint64(e.bits/32+1)), n)
	e.ctx.SUBQ(n, table)
	e.tail = table
}

// present is the mask of the elements at hand in the last round.
func (e *emitter) present() Mem { return Mem{Base: e.tail, Disp: e.part * registerBytes} }

func (e *emitter) at(vector int) Mem {
	return Mem{Base: e.vectors[vector], Index: e.offset, Scale: 1, Disp: e.part * registerBytes}
}

// load has zeros for elements that are not there.
func (e *emitter) load(vector int) reg.VecVirtual {
	to := e.ctx.YMM()
	if e.tail == nil {
		e.v.mov(e.at(vector), to)
	} else {
		mask := e.ctx.YMM()
		e.v.mov(e.present(), mask)
		e.v.maskmov(e.at(vector), mask, to)
	}
	return to
}

// loadOr has the numbers of other for elements that are not there.
func (e *emitter) loadOr(vector int, other reg.VecVirtual) reg.VecVirtual {
	from := e.load(vector)
	if e.tail == nil {
		return from
	}
	mask := e.ctx.YMM()
	e.v.mov(e.present(), mask)
	return e.blend(mask, from, other)
}

func (e *emitter) store(vector int, from reg.VecVirtual) {
	if e.tail == nil {
		e.v.mov(from, e.at(vector))
	} else {
		mask := e.ctx.YMM()
		e.v.mov(e.present(), mask)
		e.v.maskmov(from, mask, e.at(vector))
	}
}

// only is a with zeros for elements that are not there.
func (e *emitter) only(a reg.VecVirtual) reg.VecVirtual {
	if e.tail == nil {
		return a
	}
	to := e.ctx.YMM()
	e.v.and(e.present(), a, to)
	return to
}

// accumulate adds a to the sums of quantity q.
func (e *emitter) accumulate(q int, a reg.VecVirtual) {
	for i, d := range e.doubles(e.only(a)) {
		e.accumulateDoubles(q, i, d)
	}
}

// accumulateDoubles adds d, which is the part i of doubles, to the sums of quantity q.
func (e *emitter) accumulateDoubles(q, i int, d reg.VecVirtual) {
	sum := e.sums[q][e.part+i]
	e.ctx.VADDPD(d, sum, sum)
}

// doubles is a in float64, in two registers where it has 8 elements.
func (e *emitter) doubles(a reg.VecVirtual) []reg.VecVirtual {
	if e.bits == 64 {
		return []reg.VecVirtual{a}
	}
	low, high := e.ctx.YMM(), e.ctx.YMM()
	upper := e.ctx.XMM()
	e.ctx.VCVTPS2PD(a.AsX(), low)
	e.ctx.VEXTRACTF128(Imm(1), a, upper)
	e.ctx.VCVTPS2PD(upper, high)
	return []reg.VecVirtual{low, high}
}

// c is a constant in every lane, in a register if it is held, else in memory.
func (e *emitter) c(name string) Op {
	if r, ok := e.held[name]; ok {
		return r
	}
	if own, ok := e.own[name]; ok {
		return own
	}
	return e.constants.Offset(place(name) * registerBytes)
}

// register is c in a register.
func (e *emitter) register(name string) reg.VecVirtual {
	if r, ok := e.held[name]; ok {
		return r
	}
	to := e.ctx.YMM()
	e.v.mov(e.c(name), to)
	return to
}

// a is an argument in every lane.
func (e *emitter) a(i int) reg.VecVirtual { return e.held[argument(i)] }

func argument(i int) string { return fmt.Sprint("argument ", i) }

// layout is the order of the constants in the table that package simd has of them.
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
	to := e.ctx.YMM()
	e.v.broadcast(from, to)
	return to
}

// Of two operands the second may be in memory.

func (e *emitter) add(a, b Op) reg.VecVirtual { return e.binary(e.v.add, a, b) }
func (e *emitter) sub(a, b Op) reg.VecVirtual { return e.binary(e.v.sub, a, b) }
func (e *emitter) mul(a, b Op) reg.VecVirtual { return e.binary(e.v.mul, a, b) }
func (e *emitter) div(a, b Op) reg.VecVirtual { return e.binary(e.v.div, a, b) }
func (e *emitter) and(a, b Op) reg.VecVirtual { return e.binary(e.v.and, a, b) }
func (e *emitter) or(a, b Op) reg.VecVirtual  { return e.binary(e.v.or, a, b) }

// max and min are v and a constant, and v if that is NaN.
func (e *emitter) max(bound string, v Op) reg.VecVirtual {
	return e.binary(e.v.max, e.register(bound), v)
}
func (e *emitter) min(bound string, v Op) reg.VecVirtual {
	return e.binary(e.v.min, e.register(bound), v)
}

func (e *emitter) binary(instruction func(...Op), a, b Op) reg.VecVirtual {
	to := e.ctx.YMM()
	instruction(b, a, to)
	return to
}

// blend is a where the mask, or its bit of the sign, is set, else b.
func (e *emitter) blend(mask reg.VecVirtual, a, b Op) reg.VecVirtual {
	to := e.ctx.YMM()
	e.v.blend(mask, a, b, to)
	return to
}

// negativeAbs is −|a|.
func (e *emitter) negativeAbs(a reg.VecVirtual) reg.VecVirtual { return e.or(a, e.c("sign")) }
