package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"steepest/data"
)

// A flagPath is a file that a flag names, for reading or for writing.
type flagPath struct{ flag, path string }

// inputs are the files that a problem is read from.
func (f *problemFlags) inputs() []flagPath {
	return append(f.readFlags.inputs("--data", f.Data), f.readFlags.inputs("--test", f.Test)...)
}

// inputs are the files that a flag names for reading: a set that is not embedded, and the labels of one of images.
func (f *readFlags) inputs(flag, name string) []flagPath {
	path := find(name)
	labels := flagPath{"--labels", f.Labels}
	if f.Labels == "" {
		labels = flagPath{"the labels of " + flag, data.LabelsOf(path)}
	}
	return []flagPath{{flag, path}, labels}
}

// input is the file of settings.
func (c configArg) input() flagPath { return flagPath{"settings", c.Config} }

// written is what each flag writes, and the extensions for it.
var written = map[string]struct {
	what       string
	extensions []string
}{
	"report":  {"a page of HTML", []string{".html", ".htm"}},
	"svg":     {"an SVG", []string{".svg"}},
	"png":     {"a PNG", []string{".png"}},
	"regions": {"an SVG or a PNG", []string{".png", ".svg"}},
	"model":   {"a model as JSON", []string{".json"}},
	"record":  {"lines of JSON", []string{".jsonl", ".json", ".ndjson"}},
	"jsonl":   {"lines of JSON", []string{".jsonl", ".json", ".ndjson"}},
	"out":     {"predictions as CSV", []string{".csv"}},
}

// extensions are those that say what a file is.
var extensions = []string{".html", ".htm", ".svg", ".png", ".gif", ".pdf", ".jpg", ".jpeg", ".json", ".jsonl", ".ndjson", ".csv", ".tsv",
	".toml", ".xlsx", ".parquet", ".md", ".gz", ".bz2", ".zst"}

// refuseOutputs returns an error if two files would be one, if a file that is read would be overwritten, if a file has the name of
// another format, or if there is no folder for a file: what a long run has found would be lost.
func refuseOutputs(inputs []flagPath, outputs ...flagPath) error {
	seen := make(map[string]string)
	for _, o := range outputs {
		if o.path == "" || isDescriptor(o.path) || o.path == "/dev/null" {
			continue
		}
		path := filepath.Clean(o.path)
		if other := seen[path]; other != "" {
			return usage("give them different names", "--%s and --%s both write %s", other, o.flag, o.path)
		}
		seen[path] = o.flag
		for _, i := range inputs {
			if i.path != "" && sameFile(i.path, path) {
				return usage("give it another name", "--%s would overwrite %s, which is read as %s", o.flag, o.path, i.flag)
			}
		}
		if w, extension := written[o.flag], strings.ToLower(filepath.Ext(path)); slices.Contains(extensions, extension) && !slices.Contains(w.extensions, extension) {
			return usage(fmt.Sprintf("name it %s%s", strings.TrimSuffix(o.path, filepath.Ext(path)), w.extensions[0]),
				"--%s writes %s, and %s has the name of another format", o.flag, w.what, o.path)
		}
		if err := writable(path); err != nil {
			return fmt.Errorf("--%s: %s cannot be written: %w", o.flag, o.path, err)
		}
	}
	return nil
}

// sameFile reports whether two paths lead to the same regular file.
func sameFile(a, b string) bool {
	of, err := os.Stat(a)
	if err != nil || !of.Mode().IsRegular() {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(of, other)
}

// writable returns an error if a path is a folder, or is in none.
func writable(path string) error {
	for range 40 { // links, which may lead to what is not there yet
		target, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	if at, err := os.Stat(path); err == nil && at.IsDir() {
		return fmt.Errorf("it is a folder")
	}
	folder := filepath.Dir(path)
	if at, err := os.Stat(folder); err != nil || !at.IsDir() {
		return fmt.Errorf("there is no folder %s", folder)
	}
	return nil
}
