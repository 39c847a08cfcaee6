package main

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// parse parses the files of a package that match a pattern.
func parse(t *testing.T, folder, pattern string) (files []*ast.File) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("../..", folder, pattern))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// TestEveryPackageHasAnExample checks all packages that a user can import, except helpers of tests such as data/datatest.
func TestEveryPackageHasAnExample(t *testing.T) {
	for folder := range imports(t) {
		switch {
		case strings.Contains(folder, "internal"), strings.HasSuffix(folder, "test"), top(folder) == "cmd", folder == "lab/browser":
		case len(doc.Examples(parse(t, folder, "*_test.go")...)) == 0:
			t.Errorf("package %s has no Example", folder)
		}
	}
}

// TestEveryRuleHasAnExample checks the elementwise rules: the types with a method Chain.
func TestEveryRuleHasAnExample(t *testing.T) {
	shown := make(map[string]bool)
	for _, e := range doc.Examples(parse(t, "optim/rules", "*_test.go")...) {
		shown[e.Name] = true
	}
	rules := 0
	for _, file := range parse(t, "optim/rules", "*.go") {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.Name == "Chain" {
				rules++
				if name := f.Recv.List[0].Type.(*ast.Ident).Name; !shown[name] {
					t.Errorf("rule %s has no Example", name)
				}
			}
		}
	}
	if rules < 34 {
		t.Errorf("only %d rules were found", rules)
	}
}
