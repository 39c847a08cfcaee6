package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// set is an instruction set with the largest blocks of C that its registers hold.
type set struct {
	Name   string
	Blocks []shape
	bytes  int // of a register
}

// shape is the shape of the largest block for elements of the given bits.
type shape struct{ Bits, Rows, Vectors int }

// column returns the number of bytes from one step of k to the next in packed A, whose columns are padded to whole vectors of AVX2.
func (s shape) column() int { return (s.Rows*s.Bits/8 + 31) / 32 * 32 }

// Case numbers the kernels.
func (s shape) Case(rows, vectors int) int { return (rows-1)*s.Vectors + vectors }

// The blocks of AVX2 leave registers for a row of vectors of B and an element of A. The block of float64 has fewer rows, so that it
// reads less of A, which comes from the second-level cache.
var (
	avx2   = set{"AVX2", []shape{{32, 6, 2}, {64, 4, 3}}, 32}
	avx512 = set{"AVX512", []shape{{32, 8, 3}, {64, 8, 3}}, 64}
	// bf16 takes pairs of bfloat16 for the elements of A and B.
	bf16 = set{"BF16", []shape{{32, 8, 3}}, 64}
)

// emitter writes code for one instruction set and element type.
type emitter struct {
	ctx     *build.Context
	set     set
	largest shape
	bits    int // of an element
	lanes   int // of a register
	masks   Mem // 32 bytes of ones and then 32 of zeros, for AVX2

	mul, fma, mov, broadcast func(...Op)
	accumulate               func(...Op) // a product of A and B
	maskmov, movz            func(from, mask, to Op)
	insert                   func(side, from, v, to Op) // 128 bits
}

func newEmitter(ctx *build.Context, s set, largest shape, masks Mem) *emitter {
	e := &emitter{ctx: ctx, set: s, largest: largest, bits: largest.Bits, lanes: 8 * s.bytes / largest.Bits, masks: masks}
	if e.bits == 32 {
		e.mul, e.fma, e.mov, e.broadcast = ctx.VMULPS, ctx.VFMADD231PS, ctx.VMOVUPS, ctx.VBROADCASTSS
		e.maskmov, e.movz = ctx.VMASKMOVPS, ctx.VMOVUPS_Z
	} else {
		e.mul, e.fma, e.mov, e.broadcast = ctx.VMULPD, ctx.VFMADD231PD, ctx.VMOVUPD, ctx.VBROADCASTSD
		e.maskmov, e.movz = ctx.VMASKMOVPD, ctx.VMOVUPD_Z
	}
	e.insert = ctx.VINSERTF128
	if s.bytes == 64 {
		e.insert = func(side, from, v, to Op) { ctx.VINSERTF32X4(side, from, v, to) }
	}
	e.accumulate = e.fma
	if s.Name == bf16.Name {
		e.accumulate = e.dotPairs
	}
	return e
}

// maskTable writes the words from which a load at 32 − k gives a mask of the first k bytes.
func maskTable(ctx *build.Context) Mem {
	table := ctx.StaticGlobal("masks")
	ctx.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range 8 {
		ctx.AddDatum(8*i, U64(0xffffffffffffffff*uint64(1-i/4)))
	}
	return table
}

// vector returns register n where instructions are encoded here, and otherwise any free register.
func (e *emitter) vector(n int) reg.Register {
	switch {
	case e.set.Name == bf16.Name:
		return reg.Vector.Lookup(reg.Index(n), reg.S512)
	case e.set.bytes == 64:
		return e.ctx.ZMM()
	default:
		return e.ctx.YMM()
	}
}

// dotPairs writes VDPBF16PS, which the assembler does not know: to[i] += a[2i+1]b[2i+1] + a[2i]b[2i]. Its EVEX prefix holds the
// upper bits of the register numbers, inverted.
func (e *emitter) dotPairs(ops ...Op) {
	var n [3]int // b, a, to
	for i, op := range ops {
		n[i] = int(op.(reg.Physical).PhysicalIndex())
	}
	inverted := func(n, bit int) int { return ^n >> bit & 1 }
	b, a, to := n[0], n[1], n[2]
	prefix := inverted(to, 3)<<7 | inverted(b, 4)<<6 | inverted(b, 3)<<5 | inverted(to, 4)<<4 | 0b0010 // map 0F38
	second := (^a&15)<<3 | 0b110                                                                       // F3
	third := 0b10<<5 | inverted(a, 4)<<3                                                               // 512 bits
	e.ctx.Comment(fmt.Sprintf("VDPBF16PS Z%d, Z%d, Z%d", b, a, to))
	e.data("LONG", 0x62|prefix<<8|second<<16|third<<24)
	e.data("WORD", 0x52|(0b11<<6|to&7<<3|b&7)<<8)
}

// data writes a directive of the assembler.
func (e *emitter) data(directive string, bits int) {
	e.ctx.Instruction(&ir.Instruction{Opcode: directive, Operands: []Op{U32(bits)}})
}

// mask says which lanes of a vector exist. A nil mask means all.
type mask struct {
	k    reg.Register // AVX-512
	word Mem          // AVX2: loaded at each use, because registers are scarce
}

// first returns a mask of the first n lanes. It destroys n.
func (e *emitter) first(n reg.GPVirtual) *mask {
	e.ctx.NEGQ(n)
	if e.set.bytes == 64 {
		ones, k := e.ctx.GP32(), e.ctx.K()
		e.ctx.MOVL(U32(1<<16-1), ones)
		e.ctx.ADDQ(Imm(16), n)
		e.ctx.SHRXL(n.As32(), ones, ones)
		e.ctx.KMOVW(ones, k)
		return &mask{k: k}
	}
	at := e.ctx.GP64()
	e.ctx.LEAQ(e.masks.Offset(e.set.bytes), at)
	e.ctx.LEAQ(Mem{Base: at, Index: n, Scale: uint8(e.bits / 8)}, at)
	return &mask{word: Mem{Base: at}}
}

// load reads a vector into register n. Only the lanes of the mask need exist in memory.
func (e *emitter) load(from Mem, m *mask, n int) reg.Register {
	to := e.vector(n)
	switch {
	case m == nil:
		e.mov(from, to)
	case e.set.bytes == 64:
		e.movz(from, m.k, to)
	default:
		word := e.ctx.YMM()
		e.ctx.VMOVUPS(m.word, word)
		e.maskmov(from, word, to)
	}
	return to
}

// matrix addresses the rows of a matrix, by multiples of the distance between rows in bytes.
type matrix struct {
	base      reg.Register
	multiples map[int]reg.Register // 1, 3, 5, 7 times the distance
	element   int                  // the bytes of an element if that is the distance between rows; then multiples is empty
}

// rows prepares the addresses of the first n rows.
func (e *emitter) rows(base, distance reg.Register, n int) matrix {
	m := matrix{base: base, multiples: map[int]reg.Register{1: distance}}
	for _, odd := range []int{3, 5, 7} {
		if n > odd || odd == 3 && n > 6 {
			at := e.ctx.GP64()
			if odd == 7 {
				e.ctx.LEAQ(Mem{Base: m.multiples[3], Index: distance, Scale: 4}, at)
			} else {
				e.ctx.LEAQ(Mem{Base: distance, Index: distance, Scale: uint8(odd - 1)}, at)
			}
			m.multiples[odd] = at
		}
	}
	return m
}

// row returns the address of element 0 of row i.
func (m matrix) row(i int) Mem {
	if i == 0 || m.element > 0 {
		return Mem{Base: m.base, Disp: i * m.element}
	}
	scale := 1
	for i%2 == 0 {
		i, scale = i/2, 2*scale
	}
	return Mem{Base: m.base, Index: m.multiples[i], Scale: uint8(scale)}
}
