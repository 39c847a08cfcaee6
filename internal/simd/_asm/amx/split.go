package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A float32 is the sum of three bfloat16, its parts. Their tiles lie side by side: up to two tiles of the first part, then those of the
// second, then those of the third.
const (
	partsOf   = 3
	tileBytes = tileRows * rowBytes
	partBytes = 2 * tileBytes
)

// parts is the kernel for operands that are such tiles.
var parts = kernel{name: "multiplyPartsAMX", accumulate: kernel.accumulateParts}

// partProducts lists the products of parts of A and B that matter in float32. They go from small to large, so that a product with 1 is
// exact. Consecutive products share a factor where possible, which is then loaded once.
var partProducts = [][2]int{{2, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 2}, {0, 0}}

func (k kernel) accumulateParts() {
	a, b := -1, -1
	for _, p := range partProducts {
		for i := range k.down {
			for j := range k.across {
				if i == 0 && p[1] != b {
					k.load(Mem{Base: memoryB.Base, Index: memoryB.Index, Scale: 1, Disp: p[1]*partBytes + j*tileBytes}, tilesB[j])
				}
				if j == 0 && p[0] != a {
					k.load(Mem{Base: memoryA[0].Base, Index: memoryA[0].Index, Scale: 1, Disp: p[0]*partBytes + i*tileBytes}, tilesA[i])
				}
				k.multiply(tilesB[j], tilesA[i], tilesC[i][j])
			}
		}
		a, b = p[0], p[1]
	}
	k.ADDQ(U32(partsOf*partBytes), memoryA[0].Base)
	k.ADDQ(U32(partsOf*partBytes), memoryB.Base)
}

// splitting writes the kernels that split float32 into tiles of parts.
type splitting struct{ *build.Context }

func (s splitting) write() {
	s.lines()
	s.pairs()
}

// sweep is a pass over the rows of a float32 matrix, which are split into tiles.
type sweep struct {
	splitting
	dst, src, from, rows, cols reg.Register
	extent                     Mem
	least, most                reg.VecVirtual
	half, upper, sign, one     reg.VecVirtual // constants
}

// begin writes the head of a function. The extent holds, in 16 lanes each, the smallest of the bits of |x| less 1 and the largest of
// the bits of |x|. For the former a 0 wraps around to the largest value.
func (s splitting) begin(name string) sweep {
	s.Function(name)
	s.Attributes(attr.NOSPLIT)
	s.Pragma("noescape")
	s.SignatureExpr("func(dst, src *float32, from, rows, cols int, extent *uint32)")
	p := sweep{
		splitting: s,
		dst:       s.Load(s.Param("dst"), s.GP64()), src: s.Load(s.Param("src"), s.GP64()), from: s.Load(s.Param("from"), s.GP64()),
		rows: s.Load(s.Param("rows"), s.GP64()), cols: s.Load(s.Param("cols"), s.GP64()),
		extent: Mem{Base: s.Load(s.Param("extent"), s.GP64())},
		least:  s.ZMM(), most: s.ZMM(),
		half: s.constant(0x8000), upper: s.constant(0xffff0000), sign: s.constant(0x7fffffff), one: s.constant(1),
	}
	s.VMOVDQU32(p.extent, p.least)
	s.VMOVDQU32(p.extent.Offset(rowBytes), p.most)
	return p
}

func (p sweep) end() {
	p.VMOVDQU32(p.least, p.extent)
	p.VMOVDQU32(p.most, p.extent.Offset(rowBytes))
	p.VZEROUPPER()
	p.RET()
}

func (s splitting) constant(bits uint32) reg.VecVirtual {
	word, all := s.GP32(), s.ZMM()
	s.MOVL(U32(bits), word)
	s.VPBROADCASTD(word, all)
	return all
}

// first returns the mask of the lanes below n, for 16 lanes that begin at lane after.
func (s splitting) first(n reg.Register, after int) reg.Register {
	bits, count, mask := s.GP32(), s.GP32(), s.K()
	s.MOVL(U32(0xffffffff), bits)
	s.MOVL(n.(reg.GPVirtual).As32(), count)
	s.BZHIL(count, bits, bits)
	if after > 0 {
		s.SHRL(Imm(uint64(after)), bits)
	}
	s.KMOVW(bits, mask)
	return mask
}

// split loads numbers and returns the three parts of each, as float32 with 0 in the lower half. Each part is the bfloat16 nearest to
// the remainder, so that the third part leaves no remainder.
func (p sweep) split(from Mem, mask reg.Register) (parts [partsOf]reg.VecVirtual) {
	x := p.ZMM()
	p.VMOVUPS_Z(from, mask, x)
	size := p.ZMM()
	p.VPANDD(p.sign, x, size)
	p.VPMAXUD(size, p.most, p.most)
	p.VPSUBD(p.one, size, size)
	p.VPMINUD(size, p.least, p.least)
	for i := range partsOf - 1 {
		parts[i] = p.ZMM()
		p.VPADDD(p.half, x, parts[i])
		p.VPANDD(p.upper, parts[i], parts[i])
		p.VSUBPS(parts[i], x, x)
	}
	parts[partsOf-1] = x
	return parts
}

// lines writes the kernel that makes tiles of rows of 32 columns. A word is a pair of columns.
func (s splitting) lines() {
	p := s.begin("splitLinesAMX")
	low, high := s.first(p.cols, 0), s.first(p.cols, tileRows)
	halves := s.ZMM()
	s.VMOVDQU32(s.upperHalves(), halves)
	left := s.GP64()
	s.MOVQ(U32(tileRows), left)
	s.Label("row")
	a, b := p.split(Mem{Base: p.src}, low), p.split(Mem{Base: p.src, Disp: rowBytes}, high)
	for i := range partsOf {
		s.VPERMT2W(b[i], halves, a[i])
		s.VMOVDQU32(a[i], Mem{Base: p.dst, Disp: i * partBytes})
	}
	s.ADDQ(p.from, p.src)
	s.ADDQ(Imm(rowBytes), p.dst)
	s.DECQ(left)
	s.DECQ(p.rows)
	s.JNE(LabelRef("row"))
	p.clear(left)
	p.end()
}

// upperHalves returns a table of the positions of the upper halves of the words of two vectors.
func (s splitting) upperHalves() Mem {
	at := s.StaticGlobal("upperHalves")
	s.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range 2 * tileRows {
		s.AddDatum(2*i, U16(2*i+1))
	}
	return at
}

// pairs writes the kernel that makes tiles of 32 rows and 16 columns. A word is a pair of rows.
func (s splitting) pairs() {
	p := s.begin("splitPairsAMX")
	here := s.first(p.cols, 0)
	below := s.K()
	s.KMOVW(here.(reg.OpmaskVirtual), below)
	left := s.GP64()
	s.MOVQ(U32(tileRows), left)
	s.Label("pair")
	s.CMPQ(p.rows, Imm(1))
	s.JNE(LabelRef("two"))
	s.KXORW(below, below, below)
	s.Label("two")
	a := p.split(Mem{Base: p.src}, here)
	b := p.split(Mem{Base: p.src, Index: p.from, Scale: 1}, below)
	for i := range partsOf {
		s.VPSRLD(Imm(16), a[i], a[i])
		s.VPORD(a[i], b[i], b[i])
		s.VMOVDQU32(b[i], Mem{Base: p.dst, Disp: i * partBytes})
	}
	s.LEAQ(Mem{Base: p.src, Index: p.from, Scale: 2}, p.src)
	s.ADDQ(Imm(rowBytes), p.dst)
	s.DECQ(left)
	s.SUBQ(Imm(2), p.rows)
	s.JG(LabelRef("pair"))
	p.clear(left)
	p.end()
}

// clear sets the remaining rows to 0.
func (p sweep) clear(left reg.Register) {
	zero := p.ZMM()
	p.VPXORD(zero, zero, zero)
	p.TESTQ(left, left)
	p.JEQ(LabelRef("filled"))
	p.Label("empty")
	for i := range partsOf {
		p.VMOVDQU32(zero, Mem{Base: p.dst, Disp: i * partBytes})
	}
	p.ADDQ(Imm(rowBytes), p.dst)
	p.DECQ(left)
	p.JNE(LabelRef("empty"))
	p.Label("filled")
}
