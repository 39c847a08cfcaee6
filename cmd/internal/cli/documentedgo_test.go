package cli

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// goCall matches a call of go run or go test, with the folder that a cd before it enters.
var goCall = regexp.MustCompile(`(?:cd (\S+) && )?(?:[A-Z_]+=\S+ )*go (run|test) ([^\n` + "`" + `]*)`)

// TestDocumentedGo: every call of go run and go test in a document, and in the comment of a program, names packages that exist, flags that the
// program has, and a pattern that some test or benchmark of the packages matches.
func TestDocumentedGo(t *testing.T) {
	found := 0
	for place, text := range goTexts(t) {
		for _, call := range goCall.FindAllStringSubmatch(text, -1) {
			folder := filepath.Join(root, call[1])
			if filepath.Ext(place) == ".go" && call[1] == "" {
				folder = moduleOf(filepath.Join(root, place))
			}
			words, said := wordsOf(call[3]), ""
			if call[2] == "test" {
				said = wrongTest(folder, words)
			} else {
				said = wrongProgram(folder, words)
			}
			found++
			if said != "" {
				t.Errorf("%s: %s: %s", place, call[0], said)
			}
		}
	}
	if found < 60 {
		t.Errorf("only %d calls were found", found)
	}
}

// TestDocumentedTargets: every target of make in a document exists.
func TestDocumentedTargets(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for place, text := range goTexts(t) {
		for _, call := range regexp.MustCompile("(?m)(?:`|^    )make ([a-z-]+)").FindAllStringSubmatch(text, -1) {
			found++
			if !strings.Contains(string(makefile), "\n"+call[1]+":") {
				t.Errorf("%s: there is no target %s", place, call[1])
			}
		}
	}
	if found < 4 {
		t.Errorf("only %d targets were found", found)
	}
}

// goTexts returns the documents outside the book, whose programs TestBook runs, and the comments of all programs, by their places.
func goTexts(t *testing.T) map[string]string {
	t.Helper()
	texts := make(map[string]string)
	for _, file := range documents(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if place := strings.TrimPrefix(filepath.ToSlash(file), root+"/"); !strings.HasPrefix(place, "docs/book/") {
			texts[place] = string(text)
		}
	}
	if err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case filepath.Ext(path) != ".go":
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.PackageClauseOnly|parser.ParseComments)
		if err == nil && file.Name.Name == "main" && file.Doc != nil {
			texts[strings.TrimPrefix(filepath.ToSlash(path), root+"/")] = file.Doc.Text()
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return texts
}

// moduleOf returns the folder of the module that has a file.
func moduleOf(file string) string {
	folder := filepath.Dir(file)
	for folder != root {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			break
		}
		folder = filepath.Dir(folder)
	}
	return folder
}

// wordsOf returns the words of a command in a shell, up to a comment, an operator or a gap of several spaces before a remark.
func wordsOf(line string) (words []string) {
	line, _, _ = strings.Cut(line, "   ")
	for _, token := range shellToken.FindAllString(line, -1) {
		if strings.ContainsAny(token[:1], "#|;&()<>") {
			break
		}
		words = append(words, quotes.ReplaceAllString(token, "$1$2"))
	}
	return words
}

// wrongProgram says what is wrong with the words after go run, called in a folder; "" if nothing is.
func wrongProgram(folder string, words []string) string {
	for len(words) > 1 && (words[0] == "-exec" || words[0] == "-C") {
		if words[0] == "-C" {
			folder = filepath.Join(folder, words[1])
		}
		words = words[2:]
	}
	if len(words) == 0 {
		return "it names no program"
	}
	name := filepath.Join(folder, words[0])
	sources, _ := filepath.Glob(filepath.Join(name, "*.go"))
	if strings.HasSuffix(name, ".go") {
		sources = []string{name}
	}
	var code strings.Builder
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			return err.Error()
		}
		code.Write(text)
	}
	if code.Len() == 0 {
		return "there is no program " + words[0]
	}
	if words[0] == "./cmd/steepest" { // TestDocumentedCommands reads its flags
		return ""
	}
	for _, word := range words[1:] {
		if flag, is := strings.CutPrefix(word, "-"); is && !strings.Contains(code.String(), `"`+flag+`"`) {
			return "there is no flag " + word
		}
	}
	return ""
}

// wrongTest says what is wrong with the words after go test, called in a folder; "" if nothing is.
func wrongTest(folder string, words []string) string {
	folders := []string{folder}
	var patterns []string
	for i := 0; i < len(words); i++ {
		switch word := words[i]; {
		case slices.Contains([]string{"-run", "-bench"}, word) && i+1 < len(words):
			i++
			if !slices.Contains([]string{"xxx", "."}, words[i]) {
				patterns = append(patterns, words[i])
			}
		case slices.Contains([]string{"-benchtime", "-count", "-exec", "-tags", "-timeout", "-o"}, word):
			i++
		case strings.HasPrefix(word, "."):
			folders = append(folders, filepath.Join(folder, strings.TrimSuffix(word, "...")))
		}
	}
	if len(folders) > 1 {
		folders = folders[1:]
	}
	var code strings.Builder
	for _, folder := range folders {
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			return "there is no folder " + folder
		}
		tests, _ := filepath.Glob(filepath.Join(folder, "*_test.go"))
		for _, test := range tests {
			text, err := os.ReadFile(test)
			if err != nil {
				return err.Error()
			}
			code.Write(text)
		}
	}
	names := regexp.MustCompile(`(?m)^func ((?:Test|Benchmark|Example|Fuzz)\w*)\(`).FindAllStringSubmatch(code.String(), -1)
	for _, pattern := range patterns {
		first, _, _ := strings.Cut(pattern, "/")
		matches, err := regexp.Compile(first)
		if err != nil {
			return err.Error()
		}
		if !slices.ContainsFunc(names, func(name []string) bool { return matches.MatchString(name[1]) }) {
			return "no test or benchmark matches " + pattern
		}
	}
	return ""
}
