package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// group is the number of entries that a round of a loop takes.
const group = 4

// lineBytes is the size of a cache line.
const lineBytes = 64

// emitter writes code for one element type.
type emitter struct {
	ctx  *build.Context
	bits int // of an element

	load, store, mul, add func(...Op) // of one element

	n, done, columns, values, vector, d reg.Register
}

func newEmitter(ctx *build.Context, bits int) *emitter {
	if bits == 32 {
		return &emitter{ctx: ctx, bits: bits, load: ctx.VMOVSS, store: ctx.VMOVSS, mul: ctx.VMULSS, add: ctx.VADDSS}
	}
	return &emitter{ctx: ctx, bits: bits, load: ctx.VMOVSD, store: ctx.VMOVSD, mul: ctx.VMULSD, add: ctx.VADDSD}
}

// gatherDot writes the loop of GatherDot: sum j of four takes the products of the entries j, 4+j, ….
func (e *emitter) gatherDot() {
	ctx := e.ctx
	ctx.Function(fmt.Sprintf("gatherDotF%dAVX2", e.bits))
	ctx.Attributes(attr.NOSPLIT)
	ctx.SignatureExpr(fmt.Sprintf(
		"func(n int, s *[4]float%[1]d, columns *uint32, values, x *float%[1]d, d int) (done int)", e.bits))
	sums := ctx.Load(ctx.Param("s"), ctx.GP64())
	e.arguments("x")
	acc := ctx.YMM()
	ctx.VXORPS(acc, acc, acc)
	e.loop(func(columns []reg.Register) {
		if e.bits == 32 {
			t := ctx.XMM()
			ctx.VMOVSS(e.element(columns[0]), t)
			for i, c := range columns[1:] {
				ctx.VINSERTPS(Imm(uint64(16*(i+1))), e.element(c), t, t)
			}
			ctx.VMULPS(e.entry(0), t, t)
			ctx.VADDPS(t, acc.AsX(), acc.AsX())
			return
		}
		low, high, t := ctx.XMM(), ctx.XMM(), ctx.YMM()
		ctx.VMOVSD(e.element(columns[0]), low)
		ctx.VMOVHPD(e.element(columns[1]), low, low)
		ctx.VMOVSD(e.element(columns[2]), high)
		ctx.VMOVHPD(e.element(columns[3]), high, high)
		ctx.VINSERTF128(Imm(1), high, low.AsY(), t)
		ctx.VMULPD(e.entry(0), t, t)
		ctx.VADDPD(t, acc, acc)
	})
	if e.bits == 32 {
		ctx.VMOVUPS(acc.AsX(), Mem{Base: sums})
	} else {
		ctx.VMOVUPD(acc, Mem{Base: sums})
	}
	ctx.VZEROUPPER()
	e.end()
}

// scatterAxpy writes the loop of ScatterAxpy, one entry after the other, because a column may come twice.
func (e *emitter) scatterAxpy() {
	ctx := e.ctx
	ctx.Function(fmt.Sprintf("scatterAxpyF%dAVX2", e.bits))
	ctx.Attributes(attr.NOSPLIT)
	ctx.SignatureExpr(fmt.Sprintf(
		"func(n int, s float%[1]d, columns *uint32, values, y *float%[1]d, d int) (done int)", e.bits))
	s := ctx.Load(ctx.Param("s"), ctx.XMM())
	e.arguments("y")
	e.loop(func(columns []reg.Register) {
		for i, c := range columns {
			t := ctx.XMM()
			e.mul(e.entry(i), s, t)
			e.add(e.element(c), t, t)
			e.store(t, e.element(c))
		}
	})
	e.end()
}

func (e *emitter) arguments(vector string) {
	ctx := e.ctx
	e.n = ctx.Load(ctx.Param("n"), ctx.GP64())
	e.columns = ctx.Load(ctx.Param("columns"), ctx.GP64())
	e.values = ctx.Load(ctx.Param("values"), ctx.GP64())
	e.vector = ctx.Load(ctx.Param(vector), ctx.GP64())
	e.d = ctx.Load(ctx.Param("d"), ctx.GP64())
	e.done = ctx.GP64()
}

// loop writes a loop over groups of four entries. It ends before a group with a column that is not less than d.
func (e *emitter) loop(body func(columns []reg.Register)) {
	ctx := e.ctx
	ctx.XORQ(e.done, e.done)
	ctx.SUBQ(Imm(group), e.n)
	ctx.JLT(LabelRef("end"))
	ctx.Label("loop")
	var columns []reg.Register
	for i := range group {
		c := ctx.GP64()
		ctx.MOVL(Mem{Base: e.columns, Index: e.done, Scale: 4, Disp: 4 * i}, c.As32())
		ctx.CMPQ(c, e.d)
		ctx.JCC(LabelRef("end"))
		columns = append(columns, c)
	}
	body(columns)
	ctx.ADDQ(Imm(group), e.done)
	ctx.CMPQ(e.done, e.n)
	ctx.JLE(LabelRef("loop"))
	ctx.Label("end")
}

// end makes the function return the number of entries that are done.
func (e *emitter) end() {
	e.ctx.Store(e.done, e.ctx.ReturnIndex(0))
	e.ctx.RET()
}

// entry returns the value of entry i of the group.
func (e *emitter) entry(i int) Mem {
	return Mem{Base: e.values, Index: e.done, Scale: uint8(e.bits / 8), Disp: i * e.bits / 8}
}

// element returns the address of the vector's element in the given column.
func (e *emitter) element(column reg.Register) Mem {
	return Mem{Base: e.vector, Index: column, Scale: uint8(e.bits / 8)}
}

// prefetch writes a loop over the cache lines from the first byte to the last.
func prefetch(ctx *build.Context) {
	ctx.Function("prefetchLines")
	ctx.Attributes(attr.NOSPLIT)
	ctx.SignatureExpr("func(from *byte, bytes int)")
	at := ctx.Load(ctx.Param("from"), ctx.GP64())
	end := ctx.Load(ctx.Param("bytes"), ctx.GP64())
	ctx.ADDQ(at, end)
	ctx.ANDQ(I8(-lineBytes), at)
	ctx.CMPQ(at, end)
	ctx.JCC(LabelRef("done"))
	ctx.Label("line")
	ctx.PREFETCHT0(Mem{Base: at})
	ctx.ADDQ(Imm(lineBytes), at)
	ctx.CMPQ(at, end)
	ctx.JCS(LabelRef("line"))
	ctx.Label("done")
	ctx.RET()
}
