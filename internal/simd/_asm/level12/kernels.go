package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// kernel is a function of the vector code. %[1]d in its signature stands for the bits of an element.
type kernel struct {
	name, signature string
	form            form
	body            func(e *emitter)
}

var kernels = []kernel{
	{"dot", "(n int, x, y *float%[1]d) float%[1]d", plain, (*emitter).dot},
	{"dotWide", "(n int, x, y *float%[1]d) float64", wide, (*emitter).dot},
	{"sumSquares", "(n int, x *float%[1]d) float64", wide, (*emitter).sumSquares},
	{"zeros", "(n int, x *float%[1]d) float%[1]d", plain, (*emitter).zerosOf},
	{"asum", "(n int, x *float%[1]d) float%[1]d", plain, (*emitter).asum},
	{"axpy", "(n int, a float%[1]d, x, y *float%[1]d)", plain, (*emitter).axpy},
	{"scal", "(n int, a float%[1]d, x *float%[1]d)", plain, (*emitter).scal},
	{"gemvN", "(m, n int, alpha float%[1]d, a *float%[1]d, lda int, x, y *float%[1]d)", plain, (*emitter).gemvN},
	{"gemvN", "(m, n int, alpha float%[1]d, a *uint16, lda int, x, y *float%[1]d)", half, (*emitter).gemvN},
	{"gemvT", "(m, n int, alpha float%[1]d, a *float%[1]d, lda int, x, y *float%[1]d)", plain, (*emitter).gemvT},
	{"ger", "(m, n int, alpha float%[1]d, x, y, a *float%[1]d, lda int)", plain, (*emitter).ger},
}

// norm is sumSquares for float64, where squares of numbers other than 0 may underflow to 0.
var norm = kernel{"sumSquares", "(n int, x *float%[1]d) (sum, magnitude float%[1]d)", plain, (*emitter).sumSquaresAndMagnitude}

// registers is the number of registers of sums of dot and asum, rowLanes the number of sums of each row in gemvN.
const registers, rowLanes = 4, 8

func (e *emitter) dot() {
	n, x, y := e.param("n"), e.param("x"), e.param("y")
	sums := e.zeros(registers)
	e.accumulate(n, len(sums), func(sum, disp int, mask reg.VecVirtual) {
		product := e.mul(e.fetch(e.at(x, disp), mask), e.fetch(e.at(y, disp), mask))
		e.v.add(product, sums[sum], sums[sum])
	})
	e.total(e.fold(sums), 0)
	e.end()
}

// sumSquares is dot of a vector with itself. It prefetches one kibibyte ahead, because norms are taken of vectors in main memory.
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
	e.total(e.fold(sums), 0)
	e.end()
}

// sumSquaresAndMagnitude returns dot of a vector with itself, and a magnitude that is 0 only if all elements are 0. Four registers
// gather the bits of the elements by OR. Their signs are cleared, so that the lanes, added as numbers, cannot cancel. OR costs no time
// here, because the additions wait for each other.
func (e *emitter) sumSquaresAndMagnitude() {
	n, x := e.param("n"), e.param("x")
	sums, bits := e.zeros(registers), e.zeros(registers)
	e.accumulate(n, len(sums), func(at, disp int, mask reg.VecVirtual) {
		v := e.fetch(e.at(x, disp), mask)
		e.v.or(v, bits[at], bits[at])
		e.v.add(e.mul(v, v), sums[at], sums[at])
	})
	abs := e.broadcast(e.abs)
	for i := range bits {
		e.v.and(abs, bits[i], bits[i])
	}
	e.total(e.fold(sums), 0)
	e.total(e.fold(bits), 1)
	e.end()
}

// zerosOf sums the products with 0. They are exact, so a fused multiply-add with an operand in memory may compute them.
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
	e.total(e.fold(sums), 0)
	e.end()
}

func (e *emitter) asum() {
	n, x := e.param("n"), e.param("x")
	abs, sums := e.broadcast(e.abs), e.zeros(registers)
	e.accumulate(n, len(sums), func(sum, disp int, mask reg.VecVirtual) {
		e.v.add(e.binary(e.v.and, abs, e.fetch(e.at(x, disp), mask)), sums[sum], sums[sum])
	})
	e.total(e.fold(sums), 0)
	e.end()
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

// gemvN takes four rows at once and adds α times their inner products with x to y. If fewer rows are left, the first of them
// replaces the missing ones.
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
	if e.form == half {
		e.productsBF16(n, x, stride, rows, sums)
	} else {
		e.accumulate(n, each, func(sum, disp int, mask reg.VecVirtual) {
			right := e.fetch(e.at(x, disp), mask)
			for i, row := range rows {
				into := sums[i*each+sum]
				e.v.add(e.mul(right, e.fetch(e.at(row, disp), mask)), into, into)
			}
		})
	}
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

// productsBF16 multiplies n elements of bfloat16 rows by x and adds the products to the sums. n is at least one register. The last
// elements, less than a register, come from a load that ends where the row ends. The next rows are prefetched, because the many widening
// instructions would delay their loads.
func (e *emitter) productsBF16(n, x, stride reg.GPVirtual, rows []reg.GPVirtual, sums []reg.VecVirtual) {
	ctx, lanes := e.ctx, e.lanes()
	step := func(right reg.VecVirtual, fetch func(row reg.GPVirtual, to reg.VecVirtual)) {
		for i, row := range rows {
			left := ctx.YMM()
			fetch(row, left)
			ctx.VPSLLD(Imm(16), left, left)
			e.v.add(e.mul(right, left), sums[i], sums[i])
		}
	}
	ahead := ctx.GP64()
	ctx.XORQ(e.offset, e.offset)
	ctx.MOVQ(stride, ahead)
	ctx.SHLQ(Imm(2), ahead)
	ctx.SUBQ(Imm(uint64(lanes)), n)
	ctx.Label("loop")
	step(e.fetch(Mem{Base: x, Index: e.offset, Scale: 2}, nil), func(row reg.GPVirtual, to reg.VecVirtual) {
		ctx.PREFETCHT0(Mem{Base: row, Index: ahead, Scale: 1})
		ctx.VPMOVZXWD(Mem{Base: row, Index: e.offset, Scale: 1}, to)
	})
	ctx.ADDQ(Imm(uint64(2*lanes)), e.offset)
	ctx.ADDQ(Imm(uint64(2*lanes)), ahead)
	ctx.SUBQ(Imm(uint64(lanes)), n)
	ctx.JGE(LabelRef("loop"))

	ctx.CMPQ(n, I32(-lanes))
	ctx.JEQ(LabelRef("total"))
	at, table, move := ctx.GP64(), ctx.GP64(), ctx.XMM()
	ctx.LEAQ(Mem{Base: e.offset, Index: n, Scale: 2}, at)
	mask := e.maskOf(n)
	ctx.LEAQ(e.words, table)
	ctx.VMOVUPS(Mem{Base: table, Index: n, Scale: 2}, move)
	step(e.fetch(Mem{Base: x, Index: e.offset, Scale: 2}, mask), func(row reg.GPVirtual, to reg.VecVirtual) {
		ctx.VMOVUPS(Mem{Base: row, Index: at, Scale: 1}, to.AsX())
		ctx.VPSHUFB(move, to.AsX(), to.AsX())
		ctx.VPMOVZXWD(to.AsX(), to)
	})
	ctx.Label("total")
}

// gemvT adds αxᵢ times row i to y. It takes four rows at once and adds them to each element in order. m is a multiple of 4.
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

// stride returns the distance between rows, in bytes.
func (e *emitter) stride() reg.GPVirtual {
	lda := e.param("lda")
	if e.form == half {
		e.ctx.SHLQ(Imm(1), lda)
		return lda
	}
	e.ctx.SHLQ(Imm(uint64(e.size()/4+1)), lda)
	return lda
}
