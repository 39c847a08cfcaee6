// Command gemm writes the vector code for matrix products in package simd: the kernels of a block of C and the packing of operands.
package main

import (
	"text/template"

	"steepest/internal/simd/_asm/output"
)

func main() {
	out := output.Of("gemm")
	for name, s := range map[string]set{"avx2": avx2, "avx512": avx512, "avx512bf16": bf16} {
		ctx := output.NewContext()
		masks := maskTable(ctx)
		for _, largest := range s.Blocks {
			e := newEmitter(ctx, s, largest, masks)
			for _, rows := range count(largest.Rows) {
				for _, vectors := range count(largest.Vectors) {
					e.block(rows, vectors)
				}
			}
			if s.Name != bf16.Name {
				e.transpose()
				e.copyBands()
			}
		}
		out.Write("gemm_"+name, ctx, output.Execute(declarations,
			map[string]any{"Set": s, "Packs": s.Name != bf16.Name, "Rows": s.Name == avx2.Name}))
	}
}

// count returns 1, 2, …, n.
func count(n int) (list []int) {
	for i := range n {
		list = append(list, i+1)
	}
	return list
}

var declarations = template.Must(template.New("").Funcs(template.FuncMap{"count": count}).Parse(
	`{{$set := .Set}}
{{- range $largest := .Set.Blocks}}{{$bits := .Bits}}
// multiplyF{{$bits}}{{$set.Name}} runs the kernel of a block of the given rows and vectors.
func multiplyF{{$bits}}{{$set.Name}}(b *Block[float{{$bits}}], rows, vectors int) {
	switch (rows-1)*{{.Vectors}} + vectors {
{{- range $rows := count .Rows}}{{range $vectors := count $largest.Vectors}}
	case {{$largest.Case $rows $vectors}}:
		multiplyF{{$bits}}{{$set.Name}}x{{$rows}}x{{$vectors}}(b)
{{- end}}{{end}}
	}
}
{{range $rows := count .Rows}}{{range $vectors := count $largest.Vectors}}
//go:noescape
func multiplyF{{$bits}}{{$set.Name}}x{{$rows}}x{{$vectors}}(b *Block[float{{$bits}}])
{{end}}{{end}}
{{- if $.Packs}}
//go:noescape
func transposeF{{$bits}}{{$set.Name}}(dst *float{{$bits}}, to int, src *float{{$bits}}, from,{{if $.Rows}} rows,{{end}} k int)

//go:noescape
func copyBandsF{{$bits}}{{$set.Name}}(dst *float{{$bits}}, to, band int, src *float{{$bits}}, from, cols, bands, k int)
{{end}}
{{- end}}`))
