package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// machine holds what differs between the instruction sets. Masks differ most: AVX2 keeps them in vector registers, AVX-512 in
// mask registers.
type machine struct {
	name                    string // the suffix of function names
	bytes                   int    // of a register
	register                func() reg.VecVirtual
	mask                    func() Op
	tail                    func(n reg.GPVirtual) Op // the mask of the first n elements; destroys n
	loadMasked, storeMasked func(from, mask, to Op)  // elements outside the mask are not touched and load as 0
	blend                   func(mask, yes, no, to Op)
	subnormal               func(v, exponents, zero, mask Op) // the mask of those below the smallest normal number, 0 included
	half                    func(v reg.VecVirtual) Op         // the lower half of a register
	upper                   func(v reg.VecVirtual) Op         // a register with the upper half
}

// machines lists the constructors of machines, which take the bits of an element.
var machines = []func(ctx *build.Context, bits int) machine{avx2, avx512}

func avx2(ctx *build.Context, bits int) machine {
	m := machine{
		name: "AVX2", bytes: 32, register: ctx.YMM, mask: func() Op { return ctx.YMM() },
		loadMasked: ctx.VMASKMOVPS, storeMasked: ctx.VMASKMOVPS, blend: ctx.VBLENDVPS,
		half: func(v reg.VecVirtual) Op { return v.AsX() },
		upper: func(v reg.VecVirtual) Op {
			to := ctx.XMM()
			ctx.VEXTRACTF128(Imm(1), v, to)
			return to
		},
	}
	equal := ctx.VPCMPEQD
	if bits == 64 {
		equal = ctx.VPCMPEQQ
		m.loadMasked, m.storeMasked, m.blend = ctx.VMASKMOVPD, ctx.VMASKMOVPD, ctx.VBLENDVPD
	}
	m.subnormal = func(v, exponents, zero, mask Op) {
		ctx.VPAND(v, exponents, mask)
		equal(mask, zero, mask)
	}
	table := ctx.StaticGlobal(fmt.Sprint("mask", bits)) // a register of ones, and then one of zeros
	ctx.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range 8 {
		ctx.AddDatum(8*i, U64(0xffffffffffffffff*uint64(1-i/4)))
	}
	m.tail = func(n reg.GPVirtual) Op {
		end, mask := ctx.GP64(), ctx.YMM()
		ctx.LEAQ(table.Offset(m.bytes), end)
		ctx.NEGQ(n)
		ctx.VMOVUPS(Mem{Base: end, Index: n, Scale: uint8(bits / 8)}, mask)
		return mask
	}
	return m
}

func avx512(ctx *build.Context, bits int) machine {
	m := machine{
		name: "AVX512", bytes: 64, register: ctx.ZMM, mask: func() Op { return ctx.K() },
		loadMasked:  ctx.VMOVUPS_Z,
		storeMasked: func(from, mask, to Op) { ctx.VMOVUPS(from, mask, to) },
		blend:       func(mask, yes, no, to Op) { ctx.VBLENDMPS(yes, no, mask, to) },
		subnormal:   func(v, exponents, _, mask Op) { ctx.VPTESTNMD(v, exponents, mask) },
		half:        func(v reg.VecVirtual) Op { return v.AsY() },
		upper: func(v reg.VecVirtual) Op {
			to := ctx.YMM()
			ctx.VEXTRACTF64X4(Imm(1), v, to)
			return to
		},
	}
	if bits == 64 {
		m.loadMasked = ctx.VMOVUPD_Z
		m.storeMasked = func(from, mask, to Op) { ctx.VMOVUPD(from, mask, to) }
		m.blend = func(mask, yes, no, to Op) { ctx.VBLENDMPD(yes, no, mask, to) }
		m.subnormal = func(v, exponents, _, mask Op) { ctx.VPTESTNMQ(v, exponents, mask) }
	}
	m.tail = func(n reg.GPVirtual) Op {
		ones, mask := ctx.GP64(), ctx.K()
		ctx.MOVQ(I32(-1), ones)
		ctx.BZHIQ(n, ones, ones)
		ctx.KMOVW(ones.As32(), mask)
		return mask
	}
	return m
}
