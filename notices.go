//go:build ignore

// This program writes NOTICE: the licences of everything that a binary of the programs holds and is not of this module.
//
//	go run notices.go > NOTICE
//
// It asks `go list` for the packages that are linked, and takes each file of a licence from the folder of a package up to the root
// of its module. The set of modules is the same on Linux, macOS and Windows.
package main

import (
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const (
	program  = "./cmd/steepest"
	ranks    = "./cmd/steepest-mpi"
	standard = "golang.org/x/sys" // has the licence of Go itself, which some packagings of Go leave out
)

var (
	licence = regexp.MustCompile(`(?i)^((un)?licen[cs]e|copying|notice|patents)`)
	// chosen is the licence that we take where a module leaves the choice.
	chosen = map[string]string{"github.com/golang/freetype": "licenses/ftl.txt"}
	// ours are files of this module that hold licences of others.
	ours = [][2]string{
		{"uPlot 1.6.32, in the pages of reports and of the lab", "report/assets/uPlot.LICENSE"},
		{"Embedded data sets", "data/embedded/LICENSES.md"},
	}
)

func main() {
	log.SetFlags(0)
	out, err := exec.Command("go", "list", "-deps", "-f",
		"{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}\t{{$.Dir}}{{end}}{{end}}", program, ranks).Output()
	if err != nil {
		log.Fatal(err)
	}
	holders := make(map[string][]string) // of a text
	add := func(text, holder string) {
		if !slices.Contains(holders[text], holder) {
			holders[text] = append(holders[text], holder)
		}
	}
	for line := range strings.Lines(string(out)) {
		if f := strings.Split(strings.TrimSpace(line), "\t"); len(f) == 4 {
			module, version, root, folder := f[0], f[1], f[2], f[3]
			for _, path := range licences(module, root, folder) {
				text := read(path)
				if module == standard {
					add(text, "Go's standard library and runtime")
				}
				below, err := filepath.Rel(root, filepath.Dir(path))
				if err != nil {
					log.Fatal(err)
				}
				add(text, strings.TrimSuffix(module+" "+version+", "+filepath.ToSlash(below), ", ."))
			}
		}
	}
	texts := make([]string, 0, len(holders))
	for text, list := range holders {
		slices.Sort(list)
		texts = append(texts, text)
	}
	slices.SortFunc(texts, func(a, b string) int { return strings.Compare(holders[a][0]+a, holders[b][0]+b) })

	fmt.Print("Steepest is linked with the modules below and holds the files below. These are their notices and licences.\n")
	for _, text := range texts {
		entry(strings.Join(holders[text], "\n"), text)
	}
	for _, file := range ours {
		entry(file[0], read(file[1]))
	}
}

// licences returns the files that state the terms of a package.
func licences(module, root, folder string) []string {
	if file, ok := chosen[module]; ok {
		return []string{filepath.Join(root, "LICENSE"), filepath.Join(root, file)}
	}
	var files []string
	for ; ; folder = filepath.Dir(folder) {
		entries, err := os.ReadDir(folder)
		if err != nil {
			log.Fatal(err)
		}
		for _, e := range entries {
			if e.Type().IsRegular() && licence.MatchString(e.Name()) {
				files = append(files, filepath.Join(folder, e.Name()))
			}
		}
		if folder == root {
			break
		}
	}
	if files == nil {
		log.Fatalf("%s states no licence", module)
	}
	return files
}

// read returns a text with lines that end in \n.
func read(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	return strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n"))
}

func entry(holders, text string) {
	fmt.Printf("\n%s\n%s\n\n%s\n", strings.Repeat("=", 80), holders, text)
}
