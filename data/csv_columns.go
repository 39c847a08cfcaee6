package data

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Columns are the columns that a model was trained on.
type Columns struct {
	// Count is the number of features.
	Count int
	// Features names them; nil where they have no names.
	Features []string
	// Label names the column of the labels; "" where it has no name.
	Label string
	// Missing are more marks for missing values, as CSVOptions has them.
	Missing []string
}

// begin settles the columns by the first row, and by the sample of rows that starts with it whether it is a header.
func (t *table) begin(first []string, sample [][]string, o CSVOptions) (err error) {
	t.cols, t.comment = len(first), strings.HasPrefix(first[0], "#")
	if t.cols < 2 && t.comment {
		return t.errorf(-1, fmt.Sprintf("the line looks like a comment, %s", quote(first[0])), "remove it; a CSV file has no comments")
	} else if t.cols < 2 && o.Expect == nil {
		return t.errorf(0, fmt.Sprintf("the line has only one column, %s", quote(first[0])),
			"set Delimiter if something other than %q separates the columns; "+
				"a label and at least one feature are needed", t.in.Comma)
	}
	names := make([]string, t.cols)
	for j, cell := range first {
		names[j] = strings.TrimSpace(cell)
	}
	named, err := t.findLabel(names, o)
	if err != nil {
		return err
	}
	wanted := o.Expect.wanted()
	isWanted := func(name string) bool { return wanted[name] }
	t.Header = named || o.Header == WithHeader || o.Header == DetectHeader && (slices.ContainsFunc(names, isWanted) || t.isHeader(sample))
	if t.Header {
		t.names = names
	}
	if o.Label == "" && o.Expect != nil {
		t.label = o.Expect.labelIn(t.names, t.cols)
	}
	for j, name := range names {
		if j != t.label && !(t.Header && wanted != nil && !wanted[name]) {
			t.features = append(t.features, j)
		}
	}
	return nil
}

// findLabel finds the column that the option Label means, and reports whether it means a name, so that there is a header.
func (t *table) findLabel(names []string, o CSVOptions) (named bool, err error) {
	position, notNumber := strconv.Atoi(o.Label)
	switch {
	case o.Label == "" && o.Expect != nil:
		t.label = o.Expect.labelIn(nil, t.cols)
	case o.Label == "":
		t.label = t.cols - 1
	case notNumber != nil:
		if o.Header == WithoutHeader {
			return false, fmt.Errorf("data: the label column %q is a name, but the options say that %s has no header: "+
				"give the column's position", o.Label, t.file)
		}
		t.label, err = t.find(o.Label, names)
		return true, err
	case position > 0 && position <= t.cols:
		t.label = position - 1
	case position < 0 && -position <= t.cols:
		t.label = t.cols + position
	default:
		return false, t.errorf(-1, fmt.Sprintf("the label column %d does not exist in %d columns", position, t.cols),
			"give a position from 1 to %d, or from -1 backwards", t.cols)
	}
	return false, nil
}

// wanted returns the names of the features; nil where they have none.
func (c *Columns) wanted() map[string]bool {
	if c == nil || c.Features == nil {
		return nil
	}
	names := make(map[string]bool, len(c.Features))
	for _, name := range c.Features {
		names[name] = true
	}
	return names
}

// labelIn returns the column of the labels in a file of so many columns, whose names are nil without a header; −1 for none. It is
// the column with the name. Where one side has no names, it is the last column unless there are only as many as features.
func (c *Columns) labelIn(names []string, cols int) int {
	switch {
	case names != nil && c.Label != "":
		return slices.Index(names, c.Label)
	case names != nil && slices.Contains(c.Features, names[cols-1]), cols <= c.Count:
		return -1
	}
	return cols - 1
}

// name gives the set the names of the columns.
func (t *table) name(s *Set) {
	for j, name := range t.names {
		switch k := len(s.Features); {
		case j == t.label:
			s.Label = name
		case k < len(t.features) && t.features[k] == j:
			s.Features = append(s.Features, name)
		default:
			s.Skipped = append(s.Skipped, name)
		}
	}
}

// find returns the position of the one column with the given name.
func (t *table) find(label string, names []string) (int, error) {
	found := -1
	for j, name := range names {
		if name != label {
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
func (t *table) noValue(j int, cell string) error {
	what := fmt.Sprintf("the value of column %s is missing", t.columnName(j))
	if cell != "" {
		what = fmt.Sprintf("%s in column %s stands for a missing value", quote(cell), t.columnName(j))
	}
	return t.errorf(j, what, "set ImputeMean to use the column's mean, or fill it in, or remove the row")
}

// notNumber is the error for a feature that is a word. The likely cause is another where the column has held numbers so far.
func (t *table) notNumber(j int, cell string) error {
	fix := t.cells.numberlike(cell)
	switch {
	case fix != "":
	case strings.HasPrefix(cell, "#") && j == 0:
		fix = "remove the line if it is a comment, which a CSV file does not have"
	case t.rows > 1:
		fix = "if it stands for a missing value, set Missing to it; else correct it or remove the row"
	case t.Header:
		fix = "encode the column as numbers or remove it"
	default:
		fix = "if line 1 holds the column names, set Header; else encode the column as numbers or remove it"
	}
	return t.errorf(j, fmt.Sprintf("%s in column %s is not a number", quote(cell), t.columnName(j)), "%s", fix)
}
