package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// square is a kernel that packs up to 16 lines of 32 elements in words, which are pairs of elements of a line in bfloat16.
//
//	across   the elements of a line are a column of src; otherwise a row
//	byLine   the words of a line become a row of dst; otherwise a column
//	half     the elements are bfloat16; otherwise float32, which it rounds
type square struct {
	name                 string
	across, byLine, half bool
}

// squares writes all kernels of squares.
func (k panels) squares() {
	for _, half := range []bool{false, true} {
		verb := "round"
		if half {
			verb = "pair"
		}
		k.square(square{verb + "RowsToRowsAVX512", false, true, half})
		k.square(square{verb + "RowsToColumnsAVX512", false, false, half})
		k.square(square{verb + "ColumnsToRowsAVX512", true, true, half})
		k.square(square{verb + "ColumnsToColumnsAVX512", true, false, half})
	}
	k.roundBlock()
}

// square writes a kernel.
func (k panels) square(s square) {
	element := "float32"
	if s.half {
		element = "uint16"
	}
	k.function(s.name, "func(dst *float32, to int, src *"+element+", from int, lines, words int)")
	dst, src := k.Load(k.Param("dst"), k.GP64()), k.Load(k.Param("src"), k.GP64())
	to, from := k.Load(k.Param("to"), k.GP64()), k.Load(k.Param("from"), k.GP64())
	lines := k.Load(k.Param("lines"), k.GP64())
	left := lines // rows of dst
	if !s.byLine {
		left = k.Load(k.Param("words"), k.GP64())
	}
	mask := firstLanes(k.code, lines, tileRows)
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
		switch {
		case s.across && s.half:
			k.VMOVDQU16_Z(Mem{Base: src}, mask, low.AsY())
			k.VMOVDQU16_Z(Mem{Base: next}, mask, high.AsY())
			k.VINSERTI64X4(Imm(1), high.AsY(), low, zmm(i))
		case s.across:
			k.VMOVUPS_Z(Mem{Base: src}, mask, low)
			k.VMOVUPS_Z(Mem{Base: next}, mask, high)
			roundPair(k.code, high, low, zmm(i))
		case s.half:
			k.VMOVDQU16(Mem{Base: src}, zmm(i))
		default:
			k.VMOVUPS(Mem{Base: src}, low)
			k.VMOVUPS(Mem{Base: src, Disp: rowBytes}, high)
			roundPair(k.code, high, low, zmm(i))
		}
		if s.across {
			k.VPERMW(zmm(i), interleave, zmm(i))
			k.LEAQ(Mem{Base: next, Index: from, Scale: 1}, src)
		} else {
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

// roundBlock writes the kernel of RoundBlockBF16, for at least one row of up to 32 columns.
func (k panels) roundBlock() {
	k.function("roundBlockAVX512", "func(dst *uint16, to int, src *float32, from int, rows, cols int, bias *float32)")
	dst, src := k.Load(k.Param("dst"), k.GP64()), k.Load(k.Param("src"), k.GP64())
	to, from := k.Load(k.Param("to"), k.GP64()), k.Load(k.Param("from"), k.GP64())
	left, bias := k.Load(k.Param("rows"), k.GP64()), k.Load(k.Param("bias"), k.GP64())
	all := firstLanes(k.code, k.Load(k.Param("cols"), k.GP64()), 2*tileRows)
	masks := [2]reg.Register{all, k.K()}
	k.KSHIFTRD(Imm(tileRows), all, masks[1])
	for h, mask := range masks {
		k.VMOVUPS_Z(Mem{Base: bias, Disp: h * rowBytes}, mask, zmm(2+h))
	}
	k.Label("row")
	for h, mask := range masks {
		k.VMOVUPS_Z(Mem{Base: src, Disp: h * rowBytes}, mask, zmm(h))
		k.VADDPS(zmm(2+h), zmm(h), zmm(h))
	}
	roundPair(k.code, zmm(1), zmm(0), zmm(4))
	k.VMOVDQU16(zmm(4), all, Mem{Base: dst})
	k.ADDQ(from, src)
	k.ADDQ(to, dst)
	k.DECQ(left)
	k.JNE(LabelRef("row"))
	k.VZEROUPPER()
	k.RET()
}

// firstLanes returns the mask of the first n of some lanes, at most 32.
func firstLanes(k code, n reg.Register, lanes int) reg.Register {
	bits, mask := k.GP32(), k.K()
	k.MOVL(U32(1<<lanes-1), bits)
	k.BZHIL(n.(reg.GPVirtual).As32(), bits, bits)
	k.KMOVD(bits, mask)
	return mask
}
