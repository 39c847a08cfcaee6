package book_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var write = flag.Bool("write", false, "write the programs and their outputs to the pages")

// shown is a program in a page: a comment with the name of the file that it comes from, its code, and the next block, which is its output.
var shown = regexp.MustCompile("(?s)<!-- (\\w+_test\\.go) -->\n```go\n(.*?)```\n(.*?)```text\n(.*?)```\n")

// example finds the imports, the body and the output in the file of an example.
var example = regexp.MustCompile(`(?s)^package book_test\n(.*)\nfunc Example_\w+\(\) \{\n(.*?)\t// Output:\n((?:\t// .*?\n)*)\}\n$`)

// TestPagesShowTheExamples: each program of the book is an example of this package, whose output is tested, and each example is in the book.
// To bring the pages up to date, run: go test ./docs/book -write
func TestPagesShowTheExamples(t *testing.T) {
	found := map[string]bool{"pages_test.go": true, "names_test.go": true}
	for name, page := range pages(t) {
		if n, all := len(shown.FindAllString(page, -1)), strings.Count(page, "```go\n"); n != all {
			t.Errorf("%s: %d of %d programs name their file and have an output", name, n, all)
		}
		want := shown.ReplaceAllStringFunc(page, func(block string) string {
			m := shown.FindStringSubmatch(block)
			found[m[1]] = true
			program, output := read(t, m[1])
			return "<!-- " + m[1] + " -->\n```go\n" + program + "```\n" + m[3] + "```text\n" + output + "```\n"
		})
		if want == page {
			continue
		}
		if !*write {
			t.Errorf("%s differs from its examples; run: go test ./docs/book -write", name)
		} else if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if !found[name] {
			t.Errorf("no page shows %s", name)
		}
	}
}

// read returns an example as a program, and its output.
func read(t *testing.T, name string) (program, output string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	m := example.FindStringSubmatch(string(text))
	if m == nil {
		t.Fatalf("%s is not one example with an output at its end", name)
	}
	return "package main\n" + m[1] + "\nfunc main() {\n" + m[2] + "}\n", strings.ReplaceAll(m[3], "\t// ", "")
}
