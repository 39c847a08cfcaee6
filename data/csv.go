package data

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// CSVOptions says how to read a CSV file.
type CSVOptions struct {
	// Delimiter separates the columns. Default: a comma, and a tab in Open for a name in .tsv.
	Delimiter rune
	// Header says whether the first line names the columns. Default: detect it.
	Header Header
	// Label is the column of the labels: a whole number is its position, from 1, or from −1 backwards from the last
	// column; anything else is its name in the header. Default: the last column.
	Label string
	// Unlabeled says that a table of so many columns has no labels, unless its header names the column Label: the rows that a
	// model of as many features is to predict. 0 says that every table has labels.
	Unlabeled int
	// ImputeMean replaces a missing feature by the mean of its column. By default a missing feature is an error; a
	// missing label always is. Missing are empty cells, NA, NaN and ?, in upper or lower case.
	ImputeMean bool
}

// Header says whether the first line of a CSV file names the columns.
type Header int

const (
	// DetectHeader takes the first line for names if a cell in it, outside the column of the labels, is neither a
	// number nor missing, or if Label is a name.
	DetectHeader Header = iota
	// WithHeader takes the first line for names.
	WithHeader
	// WithoutHeader takes the first line for an example.
	WithoutHeader
)

// ReadCSV reads a table in which every row is an example, one column the label, and all other columns numbers, into a
// dense matrix, name being the file's name for messages. Blanks around a cell are ignored; quotes follow RFC 4180.
//
// Labels may be words: sorted, they become the labels 0, 1, ..., k−1 that ClassNames names. The error is a *ParseError
// unless r itself fails.
func ReadCSV(name string, r io.Reader, o CSVOptions) (*Set, error) {
	t := &table{file: name, in: csv.NewReader(r)}
	t.in.ReuseRecord = true
	t.in.Comma = o.Delimiter
	if o.Delimiter == 0 {
		t.in.Comma = ','
	}
	first, err := t.next()
	if err == io.EOF {
		return nil, noRows(name)
	} else if err != nil {
		return nil, err
	}
	header, err := t.begin(first, o)
	for err == nil {
		if header {
			header = false
		} else if err = t.add(first, o.ImputeMean); err != nil {
			break
		}
		first, err = t.next()
	}
	if err != io.EOF {
		return nil, err
	}
	return t.set()
}

// table is a CSV file while it is read.
type table struct {
	file     string
	in       *csv.Reader
	cols     int
	label    int    // column of the labels, from 0; −1 for none
	named    string // that column in the header
	features []string
	rows     int
	x, y     []float64
	holes    bool           // NaN in x stands for a missing value
	words    map[string]int // labels that are words, numbered by appearance; nil where they are numbers
	word     string         // the first label, where it is a word
}

// next returns the cells of the next line that is not empty, valid until the next call. The error may be io.EOF.
func (t *table) next() ([]string, error) {
	cells, err := t.in.Read()
	var fault *csv.ParseError
	if err == nil || err == io.EOF {
		return cells, err
	} else if !errors.As(err, &fault) {
		return nil, fmt.Errorf("%s: %w", t.file, err)
	}
	e := &ParseError{File: t.file, Line: fault.Line, Column: fault.Column}
	switch fault.Err {
	case csv.ErrFieldCount:
		e.Column = 0
		e.What = fmt.Sprintf("the line has %s, the first line has %d", count(len(cells), "column"), t.cols)
		e.Fix = "give every line the same columns, and quote cells that hold the delimiter"
	case csv.ErrBareQuote:
		e.What = `a quote " stands inside a cell that does not start with one`
		e.Fix = `quote the whole cell, and write a quote within it as ""`
	default:
		e.Line, e.Column = fault.StartLine, 0
		e.What = "a quoted cell that starts in this line has no closing quote, or goes on after it"
		e.Fix = `close the quote, and write a quote within the cell as ""`
	}
	return nil, e
}

// begin settles the columns by the first line, and reports whether it is a header.
func (t *table) begin(first []string, o CSVOptions) (header bool, err error) {
	t.cols = len(first)
	if o.Unlabeled > 0 {
		return t.beginUnlabeled(first, o)
	}
	if t.cols < 2 {
		return false, t.errorf(0, fmt.Sprintf("the line has only one column, %s", quote(first[0])),
			"set Delimiter if something other than %q separates the columns; "+
				"a label and at least one feature are needed", t.in.Comma)
	}
	position, notNumber := strconv.Atoi(o.Label)
	switch {
	case o.Label == "":
		t.label = t.cols - 1
	case notNumber != nil:
		if o.Header == WithoutHeader {
			return false, fmt.Errorf("data: the label column %q is a name, but the options say that %s has no header: "+
				"give the column's position", o.Label, t.file)
		}
		header = true
		if t.label, err = t.find(o.Label, first); err != nil {
			return false, err
		}
	case position > 0 && position <= t.cols:
		t.label = position - 1
	case position < 0 && -position <= t.cols:
		t.label = t.cols + position
	default:
		return false, t.errorf(-1, fmt.Sprintf("the label column %d does not exist in %d columns", position, t.cols),
			"give a position from 1 to %d, or from -1 backwards", t.cols)
	}
	header = header || t.isHeader(first, o)
	if header {
		t.name(first)
	}
	return header, nil
}

// beginUnlabeled is begin for a table that may have no labels.
func (t *table) beginUnlabeled(first []string, o CSVOptions) (header bool, err error) {
	t.label = -1
	header = t.isHeader(first, o)
	at := slices.IndexFunc(first, func(cell string) bool { return o.Label != "" && strings.TrimSpace(cell) == o.Label })
	switch {
	case header && at >= 0:
		t.label = at
	case !header && t.cols != o.Unlabeled || header && o.Label == "" && t.cols != o.Unlabeled:
		o.Unlabeled = 0
		return t.begin(first, o)
	}
	if header {
		t.name(first)
	}
	return header, nil
}

// isHeader reports whether the first line names the columns.
func (t *table) isHeader(first []string, o CSVOptions) bool {
	words := false
	for j, cell := range first {
		_, kind := cellOf(cell)
		words = words || j != t.label && kind == word
	}
	return o.Header == WithHeader || o.Header == DetectHeader && words
}

// name takes the names of the columns from the header.
func (t *table) name(header []string) {
	for j, cell := range header {
		if cell = strings.TrimSpace(cell); j == t.label {
			t.named = cell
		} else {
			t.features = append(t.features, cell)
		}
	}
}

// find returns the position of the one column with the given name.
func (t *table) find(label string, names []string) (int, error) {
	found := -1
	for j, name := range names {
		if strings.TrimSpace(name) != label {
			continue
		}
		if found >= 0 {
			return 0, t.errorf(j, fmt.Sprintf("two columns are named %s", quote(label)), "give the label column's position")
		}
		found = j
	}
	if found < 0 {
		return 0, t.errorf(-1, fmt.Sprintf("no column is named %s", quote(label)),
			"name one of %s, or give its position", quote(strings.Join(names, " ")))
	}
	return found, nil
}

// add appends the example in cells.
func (t *table) add(cells []string, impute bool) error {
	t.rows++
	for j, cell := range cells {
		v, kind := cellOf(cell)
		if kind == number && !finite(v) {
			return t.errorf(j, fmt.Sprintf("%s is not a finite number", quote(cell)), "correct it or remove the row")
		}
		if j == t.label {
			if err := t.addLabel(j, strings.TrimSpace(cell), v, kind); err != nil {
				return err
			}
			continue
		}
		switch kind {
		case word:
			return t.errorf(j, fmt.Sprintf("%s in column %s is not a number", quote(cell), t.columnName(j)),
				"encode the column as numbers or remove it; if line 1 holds the column names, set Header")
		case missing:
			if !impute {
				return t.errorf(j, fmt.Sprintf("the value of column %s is missing", t.columnName(j)),
					"fill it in, remove the row, or set ImputeMean to use the column's mean")
			}
			t.holes = true
			v = math.NaN()
		}
		t.x = append(t.x, v)
	}
	return nil
}

func (t *table) addLabel(j int, name string, v float64, kind cellKind) error {
	first := len(t.y) == 0
	switch {
	case kind == missing:
		return t.errorf(j, "the label is missing", "fill it in or remove the row; Label names the column of the labels")
	case kind == word && first:
		t.words, t.word = map[string]int{}, name
	case kind == word && t.words == nil:
		return t.errorf(j, fmt.Sprintf("the label %s is a word, but the labels above are numbers", quote(name)),
			"write all labels as numbers or all as words")
	case kind == number && t.words != nil:
		return t.errorf(j,
			fmt.Sprintf("the label %s is a number, but the first label is the word %s", quote(name), quote(t.word)),
			"write all labels as numbers or all as words; if line 1 holds the column names, set Header")
	}
	if kind == word {
		if _, known := t.words[name]; !known {
			t.words[strings.Clone(name)] = len(t.words)
		}
		v = float64(t.words[name])
	}
	t.y = append(t.y, v)
	return nil
}

// set completes the table.
func (t *table) set() (*Set, error) {
	if t.rows == 0 {
		return nil, noRows(t.file)
	}
	x := &Dense{Rows: t.rows, Cols: len(t.x) / t.rows, Data: t.x}
	if t.holes {
		if empty := imputeMean(x); empty >= 0 {
			j := empty
			if t.label >= 0 && j >= t.label {
				j++
			}
			return nil, &ParseError{File: t.file, Fix: "remove the column",
				What: fmt.Sprintf("column %s holds no value at all, so it has no mean", t.columnName(j))}
		}
	}
	s := &Set{Name: t.file, X: x, Y: t.y, Label: t.named, Features: t.features}
	if t.words != nil {
		s.ClassNames = slices.Sorted(maps.Keys(t.words))
		rank := make([]float64, len(s.ClassNames))
		for i, name := range s.ClassNames {
			rank[t.words[name]] = float64(i)
		}
		for i, v := range s.Y {
			s.Y[i] = rank[int(v)]
		}
	}
	return s, nil
}

// imputeMean replaces every NaN by the mean of the other values of its column. It returns a column with none, or −1.
func imputeMean(m *Dense) (empty int) {
	for j := range m.Cols {
		mean, n := 0.0, 0
		for i := range m.Rows {
			if v := m.Data[i*m.Cols+j]; v == v {
				n++
				mean += v/float64(n) - mean/float64(n)
			}
		}
		if n == 0 {
			return j
		}
		for i := range m.Rows {
			if v := &m.Data[i*m.Cols+j]; *v != *v {
				*v = mean
			}
		}
	}
	return -1
}

// errorf makes an error about column j of the line read last; j < 0 means the line.
func (t *table) errorf(j int, what, fix string, args ...any) error {
	e := &ParseError{File: t.file, What: what, Fix: fmt.Sprintf(fix, args...)}
	e.Line, e.Column = t.in.FieldPos(max(j, 0))
	if j < 0 {
		e.Column = 0
	}
	return e
}

// columnName gives column j by its name, or by its position where the file names none.
func (t *table) columnName(j int) string {
	if t.features == nil {
		return strconv.Itoa(j + 1)
	}
	if t.label >= 0 && j > t.label {
		j--
	}
	return quote(t.features[j])
}

type cellKind int

const (
	number cellKind = iota
	missing
	word
)

// cellOf reads a cell. The value of a number may be infinite.
func cellOf(cell string) (float64, cellKind) {
	cell = strings.TrimSpace(cell)
	v, err := strconv.ParseFloat(cell, 64)
	if err == nil && v == v || errors.Is(err, strconv.ErrRange) {
		return v, number
	}
	switch strings.ToLower(cell) {
	case "", "na", "nan", "?":
		return 0, missing
	}
	return 0, word
}
