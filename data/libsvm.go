package data

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"steepest/internal/decimal"
)

// LIBSVMOptions says how to read a LIBSVM file.
type LIBSVMOptions struct {
	// ZeroBased says that the file counts its features from 0; by default they are counted from 1.
	ZeroBased bool
	// MinFeatures is the least number of columns of the result. For a test file, pass the number of columns of the training set, since
	// the last features may not occur in the test file. By default the largest index in the file decides.
	MinFeatures int
	// Unlabeled is for rows to predict: a row may start with its first feature. Its label is NaN then.
	Unlabeled bool
}

// mostFeatures leaves room in a uint32 for a column to append and for an index that counts from 1.
const mostFeatures = math.MaxUint32 - 1

// ReadLIBSVM reads rows of the form
//
//	label index:value index:value ... # comment
//
// into a CSR matrix. name is the file's name in error messages. Lines end in LF, CRLF or CR. Blank lines and lines with only a comment are
// not rows. A row may have no features. Labels and values are any finite numbers. Indices ascend strictly within a row. Zeros in the file
// are stored. Blocks of lines are parsed in parallel; the result does not depend on the number of processors.
//
// The error is a *ParseError unless r fails or o is invalid. Files for ranking (qid:) and rows with several labels are refused.
func ReadLIBSVM(name string, r io.Reader, o LIBSVMOptions) (*Set, error) {
	cols, parse, err := o.rows()
	if err != nil {
		return nil, err
	}
	set, err := readRows(name, r, cols, parse)
	if err != nil {
		return nil, err
	}
	set.ZeroBased = o.ZeroBased
	return set, nil
}

// rows returns the least number of columns, and the parser of a line for scanRows.
func (o LIBSVMOptions) rows() (cols int, parse func(b *block, s []byte) int, err error) {
	if o.MinFeatures > mostFeatures {
		return 0, nil, fmt.Errorf("data: MinFeatures is %d; there are at most %d", o.MinFeatures, mostFeatures)
	}
	return max(0, o.MinFeatures), func(b *block, s []byte) int { return b.parseLine(s, o) }, nil
}

// readRows reads sparse rows of a text into a matrix with at least cols columns. parse is that of scanRows.
func readRows(name string, r io.Reader, cols int, parse func(b *block, s []byte) int) (*Set, error) {
	m := &CSR{Cols: cols}
	var ends series[int]
	var indices series[uint32]
	var values, labels, weights series[float64]
	defer func() { ends.free(); indices.free(); values.free(); labels.free(); weights.free() }()
	ends.append([]int{0})
	text := sizedOf(r)
	var memory growth
	err := scanRows(name, r, parse, func(b *block) error {
		if labels.n == 0 { // the first rows
			rows := text.count('\n')
			entries := text.count(' ') * float64(len(b.values)) / float64(1+bytes.Count(b.text, []byte{' '}))
			ends.expect(rows)
			labels.expect(rows)
			indices.expect(entries)
			values.expect(entries)
		}
		ends.append(b.ends)
		indices.append(b.indices)
		values.append(b.values)
		labels.append(b.labels)
		weights.append(b.weights)
		m.Cols = max(m.Cols, b.cols)
		return memory.room(name, "values", labels.n, 4*indices.n+8*values.n)
	})
	if err != nil {
		return nil, err
	}
	m.Rows = labels.n
	m.Indptr, m.Indices, m.Values = ends.slice(), indices.slice(), values.slice()
	s := &Set{Name: name, X: m, Y: labels.slice(), Weights: weights.slice()}
	if !slices.ContainsFunc(s.Weights, func(w float64) bool { return w != 1 }) {
		s.Weights = nil
	}
	return s, nil
}

// scanRows passes the rows of a text to add, block by block in the order of the file. In these blocks the ends of rows count values from the
// start of the file. add must not keep a block. parse appends the row in the first line of s to b, if the line holds a row, and returns the
// length of the line.
func scanRows(name string, r io.Reader, parse func(b *block, s []byte) int, add func(b *block) error) error {
	line, rows, values := 0, 0, 0
	lines := newLines{bufio.NewReaderSize(r, 1<<16)}
	cut := func(yield func(*block) bool) error { return cutLines(name, lines, longestLine, yield) }
	err := parseLines(&blocks, cut, func(b *block) { b.parse(parse) }, func(b *block) error {
		if b.err != nil {
			b.err.File = name
			b.err.Line += line
			return b.err
		}
		line, rows = line+b.lines, rows+len(b.labels)
		for i := range b.ends {
			b.ends[i] += values
		}
		values += len(b.values)
		return add(b)
	})
	if err == nil && rows == 0 {
		err = noRows(name)
	}
	return err
}

// block is a piece of a file of sparse rows: whole lines and their rows.
type block struct {
	text    []byte
	lines   int // number of lines parsed
	labels  []float64
	ends    []int // row i ends before element ends[i] of indices and values
	indices []uint32
	values  []float64
	weights []float64 // of the rows; empty if the format has no weights
	row     []entry   // the current row of a VW file
	// namespaces holds the features of the current row by the first byte of their namespace, for interactions.
	namespaces map[byte][]entry
	cols       int
	err        *ParseError // the first error; Line counts from the start of the block
}

// parse parses b.text line by line.
func (b *block) parse(line func(b *block, s []byte) int) {
	b.lines, b.cols, b.err = 0, 0, nil
	b.labels, b.weights, b.ends = b.labels[:0], b.weights[:0], b.ends[:0]
	b.indices, b.values = b.indices[:0], b.values[:0]
	for s := b.text; len(s) > 0 && b.err == nil; {
		b.lines++
		s = s[line(b, s):]
	}
}

// parseLine appends the row in the first line of s, if the line holds a row, and returns the length of the line.
func (b *block) parseLine(s []byte, o LIBSVMOptions) int {
	i := skipBlanks(s, 0)
	if i == len(s) || s[i] == '\n' {
		return min(i+1, len(s))
	}
	label, end := scanNumber(s, i)
	if end == i || !finite(label) {
		if !o.Unlabeled || !startsWithFeature(s[i:]) {
			what, fix := badLabel(s[i:])
			return b.fail(s, i, what, fix)
		}
		label, end = math.NaN(), i
	}
	base := uint64(1)
	if o.ZeroBased {
		base = 0
	}
	next := base // the least index that may follow
	indices, values := b.indices, b.values
	for i = skipBlanks(s, end); i < len(s) && s[i] != '\n'; {
		index, end := scanIndex(s, i)
		at := end + 1 // start of the value
		if end == i || at > len(s) || s[end] != ':' || index < next || index > mostFeatures-1+base {
			what, fix := badIndex(s[i:], base, next)
			return b.fail(s, i, what, fix)
		}
		value, end := decimal.Scan(s, at, '.')
		if end == at || end < len(s) && !endsWord[s[end]] || !finite(value) {
			what, fix := badValue(s[at:], index)
			return b.fail(s, at, what, fix)
		}
		next = index + 1
		indices = append(indices, uint32(index-base))
		values = append(values, value)
		if i = end; i+1 < len(s) && s[i] == ' ' && !endsWord[s[i+1]] {
			i++ // one blank, as in most files
		} else {
			i = skipBlanks(s, i)
		}
	}
	b.indices, b.values = indices, values
	b.cols = max(b.cols, int(next-base))
	b.labels = append(b.labels, label)
	b.ends = append(b.ends, len(values))
	return min(i+1, len(s))
}

// fail stores an error at byte i of the current line s, and returns the length of s, so that parsing ends.
func (b *block) fail(s []byte, i int, what, fix string) int {
	b.err = &ParseError{Line: b.lines, Column: i + 1, What: what, Fix: fix}
	return len(s)
}

// startsWithFeature reports whether the first word of s is a whole number before a colon.
func startsWithFeature(s []byte) bool {
	_, end := scanIndex(s, 0)
	return end > 0 && end < len(s) && s[end] == ':'
}

func badLabel(s []byte) (what, fix string) {
	word := s[:wordEnd(s)]
	if saysNotFinite(string(word)) {
		return fmt.Sprintf("the label %s is not a finite number", quote(word)), "correct the label or remove the row"
	}
	if bytes.IndexByte(word, ':') >= 0 {
		return fmt.Sprintf("the row starts with %s where its label should stand", quote(word)),
			"put a number and a blank before the first feature"
	}
	if bytes.IndexByte(word, ',') >= 0 {
		return fmt.Sprintf("%s is not one number: it may be a list of labels, or a row of a CSV file", quote(word)),
			"keep one label in each row, or read the file as CSV"
	}
	return fmt.Sprintf("the label %s is not a number", quote(word)), "write a number for each class, such as 1 and -1"
}

func badIndex(s []byte, base, next uint64) (what, fix string) {
	word := s[:wordEnd(s)]
	index, _, colon := strings.Cut(string(word), ":")
	switch {
	case index == "qid":
		return fmt.Sprintf("%s marks a file for learning to rank, which this reader does not support", quote(word)),
			"remove the qid from every row to read it as ordinary examples"
	case !colon:
		return fmt.Sprintf("%s is not a feature of the form index:value", quote(word)),
			"write it like 3:0.5, with no blank around the colon"
	}
	i, err := strconv.ParseUint(index, 10, 32)
	switch {
	case err != nil || i > mostFeatures-1+base:
		fix = "number the features; names cannot be read here"
		if _, err := strconv.ParseFloat(index, 64); err == nil {
			fix = "give each feature such a number"
		}
		return fmt.Sprintf("the feature index %s is not a whole number from %d to %d", quote(index), base, mostFeatures-1+base), fix
	case len(index) > mostDigits:
		return fmt.Sprintf("the feature index %s has more than %d digits", quote(index), mostDigits), "leave the zeros before it out"
	case i < base:
		return "the feature index is 0, but the file is read as counting from 1", "if it counts from 0, set ZeroBased"
	case i == next-1:
		return fmt.Sprintf("the feature index %d stands twice in this row", i), "keep one of the two"
	default:
		return fmt.Sprintf("the feature index %d comes after %d", i, next-1), "sort the features of each row by index"
	}
}

func badValue(s []byte, index uint64) (what, fix string) {
	word := s[:wordEnd(s)]
	if len(word) == 0 {
		return fmt.Sprintf("feature %d has no value", index), "write index:value with no blank around the colon"
	}
	if saysNotFinite(string(word)) {
		return fmt.Sprintf("the value %s of feature %d is not a finite number", quote(word), index),
			"correct the value, or leave the feature out to make it 0"
	}
	return fmt.Sprintf("the value %s of feature %d is not a number", quote(word), index),
		"correct the value, or leave the feature out to make it 0"
}
