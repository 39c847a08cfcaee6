package simd

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tables names the test functions that list kernels for the comparison with portable Go, or compare them directly.
var tables = []string{"operations", "level1", "level2", "networkOperations", "sparseSameBits", "sparseRows", "sumOperations"}

// apart names the functions of vectors that have tests of their own instead: blocks of matrix products and the packing of their
// operands, sums of squares, and functions that only move or prefetch memory.
var apart = "SumSquares Finite Norm RoundBF16 WidenBF16 AddRowsBF16 RoundBlockBF16 MultiplyTilesRounded PackSquare WordsBF16 Transpose CopyBands MultiplyPanels " +
	"PackPanels PackStrip TransposeTiles CopyTransposed SumPanels PackParts Prefetch LargePages MoveToLargePages"

// TestEveryKernelIsCompared parses the package. Every exported function of vectors is a kernel and must be in a table, so that a test
// compares its assembly with portable Go, bit for bit.
func TestEveryKernelIsCompared(t *testing.T) {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	compared, kernels := make(map[string]bool), make(map[string]bool)
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		test := strings.HasSuffix(path, "_test.go")
		for _, declared := range file.Decls {
			f, ok := declared.(*ast.FuncDecl)
			switch {
			case !ok || f.Recv != nil:
			case test && slices.Contains(tables, f.Name.Name):
				ast.Inspect(f, func(n ast.Node) bool {
					if name, ok := n.(*ast.Ident); ok {
						compared[name.Name] = true
					}
					return true
				})
			case !test && f.Name.IsExported() && hasVector(f.Type):
				kernels[f.Name.Name] = true
			}
		}
	}
	for _, name := range strings.Fields(apart) {
		if !kernels[name] {
			t.Errorf("%s is no kernel any more", name)
		}
		compared[name] = true
	}
	for name := range kernels {
		if !compared[name] {
			t.Errorf("the kernel %s stands in none of the tables of the tests", name)
		}
	}
	if len(kernels) < 40 {
		t.Errorf("only %d kernels were found", len(kernels))
	}
}

// hasVector reports whether a function takes a slice of numbers.
func hasVector(f *ast.FuncType) bool {
	for _, field := range f.Params.List {
		slice, ok := field.Type.(*ast.ArrayType)
		if !ok || slice.Len != nil {
			continue
		}
		if element, ok := slice.Elt.(*ast.Ident); ok && element.Name != "byte" {
			return true
		}
	}
	return false
}
