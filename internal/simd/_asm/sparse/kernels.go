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
		e.addProducts(acc, func(i int) (value, element Mem) { return e.entry(i), e.element(columns[i]) })
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

// addProducts adds the products of a group of entries to the four sums of acc.
func (e *emitter) addProducts(acc reg.VecVirtual, entry func(i int) (value, element Mem)) {
	ctx := e.ctx
	values, element := entry(0)
	low := ctx.XMM()
	e.load(element, low)
	if e.bits == 32 {
		for i := 1; i < group; i++ {
			_, element = entry(i)
			ctx.VINSERTPS(Imm(uint64(16*i)), element, low, low)
		}
		ctx.VMULPS(values, low, low)
		ctx.VADDPS(low, acc.AsX(), acc.AsX())
		return
	}
	high, all := ctx.XMM(), ctx.YMM()
	_, element = entry(1)
	ctx.VMOVHPD(element, low, low)
	_, element = entry(2)
	ctx.VMOVSD(element, high)
	_, element = entry(3)
	ctx.VMOVHPD(element, high, high)
	ctx.VINSERTF128(Imm(1), high, low.AsY(), all)
	ctx.VMULPD(values, all, all)
	ctx.VADDPD(all, acc, acc)
}

// gatherDots writes the loop of GatherDots.
func (e *emitter) gatherDots() {
	ctx := e.ctx
	ctx.Function(fmt.Sprintf("gatherDotsF%dAVX2", e.bits))
	ctx.Attributes(attr.NOSPLIT)
	ctx.SignatureExpr(fmt.Sprintf(
		"func(n int, dst *float%[1]d, pointers *int, nnz int, columns *uint32, values, x *float%[1]d, d int) (done int)", e.bits))
	dst := ctx.Load(ctx.Param("dst"), ctx.GP64())
	e.rows("x", dst, func(end reg.Register) {
		acc, high := ctx.YMM(), ctx.XMM()
		ctx.VXORPS(acc, acc, acc)
		e.inRow(end, group, "group", func(entry func(int) (value, element Mem)) { e.addProducts(acc, entry) })
		if e.bits == 64 {
			ctx.VEXTRACTF128(Imm(1), acc, high)
		}
		e.inRow(end, 1, "entry", func(entry func(int) (value, element Mem)) {
			value, element := entry(0)
			t := ctx.XMM()
			e.load(value, t)
			e.mul(element, t, t)
			e.add(t, acc.AsX(), acc.AsX()) // the other elements of acc stay
		})
		if e.bits == 32 {
			ctx.VHADDPS(acc.AsX(), acc.AsX(), acc.AsX())
			ctx.VHADDPS(acc.AsX(), acc.AsX(), acc.AsX())
		} else {
			ctx.VHADDPD(high, acc.AsX(), acc.AsX())
			ctx.VHADDPD(acc.AsX(), acc.AsX(), acc.AsX())
		}
		e.store(acc.AsX(), Mem{Base: dst})
	})
}

// scatterAxpys writes the loop of ScatterAxpys.
func (e *emitter) scatterAxpys() {
	ctx := e.ctx
	ctx.Function(fmt.Sprintf("scatterAxpysF%dAVX2", e.bits))
	ctx.Attributes(attr.NOSPLIT)
	ctx.SignatureExpr(fmt.Sprintf(
		"func(n int, s *float%[1]d, pointers *int, nnz int, columns *uint32, values, y *float%[1]d, d int) (done int)", e.bits))
	s := ctx.Load(ctx.Param("s"), ctx.GP64())
	e.rows("y", s, func(end reg.Register) {
		bits := ctx.GP64()
		if e.bits == 32 {
			ctx.MOVL(Mem{Base: s}, bits.As32())
			ctx.ADDL(bits.As32(), bits.As32()) // drops the sign
		} else {
			ctx.MOVQ(Mem{Base: s}, bits)
			ctx.ADDQ(bits, bits)
		}
		ctx.JZ(LabelRef("zero"))
		by := ctx.XMM()
		e.load(Mem{Base: s}, by)
		step := func(entry func(int) (value, element Mem), n int) {
			for i := range n {
				value, element := entry(i)
				t := ctx.XMM()
				e.load(value, t)
				e.mul(t, by, t)
				e.add(element, t, t)
				e.store(t, element)
			}
		}
		e.inRow(end, group, "group", func(entry func(int) (value, element Mem)) { step(entry, group) })
		e.inRow(end, 1, "entry", func(entry func(int) (value, element Mem)) { step(entry, 1) })
		ctx.Label("zero")
		ctx.MOVQ(end, e.done)
	})
}

// rows writes a loop over rows, each with a number at the given address. It ends before a row that does not lie within the entries, and in a row
// with a column that is not less than d.
func (e *emitter) rows(vector string, number reg.Register, row func(end reg.Register)) {
	ctx := e.ctx
	e.arguments(vector)
	pointers := ctx.Load(ctx.Param("pointers"), ctx.GP64())
	nnz := ctx.Load(ctx.Param("nnz"), ctx.GP64())
	end := ctx.GP64()
	ctx.MOVQ(Mem{Base: pointers}, e.done)
	ctx.JMP(LabelRef("next"))
	ctx.Label("row")
	ctx.MOVQ(Mem{Base: pointers, Disp: 8}, end)
	ctx.CMPQ(end, nnz)
	ctx.JHI(LabelRef("end"))
	ctx.CMPQ(e.done, end)
	ctx.JHI(LabelRef("end"))
	row(end)
	ctx.ADDQ(Imm(8), pointers)
	ctx.ADDQ(Imm(uint64(e.bits/8)), number)
	ctx.DECQ(e.n)
	ctx.Label("next")
	ctx.TESTQ(e.n, e.n)
	ctx.JGT(LabelRef("row"))
	ctx.Label("end")
	ctx.VZEROUPPER()
	rows := ctx.Load(ctx.Param("n"), ctx.GP64())
	ctx.SUBQ(e.n, rows)
	ctx.Store(rows, ctx.ReturnIndex(0))
	ctx.RET()
}

// inRow writes a loop over the entries from e.done to the end of a row, as long as n are left. entry(i) checks the column of entry i, and returns
// the places of its value and of the vector's element.
func (e *emitter) inRow(end reg.Register, n int, label string, body func(entry func(i int) (value, element Mem))) {
	ctx := e.ctx
	next := ctx.GP64()
	ctx.Label(label)
	ctx.LEAQ(Mem{Base: e.done, Disp: n}, next)
	ctx.CMPQ(next, end)
	ctx.JGT(LabelRef(label + "End"))
	body(func(i int) (value, element Mem) {
		c := ctx.GP64()
		ctx.MOVL(Mem{Base: e.columns, Index: e.done, Scale: 4, Disp: 4 * i}, c.As32())
		ctx.CMPQ(c, e.d)
		ctx.JCC(LabelRef("end"))
		return e.entry(i), e.element(c)
	})
	ctx.MOVQ(next, e.done)
	ctx.JMP(LabelRef(label))
	ctx.Label(label + "End")
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
