package steepest

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeShowsTheExample: the program in README.md stands in Example, whose output is tested.
func TestReadmeShowsTheExample(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile("(?s)```go\n(.*?)```").FindSubmatch(readme)
	if code == nil {
		t.Fatal("README.md has no program")
	}
	if inside := regexp.MustCompile(`(?m)^(.)`).ReplaceAllString(string(code[1]), "\t$1"); !strings.Contains(string(example), inside) {
		t.Errorf("example_test.go does not have\n%s", inside)
	}
}
