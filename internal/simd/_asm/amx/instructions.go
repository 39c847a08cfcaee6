package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// code writes instructions on tiles, which the assembler does not know. Each has a three-byte VEX prefix for opcodes that begin with
// 0F38. avo is told which general-purpose registers the instruction reads.
type code struct{ *build.Context }

// tile is the number of a tile register.
type tile int

// The prefixes that distinguish instructions with the same opcode.
const (
	none   = 0
	withF3 = 2
	withF2 = 3
)

// configure loads the shapes of the tiles and sets the tiles to 0. The base must be a register whose encoding needs no extra byte.
func (c code) configure(shapes Mem) {
	c.Comment("LDTILECFG " + shapes.Asm())
	c.vex(none, 0x49, 0, shapes)
	c.data("BYTE", low(shapes.Base))
}

// release sets the tiles to their initial state, so that the system need not save them.
func (c code) release() {
	c.Comment("TILERELEASE")
	c.vex(none, 0x49, 0, Mem{})
	c.data("BYTE", 0xc0)
}

func (c code) zero(t tile) {
	c.Comment(fmt.Sprintf("TILEZERO T%d", t))
	c.vex(withF2, 0x49, 0, Mem{})
	c.data("BYTE", 0xc0|int(t)<<3)
}

// load reads a tile. The index of the address holds the distance between its rows.
func (c code) load(from Mem, to tile) {
	c.Comment(fmt.Sprintf("TILELOADD %s, T%d", from.Asm(), to))
	c.move(withF2, from, to)
}

// store writes a tile. The index of the address holds the distance between its rows.
func (c code) store(from tile, to Mem) {
	c.Comment(fmt.Sprintf("TILESTORED T%d, %s", from, to.Asm()))
	c.move(withF3, to, from)
}

// multiply adds the product of row i of a and column j of b, both pairs of bfloat16, to element (i, j) of a tile.
func (c code) multiply(b, a, to tile) {
	c.Comment(fmt.Sprintf("TDPBF16PS T%d, T%d, T%d", b, a, to))
	c.vex(withF3, 0x5c, b, Mem{})
	c.data("BYTE", 0xc0|int(to)<<3|int(a))
}

// move is a load or store, with a displacement of one byte or of four.
func (c code) move(prefix int, m Mem, t tile) {
	mode, size := 0b01, "BYTE"
	if m.Disp != int(int8(m.Disp)) {
		mode, size = 0b10, "LONG"
	}
	c.vex(prefix, 0x4b, 0, m)
	c.data("WORD", (mode<<6|int(t)<<3|0b100)|(low(m.Index)<<3|low(m.Base))<<8)
	c.data(size, m.Disp)
}

// vex writes the prefix and the opcode. The prefix holds, inverted, the number of a third tile and the upper bits of the numbers of
// index and base.
func (c code) vex(prefix, opcode int, third tile, m Mem) {
	first := 1<<7 | (1-high(m.Index))<<6 | (1-high(m.Base))<<5 | 0b00010
	second := int(^third&15)<<3 | prefix
	c.data("LONG", 0xc4|first<<8|second<<16|opcode<<24, m)
}

// data writes a directive of the assembler for an instruction that reads the given operands.
func (c code) data(directive string, bits int, reads ...Op) {
	c.Instruction(&ir.Instruction{Opcode: directive, Operands: []Op{U32(bits)}, Inputs: reads})
}

// low and high return the parts of a register's number, 0 if there is no register.
func low(r reg.Register) int { return number(r) & 7 }

func high(r reg.Register) int { return number(r) >> 3 }

func number(r reg.Register) int {
	if r == nil {
		return 0
	}
	return int(r.(reg.Physical).PhysicalIndex())
}
