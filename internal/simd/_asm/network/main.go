// Command network writes the vector code of the kernels of neural networks of package simd.
//
// The formulas are those of exp.go, tanh.go, sigmoid.go, gelu.go, softmax.go and layernorm.go, operation by operation. Products
// are rounded before they are added (no fused multiply-add), so the bits are those of the portable code.
package main

import (
	"strings"
	"text/template"

	"steepest/internal/simd/_asm/output"
)

func main() {
	out := output.Of("network")
	for _, on := range machines {
		ctx := output.NewContext()
		emitters := []*emitter{newFloat32(ctx, on(ctx, 32)), newFloat64(ctx, on(ctx, 64))}
		for _, e := range emitters {
			for _, k := range kernels {
				e.kernel(k)
			}
		}
		name := emitters[0].name
		out.Write("network_"+strings.ToLower(name), ctx, output.Execute(declarations,
			map[string]any{"Machine": name, "Kernels": kernels, "Bits": []int{32, 64}}))
	}
}

var declarations = template.Must(template.New("").Parse(`{{range $bits := .Bits}}
// networkF{{.}}{{$.Machine}} runs kernel k on n elements of the vectors v.
func networkF{{.}}{{$.Machine}}(k networkKernel, n int, c *wide, a *[16]float{{.}}, s *sums, v *[5]*float{{.}}) {
	switch k {
{{- range $.Kernels}}
	case {{.Name}}Kernel:
		{{.Name}}F{{$bits}}{{$.Machine}}(n, c, a, s, v)
{{- end}}
	}
}
{{range $.Kernels}}
//go:noescape
func {{.Name}}F{{$bits}}{{$.Machine}}(n int, c *wide, a *[16]float{{$bits}}, s *sums, v *[5]*float{{$bits}})
{{end}}
{{end}}`))
