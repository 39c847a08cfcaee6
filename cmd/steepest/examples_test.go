package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
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

// TestEveryRuleHasAnExample checks the types with a method Chain.
func TestEveryRuleHasAnExample(t *testing.T) {
	for folder, least := range map[string]int{"optim/rules": 34, "optim/matrix": 15} {
		shown := make(map[string]bool)
		for _, e := range doc.Examples(parse(t, folder, "*_test.go")...) {
			shown[e.Name] = true
		}
		rules := 0
		for _, file := range parse(t, folder, "*.go") {
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.Name == "Chain" {
					rules++
					if name := f.Recv.List[0].Type.(*ast.Ident).Name; !shown[name] {
						t.Errorf("rule %s of %s has no Example", name, folder)
					}
				}
			}
		}
		if rules < least {
			t.Errorf("only %d rules were found in %s", rules, folder)
		}
	}
}

// TestEveryNameHasAComment checks the exported names of all packages that a user can import, and of those for tests.
func TestEveryNameHasAComment(t *testing.T) {
	names := 0
	for folder := range imports(t) {
		if strings.Contains(folder, "internal") || top(folder) == "cmd" || folder == "lab/browser" {
			continue
		}
		for _, file := range parse(t, folder, "*.go") {
			if strings.HasSuffix(file.Name.Name, "_test") {
				continue
			}
			for _, d := range file.Decls {
				for name, comment := range exported(d) {
					names++
					if comment == nil {
						t.Errorf("%s: %s has no comment", folder, name)
					}
				}
			}
		}
	}
	if names < 1000 {
		t.Errorf("only %d names were found", names)
	}
}

// exported returns the exported names of a declaration, other than tests, each with its comment or that of its group. The methods of types that
// are not exported count as not exported.
func exported(d ast.Decl) map[string]*ast.CommentGroup {
	names := make(map[string]*ast.CommentGroup)
	add := func(name *ast.Ident, comments ...*ast.CommentGroup) {
		if name.IsExported() {
			names[name.Name] = cmp.Or(comments...)
		}
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		isTest := d.Recv == nil && slices.ContainsFunc([]string{"Test", "Benchmark", "Fuzz", "Example"}, func(kind string) bool { return strings.HasPrefix(d.Name.Name, kind) })
		if !isTest && (d.Recv == nil || receiver(d).IsExported()) {
			add(d.Name, d.Doc)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				add(s.Name, s.Doc, d.Doc)
			case *ast.ValueSpec:
				for _, name := range s.Names {
					add(name, s.Doc, s.Comment, d.Doc)
				}
			}
		}
	}
	return names
}

// receiver returns the name of the type of a method's receiver.
func receiver(f *ast.FuncDecl) *ast.Ident {
	t := f.Recv.List[0].Type
	for {
		switch of := t.(type) {
		case *ast.StarExpr:
			t = of.X
		case *ast.IndexExpr:
			t = of.X
		case *ast.IndexListExpr:
			t = of.X
		case *ast.Ident:
			return of
		default:
			panic(fmt.Sprintf("a receiver of type %T", t))
		}
	}
}
