package data

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"steepest/internal/suggest"
)

// begin determines the columns from the first row, and from a sample of the first rows whether that row is a header.
func (t *table) begin(first []string, sample [][]string, o CSVOptions) error {
	t.first, t.cols, t.comment = t.file, len(first), isComment(first[0])
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
	choose := t.choose
	if o.Expect != nil {
		choose = t.expect
	}
	if err := choose(names, sample, o); err != nil {
		return err
	}
	read := make([]bool, t.cols)
	for _, f := range t.features {
		read[f.At-1] = true
	}
	for j := range names {
		if j != t.label && !read[j] {
			t.skipped = append(t.skipped, j)
		}
	}
	t.seen = make([]seenKinds, len(t.features))
	return nil
}

// repeats reports whether the first row of a further file has the names of the columns, which a file may have or not. Other names are an error.
func (t *table) repeats(row []string) (names bool, err error) {
	t.comment = isComment(row[0])
	trimmed := make([]string, len(row))
	numbersIn := make([]bool, len(row))
	for j, cell := range row {
		trimmed[j] = strings.TrimSpace(cell)
	}
	for k, f := range t.features {
		numbersIn[f.At-1] = t.categories[k] == nil
	}
	switch o := t.options.Header; {
	case t.Header && slices.Equal(trimmed, t.names):
		return true, nil
	case o == WithHeader || o == DetectHeader && t.isHeader(t.sample, numbersIn):
		return false, t.otherNames()
	}
	return false, nil
}

// otherNames returns the error for a file whose columns have other names than those of the first file.
func (t *table) otherNames() error {
	return &ParseError{File: t.file, What: fmt.Sprintf("its columns have other names than those of %s", t.first), Fix: "give all files the same columns in the same order"}
}

// choose determines the features from the options.
func (t *table) choose(names []string, sample [][]string, o CSVOptions) error {
	label, labelNamed, err := t.findLabel(names, o)
	columns, columnsNamed, err := t.findColumns(err, "Columns", o.Columns, names, o)
	drop, dropNamed, err := t.findColumns(err, "Drop", o.Drop, names, o)
	words, wordsNamed, err := t.findColumns(err, "Categorical", o.Categorical, names, o)
	weights, weightsNamed, err := t.findWeights(err, names, o)
	if err != nil {
		return err
	}
	if o.Label == "" {
		for label > 0 && (drop[label] != "" || label == weights) {
			label--
		}
	}
	t.label, t.weights = label, weights
	numbersIn := make([]bool, t.cols)
	for j := range numbersIn {
		numbersIn[j] = j != label && j != weights && drop[j] == "" && words[j] == "" && (o.Columns == nil || columns[j] != "")
	}
	t.Header = labelNamed || columnsNamed || dropNamed || wordsNamed || weightsNamed || o.Header == WithHeader ||
		o.Header == DetectHeader && t.isHeader(sample, numbersIn)
	if t.Header {
		t.names = names
	}
	for _, list := range []struct {
		option  string
		columns map[int]string
	}{{"Columns", columns}, {"Drop", drop}, {"Categorical", words}} {
		if item := list.columns[label]; isOne(item) {
			return t.errorf(label, fmt.Sprintf("%s: column %s holds the labels", list.option, t.column(label)),
				"take it out, or set Label to another column")
		}
		if item := list.columns[weights]; isOne(item) {
			return t.errorf(weights, fmt.Sprintf("%s: column %s holds the weights", list.option, t.column(weights)), "take it out")
		}
	}
	if weights == label {
		return t.errorf(weights, fmt.Sprintf("Weights: column %s holds the labels", t.column(weights)), "set Label to another column")
	}
	for j := range names {
		if isOne(drop[j]) && (isOne(columns[j]) || isOne(words[j])) {
			return t.errorf(j, fmt.Sprintf("Drop: column %s is named as a feature too", t.column(j)), "take it out of Drop, or of Columns and Categorical")
		}
		if j == label || j == weights || drop[j] != "" {
			continue
		}
		if o.Columns != nil && columns[j] == "" {
			if item := words[j]; isOne(item) {
				return t.errorf(j, fmt.Sprintf("Categorical: column %s is no feature, since others are named", t.column(j)),
					"name it in Columns, too, or leave it out")
			}
			continue
		}
		f := Column{At: j + 1}
		if t.Header {
			f.Name = names[j]
		}
		t.features = append(t.features, f)
		t.categories = append(t.categories, nil)
		if words[j] != "" {
			t.categories[len(t.categories)-1] = new(categories)
		}
	}
	if len(t.features) == 0 {
		return t.errorf(-1, "no column is left for the features", "name fewer in Drop, or others in Columns; column %s holds the labels", t.column(label))
	}
	if weights >= 0 {
		t.features, t.categories = append(t.features, Column{At: weights + 1}), append(t.categories, nil)
		if t.Header {
			t.features[len(t.features)-1].Name = names[weights]
		}
	}
	t.survey(sample)
	return nil
}

// rangeOfColumns matches a range of positions.
var rangeOfColumns = regexp.MustCompile(`^([0-9]+)-([0-9]*)$`)

// isOne reports whether an item names one column rather than a range.
func isOne(item string) bool { return item != "" && !rangeOfColumns.MatchString(item) }

// findColumns returns the columns that the items of a list select, each with its item. Named says that an item is a name, so that there is a
// header. If failed is an error, findColumns returns it.
func (t *table) findColumns(failed error, option string, list, names []string, o CSVOptions) (found map[int]string, named bool, err error) {
	found = make(map[int]string)
	for _, item := range list {
		if failed != nil {
			break
		}
		item = strings.TrimSpace(item)
		first, last := 0, 0
		if ends := rangeOfColumns.FindStringSubmatch(item); ends != nil && !slices.Contains(names, item) {
			first, _ = strconv.Atoi(ends[1]) // a failed Atoi gives 0, which is no valid position
			if last, _ = strconv.Atoi(ends[2]); ends[2] == "" {
				last = t.cols
			}
			if first < 1 || last > t.cols || first > last {
				failed = t.errorf(-1, fmt.Sprintf("%s: there are no columns %s among %d", option, item, t.cols),
					"give positions from 1 to %d, the lower one first, as in 1-%d", t.cols, t.cols)
			}
			first, last = first-1, last-1
		} else {
			var isName bool
			first, isName, failed = t.find(option, item, names, o)
			last, named = first, named || isName
		}
		for j := first; j <= last && failed == nil; j++ {
			if found[j] == "" || first == last {
				found[j] = item
			}
		}
	}
	return found, named, failed
}

// findLabel finds the column of the option Label. Named says that the option is a name, so that there is a header.
func (t *table) findLabel(names []string, o CSVOptions) (at int, named bool, err error) {
	if o.Label == "" {
		return t.cols - 1, false, nil
	}
	return t.find("Label", o.Label, names, o)
}

// find returns the column with a position (from 1, or from −1 backwards) or a name, and whether it was found by name.
func (t *table) find(option, item string, names []string, o CSVOptions) (at int, named bool, err error) {
	position, notNumber := strconv.Atoi(item)
	switch {
	case notNumber == nil && position > 0 && position <= t.cols:
		return position - 1, false, nil
	case notNumber == nil && position < 0 && -position <= t.cols:
		return t.cols + position, false, nil
	case notNumber == nil:
		return 0, false, t.errorf(-1, fmt.Sprintf("%s: there is no column %d among %d", option, position, t.cols), "give a position from 1 to %d, or from -1 backwards", t.cols)
	case o.Header == WithoutHeader:
		return 0, false, t.errorf(-1, fmt.Sprintf("%s: %s is a name, and there is no header", option, quote(item)), "give the column's position")
	}
	at = slices.Index(names, item)
	switch {
	case at >= 0 && slices.Contains(names[at+1:], item):
		return 0, true, t.errorf(at, fmt.Sprintf("%s: two columns are named %s", option, quote(item)), "give the column's position")
	case at >= 0:
		return at, true, nil
	}
	fix := fmt.Sprintf("name one of %s, or give its position", listed(names))
	if near := nearest(item, names); near != "" {
		fix = fmt.Sprintf("did you mean %s?", quote(near))
	}
	return 0, true, t.errorf(-1, fmt.Sprintf("%s: no column is named %s", option, quote(item)), "%s", fix)
}

// nearest returns the name most similar to a misspelled one; "" if none is similar. A name of at most two letters may differ only in case.
func nearest(name string, names []string) string {
	if i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, name) }); i >= 0 {
		return names[i]
	} else if utf8.RuneCountInString(name) <= 2 {
		return ""
	}
	return suggest.Nearest(name, names)
}

// listed quotes some names, at most the first ten.
func listed(names []string) string {
	quoted := make([]string, 0, 10)
	for _, name := range names[:min(10, len(names))] {
		quoted = append(quoted, quote(name))
	}
	text := strings.Join(quoted, ", ")
	if len(names) > 10 {
		text += fmt.Sprintf(" and %d more", len(names)-10)
	}
	return text
}

// manyWords is the number of words from which on a column without a repeated word holds names or identifiers, not categories.
const manyWords = 10

// survey looks in the sample for columns that the options do not say how to read: features that should be numbers but hold mostly words, and
// features with missing values.
func (t *table) survey(sample [][]string) {
	if t.Header {
		sample = sample[min(1, len(sample)):]
	}
	for k, f := range t.features {
		balance, words, repeated, dates := 0, make(map[string]bool), false, true
		noNumber, noWord := false, false
		for _, row := range sample {
			if f.At > len(row) {
				continue
			}
			cell := strings.TrimSpace(row[f.At-1])
			noWord = noWord || t.cells.isMissing(cell)
			switch _, kind := t.cells.read(cell); kind {
			case word:
				balance++
				repeated = repeated || words[cell]
				words[cell] = true
				dates = dates && date.MatchString(cell)
			case missing:
				noNumber = true
			default:
				balance--
			}
		}
		switch {
		case t.categories[k] != nil:
			t.gaps = t.gaps || noWord
		case balance <= 0:
			t.gaps = t.gaps || noNumber && !t.isWeight(k)
		case dates:
			t.dates = append(t.dates, f)
		case !repeated && len(words) >= manyWords:
			t.unique = append(t.unique, f)
		default:
			t.textual, t.gaps = append(t.textual, f), t.gaps || noWord
		}
	}
}
