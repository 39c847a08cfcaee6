package data

import (
	"bytes"
	"math"
	"slices"
	"strings"

	"steepest/internal/decimal"
)

// csvBlock is a block of lines of a CSV file, with the parsed plain rows at its start. A row is plain if it is one line with its quotes in the
// right places, and none of its cells alone is an error. Blocks are parsed independently. Therefore words are numbered within the block, and
// the table compares the kinds of its columns with the block only when it takes over the rows.
type csvBlock struct {
	text   []byte
	last   bool  // the last block of the file
	failed error // error of the reader after the text

	parsed bool
	end    int // end of the plain rows in the text
	lines  int // number of their lines, including empty ones
	row    int // line of the last plain row
	rows   int
	x, y   []float64
	words  []categories // of each feature, then of the labels
	seen   []seenKinds  // per feature
	holes  int
	kinds  map[string]kindOfCell // of cells that are not plain numbers
}

type kindOfCell struct {
	v    float64
	kind cellKind
}

// parse parses the plain rows at the start of a text.
func (b *csvBlock) parse(t *table, text []byte) {
	b.parsed, b.end, b.lines, b.row, b.rows, b.holes = true, 0, 0, 0, 0, 0
	b.x, b.y = b.x[:0], b.y[:0]
	b.words, b.seen = make([]categories, len(t.features)+1), make([]seenKinds, len(t.features))
	clear(b.kinds)
	if b.kinds == nil {
		b.kinds = make(map[string]kindOfCell)
	}
	if !t.plainDelimiter() {
		return
	}
	for b.end < len(text) {
		end := b.end
		if text[end] != '\n' && !bytes.HasPrefix(text[end:], []byte("\r\n")) {
			x, y, holes := len(b.x), len(b.y), b.holes
			if end = b.parseRow(t, text); end == 0 {
				b.x, b.y, b.holes = b.x[:x], b.y[:y], holes
				return
			}
			b.rows++
			b.row = b.lines + 1
		} else if text[end] == '\r' {
			end++
		}
		b.end = min(end+1, len(text))
		b.lines++
	}
}

// plainDelimiter reports whether the delimiter is one byte that is not part of a number.
func (t *table) plainDelimiter() bool {
	return t.Delimiter < 0x80 && !strings.ContainsRune("0123456789+-.eE", t.Delimiter) && t.Delimiter != t.Decimal
}

// parseRow parses the row at text[b.end:], and returns where its line ends, before "\n"; 0 if it is not plain.
func (b *csvBlock) parseRow(t *table, text []byte) (end int) {
	delimiter := byte(t.Delimiter)
	n := len(b.x)
	b.x = slices.Grow(b.x, len(t.features))[:n+len(t.features)]
	x := b.x[n:]
	i := b.end
	for j, to := range t.roles {
		if j > 0 {
			if i == len(text) || text[i] != delimiter {
				return 0
			}
			i++
		}
		if to.number {
			start := i
			for start < len(text) && text[start] == ' ' && delimiter != ' ' {
				start++
			}
			v, end := decimal.Scan(text, start, byte(t.Decimal))
			if end > start && end < len(text) && (text[end] == delimiter || text[end] == '\n' || text[end] == '\r') && finite(v) && v >= to.least &&
				!slices.Contains(t.cells.numbers, v) {
				if i = end; j == t.label {
					b.y = append(b.y, v)
				} else {
					x[to.feature] = v
					b.seen[to.feature].numbers = b.seen[to.feature].numbers || v != 0 && v != 1
				}
				continue
			}
		}
		cell, next := plainCell(text, i, delimiter)
		if next < 0 || to.used && !b.add(t, j, to, bytes.TrimSpace(cell), x) {
			return 0
		}
		i = next
	}
	switch {
	case i < len(text) && text[i] == '\r':
		i++ // newLines leaves \r only before \n
	case i == len(text) && (!b.last || b.failed != nil):
		return 0 // the row may continue
	case i < len(text) && text[i] != '\n':
		return 0 // more cells than columns
	}
	if i-b.end > longestRow {
		return 0
	}
	return i
}

// plainCell returns the cell at text[i:] and its end; -1 if its quotes are not plain.
func plainCell(text []byte, i int, delimiter byte) (cell []byte, end int) {
	if i < len(text) && text[i] == '"' {
		return quotedCell(text, i+1, delimiter)
	}
	for end = i; end < len(text) && text[end] != delimiter && text[end] != '\n'; end++ {
		if text[end] == '"' {
			return nil, -1
		}
	}
	if end > i && end < len(text) && text[end] == '\n' && text[end-1] == '\r' {
		end--
	}
	return text[i:end], end
}

// quotedCell is plainCell after an opening quote.
func quotedCell(text []byte, i int, delimiter byte) (cell []byte, end int) {
	escaped := false
	for end = i; ; end += 2 {
		at := bytes.IndexByte(text[end:], '"')
		if at < 0 {
			return nil, -1
		}
		if end += at; end+1 == len(text) || text[end+1] != '"' {
			break
		}
		escaped = true
	}
	cell = text[i:end]
	end++
	if bytes.IndexByte(cell, '\n') >= 0 || end < len(text) && text[end] != delimiter && text[end] != '\n' && text[end] != '\r' {
		return nil, -1
	}
	if escaped {
		cell = bytes.ReplaceAll(cell, []byte(`""`), []byte(`"`))
	}
	return cell, end
}

// role says what a column of the file becomes.
type role struct {
	used    bool
	number  bool    // not words
	feature int     // its index; labels have the index after the features
	least   float64 // smallest number that is no error
}

// settleRoles sets the roles of the columns, once the first row has shown the kind of the labels.
func (t *table) settleRoles() {
	t.roles = make([]role, t.cols)
	for k, f := range t.features {
		t.roles[f.At-1] = role{true, t.categories[k] == nil, k, math.Inf(-1)}
		if t.isWeight(k) {
			t.roles[f.At-1].least = 0
		}
	}
	if t.label >= 0 {
		t.roles[t.label] = role{true, t.words == nil, len(t.features), math.Inf(-1)}
	}
}

// take takes over the plain rows of a block. It returns false, and takes nothing, if they do not fit the rows before.
func (t *table) take(b *csvBlock) bool {
	if t.label >= 0 && t.roles[t.label].number && t.words != nil {
		return false // the first row had no label, and the labels are words
	}
	for k, seen := range b.seen {
		if (seen.booleans || t.seen[k].booleans) && (seen.numbers || t.seen[k].numbers) {
			return false
		}
		if c := t.categories[k]; c != nil && c.fixed && !t.options.IgnoreUnknown {
			for word := range b.words[k].index {
				if _, known := c.index[word]; !known {
					return false
				}
			}
		}
	}
	cols := len(t.features)
	for k, seen := range b.seen {
		t.seen[k] = seenKinds{t.seen[k].booleans || seen.booleans, t.seen[k].numbers || seen.numbers}
		if t.categories[k] == nil {
			continue
		}
		numbers := t.categories[k].numbers(&b.words[k])
		for at := k; at < len(b.x); at += cols {
			if b.x[at] = numbers[int(b.x[at])]; b.x[at] == none {
				t.unknown++
			}
		}
	}
	if t.words != nil {
		labels := categories{index: t.words}
		numbers := labels.numbers(&b.words[cols])
		for i, v := range b.y {
			b.y[i] = numbers[int(v)]
		}
	}
	if t.text.size > 0 && b.lines > 0 {
		rows := t.text.count('\n') * float64(b.rows) / float64(b.lines)
		t.x.expect(rows * float64(cols))
		t.y.expect(rows)
		t.text = sized{}
	}
	t.x.append(b.x)
	t.y.append(b.y)
	t.labeled = t.labeled || b.rows > 0
	t.rows += b.rows
	t.holes += b.holes
	if b.rows > 0 {
		t.last = t.lines + b.row
	}
	t.lines += b.lines
	return true
}

// add adds the cell of column j, and reports whether it is of the kind that the table expects.
func (b *csvBlock) add(t *table, j int, to role, cell []byte, x []float64) bool {
	if !to.number {
		words := &b.words[to.feature]
		i, known := words.index[string(cell)]
		if !known {
			text := string(cell)
			if j == t.label {
				if _, kind := t.cells.readLabel(text); kind != word {
					return false
				}
			} else if t.cells.isMissing(text) {
				if !t.categories[to.feature].fixed && !t.options.ImputeMean && !t.options.KeepMissing {
					return false
				}
				text = ""
			}
			i = words.number(text)
		}
		if j == t.label {
			b.y = append(b.y, float64(i))
		} else {
			x[to.feature] = float64(i)
		}
		return true
	}
	k, known := b.kinds[string(cell)]
	if !known {
		if k.v, k.kind = t.cells.read(string(cell)); k.kind != number { // words repeat, so look them up in kinds first
			b.kinds[string(cell)] = k
		}
	}
	if j == t.label {
		b.y = append(b.y, k.v)
		return k.kind == number
	}
	if k.kind == missing && t.isWeight(to.feature) || k.v < to.least {
		return false
	}
	seen := &b.seen[to.feature]
	switch k.kind {
	case number:
		seen.numbers = seen.numbers || k.v != 0 && k.v != 1
	case boolean:
		seen.booleans = true
	case missing:
		if b.holes++; !t.options.ImputeMean && !t.options.KeepMissing {
			return false
		}
	default:
		return false
	}
	x[to.feature] = k.v
	return true
}
