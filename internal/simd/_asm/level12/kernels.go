package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// kernel is a function of the vector code, with the bits of an element for %[1]d in its signature.
type kernel struct {
	name, signature string
	wide            bool // for float32 with sums in float64
	body            func(e *emitter)
}

var kernels = []kernel{
	{"dot", "(n int, x, y *float%[1]d) float%[1]d", false, (*emitter).dot},
	{"dotWide", "(n int, x, y *float%[1]d) float64", true, (*emitter).dot},
	{"sumSquares", "(n int, x *float%[1]d) float64", true, (*emitter).sumSquares},
	{"zeros", "(n int, x *float%[1]d) float%[1]d", false, (*emitter).zerosOf},
	{"asum", "(n int, x *float%[1]d) float%[1]d", false, (*emitter).asum},
	{"axpy", "(n int, a float%[1]d, x, y *float%[1]d)", false, (*emitter).axpy},
	{"scal", "(n int, a float%[1]d, x *float%[1]d)", false, (*emitter).scal},
	{"gemvN", "(m, n int, alpha float%[1]d, a *float%[1]d, lda int, x, y *float%[1]d)", false, (*emitter).gemvN},
	{"gemvT", "(m, n int, alpha float%[1]d, a *float%[1]d, lda int, x, y *float%[1]d)", false, (*emitter).gemvT},
	{"ger", "(m, n int, alpha float%[1]d, x, y, a *float%[1]d, lda int)", false, (*emitter).ger},
}

// registers is the number of registers of sums of dot and asum, rowLanes the number of sums of each row in gemvN.
const registers, rowLanes = 4, 8

func (e *emitter) dot() {
	n, x, y := e.param("n"), e.param("x"), e.param("y")
	sums := e.zeros(registers)
	e.accumulate(n, len(sums), func(sum, disp int, mask reg.VecVirtual) {
		product := e.mul(e.fetch(e.at(x, disp), mask), e.fetch(e.at(y, disp), mask))
		e.v.add(product, sums[sum], sums[sum])
	})
	e.total(e.fold(sums))
}

// sumSquares is dot of a vector with itself, and asks for the vector a kibibyte ahead, since a norm is of what is far away.
func (e *emitter) sumSquares() {
	n, x := e.param("n"), e.param("x")
	sums := e.zeros(registers)
	e.accumulate(n, len(sums), func(sum, disp int, mask reg.VecVirtual) {
		if mask == nil && disp == 0 {
			e.ctx.PREFETCHT0(e.at(x, 0).Offset(1024))
		}
		v := e.fetch(e.at(x, disp), mask)
		e.v.add(e.mul(v, v), sums[sum], sums[sum])
	})
	e.total(e.fold(sums))
}

// zerosOf sums the products with 0, which are exact, so that a fused instruction of one operand in memory makes and adds them.
func (e *emitter) zerosOf() {
	n, x := e.param("n"), e.param("x")
	zero, sums := e.zeros(1)[0], e.zeros(2*registers)
	e.accumulate(n, len(sums), func(sum, disp int, mask reg.VecVirtual) {
		if mask != nil {
			e.v.fma(e.fetch(e.at(x, disp), mask), zero, sums[sum])
			return
		}
		e.v.fma(e.at(x, disp), zero, sums[sum])
	})
	e.total(e.fold(sums))
}

func (e *emitter) asum() {
	n, x := e.param("n"), e.param("x")
	abs, sums := e.broadcast(e.abs), e.zeros(registers)
	e.accumulate(n, len(sums), func(sum, disp int, mask reg.VecVirtual) {
		e.v.add(e.binary(e.v.and, abs, e.fetch(e.at(x, disp), mask)), sums[sum], sums[sum])
	})
	e.total(e.fold(sums))
}

func (e *emitter) axpy() {
	n, a, x, y := e.param("n"), e.scalar("a"), e.param("x"), e.param("y")
	e.sweep(n, e.add1(a, x, y))
	e.end()
}

// add1 is the step y ← y + ax.
func (e *emitter) add1(a reg.VecVirtual, x, y reg.GPVirtual) func(count, disp int) {
	return func(count, disp int) {
		product := e.mul(a, e.load(e.at(x, disp), count))
		e.store(e.add(e.load(e.at(y, disp), count), product), e.at(y, disp), count)
	}
}

func (e *emitter) scal() {
	n, a, x := e.param("n"), e.scalar("a"), e.param("x")
	e.sweep(n, func(count, disp int) {
		e.store(e.mul(a, e.load(e.at(x, disp), count)), e.at(x, disp), count)
	})
	e.end()
}

// gemvN adds α times the inner products with x of four rows at once to y. Where fewer rows are left, the first of them
// takes the place of those that are missing.
func (e *emitter) gemvN() {
	ctx := e.ctx
	m, alpha, a, x, y := e.param("m"), e.scalar("alpha"), e.param("a"), e.param("x"), e.param("y")
	stride := e.stride()
	n := ctx.GP64()
	rows := []reg.GPVirtual{a, ctx.GP64(), ctx.GP64(), ctx.GP64()}

	ctx.Label("rows")
	for i := 1; i < 4; i++ {
		ctx.LEAQ(Mem{Base: rows[i-1], Index: stride, Scale: 1}, rows[i])
	}
	for i := 1; i < 4; i++ {
		ctx.CMPQ(m, Imm(uint64(i)))
		ctx.CMOVQLE(a, rows[i])
	}
	each := rowLanes / e.lanes()
	sums := e.zeros(4 * each)
	ctx.Load(ctx.Param("n"), n)
	e.accumulate(n, each, func(sum, disp int, mask reg.VecVirtual) {
		right := e.fetch(e.at(x, disp), mask)
		for i, row := range rows {
			into := sums[i*each+sum]
			e.v.add(e.mul(right, e.fetch(e.at(row, disp), mask)), into, into)
		}
	})
	total := e.totals(e.fold(sums[:each]), e.fold(sums[each:2*each]), e.fold(sums[2*each:3*each]), e.fold(sums[3*each:]))
	total = e.mul(alpha, total)
	ctx.SUBQ(Imm(4), m)
	ctx.JLT(LabelRef("fewer"))
	e.store(e.add(e.load(Mem{Base: y}, 4), total), Mem{Base: y}, 4)
	ctx.JEQ(LabelRef("done"))
	ctx.LEAQ(Mem{Base: rows[3], Index: stride, Scale: 1}, a)
	ctx.ADDQ(Imm(uint64(4*e.size())), y)
	ctx.JMP(LabelRef("rows"))

	ctx.Label("fewer")
	last, table := ctx.YMM(), ctx.GP64()
	ctx.LEAQ(e.mask.Offset(registerBytes-4*e.size()), table)
	ctx.NEGQ(m)
	ctx.VMOVUPS(Mem{Base: table, Index: m, Scale: uint8(e.size())}, last)
	if e.bits == 32 {
		sum := ctx.XMM()
		e.v.maskmov(Mem{Base: y}, last.AsX(), sum)
		e.v.add(total.AsX(), sum, sum)
		e.v.maskmov(sum, last.AsX(), Mem{Base: y})
	} else {
		sum := e.add(e.fetch(Mem{Base: y}, last), total)
		e.v.maskmov(sum, last, Mem{Base: y})
	}
	ctx.Label("done")
	e.end()
}

// gemvT adds αxᵢ times row i to y, four rows at once, one after the other on each element; m is a multiple of 4.
func (e *emitter) gemvT() {
	ctx := e.ctx
	m, alpha, a, x, y := e.param("m"), e.scalar("alpha"), e.param("a"), e.param("x"), e.param("y")
	stride := e.stride()
	n := ctx.GP64()
	rows := []reg.GPVirtual{a, ctx.GP64(), ctx.GP64(), ctx.GP64()}

	ctx.Label("rows")
	var factors []reg.VecVirtual
	for i := range rows {
		if i > 0 {
			ctx.LEAQ(Mem{Base: rows[i-1], Index: stride, Scale: 1}, rows[i])
		}
		factors = append(factors, e.mul(alpha, e.broadcast(Mem{Base: x, Disp: i * e.size()})))
	}
	ctx.Load(ctx.Param("n"), n)
	e.sweep(n, func(count, disp int) {
		sum := e.load(e.at(y, disp), count)
		for i, row := range rows {
			sum = e.add(sum, e.mul(factors[i], e.load(e.at(row, disp), count)))
		}
		e.store(sum, e.at(y, disp), count)
	})
	ctx.LEAQ(Mem{Base: rows[3], Index: stride, Scale: 1}, a)
	ctx.ADDQ(Imm(uint64(4*e.size())), x)
	ctx.SUBQ(Imm(4), m)
	ctx.JGT(LabelRef("rows"))
	e.end()
}

// ger adds αxᵢ times y to each row i.
func (e *emitter) ger() {
	ctx := e.ctx
	m, alpha, x, y, a := e.param("m"), e.scalar("alpha"), e.param("x"), e.param("y"), e.param("a")
	stride := e.stride()
	n := ctx.GP64()

	ctx.Label("rows")
	factor := e.mul(alpha, e.broadcast(Mem{Base: x}))
	ctx.Load(ctx.Param("n"), n)
	e.sweep(n, e.add1(factor, y, a))
	ctx.ADDQ(stride, a)
	ctx.ADDQ(Imm(uint64(e.size())), x)
	ctx.DECQ(m)
	ctx.JNE(LabelRef("rows"))
	e.end()
}

// stride is the distance between rows, in bytes.
func (e *emitter) stride() reg.GPVirtual {
	lda := e.param("lda")
	e.ctx.SHLQ(Imm(uint64(e.size()/4+1)), lda)
	return lda
}
