package data

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Dialect says how a CSV file was read.
type Dialect struct {
	Delimiter rune // between the columns
	Decimal   rune // the decimal point
	Header    bool // line 1 names the columns
}

// String describes the dialect in words.
func (d Dialect) String() string {
	between := map[rune]string{',': "commas", ';': "semicolons", '\t': "tabs", '|': "bars"}[d.Delimiter]
	if between == "" {
		between = fmt.Sprintf("%q", d.Delimiter)
	}
	text := between + " between columns"
	if d.Decimal == ',' {
		text += ", decimal commas"
	}
	if d.Header {
		return text + ", line 1 names the columns"
	}
	return text + ", line 1 is an example"
}

// delimiters are the delimiters that the reader detects, the most usual first.
var delimiters = []rune{',', ';', '\t', '|'}

const (
	sampledText = 1 << 20 // bytes at the start of a CSV file that are used to detect its dialect and its header
	sampledRows = 100
)

// findDialect detects the dialect from the start of a file. It returns the dialect and the first rows, from which the header is detected
// later. A start that is cut may end within a row. Dialects are compared by, in this order:
//
//  1. whether there are several columns;
//  2. whether all rows have the same number of columns;
//  3. the number of cells that are numbers, minus 2 for each word with a semicolon, tab or bar in it, minus 1 for each word with a comma,
//     and minus 1 for each number whose commas may group thousands, such as 1,234, unless semicolons separate columns: files use semicolons
//     because their commas are decimal;
//  4. how usual the dialect is.
func findDialect(start []byte, cut bool, o CSVOptions) (best Dialect, rows [][]string) {
	if end := bytes.LastIndexByte(start, '\n'); cut && end >= 0 {
		start = start[:end+1]
	}
	type merit struct {
		columns, regular bool
		numbers          int
	}
	var most merit
	better := func(m merit) bool {
		switch {
		case m.columns != most.columns:
			return m.columns
		case m.regular != most.regular:
			return m.regular
		}
		return m.numbers > most.numbers
	}
	for _, d := range o.dialects() {
		sample, regular := sampleRows(start, d.Delimiter, cut)
		m := merit{len(sample) > 0 && len(sample[0]) > 1, regular, 0}
		cells := newCellReader(d.Decimal, o.Missing)
		for _, row := range sample {
			for _, cell := range row {
				switch _, kind := cells.read(strings.TrimSpace(cell)); {
				case d.Decimal == ',' && d.Delimiter != ';' && o.Decimal == 0 && grouped.MatchString(cell):
					m.numbers--
				case kind == word && strings.ContainsAny(cell, ";\t|"):
					m.numbers -= 2
				case kind == word && strings.Contains(cell, ","):
					m.numbers--
				case kind == number:
					m.numbers++
				}
			}
		}
		if best.Delimiter == 0 || better(m) {
			best, most, rows = d, m, sample
		}
	}
	return best, rows
}

// excel matches a first line that tells Excel the delimiter. It is no row of the table.
var excel = regexp.MustCompile(`^"?sep=([^"\r\n])"?\r?\n`)

// delimiterOfExcel returns the delimiter in such a line, and the end of the line before its \n; 0 if there is no such line.
func delimiterOfExcel(start []byte) (between rune, end int) {
	line := excel.FindSubmatch(start)
	if line == nil {
		return 0, 0
	}
	if between, _ = utf8.DecodeRune(line[1]); !separates(between) {
		return 0, 0
	}
	return between, len(line[0]) - 1
}

// dialects lists the dialects that the options allow, the most usual first.
func (o *CSVOptions) dialects() (list []Dialect) {
	between, points := delimiters, []rune{'.', ','}
	if o.Delimiter != 0 {
		between = []rune{o.Delimiter}
	}
	if o.Decimal != 0 {
		points = []rune{o.Decimal}
	}
	for _, delimiter := range between {
		for _, point := range points {
			if delimiter != point || len(points) == 1 {
				list = append(list, Dialect{Delimiter: delimiter, Decimal: point})
			}
		}
	}
	return list
}

// grouped matches a number whose commas may group thousands.
var grouped = regexp.MustCompile(`^\s*[-+]?[1-9][0-9]{0,2}(,[0-9]{3})+\s*$`)

// sampleRows returns the first rows of a text, and whether all of them have the same number of columns. The text may be cut within the last
// row.
func sampleRows(text []byte, delimiter rune, cut bool) (rows [][]string, regular bool) {
	in := csv.NewReader(bytes.NewReader(text))
	in.Comma = delimiter
	for len(rows) < sampledRows {
		row, err := in.Read()
		if err != nil {
			return rows, err == io.EOF || cut && errors.Is(err, csv.ErrQuote)
		}
		rows = append(rows, row)
	}
	return rows, true
}

// separates reports whether a character can be a delimiter.
func separates(r rune) bool {
	return r == 0 || r != '"' && r != '\r' && r != '\n' && utf8.ValidRune(r) && r != utf8.RuneError
}
