// Command elementwise writes the vector code of the elementwise kernels of package simd, and of the sums that rules need.
//
// The formulas are those of elementwise.go and sums.go, operation by operation. Products are rounded before they are
// added (no fused multiply-add), so the bits are those of the portable code.
package main

import (
	"strings"
	"text/template"

	"steepest/internal/simd/_asm/output"
)

func main() {
	out := output.Of("elementwise")
	for _, on := range machines {
		ctx := output.NewContext()
		emitters := []*emitter{newFloat32(ctx, on(ctx, 32)), newFloat64(ctx, on(ctx, 64))}
		for _, e := range emitters {
			for _, end := range endings {
				for _, k := range kernels {
					e.kernel(k, end)
				}
			}
			for _, k := range sums {
				e.sum(k)
			}
		}
		name := emitters[0].name
		out.Write("elementwise_"+strings.ToLower(name), ctx, output.Execute(declarations,
			map[string]any{"Machine": name, "Kernels": kernels, "Endings": endings, "Sums": sums, "Bits": []int{32, 64}}))
	}
}

var declarations = template.Must(template.New("").Parse(`{{range $bits := .Bits}}
// elementwiseF{{.}}{{$.Machine}} runs kernel k on the vectors at v, all of the length of the first. It reports whether the processor's
// flag for subnormal operands is set, by this call or by earlier code, and clears the flag.
func elementwiseF{{.}}{{$.Machine}}(k kernel, end ending, c, m *float64, v *[]float{{.}}, x *float{{$bits}}) bool {
	switch end {
{{- range $end := $.Endings}}
	case is{{.Name}}:
		switch k {
	{{- range $.Kernels}}
		case {{.Name}}:
			return {{.Name}}{{$end.Name}}F{{$bits}}{{$.Machine}}(c, m, v, x)
	{{- end}}
		}
{{- end}}
	}
	return false
}
{{range $end := $.Endings}}{{range $.Kernels}}
//go:noescape
func {{.Name}}{{$end.Name}}F{{$bits}}{{$.Machine}}(c, m *float64, v *[]float{{$bits}}, x *float{{$bits}}) (subnormal bool)
{{end}}{{end}}
// sumF{{.}}{{$.Machine}} stores in s the partial sums of sum k over the whole cache lines of the vectors at v, and returns the number of terms.
func sumF{{.}}{{$.Machine}}(k sumKernel, c *float64, v *[]float{{.}}, s *[16]float64) (done int) {
	switch k {
{{- range $.Sums}}
	case {{.Name}}:
		return {{.Name}}F{{$bits}}{{$.Machine}}(c, v, s)
{{- end}}
	}
	return 0
}
{{range $.Sums}}
//go:noescape
func {{.Name}}F{{$bits}}{{$.Machine}}(c *float64, v *[]float{{$bits}}, s *[16]float64) (done int)
{{end}}
{{- end}}`))
