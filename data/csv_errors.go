package data

import (
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// errorf makes an error about column j of the line or row read last; j < 0 means the whole line.
func (t *table) errorf(j int, what, fix string, args ...any) error {
	e := &ParseError{File: t.file, What: what, Fix: fmt.Sprintf(fix, args...)}
	if t.in == nil {
		e.Row = t.rows
		return e
	}
	e.Line, e.Column = t.in.FieldPos(max(j, 0))
	e.Line += t.lines
	if j < 0 {
		e.Column = 0
	}
	return e
}

// column returns column j, with its name if the file has names.
func (t *table) column(j int) Column {
	c := Column{At: j + 1}
	if t.names != nil {
		c.Name = t.names[j]
	}
	return c
}

// notFinite returns the error for a number in column j that is infinite or too large.
func (t *table) notFinite(j int, cell string) error {
	what := fmt.Sprintf("%s in column %s is not a finite number", quote(cell), t.column(j))
	if j == t.label {
		what = fmt.Sprintf("the label %s is not a finite number", quote(cell))
	}
	return t.errorf(j, what, "correct it or remove the row")
}

// noValue returns the error for a missing feature. Its hint names the columns of words too, which would be refused next.
func (t *table) noValue(j int, cell, fix string) error {
	what := fmt.Sprintf("the value of column %s is missing", t.column(j))
	if cell != "" {
		what = fmt.Sprintf("%s in column %s stands for a missing value", quote(cell), t.column(j))
	}
	if words := t.readWords(); t.holdsWords(j) {
		fix = words + t.fillGaps()
	} else if words != "" {
		fix += "; also " + words
	}
	return t.errorf(j, what, "%s", fix)
}

// isComment reports whether a line starts like a comment in other formats.
func isComment(cell string) bool {
	return strings.HasPrefix(cell, "#") || strings.HasPrefix(cell, "//") || strings.HasPrefix(cell, "%")
}

// blame returns the error about a line, or a better one if the line repeats the names of the columns, or if this line or the first one looks
// like a comment.
func (t *table) blame(row []string, err error) error {
	switch {
	case t.Header && slices.EqualFunc(row, t.names, func(cell, name string) bool { return strings.TrimSpace(cell) == name }):
		return t.errorf(-1, "the line repeats the names of the columns", "remove it; only the first line of a file names the columns")
	case isComment(row[0]):
		return t.errorf(-1, fmt.Sprintf("the line looks like a comment, %s", quote(row[0])), "remove it; a CSV file has no comments")
	case t.comment && t.rows == 1:
		return &ParseError{File: t.file, Line: 1, What: "the line looks like a comment", Fix: "remove it; a CSV file has no comments"}
	}
	return err
}

// A date, and a number followed by a unit of letters.
var (
	date     = regexp.MustCompile(`^[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}([ T].*)?$`)
	withUnit = regexp.MustCompile(`^[-+]?[0-9][0-9.,]*\s*[\p{L}°]{1,4}$`)
)

// notNumber returns the error for a feature that is a word. Its hint depends on whether the column otherwise holds numbers.
func (t *table) notNumber(j int, cell string) error {
	fix := t.cells.numberlike(cell)
	switch {
	case t.Delimiter == ',' && grouped.MatchString(cell):
		fix = "write the number without commas between its thousands, or set Decimal to \",\" if that is the decimal point of the file"
	case fix != "":
	case date.MatchString(cell) && !t.holdsWords(j):
		fix = withoutDates(t.column(j))
	case t.holdsWords(j):
		fix = t.readWords()
		if !t.Header && t.rows == 1 {
			fix = "if line 1 holds the column names, set Header; else " + fix
		}
		if withUnit.MatchString(cell) {
			fix = "if it is a number, write it without its unit; else " + fix
		}
		fix += t.fillGaps()
	case t.rows == 1 && !t.Header:
		fix = "if line 1 holds the column names, set Header; else correct it"
	case t.options.Expect != nil:
		fix = "correct it; the model was fitted to numbers there"
	default:
		fix = "if it stands for a missing value, set Missing to it; else correct it or remove the row"
	}
	return t.errorf(j, fmt.Sprintf("%s in column %s is not a number", quote(cell), t.column(j)), "%s", fix)
}

// holdsWords reports whether column j should be a feature of numbers, but holds words.
func (t *table) holdsWords(j int) bool {
	here := func(f Column) bool { return f.At == j+1 }
	return slices.ContainsFunc(slices.Concat(t.textual, t.unique, t.dates), here)
}

// fillGaps continues a hint with the option for missing values, if the sample has some; else it is "".
func (t *table) fillGaps() string {
	if !t.gaps || t.options.ImputeMean || t.options.KeepMissing {
		return ""
	}
	return "; also set ImputeMean, since some cells have no value"
}

// namesOf writes the names of columns as a record of CSV.
func namesOf(columns ...Column) string {
	var names []string
	for _, c := range columns {
		names = append(names, c.plain())
	}
	var text strings.Builder
	w := csv.NewWriter(&text)
	_ = w.Write(names) // to memory
	w.Flush()
	return strings.TrimSuffix(text.String(), "\n")
}

// withoutDates says how to do without the dates of columns.
func withoutDates(columns ...Column) string {
	return fmt.Sprintf("write dates as numbers, such as a count of days, or set Drop to %q to leave them out", namesOf(columns...))
}

// readWords says how to set the options for the columns of words; "" if there are none.
func (t *table) readWords() string {
	list := func(columns []Column) string {
		return strconv.Quote(namesOf(columns...))
	}
	useless, why := slices.Concat(t.unique, t.dates), "all differ"
	slices.SortFunc(useless, func(a, b Column) int { return a.At - b.At })
	if len(t.unique) == 0 {
		why = "are dates"
	} else if len(t.dates) > 0 {
		why = "all differ or are dates"
	}
	switch words, useless := list(t.textual), list(useless); {
	case len(t.textual) == 0 && len(t.unique) == 0 && len(t.dates) == 0:
		return ""
	case len(t.textual) == 0 && len(t.unique) == 0:
		return withoutDates(t.dates...)
	case len(t.textual) == 0:
		return fmt.Sprintf("set Drop to %s, whose words %s", useless, why)
	case len(t.unique) > 0 || len(t.dates) > 0:
		return fmt.Sprintf("set Drop to %s, whose words %s, and set Categorical to %s if these words are categories", useless, why, words)
	case len(t.textual) > 1:
		return fmt.Sprintf("set Categorical to %s, the columns that hold words, if they are categories, or name in Drop what to leave out", words)
	default:
		return fmt.Sprintf("set Categorical to %s if its words are categories, or set Drop to %s to leave it out", words, words)
	}
}

// notBoolean returns the error for a column that holds both words for 1 and 0, and other numbers.
func (t *table) notBoolean(j int, cell string, kind cellKind) error {
	what := "is a number, but words for 1 and 0 stand above it"
	if kind == boolean {
		what = "stands for 1 or 0, but other numbers stand above it"
	}
	return t.errorf(j, fmt.Sprintf("%s in column %s %s", quote(cell), t.column(j), what), "correct it or remove the row")
}
