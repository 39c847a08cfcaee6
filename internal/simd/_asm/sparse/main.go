// Command sparse writes the vector code of the kernels of package simd for sparse rows.
//
// The entries are read one by one: VGATHERDPD is slower than four loads on AMD's processors, and AVX2 cannot scatter. Assembly
// wins because it needs fewer instructions: four sums share one register.
package main

import (
	"text/template"

	"steepest/internal/simd/_asm/output"
)

func main() {
	out, ctx := output.Of("sparse"), output.NewContext()
	for _, bits := range []int{32, 64} {
		e := newEmitter(ctx, bits)
		e.gatherDot()
		e.scatterAxpy()
		e.gatherDots()
		e.scatterAxpys()
	}
	prefetch(ctx)
	out.Write("sparse_avx2", ctx, output.Execute(declarations, map[string]any{"Bits": []int{32, 64}}))
}

var declarations = template.Must(template.New("").Parse(`{{range .Bits}}
//go:noescape
func gatherDotF{{.}}AVX2(n int, s *[4]float{{.}}, columns *uint32, values *float{{.}}, x *float{{.}}, d int) (done int)

//go:noescape
func scatterAxpyF{{.}}AVX2(n int, s float{{.}}, columns *uint32, values *float{{.}}, y *float{{.}}, d int) (done int)

//go:noescape
func gatherDotsF{{.}}AVX2(n int, dst *float{{.}}, pointers *int, nnz int, columns *uint32, values *float{{.}}, x *float{{.}}, d int) (done int)

//go:noescape
func scatterAxpysF{{.}}AVX2(n int, s *float{{.}}, pointers *int, nnz int, columns *uint32, values *float{{.}}, y *float{{.}}, d int) (done int)
{{end}}
//go:noescape
func prefetchLines(from *byte, bytes int)
`))
