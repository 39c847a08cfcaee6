package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "steepest/"

// imports returns, for each folder, the packages of the module that its package imports. Tests, nested modules and generators do not
// count.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	root := "../.."
	all := make(map[string][]string)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == "bench" || name == "testdata" || name == "findings" || strings.HasPrefix(name, "_") || len(name) > 2 && name[0] == '.'):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		if file.Name.Name == "main" && !strings.Contains(path, "/cmd/") {
			return nil // a generator
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			if own, ok := strings.CutPrefix(must(strconv.Unquote(i.Path.Value)), module); ok {
				all[folder] = append(all[folder], own)
			}
		}
		if all[folder] == nil {
			all[folder] = []string{}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("only %d packages were found", len(all))
	}
	return all
}

func must(s string, err error) string {
	if err != nil {
		panic(err)
	}
	return s
}

// top returns the first part of a path.
func top(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}

// TestNoFolderStandsAboveAndBelow: between any two folders at the root, imports run one way, through other folders too.
func TestNoFolderStandsAboveAndBelow(t *testing.T) {
	below := make(map[string]map[string]bool)
	for folder, list := range imports(t) {
		for _, other := range list {
			if a, b := top(folder), top(other); a != b {
				if below[a] == nil {
					below[a] = make(map[string]bool)
				}
				below[a][b] = true
			}
		}
	}
	for range below { // the transitive closure
		for _, under := range below {
			for b := range maps.Clone(under) {
				maps.Copy(under, below[b])
			}
		}
	}
	for a, under := range below {
		if under[a] {
			t.Errorf("the folder %s stands above and below another", a)
		}
	}
}

// TestWalls holds the walls that docs/architecture.md names: no package at the first path, or below it, imports one at the second.
func TestWalls(t *testing.T) {
	all := imports(t)
	within := func(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }
	for _, wall := range []struct{ from, to string }{
		{"data", "objective"}, {"data", "train"},
		{"objective", "optim"}, {"objective", "train"}, {"objective", "nn"},
		{"nn", "optim"}, {"nn", "train"},
		{"gpt", "optim"}, {"gpt", "train"}, {"gpt", "methods"},
		{"optim", "objective"}, {"optim", "nn"}, {"optim", "train"}, {"optim", "methods"},
		{"optim/rules", "optim/matrix"}, {"optim/norm", "optim/rules"}, {"optim/matfun", "optim/norm"},
		{"train", "nn"}, {"train", "compare"}, {"train", "report"}, {"train", "methods"}, {"train", "optim/matrix"},
		{"theory", "methods"}, {"theory", "report"},
		{"compare", "nn"}, {"compare", "data"}, {"compare", "optim/matrix"},
		{"runs", "train"}, {"runs", "report"}, {"report", "train"}, {"report", "optim"}, {"report", "compare"}, {"report", "methods"},
		{"cmd", "optim/rules"}, {"cmd", "optim/matrix"},
		{"train/dist", "objective"}, {"train/dist", "optim"}, {"cmd/internal", "train/dist/mpi"}, {"cmd/steepest", "train/dist/mpi"}, {"train/dist/mpi", "train/dist/disttest"},
	} {
		for folder, list := range all {
			for _, other := range list {
				if within(folder, wall.from) && within(other, wall.to) {
					t.Errorf("%s imports %s", folder, other)
				}
			}
		}
	}
	for folder, allowed := range map[string][]string{ // all of the module that they may import
		"param": {"internal/suggest"}, "checkpoint": nil, "metrics": nil, "optim/schedule": {"internal/cosine", "internal/decimal"}, "internal/simd": nil, "internal/mathml": nil,
	} {
		list, ok := all[folder]
		for _, other := range list {
			if !slices.Contains(allowed, other) {
				t.Errorf("%s imports %s", folder, other)
			}
		}
		if !ok {
			t.Errorf("there is no package %s", folder)
		}
	}
}
