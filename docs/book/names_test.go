package book_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"steepest/lecture"
	"steepest/methods"
)

// qualified finds a name of a package in code: `train.Minimize`.
var qualified = regexp.MustCompile("`(?:&|\\*)?([a-z]+[a-z0-9]*)\\.([A-Z]\\w*)")

// TestNamesExist: names of our packages in the book are exported by them.
func TestNamesExist(t *testing.T) {
	exported := map[string][]string{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if slices.Contains([]string{"testdata", "bench", "findings", "docs", "internal", "browser"}, d.Name()) || strings.HasPrefix(d.Name(), "_") {
			return filepath.SkipDir
		}
		files, err := filepath.Glob(filepath.Join(path, "*.go"))
		for _, name := range files {
			if f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution); err == nil {
				exported[f.Name.Name] = append(exported[f.Name.Name], declared(f)...)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(exported["train"]) == 0 {
		t.Fatal("nothing is exported")
	}
	for name, page := range pages(t) {
		for _, m := range qualified.FindAllStringSubmatch(page, -1) {
			if names, ours := exported[m[1]]; ours && !slices.Contains(names, m[2]) {
				t.Errorf("%s: there is no %s.%s", name, m[1], m[2])
			}
		}
	}
}

// declared returns the functions, types, variables and constants of a file.
func declared(f *ast.File) (names []string) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			names = append(names, d.Name.Name)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					names = append(names, s.Name.Name)
				case *ast.ValueSpec:
					for _, n := range s.Names {
						names = append(names, n.Name)
					}
				}
			}
		}
	}
	return names
}

// pages returns the pages of the book by name.
func pages(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("*.md")
	if err != nil || paths == nil {
		t.Fatal(err, paths)
	}
	all := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[path] = string(text)
	}
	return all
}

// TestSpecificationsAreRead: the tables for users of other libraries name only methods and options that exist.
func TestSpecificationsAreRead(t *testing.T) {
	text := pages(t)["coming-from.md"]
	row := regexp.MustCompile("(?m)^\\| `.*`[^|]* \\| (`[^|]*`) \\|$")
	spec := regexp.MustCompile("`([a-z][^`]*)`")
	read := 0
	for _, r := range row.FindAllStringSubmatch(text, -1) {
		for _, s := range spec.FindAllStringSubmatch(r[1], -1) {
			if strings.HasPrefix(s[1], "steepest ") {
				continue // the commands are run by tests of the command line
			}
			read++
			if _, _, err := methods.Parse(s[1], "average"); err != nil {
				t.Errorf("%s: %v", r[0], err)
			}
		}
	}
	if read < 20 {
		t.Errorf("only %d specifications were found", read)
	}
}

// TestLectureIsWhole: the map of the lecture lists all scenes in their order, in both languages.
func TestLectureIsWhole(t *testing.T) {
	for page, title := range map[string]func(lecture.Text) string{
		"lecture.md":    func(t lecture.Text) string { return t.En },
		"lecture.ru.md": func(t lecture.Text) string { return t.Ru },
	} {
		text := pages(t)[page]
		for _, s := range lecture.Scenes() {
			row := "\n| " + title(s.Title) + " | `" + s.Name + "` | "
			_, rest, found := strings.Cut(text, row)
			if !found {
				t.Fatalf("%s: the row of %s is missing or not in the order of the lecture", page, s.Name)
			}
			text = "\n" + rest
		}
	}
}
