package main

import (
	"fmt"
	"slices"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// machine holds what differs between the instruction sets. Masks differ most: AVX2 keeps them in vector registers, AVX-512 in
// mask registers.
type machine struct {
	name     string // the suffix of function names
	bytes    int    // of a register
	register func() reg.VecVirtual
	mask     func() Op
	// tail returns the masks of the first n elements of a block. It destroys n.
	tail func(n reg.GPVirtual) (present func(part int) Op)
	// Elements outside the mask are not touched and load as 0.
	loadMasked, storeMasked func(from, mask, to Op)
	blend                   func(mask, yes, no, to Op)
	only                    func(mask, a, to Op)                            // a where the mask is set, else 0
	negative                func(a reg.VecVirtual) (mask Op)                // where the bit of the sign is set
	halves                  func(a reg.VecVirtual) (low, high reg.Register) // the elements of a in two registers
	scale                   func(a, n, to Op)                               // 2ⁿa, rounded once, if there is an instruction for it
	hold                    map[string][]string                             // the constants of exp and the like that have registers
}

// machines lists the constructors of machines, which take the bits of an element.
var machines = []func(ctx *build.Context, bits int) machine{avx2, avx512}

func avx2(ctx *build.Context, bits int) machine {
	m := machine{
		name: "AVX2", bytes: 32, register: ctx.YMM, mask: func() Op { return ctx.YMM() },
		loadMasked: ctx.VMASKMOVPS, storeMasked: ctx.VMASKMOVPS, blend: ctx.VBLENDVPS,
		only:     func(mask, a, to Op) { ctx.VANDPS(a, mask, to) },
		negative: func(a reg.VecVirtual) Op { return a },
		halves: func(a reg.VecVirtual) (low, high reg.Register) {
			upper := ctx.XMM()
			ctx.VEXTRACTF128(Imm(1), a, upper)
			return a.AsX(), upper
		},
		hold: map[string][]string{
			"exp":         {"log2e", "one", "shiftUp", "shiftDown", "down", "up"},
			"expNegative": {"log2e", "one", "shiftUp", "down"},
			"reduce":      {"log2e", "one", "shift"},
		},
	}
	if bits == 64 {
		m.loadMasked, m.storeMasked, m.blend = ctx.VMASKMOVPD, ctx.VMASKMOVPD, ctx.VBLENDVPD
	}
	table := ctx.StaticGlobal(fmt.Sprint("networkMask", bits)) // a block of ones, and then one of zeros
	ctx.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range bits / 4 {
		ctx.AddDatum(8*i, U64(0xffffffffffffffff*uint64(1-i/(bits/8))))
	}
	m.tail = func(n reg.GPVirtual) func(int) Op {
		first := ctx.GP64()
		ctx.LEAQ(table.Offset(bits), first)
		ctx.NEGQ(n)
		ctx.LEAQ(Mem{Base: first, Index: n, Scale: uint8(bits / 8)}, first)
		return func(part int) Op {
			mask := ctx.YMM()
			ctx.VMOVUPS(Mem{Base: first, Disp: part * m.bytes}, mask)
			return mask
		}
	}
	return m
}

func avx512(ctx *build.Context, bits int) machine {
	m := machine{
		name: "AVX512", bytes: 64, register: ctx.ZMM, mask: func() Op { return ctx.K() },
		loadMasked:  ctx.VMOVUPS_Z,
		storeMasked: func(from, mask, to Op) { ctx.VMOVUPS(from, mask, to) },
		blend:       func(mask, yes, no, to Op) { ctx.VBLENDMPS(yes, no, mask, to) },
		only:        func(mask, a, to Op) { ctx.VMOVAPS_Z(a, mask, to) },
		halves: func(a reg.VecVirtual) (low, high reg.Register) {
			upper := ctx.YMM()
			ctx.VEXTRACTF32X8(Imm(1), a, upper)
			return a.AsY(), upper
		},
		scale: func(a, n, to Op) { ctx.VSCALEFPS(n, a, to) },
	}
	all := slices.Concat([]string{"log2e", "one", "shift", "ln2High", "ln2Low"}, terms("exp", expTerms[bits]))
	m.hold = map[string][]string{"exp": all, "expNegative": all, "reduce": all}
	sign := ctx.VPMOVD2M
	if bits == 64 {
		m.loadMasked = ctx.VMOVUPD_Z
		m.storeMasked = func(from, mask, to Op) { ctx.VMOVUPD(from, mask, to) }
		m.blend = func(mask, yes, no, to Op) { ctx.VBLENDMPD(yes, no, mask, to) }
		m.only = func(mask, a, to Op) { ctx.VMOVAPD_Z(a, mask, to) }
		m.scale = func(a, n, to Op) { ctx.VSCALEFPD(n, a, to) }
		sign = ctx.VPMOVQ2M
	}
	m.negative = func(a reg.VecVirtual) Op {
		mask := ctx.K()
		sign(a, mask)
		return mask
	}
	m.tail = func(n reg.GPVirtual) func(int) Op {
		ones := ctx.GP64()
		ctx.MOVQ(I32(-1), ones)
		ctx.BZHIQ(n, ones, ones)
		var masks []Op
		for range bits / 32 {
			mask := ctx.K()
			ctx.KMOVW(ones.As32(), mask)
			ctx.SHRQ(Imm(uint64(8*m.bytes/bits)), ones)
			masks = append(masks, mask)
		}
		return func(part int) Op { return masks[part] }
	}
	return m
}
