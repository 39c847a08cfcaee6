// Command bf16 writes the vector code with which package simd converts between float32 and bfloat16.
package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"steepest/internal/simd/_asm/output"
)

func main() {
	out, ctx := output.Of("bf16"), output.NewContext()
	round(ctx)
	widen(ctx)
	addRows(ctx)
	out.Write("bf16_avx2", ctx, "")
}

// round writes the rounding of n float32, n a positive multiple of 16, to the nearest bfloat16, ties to even.
func round(ctx *build.Context) {
	ctx.Function("roundBF16AVX2")
	ctx.Attributes(attr.NOSPLIT)
	ctx.Pragma("noescape")
	ctx.SignatureExpr("func(n int, dst *uint16, src *float32)")
	n := ctx.Load(ctx.Param("n"), ctx.GP64())
	dst, src := ctx.Load(ctx.Param("dst"), ctx.GP64()), ctx.Load(ctx.Param("src"), ctx.GP64())
	one, half, quiet := broadcast(ctx, 1), broadcast(ctx, 0x7fff), broadcast(ctx, 0x40)
	ctx.Label("loop")
	var halves [2]reg.VecVirtual
	for i := range halves {
		v, top, odd, nan := ctx.YMM(), ctx.YMM(), ctx.YMM(), ctx.YMM()
		ctx.VMOVDQU(Mem{Base: src, Disp: 32 * i}, v)
		ctx.VPSRLD(Imm(16), v, top)
		ctx.VCMPPS(Imm(3), v, v, nan)
		ctx.VPAND(one, top, odd)
		ctx.VPADDD(half, odd, odd)
		ctx.VPADDD(v, odd, odd)
		ctx.VPSRLD(Imm(16), odd, odd)
		ctx.VPOR(quiet, top, top)
		ctx.VPBLENDVB(nan, top, odd, odd)
		halves[i] = odd
	}
	packed := ctx.YMM()
	ctx.VPACKUSDW(halves[1], halves[0], packed)
	ctx.VPERMQ(Imm(0b11_01_10_00), packed, packed)
	ctx.VMOVDQU(packed, Mem{Base: dst})
	ctx.ADDQ(Imm(64), src)
	ctx.ADDQ(Imm(32), dst)
	ctx.SUBQ(Imm(16), n)
	ctx.JNE(LabelRef("loop"))
	ctx.VZEROUPPER()
	ctx.RET()
}

func broadcast(ctx *build.Context, bits uint32) reg.VecVirtual {
	r, v := ctx.GP32(), ctx.YMM()
	ctx.MOVL(U32(bits), r)
	ctx.VMOVD(r, v.AsX())
	ctx.VPBROADCASTD(v.AsX(), v)
	return v
}

// widen writes the conversion of n bfloat16, n a positive multiple of 16, to float32.
func widen(ctx *build.Context) {
	ctx.Function("widenBF16AVX2")
	ctx.Attributes(attr.NOSPLIT)
	ctx.Pragma("noescape")
	ctx.SignatureExpr("func(n int, dst *float32, src *uint16)")
	n := ctx.Load(ctx.Param("n"), ctx.GP64())
	dst, src := ctx.Load(ctx.Param("dst"), ctx.GP64()), ctx.Load(ctx.Param("src"), ctx.GP64())
	ctx.Label("loop")
	for i := range 2 {
		v := ctx.YMM()
		ctx.VPMOVZXWD(Mem{Base: src, Disp: 16 * i}, v)
		ctx.VPSLLD(Imm(16), v, v)
		ctx.VMOVDQU(v, Mem{Base: dst, Disp: 32 * i})
	}
	ctx.ADDQ(Imm(32), src)
	ctx.ADDQ(Imm(64), dst)
	ctx.SUBQ(Imm(16), n)
	ctx.JNE(LabelRef("loop"))
	ctx.VZEROUPPER()
	ctx.RET()
}

// rowBytes is the number of bytes of a row that addRows adds, 64 bfloat16.
const rowBytes = 128

// addRows writes the sum of dst and some rows of 64 bfloat16, at least one. stride holds the bytes from one row to the next.
func addRows(ctx *build.Context) {
	ctx.Function("addRowsBF16AVX2")
	ctx.Attributes(attr.NOSPLIT)
	ctx.Pragma("noescape")
	ctx.SignatureExpr("func(dst *float32, src *uint16, stride, rows int)")
	dst, src := ctx.Load(ctx.Param("dst"), ctx.GP64()), ctx.Load(ctx.Param("src"), ctx.GP64())
	stride, rows := ctx.Load(ctx.Param("stride"), ctx.GP64()), ctx.Load(ctx.Param("rows"), ctx.GP64())
	var sums [rowBytes / 16]reg.VecVirtual
	for i := range sums {
		sums[i] = ctx.YMM()
		ctx.VMOVUPS(Mem{Base: dst, Disp: 32 * i}, sums[i])
	}
	ctx.Label("row")
	for i, sum := range sums {
		v := ctx.YMM()
		ctx.VPMOVZXWD(Mem{Base: src, Disp: 16 * i}, v)
		ctx.VPSLLD(Imm(16), v, v)
		ctx.VADDPS(v, sum, sum)
	}
	ctx.ADDQ(stride, src)
	ctx.DECQ(rows)
	ctx.JNE(LabelRef("row"))
	for i, sum := range sums {
		ctx.VMOVUPS(sum, Mem{Base: dst, Disp: 32 * i})
	}
	ctx.VZEROUPPER()
	ctx.RET()
}
