package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"steepest/data"
	"steepest/internal/suggest"
)

// folders is the environment variable that lists the folders where data is looked for.
const folders = "STEEPEST_DATA"

// open returns the data set that a name means: an embedded set, an existing file, or a file in one of the folders. A file with the
// name of an embedded set is ./NAME.
func (f *readFlags) open(name string) (*data.Set, error) {
	options, err := f.options()
	if err != nil {
		return nil, err
	}
	return f.openWith(name, options)
}

// openWith is open with the options that the flags have been read into.
func (f *readFlags) openWith(name string, options data.Options) (*data.Set, error) {
	var names []string
	for _, info := range data.Embedded() {
		names = append(names, info.Name)
	}
	if slices.Contains(names, name) {
		if *f != (readFlags{Header: "auto"}) {
			return nil, usage("drop --format, --label and the other flags for reading files",
				"the data set %s is embedded and needs no reading", name)
		}
		return data.Load(name)
	}
	if isFile(name) {
		return openFile(name, options)
	}
	for _, folder := range filepath.SplitList(os.Getenv(folders)) {
		path := filepath.Join(folder, name)
		if isFile(path) {
			return openFile(path, options)
		}
		entries, _ := os.ReadDir(folder) // a missing folder has no names to offer
		for _, e := range entries {
			names = append(names, e.Name())
		}
	}
	return nil, unknownData(name, names)
}

// openLike returns a data set with the columns of another one, which are found by name where they have names.
func (f *readFlags) openLike(name string, like *data.Set) (*data.Set, error) {
	options, err := f.options()
	if err != nil {
		return nil, err
	}
	_, cols := like.X.Dims()
	options.CSV.Expect = &data.Columns{Count: cols, Features: like.Features, Label: like.Label}
	set, err := f.openWith(name, options)
	if err == nil && set.Y == nil {
		err = badData("add the labels, or give --label", "%s has no labels", set.Name)
	}
	return set, err
}

func unknownData(name string, names []string) error {
	hint := "steepest data lists the embedded sets; " + folders + " lists folders to look for files in"
	if near := suggest.Nearest(name, names); near != "" {
		return badData(hint, "there is no data set or file %q; did you mean %q?", name, near)
	}
	return badData(hint, "there is no data set or file %q", name)
}

func isFile(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func openFile(path string, o data.Options) (*data.Set, error) {
	set, err := data.Open(path, o)
	var parse *data.ParseError
	switch {
	case errors.As(err, &parse):
		return nil, badData(inFlags(parse.Fix), "%s: %s", parse.Place(), parse.What)
	case err != nil:
		return nil, badData("steepest data lists sets that need no file", "%s", inFlags(err.Error()))
	}
	return set, nil
}

// options returns the flags as data takes them.
func (f *readFlags) options() (o data.Options, err error) {
	o.Format = data.Format(f.Format)
	formats := []string{"libsvm", "csv", "idx"}
	if f.Format != "" && !slices.Contains(formats, f.Format) {
		return o, usage("", "--format: %w", suggest.Unknown("format", f.Format, formats))
	}
	header := map[string]data.Header{"auto": data.DetectHeader, "yes": data.WithHeader, "no": data.WithoutHeader}
	if o.CSV.Header = header[f.Header]; f.Header != "auto" && o.CSV.Header == data.DetectHeader {
		return o, usage("", "--header: %q is none of auto, yes and no", f.Header)
	}
	if o.CSV.Delimiter, err = character("delimiter", f.Delimiter); err != nil {
		return o, err
	}
	if o.CSV.Decimal, err = character("decimal", f.Decimal); err != nil {
		return o, err
	}
	if f.Missing != "" {
		for mark := range strings.SplitSeq(f.Missing, ",") {
			o.CSV.Missing = append(o.CSV.Missing, strings.TrimSpace(mark))
		}
	}
	o.CSV.Label, o.CSV.KeepMissing = f.Label, f.Impute
	o.LIBSVM = data.LIBSVMOptions{ZeroBased: f.ZeroBased, MinFeatures: f.MinFeatures}
	o.IDX.Labels = f.Labels
	return o, nil
}

// sayGuesses says what was found out about the CSV file of a problem that nobody said and that may be wrong.
func (f *readFlags) sayGuesses(w *world, p problem) {
	s := p.sample()
	if s == nil || s.set.Dialect == nil {
		return
	}
	d := s.set.Dialect
	var found, flags []string
	add := func(flag, what string) { found, flags = append(found, what), append(flags, "--"+flag) }
	if f.Delimiter == "" && (d.Delimiter == ';' || d.Delimiter == '|') {
		add("delimiter", fmt.Sprintf("%q separates its columns", string(d.Delimiter)))
	}
	if f.Decimal == "" && d.Decimal == ',' {
		add("decimal", "its decimal points are commas")
	}
	if f.Header == "auto" && !d.Header {
		add("header", "its line 1 is an example")
	}
	if found != nil {
		w.say("%s: %s; otherwise give %s\n", s.set.Name, strings.Join(found, ", "), strings.Join(flags, ", "))
	}
}

// character reads a flag of one character, for which a tab may be written \t.
func character(flag, text string) (rune, error) {
	if text == "" {
		return 0, nil
	}
	if text == `\t` || text == "tab" {
		text = "\t"
	}
	r, size := utf8.DecodeRuneInString(text)
	if size != len(text) {
		return 0, usage("", "--%s: %q is not one character", flag, text)
	}
	switch {
	case flag == "decimal" && r != '.' && r != ',':
		return 0, usage("", "--decimal: %q is neither a point nor a comma", text)
	case flag == "delimiter" && (r == '"' || r == '\r' || r == '\n' || r == utf8.RuneError):
		return 0, usage("", "--delimiter: %q cannot separate columns", text)
	}
	return r, nil
}
