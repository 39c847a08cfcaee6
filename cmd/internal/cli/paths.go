package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"steepest/data"
	"steepest/data/tokens"
	"steepest/internal/durable"
)

// A flagPath is a file that a flag names, to read or to write.
type flagPath struct{ flag, path string }

// inputs returns the files that the problem is read from, and the model that it starts from.
func (f *problemFlags) inputs() []flagPath {
	list := append(f.readFlags.inputs("--data", f.Data), f.readFlags.inputs("--test", f.Test)...)
	if isModel(f.Start) {
		list = append(list, flagPath{"--start", f.Start})
	}
	return list
}

// inputs returns the files that a flag names for reading: a set that is not embedded, and the labels file of an image set.
func (f *readFlags) inputs(flag, name string) []flagPath {
	path := find(name)
	labels := flagPath{"--labels", f.Labels}
	if f.Labels == "" {
		labels = flagPath{"the labels of " + flag, data.LabelsOf(path)}
	}
	return []flagPath{{flag, path}, labels}
}

// textPlace is where a text is read: the canonical paths of its folders, and its pattern if it has one.
type textPlace struct {
	text    string
	folders map[string]bool
	pattern string
}

// textInputs returns the files of a text, or of its shards, and where a text is read.
func textInputs(flag, text string) (list []flagPath, at textPlace) {
	if text == tokens.Opticks().Name || text == stdin {
		return nil, at
	}
	paths, folders, err := expand(text)
	if err != nil {
		paths = []string{text}
	}
	for _, path := range paths {
		list = append(list, flagPath{flag, path})
	}
	if train, validation, err := shards(text); err != nil || train != nil || validation != nil {
		return list, at // of shards no other file is read
	}
	at = textPlace{text: text, folders: folders}
	if _, err := os.Stat(text); err != nil && isPattern(text) {
		at.pattern = place(text)
	}
	return list, at
}

// reads reports whether a file or folder at this path, which need not exist yet, is read as a part of the text.
func (t textPlace) reads(path string) bool {
	for at, below := place(path), ""; at != below; at, below = filepath.Dir(at), at {
		if fits, _ := filepath.Match(t.pattern, at); fits || t.folders[at] {
			return true
		}
		if isHidden(filepath.Base(at)) {
			return false
		}
	}
	return false
}

// outside returns a path like the given one that lies beside the folder of the text, or above that if a link leads there.
func (t textPlace) outside(path string) string {
	folder, name := t.text, filepath.Base(place(path))
	if t.pattern != "" {
		folder = filepath.Dir(t.text)
	} else if t.folders[place(path)] {
		name += "-out"
	}
	for {
		folder = filepath.Join(folder, "..")
		if at := filepath.Join(folder, name); !t.reads(at) || place(folder) == filepath.Dir(place(folder)) {
			return at
		}
	}
}

// input returns the settings file.
func (c configArg) input() flagPath { return flagPath{"settings", c.Config} }

// written says what each output flag writes, and with which file extensions.
var written = map[string]struct {
	what       string
	extensions []string
}{
	"html":    {"a page of HTML", []string{".html"}},
	"report":  {"a page of HTML", []string{".html", ".htm"}},
	"svg":     {"an SVG", []string{".svg"}},
	"png":     {"a PNG", []string{".png"}},
	"regions": {"an SVG or a PNG", []string{".png", ".svg"}},
	"model":   {"a model as JSON", []string{".json"}},
	"record":  {"lines of JSON", []string{".jsonl", ".json", ".ndjson"}},
	"jsonl":   {"lines of JSON", []string{".jsonl", ".json", ".ndjson"}},
	"csv":     {"a table", []string{".csv"}},
	"out":     {"predictions as CSV", []string{".csv"}},
}

// extensions are the known file extensions.
var extensions = []string{".html", ".htm", ".svg", ".png", ".gif", ".pdf", ".jpg", ".jpeg", ".json", ".jsonl", ".ndjson", ".csv", ".tsv",
	".toml", ".xlsx", ".parquet", ".md", ".gz", ".bz2", ".zst"}

// refuseOutputs returns an error if two output files are the same, if an output would overwrite an input, if its extension is that of
// another format, or if it cannot be written. Otherwise the results of a long run could be lost.
func refuseOutputs(inputs []flagPath, outputs ...flagPath) error {
	var seen []flagPath
	for _, o := range outputs {
		if o.path == "" || o.path == "/dev/null" {
			continue
		}
		if o.path == "-" {
			return usage("the standard output is /dev/stdout, and a file of this name ./-", "--%s: - names no file", o.flag)
		}
		for _, other := range seen {
			if samePlace(other.path, o.path) {
				return usage("give them different names", "--%s and --%s both write %s", other.flag, o.flag, o.path)
			}
		}
		seen = append(seen, o)
		if isDescriptor(o.path) {
			continue
		}
		for _, i := range inputs {
			next := i.flag == "--start" && o.flag == "model" // the new model replaces the old one atomically
			if i.path != "" && !next && (sameFile(i.path, o.path) || isWithin(i.path, o.path)) {
				return usage("give it another name", "--%s would overwrite %s, which is read as %s", o.flag, o.path, i.flag)
			}
		}
		if w, extension := written[o.flag], strings.ToLower(filepath.Ext(o.path)); slices.Contains(extensions, extension) && !slices.Contains(w.extensions, extension) {
			return usage(fmt.Sprintf("name it %s%s", strings.TrimSuffix(o.path, filepath.Ext(o.path)), w.extensions[0]),
				"--%s writes %s, and %s has the name of another format", o.flag, w.what, o.path)
		}
		if err := writable(o.path); err != nil {
			return fmt.Errorf("--%s: %s cannot be written: %w", o.flag, o.path, err)
		}
	}
	return nil
}

// refuseOutputs is refuseOutputs for a command with checkpoints: no output may replace the folder of the checkpoints or a file in it.
func (f *checkpointFlags) refuseOutputs(inputs []flagPath, outputs ...flagPath) error {
	if err := refuseFile("checkpoint", f.Checkpoint); err != nil {
		return err
	}
	for _, o := range outputs {
		if f.Checkpoint == "" || o.path == "" {
			continue
		}
		within, err := filepath.Rel(place(f.Checkpoint), place(o.path))
		inside := err == nil && strings.ContainsRune(within, filepath.Separator) && !strings.HasPrefix(within, "..")
		if within == "." || within == "lock" || inside {
			return usage("give it another name", "--%s: %s is what --checkpoint keeps", o.flag, o.path)
		}
	}
	return refuseOutputs(inputs, outputs...)
}

// refuseShared returns an error if another path of a command is that of an output, or lies below it. The outputs are written last, in the place of
// nothing or of a file, so the results of a long run could be lost.
func refuseShared(outputs []flagPath, others ...flagPath) error {
	for _, o := range outputs {
		for _, other := range others {
			if o.path == "" || other.path == "" || o.flag == other.flag || isDescriptor(o.path) {
				continue
			}
			switch within, err := filepath.Rel(place(o.path), place(other.path)); {
			case err != nil || !filepath.IsLocal(within):
			case within == ".":
				return usage("give them different names", "--%s and --%s both write %s", o.flag, other.flag, o.path)
			default:
				return usage("give it another place", "--%s: %s lies in %s, which --%s writes", other.flag, other.path, o.path, o.flag)
			}
		}
	}
	return nil
}

// refuseText returns an error if an output lies where a text is read, so that the next run would read it as text.
func refuseText(t textPlace, outputs ...flagPath) error {
	for _, o := range outputs {
		if o.path != "" && o.path != "/dev/null" && !isDescriptor(o.path) && t.reads(o.path) {
			return usage(fmt.Sprintf("name a place outside, such as --%s %s", o.flag, t.outside(o.path)),
				"--%s: the next run would read %s as a part of the text %s", o.flag, o.path, t.text)
		}
	}
	return nil
}

// refuseFile returns an error if a flag names a file where a folder is needed, or a path below a file.
func refuseFile(flag, path string) error {
	for at, below := path, ""; at != below; at, below = filepath.Dir(at), at {
		if info, err := os.Stat(at); err == nil && !info.IsDir() {
			return usage("name a folder", "--%s: %s is a file", flag, at)
		} else if err == nil {
			return nil
		}
	}
	return nil
}

// leaveOutput handles a flag that writes its file to the standard output. The summary then goes to the standard error. With --json, two
// documents would share the standard output, which is an error.
func (w *world) leaveOutput(parsed *kong.Context) error {
	for _, p := range parsed.Path {
		if p.Flag == nil || written[p.Flag.Name].what == "" {
			continue
		}
		path, err := follow(fmt.Sprint(parsed.FlagValue(p.Flag)))
		if err != nil || !slices.Contains([]string{"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}, path) {
			continue
		}
		if w.given["json"] {
			return usage("drop one of them", "--json and --%s both write to the standard output", p.Flag.Name)
		}
		w.stdout = w.stderr
	}
	return nil
}

// unmade returns the error for a folder of a flag that could not be made; nil for other errors.
func unmade(flag string, err error) error {
	var made *fs.PathError
	if errors.As(err, &made) && made.Op == "mkdir" {
		return &failure{exitFailure, fmt.Errorf("--%s: the folder %s cannot be made: %w", flag, made.Path, made.Err), ""}
	}
	return nil
}

// makeFolder creates the folder that a flag names, if it is missing, and reports whether it did.
func makeFolder(flag, path string) (made bool, err error) {
	if err := refuseFile(flag, path); err != nil {
		return false, err
	}
	_, err = os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		made, err = true, os.MkdirAll(path, 0o777)
	}
	if err != nil {
		return false, fmt.Errorf("--%s: the folder %s cannot be made: %w", flag, path, reason(err))
	}
	return made, nil
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

// isWithin reports whether a file exists and lies in the folder.
func isWithin(folder, path string) bool {
	if at, err := os.Stat(folder); err != nil || !at.IsDir() || !isFile(path) {
		return false
	}
	within, err := filepath.Rel(place(folder), place(path))
	return err == nil && filepath.IsLocal(within)
}

// samePlace reports whether two paths lead to the same file, which need not exist yet.
func samePlace(a, b string) bool { return place(a) == place(b) || sameFile(a, b) }

// place returns the canonical path of a file, which need not exist yet, nor its folder.
func place(path string) string {
	if target, err := follow(path); err == nil {
		path = target
	}
	for at, rest := path, ""; ; {
		if found, err := filepath.EvalSymlinks(at); err == nil {
			path = filepath.Join(found, rest)
			break
		}
		folder, name := filepath.Split(strings.TrimRight(at, string(filepath.Separator)))
		if folder = cmp.Or(folder, "."); folder == at || name == "" {
			break
		}
		at, rest = folder, filepath.Join(name, rest)
	}
	if whole, err := filepath.Abs(path); err == nil {
		path = whole
	}
	return path
}

// writable returns an error if a file cannot be written. It creates and removes a temporary file beside a new or regular file.
func writable(path string) error {
	target, err := follow(path)
	if err != nil {
		return reason(err)
	}
	folder := filepath.Dir(target)
	if at, err := os.Stat(folder); err != nil || !at.IsDir() {
		return fmt.Errorf("there is no folder %s", folder)
	}
	at, err := os.Stat(target)
	switch {
	case err == nil && at.IsDir():
		return fmt.Errorf("it is a folder")
	case err == nil && !at.Mode().IsRegular():
		return nil
	case err == nil && at.Mode().Perm()&0o222 == 0:
		return errReadOnly
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return reason(err)
	}
	probe, err := durable.Create(target, 0o600)
	if err != nil {
		return reason(err)
	}
	probe.Discard()
	return nil
}

// reason returns a file error without the file name.
func reason(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
