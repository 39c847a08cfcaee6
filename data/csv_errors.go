package data

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

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
	if t.names == nil {
		return strconv.Itoa(j + 1)
	}
	return quote(t.names[j])
}

// notFinite is the error for a number in column j that is infinite or too large.
func (t *table) notFinite(j int, cell string) error {
	return t.errorf(j, fmt.Sprintf("%s is not a finite number", quote(cell)), "correct it or remove the row")
}

// noValue is the error for a missing feature.
func (t *table) noValue(j int, cell, fix string) error {
	what := fmt.Sprintf("the value of column %s is missing", t.columnName(j))
	if cell != "" {
		what = fmt.Sprintf("%s in column %s stands for a missing value", quote(cell), t.columnName(j))
	}
	return t.errorf(j, what, "%s", fix)
}

// notNumber is the error for a feature that is a word. The likely cause is another where the column holds numbers otherwise.
func (t *table) notNumber(j int, cell string) error {
	fix := t.cells.numberlike(cell)
	textual := slices.ContainsFunc(t.textual, func(f Column) bool { return f.At == j+1 })
	switch {
	case fix != "":
	case strings.HasPrefix(cell, "#") && j == 0:
		fix = "remove the line if it is a comment, which a CSV file does not have"
	case textual:
		var names []string
		for _, f := range t.textual {
			names = append(names, strings.Trim(f.String(), `"`))
		}
		list := strconv.Quote(strings.Join(names, ","))
		fix = fmt.Sprintf("set Categorical to %s if its words are categories, or set Drop to %s to leave it out", list, list)
		if len(names) > 1 {
			fix = fmt.Sprintf("set Categorical to %s, the columns that hold words, if they are categories, or name in Drop what to leave out", list)
		}
		if !t.Header && t.rows == 1 {
			fix = "if line 1 holds the column names, set Header; else " + fix
		}
	case t.rows == 1 && !t.Header:
		fix = "if line 1 holds the column names, set Header; else correct it"
	case t.expected:
		fix = "correct it; the model was fitted to numbers there"
	default:
		fix = "if it stands for a missing value, set Missing to it; else correct it or remove the row"
	}
	return t.errorf(j, fmt.Sprintf("%s in column %s is not a number", quote(cell), t.columnName(j)), "%s", fix)
}

// notBoolean is the error for a column that holds words for 1 and 0 and other numbers.
func (t *table) notBoolean(j int, cell string, kind cellKind) error {
	what := "is a number, but words for 1 and 0 stand above it"
	if kind == boolean {
		what = "stands for 1 or 0, but other numbers stand above it"
	}
	return t.errorf(j, fmt.Sprintf("%s in column %s %s", quote(cell), t.columnName(j), what), "correct it or remove the row")
}
