// Command level12 writes the vector code of the kernels of BLAS levels 1 and 2 of package simd.
//
// The formulas are those of level1.go and level2.go. Products are rounded before they are added, and the partial sums there are
// lanes of registers here, so the bits are those of the portable code.
package main

import "steepest/internal/simd/_asm/output"

func main() {
	out, ctx, declarations := output.Of("level12"), output.NewContext(), ""
	mask := tailMask(ctx)
	single, double := newFloat32(ctx, mask), newFloat64(ctx, mask)
	for _, e := range []*emitter{single, double, double.widened(), single.halved()} {
		for _, k := range kernels {
			if e.form == k.form {
				declarations += e.function(k)
			}
		}
	}
	declarations += double.function(norm)
	out.Write("level12_avx2", ctx, declarations)
}
