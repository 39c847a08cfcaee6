package data

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"steepest/internal/decimal"
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
	// ImputeMean replaces a missing feature by the mean of its column. By default a missing feature is an error; a
	// missing label always is. Missing are empty cells, NA, NaN and ?, in upper or lower case.
	ImputeMean bool
	// KeepMissing leaves a missing feature as NaN, for Features to fill in by the mean of the rows that a model is fitted to.
	KeepMissing bool
	// Expect describes the file that a model was trained on, when this one is to be predicted: it may have its columns in
	// another order, may have more of them, and may lack the labels. Default: nothing is expected.
	Expect *Columns
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
		} else if err = t.add(first, o.ImputeMean || o.KeepMissing); err != nil {
			break
		}
		first, err = t.next()
	}
	if err != io.EOF {
		return nil, err
	}
	t.holes = t.holes && !o.KeepMissing
	return t.set()
}

// table is a CSV file while it is read.
type table struct {
	file     string
	in       *csv.Reader
	cols     int
	names    []string // of all columns; nil without a header
	label    int      // column of the labels, from 0; −1 for none
	features []int    // columns of the features
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

// add appends the example in cells.
func (t *table) add(cells []string, impute bool) error {
	t.rows++
	if t.label >= 0 {
		if err := t.addLabel(cells[t.label]); err != nil {
			return err
		}
	}
	for _, j := range t.features {
		cell := cells[j]
		v, kind := cellOf(cell)
		switch {
		case kind == number && !finite(v):
			return t.notFinite(j, cell)
		case kind == word:
			return t.errorf(j, fmt.Sprintf("%s in column %s is not a number", quote(cell), t.columnName(j)),
				"encode the column as numbers or remove it; if line 1 holds the column names, set Header")
		case kind == missing:
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

func (t *table) addLabel(cell string) error {
	j := t.label
	v, kind := cellOf(cell)
	name, first := strings.TrimSpace(cell), len(t.y) == 0
	switch {
	case kind == number && !finite(v):
		return t.notFinite(j, cell)
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
	x := &Dense{Rows: t.rows, Cols: len(t.features), Data: t.x}
	if t.holes {
		means, empty := columnMeans(x)
		if empty >= 0 {
			return nil, &ParseError{File: t.file, Fix: "remove the column",
				What: fmt.Sprintf("column %s holds no value at all, so it has no mean", t.columnName(t.features[empty]))}
		}
		impute(x, means)
	}
	s := &Set{Name: t.file, X: x, Y: t.y}
	t.name(s)
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

type cellKind int

const (
	number cellKind = iota
	missing
	word
)

// cellOf reads a cell. The value of a number may be infinite.
func cellOf(cell string) (float64, cellKind) {
	cell = strings.TrimSpace(cell)
	if v, ok := decimal.Parse(cell); ok {
		return v, number
	}
	switch strings.ToLower(cell) {
	case "", "na", "nan", "?":
		return 0, missing
	}
	if saysNotFinite(cell) {
		return math.Inf(1), number
	}
	return 0, word
}
