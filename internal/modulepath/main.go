// Command modulepath gives the module another path: in every go.mod, in the imports, and wherever code, documents and scripts name a
// package.
//
//	go run ./internal/modulepath github.com/owner/steepest
//
// It changes the files that git knows. The program is called steepest as before.
package main

import (
	"bytes"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"log"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("give one path: make module-path MODULE=github.com/owner/steepest")
	}
	list, err := exec.Command("git", "ls-files", "-z").Output()
	if err != nil {
		log.Fatalf("git does not list the files of this folder: %v", err)
	}
	n, err := rename(".", strings.FieldsFunc(string(list), func(r rune) bool { return r == 0 }), os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("changed %d files; build and test them: go build ./... && go test ./...\n", n)
}

// rename changes the path of the module in the folder root to the given path, and returns the number of changed files. If a file cannot
// be read, it writes none.
func rename(root string, files []string, to string) (int, error) {
	if err := module.CheckPath(to); err != nil {
		return 0, err
	}
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return 0, err
	}
	r := newRenaming(modfile.ModulePath(text), to, files)
	changed := make(map[string][]byte)
	for _, file := range files {
		name := filepath.Join(root, file)
		info, err := os.Lstat(name)
		if err != nil {
			return 0, err
		}
		if !info.Mode().IsRegular() {
			continue
		}
		before, err := os.ReadFile(name)
		if err != nil {
			return 0, err
		}
		after, err := r.apply(file, before)
		if err != nil {
			return 0, err
		}
		if !bytes.Equal(before, after) {
			changed[name] = after
		}
	}
	for name, text := range changed {
		info, err := os.Stat(name)
		if err != nil {
			return 0, err
		}
		if err := os.WriteFile(name, text, info.Mode()); err != nil {
			return 0, err
		}
	}
	return len(changed), nil
}

// renaming is a change of a module's path.
type renaming struct {
	from, to string
	mention  *regexp.Regexp // the path where a text means it, and no folder or program of its name
}

// newRenaming knows the folders of the module by its files.
func newRenaming(from, to string, files []string) renaming {
	var folders []string
	for _, file := range files {
		top, _, below := strings.Cut(file, "/")
		if top = regexp.QuoteMeta(top); below && !slices.Contains(folders, top) {
			folders = append(folders, top)
		}
	}
	return renaming{from, to, regexp.MustCompile(`(^|[^\w./-])` + regexp.QuoteMeta(from) +
		`(/(?:` + strings.Join(folders, "|") + `)\b|/\.\.\.|/"|@v|=\.\.?/|=/)`)}
}

// apply returns the text of a file with the new path.
func (r renaming) apply(file string, text []byte) ([]byte, error) {
	if bytes.IndexByte(text, 0) >= 0 { // no text
		return text, nil
	}
	if path.Base(file) == "go.mod" {
		return r.inModule(file, text)
	}
	after := r.mention.ReplaceAll(text, []byte("${1}"+r.to+"${2}"))
	if path.Ext(file) != ".go" {
		return after, nil
	}
	return r.inImports(file, after)
}

// inModule changes the path in a go.mod.
func (r renaming) inModule(file string, text []byte) ([]byte, error) {
	parsed, err := modfile.Parse(file, text, nil)
	if err != nil {
		return nil, err
	}
	rename := func(line *modfile.Line) {
		for i, word := range line.Token {
			if word == r.from || strings.HasPrefix(word, r.from+"/") {
				line.Token[i] = r.to + word[len(r.from):]
			}
		}
	}
	for _, statement := range parsed.Syntax.Stmt {
		switch statement := statement.(type) {
		case *modfile.Line:
			rename(statement)
		case *modfile.LineBlock:
			for _, line := range statement.Line {
				rename(line)
			}
		}
	}
	return modfile.Format(parsed.Syntax), nil
}

// inImports changes imports of the module's root, whose path is a word that may mean other things elsewhere.
func (r renaming) inImports(file string, text []byte) ([]byte, error) {
	positions := token.NewFileSet()
	parsed, err := parser.ParseFile(positions, file, text, parser.ImportsOnly)
	if err != nil { // a test's example of a text that does not parse
		return text, nil
	}
	for _, spec := range slices.Backward(parsed.Imports) {
		if spec.Path.Value == strconv.Quote(r.from) {
			at := positions.Position(spec.Path.Pos()).Offset
			text = slices.Replace(slices.Clone(text), at, at+len(spec.Path.Value), []byte(strconv.Quote(r.to))...)
		}
	}
	return format.Source(text) // which sorts the imports
}
