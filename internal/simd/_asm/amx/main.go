// Command amx writes the kernels of package simd that multiply tiles of bfloat16 by Intel's Advanced Matrix Extensions, and the kernels
// that split tiles of float32 into three of bfloat16.
package main

import (
	"flag"
	"log"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

// generator is what the written files name as their origin.
const generator = "internal/simd/_asm/amx"

func main() {
	log.SetFlags(0)
	dir := flag.String("dir", ".", "`folder` for gemm_amx_amd64.s and .go")
	flag.Parse()
	ctx := build.NewContext()
	ctx.ConstraintExpr("!purego")
	ctx.ConstraintExpr("!noasm")
	for _, down := range []int{1, 2} {
		for _, across := range []int{1, 2} {
			words.write(code{ctx}, down, across)
			parts.write(code{ctx}, down, across)
		}
	}
	splitting{ctx}.write()
	panels{code: code{ctx}}.write()
	file, err := ctx.Result()
	if err != nil {
		log.Fatal(err)
	}
	if err := pass.Compile.Execute(file); err != nil {
		log.Fatal(err)
	}
	config := printer.Config{Name: generator, Pkg: "simd"}
	for suffix, p := range map[string]printer.Printer{".s": printer.NewGoAsm(config), ".go": printer.NewStubs(config)} {
		text, err := p.Print(file)
		if err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(*dir, "gemm_amx_amd64"+suffix), text, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
