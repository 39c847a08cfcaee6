// Command amx writes the kernels of package simd that multiply tiles of bfloat16 by Intel's Advanced Matrix Extensions, and the kernels
// that split tiles of float32 into three of bfloat16.
package main

import "steepest/internal/simd/_asm/output"

func main() {
	out, ctx := output.Of("amx"), output.NewContext()
	for _, down := range []int{1, 2} {
		for _, across := range []int{1, 2} {
			words.write(code{ctx}, down, across)
			roundedWords.write(code{ctx}, down, across)
			parts.write(code{ctx}, down, across)
		}
	}
	splitting{ctx}.write()
	panels{code: code{ctx}}.write()
	out.Write("gemm_amx", ctx, "")
}
