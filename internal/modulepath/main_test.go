package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tree is a small module: the path of each file, its text, and its text under the path example.org/some.one/descent.
var tree = [][3]string{
	{"go.mod", "module slope\n\ngo 1.26.0\n", "module example.org/some.one/descent\n\ngo 1.26.0\n"},
	{"bench/go.mod",
		"module slope/bench\n\nrequire (\n\tslope v0.0.0\n\texample.org/slope/optim v1.0.0\n)\n\nreplace slope => ../\n",
		"module example.org/some.one/descent/bench\n\nrequire (\n\texample.org/some.one/descent v0.0.0\n\texample.org/slope/optim v1.0.0\n)\n\nreplace example.org/some.one/descent => ../\n"},
	{"slope.go", "// Package slope is here.\npackage slope\n", "// Package slope is here.\npackage slope\n"},
	{"optim/optim.go",
		"package optim\n\nimport (\n\t\"fmt\"\n\n\t\"slope\"\n\t_ \"slope/data\" // \"slope/data\"\n)\n\n" +
			"var words = []string{\n\t\"slope\",\n\t\"slope/\",\n\t\"cmd/slope/main.go\",\n\t\"slope-mpi\",\n\t\"-gcflags=slope/...=-S\",\n}\n",
		"package optim\n\nimport (\n\t\"fmt\"\n\n\t\"example.org/some.one/descent\"\n\t_ \"example.org/some.one/descent/data\" // \"example.org/some.one/descent/data\"\n)\n\n" +
			"var words = []string{\n\t\"slope\",\n\t\"example.org/some.one/descent/\",\n\t\"cmd/slope/main.go\",\n\t\"slope-mpi\",\n\t\"-gcflags=example.org/some.one/descent/...=-S\",\n}\n"},
	{"data/data.go", "package data\n", "package data\n"},
	{"README.md",
		"Run `slope data`, read `go doc slope/optim`, `cmd/slope` and https://example.org/slope/data, and\n" +
			"`go mod edit -require=slope@v0.0.0 -replace=slope=../slope`; a slope/shallow slope.\n",
		"Run `slope data`, read `go doc example.org/some.one/descent/optim`, `cmd/slope` and https://example.org/slope/data, and\n" +
			"`go mod edit -require=example.org/some.one/descent@v0.0.0 -replace=example.org/some.one/descent=../slope`; a slope/shallow slope.\n"},
	{"picture.png", "\x00 \"slope/data\"", "\x00 \"slope/data\""},
}

func TestRename(t *testing.T) {
	root := t.TempDir()
	var files []string
	for _, f := range tree {
		name := filepath.Join(root, f[0])
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(f[1]), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, f[0])
	}
	holds := func(column int) {
		t.Helper()
		for _, f := range tree {
			if text, err := os.ReadFile(filepath.Join(root, f[0])); err != nil || string(text) != f[column] {
				t.Errorf("%s, %v:\n%s\nwant\n%s", f[0], err, text, f[column])
			}
		}
	}
	if _, err := rename(root, files, "slope"); err == nil || !strings.Contains(err.Error(), "missing dot") {
		t.Errorf("a path without a host: %v", err)
	}
	holds(1)
	for _, want := range []int{4, 0} { // the second time there is nothing to do
		if n, err := rename(root, files, "example.org/some.one/descent"); n != want || err != nil {
			t.Errorf("changed %d files, want %d: %v", n, want, err)
		}
		holds(2)
	}
	if n, err := rename(root, files, "example.net/other"); n != 4 || err != nil {
		t.Errorf("changed %d files on the way from there: %v", n, err)
	}
}
