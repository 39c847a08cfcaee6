package data

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/encoding"

	"steepest/internal/plural"
)

// CSVOptions says how to read a CSV file. Its options for columns also apply to Parquet files.
type CSVOptions struct {
	// Delimiter separates the columns. Default: a comma, semicolon, tab or bar, detected from the start of the file; for Open, a tab if the
	// name ends in .tsv.
	Delimiter rune
	// Decimal is the decimal point, '.' or ','. Default: detected from the start of the file.
	Decimal rune
	// Header says whether the first line names the columns. Default: detect it.
	Header Header
	// Label is the column of the labels: a positive whole number counts columns from the first, a negative one from the last, and anything
	// else is a name in the header. Default: the last column that is not in Drop.
	Label string
	// Columns lists the columns that become features, written like Label. 2-5 stands for the columns 2 to 5, and 2- for all from 2 on. A
	// range skips the column of the labels. Default: all columns except the labels.
	Columns []string
	// Drop lists columns to leave out, written like Columns.
	Drop []string
	// Categorical lists columns of categories, written like Columns. Each distinct word becomes a feature that is 1 in its rows and 0 in others
	// (one-hot). Numbers count as words: 1 and 1.0 are different. If less than 0.3 of all features of a row are not zero, the matrix is a CSR.
	Categorical []string
	// Weights is the column of the weights of the rows (Set.Weights), written like Label. Weights are numbers ≥ 0. Default: none.
	Weights string
	// IgnoreUnknown accepts categories that Expect does not know: all features of the column are then 0. By default they are errors.
	IgnoreUnknown bool
	// Dense makes the matrix a Dense even with many categories. Standardize needs that.
	Dense bool
	// ImputeMean replaces a missing number by the mean of its column, and makes missing words a category of their own, "". By default a
	// missing feature is an error. These cells are missing: empty cells, ?, NA, N/A, NaN, null and similar, in upper or lower case, and in
	// columns of numbers also none, nil, missing, - and a lone point.
	ImputeMean bool
	// KeepMissing stores a missing feature as NaN. Features later replaces it by the mean of the training rows.
	KeepMissing bool
	// Missing lists more marks for missing values, spelled as in the file. A mark that is a number matches every spelling of that number.
	Missing []string
	// Expect is for a file to predict: the columns that the model was fitted to. The file may have them in another order, may have more
	// columns, and may lack the labels. Expect then says which columns are features and which are categories. Default: nothing is expected.
	Expect *Columns
	// Unlabeled is for rows to predict: a missing label is NaN. By default it is an error.
	Unlabeled bool
}

// Header says whether the first line of a CSV file names the columns.
type Header int

const (
	// DetectHeader takes the first line for names if Label is in it, if Expect has a name from it, or if it has words where later lines
	// have numbers, and more such words than numbers. Numbers that count on, such as 0, 1, 2, are names if there is at least one such word.
	DetectHeader Header = iota
	// WithHeader reads the first line as names.
	WithHeader
	// WithoutHeader reads the first line as an example.
	WithoutHeader
)

// ReadCSV reads a table in which every row is an example, one column the label, and the others numbers or categories. name is the file's
// name in error messages. The matrix is dense unless there are many categories. Blanks around a cell are ignored; quotes follow RFC 4180. A first
// line sep=; names the delimiter, as for Excel. True and yes in a feature are read as 1, false and no as 0. Set.Dialect holds the detected
// dialect.
//
// Labels may be words. Sorted, they become the labels 0, 1, ..., k−1, and ClassNames holds the words. If all of them are true, false, yes or
// no, case does not matter, and the name of a class is its first spelling. The error is a *ParseError unless r itself fails or the options
// contradict each other.
func ReadCSV(name string, r io.Reader, o CSVOptions) (*Set, error) {
	t, err := newTable(&o)
	if err != nil {
		return nil, err
	}
	defer t.free()
	t.text = sizedOf(r)
	if err := t.read(t.open(name, r), blockSize); err != nil {
		return nil, err
	}
	return t.set()
}

// newTable returns a table without rows.
func newTable(o *CSVOptions) (*table, error) {
	if !separates(o.Delimiter) {
		return nil, fmt.Errorf("data: Delimiter is %q, which cannot separate columns; take a comma, semicolon, tab or bar", o.Delimiter)
	} else if o.Decimal != 0 && o.Decimal != '.' && o.Decimal != ',' {
		return nil, fmt.Errorf("data: Decimal is %q; want a point or a comma", o.Decimal)
	}
	o.Missing = o.marks()
	return &table{options: o, weights: -1}, nil
}

// free returns the memory of the rows to the system.
func (t *table) free() {
	t.x.free()
	t.y.free()
}

// open returns the text of a file, with lines that end in \n. The start of the first file shows the dialect of all files.
func (t *table) open(name string, r io.Reader) io.Reader {
	in := plainText(r)
	var start bytes.Buffer
	_, err := io.CopyN(&start, in, sampledText)
	if between, end := delimiterOfExcel(start.Bytes()); between != 0 {
		start.Next(end) // keep the end of the line, so that line numbers stay right
		t.options.Delimiter = cmp.Or(t.options.Delimiter, between)
	}
	d, sample := findDialect(start.Bytes(), err == nil, *t.options)
	t.Delimiter, t.Decimal = d.Delimiter, d.Decimal
	t.options.Delimiter, t.options.Decimal = d.Delimiter, d.Decimal
	t.cells = newCellReader(d.Decimal, t.options.Missing)
	t.file, t.sample, t.in, t.begun = name, sample, nil, false
	t.lines, t.last, t.rest, t.tried = 0, 0, nil, 0
	return io.MultiReader(&start, failing{err}, in)
}

// ofParquet returns the options for Parquet files, which have names and no dialect.
func (o CSVOptions) ofParquet() CSVOptions {
	o.Header, o.Delimiter, o.Decimal = WithHeader, 0, '.'
	return o
}

// marks returns the additional marks for missing values, with those of Expect.
func (o *CSVOptions) marks() []string {
	if o.Expect == nil {
		return o.Missing
	}
	return slices.Concat(o.Missing, o.Expect.Missing)
}

// longestRow is the largest size of a row in bytes. A row of delimiters takes up to forty times its size in memory.
const longestRow = 32 << 20

// failing is an empty reader that returns an error, or io.EOF for nil.
type failing struct{ error }

func (f failing) Read([]byte) (int, error) { return 0, cmp.Or(f.error, io.EOF) }

var errLongRow = fmt.Errorf("the row is longer than %d MiB", longestRow>>20)

// table is a CSV file, or several files with the same columns, while they are read.
type table struct {
	file    string
	options *CSVOptions
	Dialect
	sample     [][]string // the first rows of the file
	cells      cellReader
	source     rowSource // the text that encoding/csv reads
	buffer     *bufio.Reader
	in         *csv.Reader
	lines      int      // lines before that text, or before the lines to read next
	last       int      // line in which the row read last ends
	rest       []byte   // lines of an unfinished row, which the next block continues
	tried      int      // len(rest) when the unfinished row was last tried
	text       sized    // the whole file, until room has been made for its rows
	begun      bool     // the first row has been read
	comment    bool     // line 1 starts with #
	cols       int      // columns of the file; 0 until they are known
	first      string   // the file that has shown the columns
	names      []string // of all columns; nil without a header
	label      int      // column of the labels, from 0; −1 for none
	weights    int      // column of the weights, from 0, which is then the last feature; −1 for none
	features   []Column
	categories []*categories // per feature; nil for numbers
	seen       []seenKinds   // per feature
	roles      []role        // per column of the file
	skipped    []int         // columns that are not read, from 0
	textual    []Column      // features that should be numbers, but hold words
	unique     []Column      // features that should be numbers, but hold words that all differ, such as identifiers
	dates      []Column      // features that should be numbers, but hold dates
	gaps       bool          // the sample has missing values that the options may replace
	rows       int
	x, y       series[float64] // a category is its number in x
	row        []float64       // the row of x being read
	memory     growth
	holes      int            // missing numbers, NaN in x
	unknown    int            // cells whose category Expect does not know
	words      map[string]int // labels that are words, numbered by appearance; nil if labels are numbers
	word       string         // the first label, if it is a word
	labeled    bool           // whether there has been a label
}

// seenKinds says what a column of numbers holds.
type seenKinds struct {
	booleans bool // words for 1 or 0
	numbers  bool // numbers other than 1 and 0
}

// errorOf explains why encoding/csv failed to read a row, of which it has read some cells. The error may be io.EOF.
func (t *table) errorOf(cells []string, err error) error {
	var fault *csv.ParseError
	if err == io.EOF {
		return err
	} else if errors.Is(err, errLongRow) {
		return &ParseError{File: t.file, Line: t.last + 1, What: errLongRow.Error(),
			Fix: "close the quote, if a cell starts with one, and check that the file is text"}
	} else if errors.Is(err, encoding.ErrInvalidUTF8) {
		return &ParseError{File: t.file, Line: t.last + 1, What: "the text is not UTF-8",
			Fix: "save the file as UTF-8, or convert it, such as by iconv -f windows-1252 -t utf-8"}
	} else if !errors.As(err, &fault) {
		return ReadError(t.file, err)
	}
	e := &ParseError{File: t.file, Line: t.lines + fault.Line, Column: fault.Column}
	switch fault.Err {
	case csv.ErrFieldCount:
		e.Column = 0
		first := "the first line"
		if t.first != t.file {
			first += " of " + filepath.Base(t.first)
		}
		e.What = fmt.Sprintf("the line has %s, %s has %d", plural.Of(len(cells), "column"), first, t.cols)
		e.Fix = "give every line the same columns, and quote cells that hold the delimiter"
		if isComment(cells[0]) {
			e.What, e.Fix = "the line looks like a comment, "+quote(cells[0]), "remove it; a CSV file has no comments"
		} else if t.comment {
			e.Line, e.What, e.Fix = 1, "the line looks like a comment", "remove it; a CSV file has no comments"
		}
	case csv.ErrBareQuote:
		e.What = `a quote " stands inside a cell that does not start with one`
		e.Fix = `quote the whole cell, and write a quote within it as ""`
	default:
		e.Line, e.Column = t.lines+fault.StartLine, 0
		e.What = "a quoted cell that starts in this line has no closing quote, or goes on after it"
		e.Fix = `close the quote, and write a quote within the cell as ""`
	}
	return e
}

// add appends the example with these cells.
func (t *table) add(cells []string) error {
	t.rows++
	if t.label >= 0 {
		y, err := t.labelIn(strings.TrimSpace(cells[t.label]))
		if err != nil {
			return err
		}
		t.y.append([]float64{y})
	}
	t.row = t.row[:0]
	for k := range t.features {
		cell := strings.TrimSpace(cells[t.features[k].At-1])
		in := t.numberIn
		if t.categories[k] != nil {
			in = t.categoryIn
		}
		v, err := in(k, cell)
		if err != nil {
			return err
		}
		if t.categories[k] != nil && v == none {
			t.unknown++
		} else if v != v {
			t.holes++
		}
		t.row = append(t.row, v)
	}
	t.x.append(t.row)
	return t.room()
}

// room returns an error if there is no room for more rows, in memory or on the disk.
func (t *table) room() error {
	if t.x.file != nil {
		return cmp.Or(t.x.failed, t.y.failed)
	}
	return t.memory.room(t.file, "numbers", t.rows, 8*t.x.n)
}

// numberIn returns the number in a cell of feature k; NaN for a missing one.
func (t *table) numberIn(k int, cell string) (v float64, err error) {
	j, seen := t.features[k].At-1, &t.seen[k]
	v, kind := t.cells.read(cell)
	if t.isWeight(k) && (kind == missing || kind == number && !(v >= 0)) {
		return 0, t.noWeight(v)
	}
	switch kind {
	case infinite:
		return 0, t.notFinite(j, cell)
	case word:
		return 0, t.notNumber(j, cell)
	case missing:
		if !t.options.ImputeMean && !t.options.KeepMissing {
			return 0, t.noValue(j, cell, "set ImputeMean to use the column's mean, or fill it in, or remove the row")
		}
	case boolean:
		seen.booleans = true
	case number:
		seen.numbers = seen.numbers || v != 0 && v != 1
	}
	if seen.booleans && seen.numbers {
		return 0, t.notBoolean(j, cell, kind)
	}
	return v, nil
}

// labelIn returns the label in a cell: a number, or for a word its number in the order of appearance. The first label decides between them.
func (t *table) labelIn(cell string) (float64, error) {
	j, first := t.label, !t.labeled
	v, kind := t.cells.readLabel(cell)
	if t.options.Unlabeled && kind == missing {
		return math.NaN(), nil
	}
	t.labeled = true
	switch {
	case kind == infinite:
		return 0, t.notFinite(j, cell)
	case kind == missing && t.Header && j == t.cols-1 && t.names[j] == "":
		return 0, t.errorf(j, "the last column has neither a name nor a label", "set Drop to -1 if the lines end with a delimiter; Label names the column of the labels")
	case kind == missing:
		return 0, t.errorf(j, "the label is missing", "fill it in or remove the row; Label names the column of the labels")
	case kind == word && first && t.cells.numberlike(cell) != "":
		return 0, t.errorf(j, fmt.Sprintf("the label %s is neither a number nor the word for a class", quote(cell)), "%s", t.cells.numberlike(cell))
	case kind == word && first:
		t.words, t.word = map[string]int{}, strings.Clone(cell)
	case kind == word && t.words == nil:
		fix := t.cells.numberlike(cell)
		if fix == "" {
			fix = "write all labels as numbers or all as words; Label names the column of the labels"
		}
		return 0, t.errorf(j, fmt.Sprintf("the label %s is a word, but the labels above are numbers", quote(cell)), "%s", fix)
	case kind == number && t.words != nil:
		fix := "write all labels as numbers or all as words"
		if !t.Header {
			fix = "if line 1 holds the column names, set Header; else " + fix
		}
		return 0, t.errorf(j, fmt.Sprintf("the label %s is a number, but the first label is the word %s", quote(cell), quote(t.word)), "%s", fix)
	}
	if kind == word {
		if _, known := t.words[cell]; !known {
			t.words[strings.Clone(cell)] = len(t.words)
		}
		v = float64(t.words[cell])
	}
	return v, nil
}

// set completes the table.
func (t *table) set() (*Set, error) {
	x, y := &Dense{Rows: t.rows, Cols: len(t.features), Data: t.x.slice()}, t.y.slice()
	f, err := t.finish(x)
	if err != nil {
		return nil, err
	}
	if !f.sparse && f.width > x.Cols {
		if err := room(t.file, fmt.Sprintf("the numbers of %d rows and %d features", t.rows, f.width), 8*float64(t.rows)*float64(f.width)); err != nil {
			return nil, err
		}
	}
	s := f.set
	s.X, s.Weights = f.matrix(x)
	if err := f.checkWeights(slices.ContainsFunc(s.Weights, func(w float64) bool { return w > 0 })); err != nil {
		return nil, err
	}
	f.labels(y)
	s.Y = y
	return s, nil
}
