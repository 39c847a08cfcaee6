package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The offsets of the fields of simd.Block. Only the address of a slice is used.
const (
	fieldK      = 0
	fieldA      = 8
	fieldARow   = 32
	fieldAStep  = 40
	fieldAStrip = 48
	fieldB      = 56
	fieldBStep  = 80
	fieldC      = 88
	fieldCRow   = 112
	fieldStrips = 120
	fieldLast   = 128
	fieldPacked = 136
	fieldMasked = 144
	fieldAlpha  = 152 // and beta, an element later
)

const (
	line   = 64   // bytes of a cache line
	unroll = 4    // steps of k in one round of a loop
	ahead  = 2048 // distance of prefetches in packed A, in bytes
)

// block writes the kernel for blocks of C, one below the other, of the given rows and vectors. The last vector may be partial.
func (e *emitter) block(rows, vectors int) {
	ctx := e.ctx
	ctx.Function(fmt.Sprintf("multiplyF%d%sx%dx%d", e.bits, e.set.Name, rows, vectors))
	ctx.Attributes(attr.NOSPLIT)
	ctx.SignatureExpr("func(b *byte)") // a *Block, which avo does not know
	fields := Mem{Base: ctx.Load(ctx.Param("b"), ctx.GP64())}
	at := strips{a: ctx.AllocLocal(32)}
	at.c, at.left, at.next = at.a.Offset(8), at.a.Offset(16), at.a.Offset(24)
	ctx.MOVQ(e.field(fields, fieldA), at.a)
	ctx.MOVQ(e.field(fields, fieldC), at.c)
	ctx.MOVQ(e.field(fields, fieldStrips), at.left)
	if e.hasPackedLoop(vectors) {
		next, panel := e.field(fields, fieldB), e.distance(fields, fieldBStep)
		ctx.IMULQ(e.field(fields, fieldK), panel)
		ctx.ADDQ(panel, next)
		ctx.MOVQ(next, at.next)
	}
	last := e.field(fields, fieldLast)
	if e.set.bytes == 64 { // masked stores are free with AVX-512
		e.product(fields, at, rows, vectors, e.first(last))
		return
	}
	ctx.CMPQ(last, Imm(uint64(e.lanes)))
	ctx.JNE(LabelRef("partly"))
	e.product(fields, at, rows, vectors, nil)
	ctx.Label("partly")
	e.product(fields, at, rows, vectors, e.first(last))
}

// hasPackedLoop reports whether blocks of this many vectors have a special loop for packed operands.
func (e *emitter) hasPackedLoop(vectors int) bool { return vectors == e.largest.Vectors }

// strips says where the current block begins in A and C, how many blocks are left, and where to prefetch the next panel.
type strips struct{ a, c, left, next Mem }

func (e *emitter) field(fields Mem, offset int) reg.GPVirtual { return e.word(fields.Offset(offset)) }

func (e *emitter) word(at Mem) reg.GPVirtual {
	to := e.ctx.GP64()
	e.ctx.MOVQ(at, to)
	return to
}

// distance loads a field that counts elements and returns it in bytes.
func (e *emitter) distance(fields Mem, offset int) reg.GPVirtual {
	to := e.field(fields, offset)
	e.ctx.SHLQ(Imm(uint64(1+e.bits/32)), to)
	return to
}

// product writes C ← αAB + βC for the blocks and the return. part selects the lanes of the last vector of a row; nil stands for all. The load
// of a part takes the time of a product, so whole vectors of B are loaded, except in the last steps, where they might reach beyond its end.
func (e *emitter) product(fields Mem, at strips, rows, vectors int, part *mask) {
	ctx := e.ctx
	suffix := "whole"
	if part != nil {
		suffix = "part"
	}
	label := func(name string) string { return name + "_" + suffix }

	ctx.Label(label("strip"))
	sums := make([][]reg.Register, rows)
	for i := range sums {
		for j := range vectors {
			sum := e.vector(i*vectors + j)
			if e.set.bytes == 64 {
				ctx.VPXORD(sum, sum, sum)
			} else {
				ctx.VXORPS(sum, sum, sum)
			}
			sums[i] = append(sums[i], sum)
		}
	}
	k := e.field(fields, fieldK)
	if part != nil {
		ctx.SUBQ(fields.Offset(fieldMasked), k)
	}
	a := e.rows(e.word(at.a), e.distance(fields, fieldARow), rows)
	aStep := e.distance(fields, fieldAStep)
	b, bStep := e.field(fields, fieldB), e.distance(fields, fieldBStep)
	// step is one step of k. inA is the byte offset of its elements of A from the registers, and row is the address of its row of B. last
	// selects the lanes of the last vector of that row; nil stands for all.
	step := func(inA int, row Mem, a matrix, last *mask) {
		var bs []reg.Register
		for j := range vectors - 1 {
			bs = append(bs, e.load(row.Offset(j*e.set.bytes), nil, rows*vectors+j))
		}
		bs = append(bs, e.load(row.Offset((vectors-1)*e.set.bytes), last, (rows+1)*vectors-1))
		for i := range rows {
			element := e.vector((rows+1)*vectors + i%2)
			e.broadcast(a.row(i).Offset(inA), element)
			for j := range vectors {
				e.accumulate(bs[j], element, sums[i][j])
			}
		}
	}
	advance := func() {
		ctx.ADDQ(aStep, a.base)
		ctx.ADDQ(bStep, b)
	}
	if e.hasPackedLoop(vectors) {
		ctx.CMPQ(fields.Offset(fieldPacked), Imm(0))
		ctx.JNE(LabelRef(label("packed")))
	}
	c := e.rows(e.word(at.c), e.distance(fields, fieldCRow), rows)
	for i := range rows { // prefetch C: the sums take longer than a cache miss
		for j := 0; j < vectors*e.set.bytes; j += line {
			ctx.PREFETCHT0(c.row(i).Offset(j))
		}
	}
	round := e.rows(b, bStep, unroll)
	ctx.SUBQ(Imm(unroll), k)
	ctx.JLT(LabelRef(label("rest")))
	e.data("PCALIGN", 64) // 5 % faster
	ctx.Label(label("loop"))
	for u := range unroll {
		step(0, round.row(u), a, nil)
		ctx.ADDQ(aStep, a.base)
	}
	ctx.LEAQ(Mem{Base: b, Index: bStep, Scale: unroll}, b)
	ctx.SUBQ(Imm(unroll), k)
	ctx.JGE(LabelRef(label("loop")))
	if e.hasPackedLoop(vectors) {
		ctx.JMP(LabelRef(label("rest")))
		ctx.Label(label("packed"))
		next := e.word(at.next)
		e.packed(label, at, rows, vectors, k, e.distance(fields, fieldCRow), func() {
			column, row := e.largest.column(), vectors*e.set.bytes
			ctx.PREFETCHT1(Mem{Base: next})
			ctx.ADDQ(Imm(line), next)
			for u := range unroll {
				if u*column%line == 0 {
					ctx.PREFETCHT0(Mem{Base: a.base, Disp: u*column + ahead})
				}
				step(u*column, Mem{Base: b, Disp: u * row}, matrix{base: a.base, element: e.bits / 8}, nil)
			}
			ctx.ADDQ(U32(unroll*column), a.base)
			ctx.ADDQ(U32(unroll*row), b)
		})
		ctx.MOVQ(next, at.next)
	}
	ctx.Label(label("rest"))
	ctx.ADDQ(Imm(unroll), k)
	ctx.JEQ(LabelRef(label("last")))
	ctx.Label(label("one"))
	step(0, Mem{Base: b}, a, nil)
	advance()
	ctx.DECQ(k)
	ctx.JNE(LabelRef(label("one")))
	ctx.Label(label("last"))
	if part != nil {
		left := e.field(fields, fieldMasked)
		ctx.TESTQ(left, left)
		ctx.JEQ(LabelRef(label("sum")))
		ctx.Label(label("masked"))
		step(0, Mem{Base: b}, a, part)
		advance()
		ctx.DECQ(left)
		ctx.JNE(LabelRef(label("masked")))
	}

	ctx.Label(label("sum"))
	c = e.rows(e.word(at.c), e.distance(fields, fieldCRow), rows)
	alpha, beta := e.vector(rows*vectors), e.vector(rows*vectors+1)
	e.jumpIfOne(fields.Offset(fieldAlpha), label("scaled"))
	e.broadcast(fields.Offset(fieldAlpha), alpha)
	for i := range rows {
		for j := range vectors {
			e.mul(alpha, sums[i][j], sums[i][j])
		}
	}
	ctx.Label(label("scaled"))
	e.jumpIfZero(fields.Offset(fieldAlpha+e.bits/8), label("store"))
	e.broadcast(fields.Offset(fieldAlpha+e.bits/8), beta)
	for i := range rows {
		for j := range vectors {
			element := c.row(i).Offset(j * e.set.bytes)
			if j == vectors-1 && part != nil {
				e.fma(e.load(element, part, rows*vectors+2), beta, sums[i][j])
			} else {
				e.fma(element, beta, sums[i][j])
			}
		}
	}
	ctx.Label(label("store"))
	for i := range rows {
		for j := range vectors {
			if j < vectors-1 || part == nil {
				e.mov(sums[i][j], c.row(i).Offset(j*e.set.bytes))
			} else if e.set.bytes == 64 {
				e.mov(sums[i][j], part.k, c.row(i).Offset(j*e.set.bytes))
			}
		}
	}
	if part != nil && e.set.bytes == 32 {
		e.storeParts(fields, c, (vectors-1)*e.set.bytes, sums)
	}
	ctx.DECQ(at.left)
	ctx.JEQ(LabelRef(label("done")))
	ctx.ADDQ(e.distance(fields, fieldAStrip), at.a)
	down := e.distance(fields, fieldCRow)
	ctx.IMUL3Q(Imm(uint64(rows)), down, down)
	ctx.ADDQ(down, at.c)
	ctx.JMP(LabelRef(label("strip")))
	ctx.Label(label("done"))
	ctx.VZEROUPPER()
	ctx.RET()
}

// packed writes the loop over rounds of k for packed operands. The first rounds prefetch one line of C each, because a core has few
// memory requests in flight and A and B need them too. There are enough rounds for all lines.
func (e *emitter) packed(label func(string) string, at strips, rows, vectors int, k, cRow reg.GPVirtual, round func()) {
	ctx := e.ctx
	c, left, column := e.word(at.c), ctx.GP64(), ctx.GP64()
	ctx.SUBQ(Imm(unroll), k)
	ctx.XORQ(column, column)
	ctx.Label(label("column"))
	ctx.MOVQ(U32(rows), left)
	e.data("PCALIGN", 64)
	ctx.Label(label("asking"))
	ctx.PREFETCHT0(Mem{Base: c, Index: column, Scale: 1})
	ctx.ADDQ(cRow, c)
	round()
	ctx.SUBQ(Imm(unroll), k)
	ctx.DECQ(left)
	ctx.JNE(LabelRef(label("asking")))
	ctx.MOVQ(at.c, c)
	ctx.ADDQ(Imm(line), column)
	ctx.CMPQ(column, U32(vectors*e.set.bytes))
	ctx.JLT(LabelRef(label("column")))
	e.data("PCALIGN", 64)
	ctx.Label(label("asked"))
	round()
	ctx.SUBQ(Imm(unroll), k)
	ctx.JGE(LabelRef(label("asked")))
}

// jumpIfOne jumps if the number at the address is 1.
func (e *emitter) jumpIfOne(at Mem, label string) {
	if e.bits == 32 {
		e.ctx.CMPL(at, U32(math.Float32bits(1)))
	} else {
		one := e.ctx.GP64()
		e.ctx.MOVQ(U64(math.Float64bits(1)), one)
		e.ctx.CMPQ(at, one)
	}
	e.ctx.JEQ(LabelRef(label))
}

// jumpIfZero jumps if the number at the address is ±0.
func (e *emitter) jumpIfZero(at Mem, label string) {
	if r := e.ctx.GP64(); e.bits == 32 {
		e.ctx.MOVL(at, r.As32())
		e.ctx.ADDL(r.As32(), r.As32())
	} else {
		e.ctx.MOVQ(at, r)
		e.ctx.ADDQ(r, r)
	}
	e.ctx.JEQ(LabelRef(label))
}

// storeParts stores the partial last vector of each row by halves, because masked stores of AVX2 are slow.
func (e *emitter) storeParts(fields Mem, c matrix, offset int, sums [][]reg.Register) {
	ctx := e.ctx
	last := e.field(fields, fieldLast)
	ctx.ADDQ(Imm(uint64(offset)), c.base)
	for bytes := 16; bytes >= e.bits/8; bytes /= 2 {
		done := fmt.Sprintf("stored%d", bytes)
		ctx.TESTQ(U32(8*bytes/e.bits), last)
		ctx.JEQ(LabelRef(done))
		for i, row := range sums {
			v := row[len(row)-1].(reg.VecVirtual)
			switch bytes {
			case 16:
				ctx.VMOVUPS(v.AsX(), c.row(i))
				ctx.VEXTRACTF128(Imm(1), v, v.AsX())
			case 8:
				ctx.VMOVLPS(v.AsX(), c.row(i))
				ctx.VUNPCKHPD(v.AsX(), v.AsX(), v.AsX())
			case 4:
				ctx.VMOVSS(v.AsX(), c.row(i))
			}
		}
		ctx.ADDQ(Imm(uint64(bytes)), c.base)
		ctx.Label(done)
	}
}

// transpose writes the transposition of as many rows of a matrix as a register has lanes into k rows of that many lanes. With AVX2 there may be
// fewer rows; missing ones are replaced by copies of the last one.
func (e *emitter) transpose() {
	ctx := e.ctx
	ctx.Function(fmt.Sprintf("transposeF%d%s", e.bits, e.set.Name))
	ctx.Attributes(attr.NOSPLIT)
	parameters := "dst *float%[1]d, to int, src *float%[1]d, from, rows, k int"
	if e.set.bytes == 64 {
		parameters = "dst *float%[1]d, to int, src *float%[1]d, from, k int"
	}
	ctx.SignatureExpr(fmt.Sprintf("func("+parameters+")", e.bits))
	dst := ctx.Load(ctx.Param("dst"), ctx.GP64())
	bases, row := e.rowsToTranspose()
	to := ctx.Load(ctx.Param("to"), ctx.GP64())
	k := ctx.Load(ctx.Param("k"), ctx.GP64())
	columns := 128 / e.bits // that are transposed together: a quarter of a line

	quarters := make([]reg.VecVirtual, columns) // that of row i is beside those of rows i + columns, i + 2·columns, …
	for i := range quarters {
		quarters[i] = e.vector(0).(reg.VecVirtual)
	}
	quarter := func(at int) {
		for i, v := range quarters {
			ctx.VMOVUPS(row(i).Offset(at), v.AsX())
			for side := 1; side < e.set.bytes/16; side++ {
				e.insert(Imm(uint64(side)), row(i+side*columns).Offset(at), v, v)
			}
		}
		for _, column := range e.exchange(quarters) {
			e.mov(column, Mem{Base: dst})
			ctx.ADDQ(to, dst)
		}
	}
	advance := func(bytes uint64) {
		for _, base := range bases {
			ctx.ADDQ(Imm(bytes), base)
		}
	}
	ctx.SUBQ(Imm(uint64(4*columns)), k)
	ctx.JLT(LabelRef("rest"))
	ctx.Label("lines")
	for i := range 4 {
		for r := i; r < e.lanes; r += 4 {
			ctx.PREFETCHT0(row(r).Offset(4 * line))
		}
		quarter(16 * i)
	}
	advance(line)
	ctx.SUBQ(Imm(uint64(4*columns)), k)
	ctx.JGE(LabelRef("lines"))
	ctx.Label("rest")
	ctx.ADDQ(Imm(uint64(4*columns)), k)
	ctx.JEQ(LabelRef("done"))
	ctx.Label("quarters")
	quarter(0)
	advance(16)
	ctx.SUBQ(Imm(uint64(columns)), k)
	ctx.JGT(LabelRef("quarters"))
	ctx.Label("done")
	ctx.VZEROUPPER()
	ctx.RET()
}

// rowsToTranspose returns the address of each row, and the registers that all these addresses contain.
func (e *emitter) rowsToTranspose() (bases []reg.Register, row func(i int) Mem) {
	ctx := e.ctx
	bases = []reg.Register{ctx.Load(ctx.Param("src"), ctx.GP64())}
	from := ctx.Load(ctx.Param("from"), ctx.GP64())
	if e.set.bytes == 64 { // too many rows for a register each
		upper := e.rows(bases[0], from, 8)
		if e.lanes == 8 {
			return bases, upper.row
		}
		lower := upper
		lower.base = ctx.GP64()
		ctx.LEAQ(Mem{Base: upper.base, Index: from, Scale: 8}, lower.base)
		return append(bases, lower.base), func(i int) Mem {
			if i < 8 {
				return upper.row(i)
			}
			return lower.row(i - 8)
		}
	}
	rows := ctx.Load(ctx.Param("rows"), ctx.GP64())
	zero := ctx.GP64()
	ctx.XORQ(zero, zero)
	for i := 1; i < e.lanes; i++ {
		base := ctx.GP64()
		ctx.CMPQ(rows, Imm(uint64(i)))
		ctx.CMOVQLE(zero, from)
		ctx.LEAQ(Mem{Base: bases[i-1], Index: from, Scale: 1}, base)
		bases = append(bases, base)
	}
	return bases, func(i int) Mem { return Mem{Base: bases[i]} }
}

// exchange transposes each quarter of a line of the registers as a square matrix.
func (e *emitter) exchange(v []reg.VecVirtual) []reg.VecVirtual {
	unpack := func(instruction func(...Op), a, b reg.VecVirtual) reg.VecVirtual {
		to := e.vector(0).(reg.VecVirtual)
		instruction(b, a, to)
		return to
	}
	if e.bits == 64 {
		return []reg.VecVirtual{unpack(e.ctx.VUNPCKLPD, v[0], v[1]), unpack(e.ctx.VUNPCKHPD, v[0], v[1])}
	}
	low01, high01 := unpack(e.ctx.VUNPCKLPS, v[0], v[1]), unpack(e.ctx.VUNPCKHPS, v[0], v[1])
	low23, high23 := unpack(e.ctx.VUNPCKLPS, v[2], v[3]), unpack(e.ctx.VUNPCKHPS, v[2], v[3])
	return []reg.VecVirtual{
		unpack(e.ctx.VUNPCKLPD, low01, low23), unpack(e.ctx.VUNPCKHPD, low01, low23),
		unpack(e.ctx.VUNPCKLPD, high01, high23), unpack(e.ctx.VUNPCKHPD, high01, high23),
	}
}

// copyBands writes the copy of k rows, each cut into bands of the same number of columns. It may write anything between the end of a
// band and the next multiple of 32 bytes.
func (e *emitter) copyBands() {
	ctx := e.ctx
	ctx.Function(fmt.Sprintf("copyBandsF%d%s", e.bits, e.set.Name))
	ctx.Attributes(attr.NOSPLIT)
	ctx.SignatureExpr(fmt.Sprintf("func(dst *float%[1]d, to, band int, src *float%[1]d, from, cols, bands, k int)", e.bits))
	param := func(name string) reg.GPVirtual { return ctx.Load(ctx.Param(name), ctx.GP64()).(reg.GPVirtual) }
	dst, band, src, cols, k := param("dst"), param("band"), param("src"), param("cols"), param("k")
	whole, rest := ctx.GP64(), ctx.GP64() // of a band, in bytes and in elements
	ctx.MOVQ(cols, rest)
	ctx.ANDQ(Imm(uint64(e.lanes-1)), rest)
	ctx.MOVQ(cols, whole)
	ctx.SUBQ(rest, whole)
	ctx.IMUL3Q(Imm(uint64(e.bits/8)), whole, whole)
	ctx.IMUL3Q(Imm(uint64(e.bits/8)), cols, cols)
	mask := e.first(rest)

	ctx.Label("row")
	to, from, left, at := ctx.GP64(), ctx.GP64(), param("bands"), ctx.GP64()
	ctx.MOVQ(dst, to)
	ctx.MOVQ(src, from)
	ctx.Label("band")
	ctx.XORQ(at, at)
	ctx.CMPQ(whole, Imm(0))
	ctx.JEQ(LabelRef("rest"))
	ctx.Label("register")
	e.mov(e.load(Mem{Base: from, Index: at, Scale: 1}, nil, 0), Mem{Base: to, Index: at, Scale: 1})
	ctx.ADDQ(Imm(uint64(e.set.bytes)), at)
	ctx.CMPQ(at, whole)
	ctx.JLT(LabelRef("register"))
	ctx.CMPQ(whole, cols)
	ctx.JEQ(LabelRef("next"))
	ctx.Label("rest")
	e.storePadded(e.load(Mem{Base: from, Index: at, Scale: 1}, mask, 0), mask, Mem{Base: to, Index: at, Scale: 1})
	ctx.Label("next")
	ctx.ADDQ(cols, from)
	ctx.ADDQ(band, to)
	ctx.DECQ(left)
	ctx.JNE(LabelRef("band"))
	ctx.ADDQ(param("from"), src)
	ctx.ADDQ(param("to"), dst)
	ctx.DECQ(k)
	ctx.JNE(LabelRef("row"))
	ctx.VZEROUPPER()
	ctx.RET()
}

// storePadded stores the lanes of the mask. It may store others too.
func (e *emitter) storePadded(v reg.Register, m *mask, to Mem) {
	if e.set.bytes == 64 {
		e.mov(v, m.k, to)
	} else {
		e.mov(v, to)
	}
}
