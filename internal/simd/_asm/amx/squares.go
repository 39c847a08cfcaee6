package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// square is a kernel that rounds up to 16 lines of 32 float32 to bfloat16 and packs them in words, which are pairs of elements of a line.
//
//	across   the elements of a line are a column of src; otherwise a row
//	byLine   the words of a line become a row of dst; otherwise a column
type square struct {
	name           string
	across, byLine bool
}

// squares writes all kernels of squares.
func (k panels) squares() {
	k.square(square{"roundRowsToRowsAVX512", false, true})
	k.square(square{"roundRowsToColumnsAVX512", false, false})
	k.square(square{"roundColumnsToRowsAVX512", true, true})
	k.square(square{"roundColumnsToColumnsAVX512", true, false})
}

// square writes a kernel.
func (k panels) square(s square) {
	k.function(s.name, "func(dst *float32, to int, src *float32, from int, lines, words int)")
	dst, src := k.Load(k.Param("dst"), k.GP64()), k.Load(k.Param("src"), k.GP64())
	to, from := k.Load(k.Param("to"), k.GP64()), k.Load(k.Param("from"), k.GP64())
	lines := k.Load(k.Param("lines"), k.GP64())
	left := lines // rows of dst
	if !s.byLine {
		left = k.Load(k.Param("words"), k.GP64())
	}
	mask := k.firstLines(lines)
	if s.across {
		k.VMOVDQU16(k.interleaved, interleave)
	}
	done := func(i int) {
		if i < tileRows-1 {
			k.DECQ(left)
			k.JEQ(LabelRef("done"))
			k.ADDQ(to, dst)
		}
	}
	store := func(row reg.VecPhysical, i int) {
		if s.byLine {
			k.VMOVDQU32(row, Mem{Base: dst})
		} else {
			k.VMOVDQU32(row, mask, Mem{Base: dst})
		}
		done(i)
	}
	low, high := zmm(16), zmm(17)
	next, rest := k.GP64(), k.GP64()
	k.MOVQ(lines, rest)
	for i := range tileRows {
		k.LEAQ(Mem{Base: src, Index: from, Scale: 1}, next)
		if s.across {
			k.VMOVUPS_Z(Mem{Base: src}, mask, low)
			k.VMOVUPS_Z(Mem{Base: next}, mask, high)
			k.round(high, low, zmm(i))
			k.VPERMW(zmm(i), interleave, zmm(i))
			k.LEAQ(Mem{Base: next, Index: from, Scale: 1}, src)
		} else {
			k.VMOVUPS(Mem{Base: src}, low)
			k.VMOVUPS(Mem{Base: src, Disp: rowBytes}, high)
			k.round(high, low, zmm(i))
			k.DECQ(rest) // a line after the last is the last again
			k.CMOVQGT(next, src)
		}
		if s.across != s.byLine {
			store(zmm(i), i)
		}
	}
	if s.across == s.byLine {
		k.transpose(store)
	}
	k.Label("done")
	k.VZEROUPPER()
	k.RET()
}

// firstLines returns the mask of the first lines, at most 16.
func (k panels) firstLines(lines reg.Register) reg.Register {
	bits, mask := k.GP32(), k.K()
	k.MOVL(U32(0xffff), bits)
	k.BZHIL(lines.(reg.GPVirtual).As32(), bits, bits)
	k.KMOVW(bits, mask)
	return mask
}
