package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"steepest/data"
	"steepest/data/tokens"
	"steepest/internal/decimal"
	"steepest/internal/plural"
)

// textFlags are the flags that say how texts are read.
type textFlags struct {
	Special   string `group:"read" default:"refuse" placeholder:"WHAT" set:"choices=refuse (an error), token (the token, which begins a document) or text (nine ordinary tokens or so)" help:"What <|endoftext|> inside a text becomes: ${choices}. Default: ${default}."`
	Separator string `group:"read" default:"file" placeholder:"WHAT" set:"choices=file, line, blank (lines)" help:"What separates documents in plain text: ${choices}, or a line of your own (${default})."`
	Field     string `group:"read" placeholder:"NAME" help:"All inputs are JSON Lines, with a text in this member. Default for .jsonl and .ndjson: text."`
	Column    string `group:"read" placeholder:"NAME" help:"All inputs are Parquet, with a text in each row of this column. Default for .parquet: text."`
}

// encodingNamed returns the encoding that --encoding names.
func encodingNamed(name string) (*tokens.Encoding, error) {
	encoding, err := tokens.NewEncoding(name)
	if err != nil {
		return nil, usage("", "--encoding: %w", err)
	}
	return encoding, nil
}

// tokenizer returns the tokenizer for the texts.
func (f *textFlags) tokenizer(encoding *tokens.Encoding) (*tokens.Tokenizer, error) {
	t := &tokens.Tokenizer{Encoding: encoding, Separator: f.Separator}
	if err := t.Special.UnmarshalText([]byte(f.Special)); err != nil {
		return nil, usage("", "--special: %w", err)
	}
	if f.Field != "" && f.Column != "" {
		return nil, usage("drop one of them", "--field is for JSON Lines, and --column for Parquet")
	}
	return t, nil
}

// shareOrTokens reads --validation: a share of a text, or a number of tokens; both are 0 for "".
func shareOrTokens(text string) (share float64, n int64, err error) {
	if text == "" {
		return 0, 0, nil
	}
	if n, err := strconv.ParseInt(decimal.Whole(text), 10, 64); err == nil && n > 0 {
		return 0, n, nil
	}
	if share, ok := decimal.ParseFinite(text); ok && share > 0 && share < 1 {
		return share, 0, nil
	}
	return 0, 0, usage("", "--validation is %q, want a share between 0 and 1, or a whole number of tokens", text)
}

// textError rewrites an error of reading a text for a user.
func textError(err error) error {
	var parse *data.ParseError
	var file *fs.PathError
	var told *failure
	switch {
	case errors.As(err, &told):
		return told
	case errors.Is(err, syscall.ENOSPC): // of the disk with the shards
		return err
	case errors.As(err, &parse):
		return badData(inFlags(parse.Fix), "%s: %s", parse.Place(), parse.What)
	case errors.As(err, &file):
		return badData("name a file that can be read", "%w", unreadable("file", file.Path, err))
	}
	return badData("", "%s", inFlags(err.Error()))
}

// inputs returns the files that the arguments name, and their total size, 0 if unknown. Files of folders and patterns are sorted by name.
func (f *textFlags) inputs(args []string) (list []tokens.Input, size int64, err error) {
	known := true
	add := func(path string) error {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		size += info.Size()
		known = known && info.Mode().IsRegular()
		list = append(list, tokens.Input{Name: path, Field: f.fieldOf(path), Column: f.columnOf(path), Open: func() (io.ReadCloser, error) { return os.Open(path) }})
		return nil
	}
	for _, arg := range args {
		if text := tokens.Opticks(); arg == text.Name {
			known = false
			list = append(list, text)
			continue
		}
		if arg == "-" && f.Column != "" {
			return nil, 0, badData("name the file itself", "--column: the columns of a Parquet file are listed at its end, which the standard input does not show first")
		}
		if arg == "-" {
			known = false
			list = append(list, tokens.Input{Name: "the standard input", Field: f.Field, Open: func() (io.ReadCloser, error) { return io.NopCloser(os.Stdin), nil }})
			continue
		}
		paths, _, err := expand(arg)
		if err != nil {
			return nil, 0, badData("name texts that can be read", "%w", err)
		}
		for _, path := range paths {
			if err := add(path); err != nil {
				return nil, 0, badData("", "%w", err)
			}
		}
	}
	if f.Separator != "file" && !slices.ContainsFunc(list, func(in tokens.Input) bool { return in.Field == "" && in.Column == "" }) {
		return nil, 0, usage("drop it", "--separator is for plain text, and each text of these inputs is a document")
	}
	if !known {
		size = 0
	}
	return list, size, nil
}

// doubts are the traits of texts that may not be those that the user means.
type doubts struct {
	invalid, guesses  int    // bytes that are not UTF-8, and inputs whose encoding was guessed
	ofInvalid, ofWide string // the first inputs with them
	guessed           string // the encoding of ofWide
	last              string // the input of the last batch
}

// add adds the doubts of a batch.
func (d *doubts) add(b *tokens.Batch) {
	if b.Invalid > 0 && d.invalid == 0 {
		d.ofInvalid = b.Name
	}
	if b.Guessed != "" && d.guesses == 0 {
		d.ofWide, d.guessed = b.Name, b.Guessed
	}
	if b.Guessed != "" && b.Name != d.last {
		d.guesses++
	}
	d.invalid, d.last = d.invalid+b.Invalid, b.Name
}

// tell tells the user.
func (d *doubts) tell(w *world) {
	if d.guesses > 0 {
		w.say("%s: read as %s, since its first characters look like it and it has no byte order mark (%s in all); is it the text that you mean?\n",
			d.ofWide, d.guessed, plural.Of(d.guesses, "such text"))
	}
	if d.invalid > 0 {
		w.say("%s: bytes that are not UTF-8: %d in all, which are kept, or in JSON become U+FFFD; is it the text that you mean?\n", d.ofInvalid, d.invalid)
	}
}

// tell makes inputs report how many of their size bytes have been read.
func tell(bar *progress, inputs []tokens.Input, size int64) {
	var read atomic.Int64
	for i := range inputs {
		open := inputs[i].Open
		inputs[i].Open = func() (io.ReadCloser, error) {
			f, err := open()
			return counted{f, func(n int) { bar.set(read.Add(int64(n)), size) }}, err
		}
	}
}

// counted is a reader that reports the bytes read from it.
type counted struct {
	io.ReadCloser
	tell func(n int)
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.tell(n)
	return n, err
}

// fieldOf returns the name of the JSON member that holds the texts of a file; "" for plain text.
func (f *textFlags) fieldOf(path string) string {
	if f.Field != "" {
		return f.Field
	}
	for _, packed := range []string{".gz", ".bz2", ".zst"} {
		path = strings.TrimSuffix(path, packed)
	}
	if extension := strings.ToLower(filepath.Ext(path)); extension == ".jsonl" || extension == ".ndjson" {
		return "text"
	}
	return ""
}

// columnOf returns the column of a Parquet file that holds the texts; "" for other files.
func (f *textFlags) columnOf(path string) string {
	if f.Column == "" && strings.EqualFold(filepath.Ext(path), ".parquet") {
		return "text"
	}
	return f.Column
}

// expand returns the files that an argument names: the file itself, the files in a folder and its subfolders except hidden ones, or all of these for
// the matches of a pattern. It follows symbolic links and reads each folder once. folders are the canonical paths of the folders.
func expand(arg string) (files []string, folders map[string]bool, err error) {
	e := expansion{folders: make(map[string]bool)}
	matches := []string{arg}
	if _, err := os.Stat(arg); errors.Is(err, fs.ErrNotExist) && isPattern(arg) {
		if matches, err = filepath.Glob(arg); err != nil {
			return nil, nil, err
		} else if matches == nil {
			return nil, nil, fmt.Errorf("no file fits %s", arg)
		}
	}
	for _, path := range matches {
		if err := e.add(path); err != nil {
			return nil, nil, err
		}
	}
	if e.files == nil {
		return nil, nil, fmt.Errorf("there is no file in the folder %s", arg)
	}
	return e.files, e.folders, nil
}

// isPattern reports whether a text may be a pattern of filepath.Match.
func isPattern(text string) bool { return strings.ContainsAny(text, "*?[") }

// expansion collects the files of folders. The keys of folders are canonical paths.
type expansion struct {
	files   []string
	folders map[string]bool
}

// add adds a file, or the files of a folder.
func (e *expansion) add(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return unreadable("file or folder", path, err)
	case !info.IsDir():
		e.files = append(e.files, path)
		return nil
	case e.folders[place(path)]:
		return nil
	}
	e.folders[place(path)] = true
	entries, err := os.ReadDir(path)
	if err != nil {
		return unreadable("folder", path, err)
	}
	for _, entry := range entries {
		switch within := filepath.Join(path, entry.Name()); {
		case isHidden(entry.Name()):
		case entry.Type().IsRegular():
			e.files = append(e.files, within)
		default:
			if err := e.add(within); err != nil {
				return err
			}
		}
	}
	return nil
}

// isHidden reports whether a file or folder of this name is hidden.
func isHidden(name string) bool { return strings.HasPrefix(name, ".") }

// unreadable says what is wrong with a path that cannot be read.
func unreadable(what, path string, err error) error {
	if _, link := os.Readlink(path); link == nil && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the symbolic link %s leads to nothing", path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		if near := nearFile(path); near != "" {
			return fmt.Errorf("there is no %s %q; did you mean %q?", what, path, near)
		}
		return fmt.Errorf("there is no %s %q", what, path)
	}
	return fmt.Errorf("%s cannot be read: %w", path, reason(err))
}
