package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The offsets of the fields of simd.panelTiles, after the shapes.
const (
	panelNear  = 64
	panelFar   = 72
	panelA     = 80
	panelB     = 88
	panelBStep = 96
	panelC     = 104
	panelCRow  = 112
	panelCStep = 120
	panelCount = 128
	panelAdd   = 136
)

// nearSteps is the number of steps during which the rows of the next block are prefetched.
const nearSteps = 8

// edge is the number of rows and columns of a block of C.
const edge = 2 * tileRows

// panels writes the kernels of products that stay in tiles: the product itself and the packing of its operands.
type panels struct {
	code
	interleaved Mem // the indices with which VPERMW interleaves the two halves of a register
}

// interleave is the register with these indices. factor is the register with the scale of a panel.
var (
	interleave = reg.Z31
	factor     = reg.Z30
)

func (k panels) write() {
	k.interleaved = k.StaticGlobal("interleaved")
	k.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range edge {
		k.AddDatum(2*i, U16(i/2+i%2*tileRows))
	}
	k.product()
	k.pack()
	k.strip()
	k.transposeTiles()
	k.transposeSquares()
	k.sum()
	k.squares()
}

// product writes C ← AB or C ← C + AB for blocks of 2 × 2 tiles, one block for each panel of B. The tiles of B are streamed from the
// second-level cache, so that the first-level cache keeps the near steps of A, which every block needs again, and the next block of C.
func (k panels) product() {
	k.Function("multiplyPanelsAMX")
	k.Attributes(attr.NOSPLIT)
	k.Pragma("noescape")
	k.SignatureExpr("func(t *byte)") // a *panelTiles, which avo does not know
	fields := Mem{Base: reg.R14}
	k.Load(k.Param("t"), reg.RAX)
	k.configure(Mem{Base: reg.RAX})
	k.MOVQ(reg.RAX, fields.Base)
	a, b, c := rows(reg.RAX, reg.RBX, reg.RDX), rows(reg.RSI, reg.RDI, reg.RDX), rows(reg.R8, reg.R9, reg.R10)
	panel, left, steps, next := reg.R12, reg.R13, reg.RCX, reg.R11
	k.MOVQ(U32(rowBytes), reg.RDX)
	k.MOVQ(fields.Offset(panelB), panel)
	k.MOVQ(fields.Offset(panelCount), left)
	k.MOVQ(fields.Offset(panelC), c[0].Base)
	k.MOVQ(fields.Offset(panelCRow), c[0].Index)

	k.Label("block")
	k.MOVQ(c[0].Index, c[1].Base)
	k.SHLQ(Imm(4), c[1].Base)
	k.ADDQ(c[0].Base, c[1].Base)
	k.CMPQ(fields.Offset(panelAdd), Imm(0))
	k.JNE(LabelRef("add"))
	k.each(func(i, j int) { k.zero(tilesC[i][j]) })
	k.JMP(LabelRef("sum"))
	k.Label("add")
	k.each(func(i, j int) { k.load(c[i].Offset(j*rowBytes), tilesC[i][j]) })

	k.Label("sum")
	k.MOVQ(fields.Offset(panelA), a[0].Base)
	k.LEAQ(Mem{Base: a[0].Base, Disp: tileBytes}, a[1].Base)
	k.MOVQ(panel, b[0].Base)
	k.LEAQ(Mem{Base: panel, Disp: tileBytes}, b[1].Base)
	k.MOVQ(c[0].Base, next)
	k.ADDQ(fields.Offset(panelCStep), next)
	k.MOVQ(fields.Offset(panelNear), steps)
	k.Label("near")
	for range edge / nearSteps {
		for j := range 2 {
			k.PREFETCHT0(Mem{Base: next, Disp: j * rowBytes})
		}
		k.ADDQ(c[0].Index, next)
	}
	k.step(a, b, k.load)
	k.DECQ(steps)
	k.JNE(LabelRef("near"))
	k.MOVQ(fields.Offset(panelFar), steps)
	k.TESTQ(steps, steps)
	k.JEQ(LabelRef("summed"))
	k.Label("far")
	k.step(a, b, k.stream)
	k.DECQ(steps)
	k.JNE(LabelRef("far"))
	k.Label("summed")
	k.each(func(i, j int) { k.store(tilesC[i][j], c[i].Offset(j*rowBytes)) })
	k.ADDQ(fields.Offset(panelCStep), c[0].Base)
	k.ADDQ(fields.Offset(panelBStep), panel)
	k.DECQ(left)
	k.JNE(LabelRef("block"))
	k.release()
	k.RET()
}

// step adds the product of 32 × 32 elements of A and of B. load reads the tiles of A.
func (k panels) step(a, b [2]Mem, load func(Mem, tile)) {
	k.each(func(i, j int) {
		if i == 0 {
			k.stream(b[j], tilesB[j])
		}
		if j == 0 {
			load(a[i], tilesA[i])
		}
		k.multiply(tilesB[j], tilesA[i], tilesC[i][j])
	})
	for i := range 2 {
		k.ADDQ(U32(2*tileBytes), a[i].Base)
		k.ADDQ(U32(2*tileBytes), b[i].Base)
	}
}

func (k panels) each(do func(i, j int)) {
	for i := range 2 {
		for j := range 2 {
			do(i, j)
		}
	}
}

// stream is load for data that need not stay in the first-level cache.
func (c code) stream(from Mem, to tile) {
	const with66 = 1
	c.Comment(fmt.Sprintf("TILELOADDT1 %s, T%d", from.Asm(), to))
	c.move(with66, from, to)
}

// pack writes the kernel that packs a step of several panels.
func (k panels) pack() {
	k.function("packPanelsAVX512", "func(dst *uint16, step int, src *float32, from int, count int, scale float32)")
	dst, step, src := k.Load(k.Param("dst"), k.GP64()), k.Load(k.Param("step"), k.GP64()), k.Load(k.Param("src"), k.GP64())
	from, count := k.Load(k.Param("from"), k.GP64()), k.Load(k.Param("count"), k.GP64())
	k.VMOVDQU16(k.interleaved, interleave)
	k.VBROADCASTSS(k.address("scale"), factor)
	k.Label("panel")
	k.pairs(dst, src, from)
	k.ADDQ(step, dst)
	k.ADDQ(U32(edge*4), src)
	k.DECQ(count)
	k.JNE(LabelRef("panel"))
	k.VZEROUPPER()
	k.RET()
}

// pairs writes code that packs one step of a panel: factor times 32 rows of 32 columns. from holds the distance between the rows.
func (k panels) pairs(dst, src, from reg.Register) {
	row, to, left := k.GP64(), k.GP64(), k.GP64()
	k.MOVQ(src, row)
	k.MOVQ(dst, to)
	k.MOVQ(U32(tileRows), left)
	k.Label("pairs")
	for h := range 2 {
		upper, lower := zmm(2*h), zmm(2*h+1)
		k.VMULPS(Mem{Base: row, Disp: h * rowBytes}, factor, upper)
		k.VMULPS(Mem{Base: row, Index: from, Scale: 1, Disp: h * rowBytes}, factor, lower)
		roundPair(k.code, lower, upper, upper)
		k.VPERMW(upper, interleave, upper)
		k.VMOVDQU16(upper, Mem{Base: to, Disp: h * tileBytes})
	}
	k.LEAQ(Mem{Base: row, Index: from, Scale: 2}, row)
	k.ADDQ(Imm(rowBytes), to)
	k.DECQ(left)
	k.JNE(LabelRef("pairs"))
}

// strip writes the kernel that scales 32 rows, packs them as a strip, and scales them again.
func (k panels) strip() {
	k.function("packStripAVX512", "func(dst *uint16, src *float32, from int, count int, scale, after float32)")
	dst, src := k.Load(k.Param("dst"), k.GP64()), k.Load(k.Param("src"), k.GP64())
	from, count := k.Load(k.Param("from"), k.GP64()), k.Load(k.Param("count"), k.GP64())
	scale, after := zmm(3), zmm(4)
	k.VBROADCASTSS(k.address("scale"), scale)
	k.VBROADCASTSS(k.address("after"), after)
	rows := k.GP64()
	k.MOVQ(U32(edge), rows)
	k.Label("row")
	at, to, left := k.GP64(), k.GP64(), k.GP64()
	k.MOVQ(src, at)
	k.MOVQ(dst, to)
	k.MOVQ(count, left)
	k.Label("step")
	halves := []reg.VecPhysical{zmm(0), zmm(1)}
	for h, v := range halves {
		k.VMULPS(Mem{Base: at, Disp: h * rowBytes}, scale, v)
	}
	roundPair(k.code, halves[1], halves[0], zmm(2))
	k.VMOVDQU16(zmm(2), Mem{Base: to})
	for h, v := range halves {
		k.VMULPS(after, v, v)
		k.VMOVUPS(v, Mem{Base: at, Disp: h * rowBytes})
	}
	k.ADDQ(U32(edge*4), at)
	k.ADDQ(U32(2*tileBytes), to)
	k.DECQ(left)
	k.JNE(LabelRef("step"))
	k.ADDQ(from, src)
	k.ADDQ(Imm(rowBytes), dst) // from the last row of a tile to the first of the next as well
	k.DECQ(rows)
	k.JNE(LabelRef("row"))
	k.VZEROUPPER()
	k.RET()
}

// transposeTiles writes the kernel that transposes the words of tiles.
func (k panels) transposeTiles() {
	k.function("transposeTilesAVX512", "func(dst, src *uint16, tiles int)")
	dst, src, left := k.Load(k.Param("dst"), k.GP64()), k.Load(k.Param("src"), k.GP64()), k.Load(k.Param("tiles"), k.GP64())
	k.Label("tile")
	for i := range tileRows {
		k.VMOVDQU32(Mem{Base: src, Disp: i * rowBytes}, zmm(i))
	}
	k.transpose(k.into(dst))
	k.ADDQ(U32(tileBytes), src)
	k.ADDQ(U32(tileBytes), dst)
	k.DECQ(left)
	k.JNE(LabelRef("tile"))
	k.VZEROUPPER()
	k.RET()
}

// transposeSquares writes the kernel that transposes squares of 16 × 16 float32, one below the other.
func (k panels) transposeSquares() {
	k.function("transposeAVX512", "func(dst *float32, to int, src *float32, from int, count int)")
	dst, src, left := k.Load(k.Param("dst"), k.GP64()), k.Load(k.Param("src"), k.GP64()), k.Load(k.Param("count"), k.GP64())
	to, from := k.Load(k.Param("to"), k.GP64()), k.Load(k.Param("from"), k.GP64())
	k.Label("square")
	for i := range tileRows {
		k.VMOVUPS(Mem{Base: src}, zmm(i))
		k.ADDQ(from, src)
	}
	row := k.GP64()
	k.MOVQ(dst, row)
	k.transpose(func(from reg.VecPhysical, i int) {
		k.VMOVUPS(from, Mem{Base: row})
		if i < tileRows-1 {
			k.ADDQ(to, row)
		}
	})
	k.ADDQ(U32(rowBytes), dst)
	k.DECQ(left)
	k.JNE(LabelRef("square"))
	k.VZEROUPPER()
	k.RET()
}

// transpose transposes the 16 × 16 words in the lower 16 registers and passes the resulting rows to store, in order. The upper 16
// registers hold the intermediate results: first pairs of rows, then groups of four, in parts of 128 bits. These parts are then
// transposed.
func (k panels) transpose(store func(from reg.VecPhysical, i int)) {
	for i := 0; i < 16; i += 2 {
		k.VPUNPCKLDQ(zmm(i+1), zmm(i), zmm(16+i))
		k.VPUNPCKHDQ(zmm(i+1), zmm(i), zmm(17+i))
	}
	for i := 0; i < 16; i += 4 { // row 4q + i of the parts q
		k.VPUNPCKLQDQ(zmm(18+i), zmm(16+i), zmm(i))
		k.VPUNPCKHQDQ(zmm(18+i), zmm(16+i), zmm(i+1))
		k.VPUNPCKLQDQ(zmm(19+i), zmm(17+i), zmm(i+2))
		k.VPUNPCKHQDQ(zmm(19+i), zmm(17+i), zmm(i+3))
	}
	const even, odd = 0b10_00_10_00, 0b11_01_11_01
	for i := range 4 {
		for j := 0; j < 16; j += 8 {
			k.VSHUFI32X4(Imm(even), zmm(j+4+i), zmm(j+i), zmm(16+j+i))
			k.VSHUFI32X4(Imm(odd), zmm(j+4+i), zmm(j+i), zmm(20+j+i))
		}
	}
	for i := range 16 {
		part := uint64(even)
		if i >= 8 {
			part = odd
		}
		k.VSHUFI32X4(Imm(part), zmm(24+i%8), zmm(16+i%8), zmm(i))
		store(zmm(i), i)
	}
}

// into returns a function that stores row i of a tile.
func (k panels) into(tile reg.Register) func(from reg.VecPhysical, i int) {
	return func(from reg.VecPhysical, i int) { k.VMOVDQU32(from, Mem{Base: tile, Disp: i * rowBytes}) }
}

// sum writes the kernel of SumPanels: the sum of two scaled blocks, packed as a step of one panel and, transposed, of another.
func (k panels) sum() {
	k.function("sumPanelsAVX512", "func(panel, mirror *uint16, s *float32, alpha float32, u *float32, beta float32)")
	s, u, left := k.Load(k.Param("s"), k.GP64()), k.Load(k.Param("u"), k.GP64()), k.GP64()
	alpha, beta := zmm(4), zmm(5)
	k.VBROADCASTSS(k.address("alpha"), alpha)
	k.VBROADCASTSS(k.address("beta"), beta)
	k.VMOVDQU16(k.interleaved, interleave)
	at := k.GP64()
	k.XORQ(at, at)
	k.Label("sum")
	for h := range 2 {
		sum, term := Mem{Base: s, Index: at, Scale: 1, Disp: h * rowBytes}, zmm(2*h)
		k.VMULPS(sum, alpha, term)
		k.VMULPS(Mem{Base: u, Index: at, Scale: 1, Disp: h * rowBytes}, beta, zmm(2*h+1))
		k.VADDPS(zmm(2*h+1), term, term)
		k.VMOVUPS(term, sum)
	}
	k.ADDQ(U32(2*rowBytes), at)
	k.CMPQ(at, U32(edge*edge*4))
	k.JNE(LabelRef("sum"))

	one, from := k.GP32(), k.GP64()
	k.MOVL(U32(0x3f800000), one)
	k.VPBROADCASTD(one, factor)
	k.MOVQ(U32(edge*4), from)
	k.pairs(k.Load(k.Param("panel"), k.GP64()), s, from)
	mirror := k.Load(k.Param("mirror"), k.GP64())
	k.TESTQ(mirror, mirror)
	k.JEQ(LabelRef("done"))
	k.MOVQ(U32(2), left)
	k.Label("half")
	for i := range tileRows {
		row := Mem{Base: s, Disp: i * edge * 4}
		k.VMOVUPS(row, zmm(i))
		k.VMOVUPS(row.Offset(rowBytes), zmm(tileRows+i))
		roundPair(k.code, zmm(tileRows+i), zmm(i), zmm(i))
	}
	k.transpose(k.into(mirror))
	k.ADDQ(U32(tileRows*edge*4), s)
	k.ADDQ(U32(tileBytes), mirror)
	k.DECQ(left)
	k.JNE(LabelRef("half"))
	k.Label("done")
	k.VZEROUPPER()
	k.RET()
}

// address returns the stack address of a parameter.
func (k panels) address(name string) Mem {
	at, err := k.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return at.Addr
}

// function begins a function without a stack check.
func (k panels) function(name, signature string) {
	k.Function(name)
	k.Attributes(attr.NOSPLIT)
	k.Pragma("noescape")
	k.SignatureExpr(signature)
}

// roundPair writes VCVTNE2PS2BF16, which the assembler does not know: it rounds the numbers of low, then those of high, to bfloat16.
func roundPair(k code, high, low, to reg.VecPhysical) {
	h, l, t := int(high.PhysicalIndex()), int(low.PhysicalIndex()), int(to.PhysicalIndex())
	inverted := func(n, bit int) int { return ^n >> bit & 1 }
	prefix := inverted(t, 3)<<7 | inverted(l, 4)<<6 | inverted(l, 3)<<5 | inverted(t, 4)<<4 | 0b0010 // map 0F38
	second := (^h&15)<<3 | 0b111                                                                     // F2
	third := 0b10<<5 | inverted(h, 4)<<3                                                             // 512 bits
	k.Comment(fmt.Sprintf("VCVTNE2PS2BF16 Z%d, Z%d, Z%d", l, h, t))
	k.data("LONG", 0x62|prefix<<8|second<<16|third<<24)
	k.Instruction(&ir.Instruction{Opcode: "WORD", Operands: []Op{U32(0x72 | (0b11<<6|t&7<<3|l&7)<<8)}})
}

func zmm(n int) reg.VecPhysical {
	return reg.Vector.Lookup(reg.Index(n), reg.S512).(reg.VecPhysical)
}
