package data

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"steepest/internal/decimal"
)

// VWOptions says how to read a file in the text format of Vowpal Wabbit.
type VWOptions struct {
	// Bits is b, from 1 to 31: names are hashed to 2^b columns. Default: 18, as in Vowpal Wabbit.
	Bits int `json:"bits"`
	// HashAll also hashes names that are whole numbers, like --hash all of Vowpal Wabbit. By default such a number is added to the hash of its
	// namespace. The hash of the namespace without a name is 0.
	HashAll bool `json:"hash_all,omitempty"`
	// Interactions lists products of features from two to eight namespaces. A namespace is written as the first byte of its name, or a blank if
	// it has no name. ab adds a feature for each pair of a feature of a and a feature of b, like -q ab of Vowpal Wabbit, and abc adds one for
	// each triple, like --interactions abc. aa adds a feature for each unordered pair of features of a, including a feature with itself.
	// Interactions of the same letters count once.
	Interactions []string `json:"interactions,omitempty"`
	// Unlabeled is for rows to predict: a row may have no label. Its label is NaN then, and its weight 1.
	Unlabeled bool `json:"-"`
}

// ReadVW reads rows of the text format of Vowpal Wabbit 9,
//
//	label [importance] ['tag]|namespace[:scale] feature[:value] feature ... |namespace ...
//
// into a CSR matrix of 2^Bits columns. name is the file's name in error messages. The column of a feature is MurmurHash3 of its name, with
// the hash of its namespace as the seed, modulo 2^Bits. A feature without a value has the value 1. If the value is a word, the hash of
// the word, with the hash of the name as the seed, is the column of a feature with the value 1. Features without a name get consecutive
// columns from the hash of their namespace on. Values of a row in the same column are added up. The importance is the weight of the row.
// Tags and blank lines are ignored. There is no constant feature; see AppendOnes.
//
// The error is a *ParseError unless r fails or o is invalid. Rows without a label, labels of other tasks than regression and two classes,
// and initial predictions are refused.
func ReadVW(name string, r io.Reader, o VWOptions) (*Set, error) {
	o, err := o.Resolved()
	if err != nil {
		return nil, err
	}
	set, err := readRows(name, r, 1<<o.Bits, o.parse)
	if err != nil {
		return nil, err
	}
	o.Unlabeled = false
	set.Hashing = &o
	return set, nil
}

// Resolved returns the options with their defaults. As in Vowpal Wabbit, interactions of the same letters are listed once, and the letters of an
// interaction are sorted if one occurs twice. Resolved fails if an option is invalid.
func (o VWOptions) Resolved() (VWOptions, error) {
	if o.Bits == 0 {
		o.Bits = 18
	}
	if o.Bits < 1 || o.Bits > 31 {
		return o, fmt.Errorf("data: Bits is %d, want 1 to 31", o.Bits)
	}
	var kept []string
	seen := make(map[string]bool)
	for _, letters := range o.Interactions {
		if len(letters) < 2 || len(letters) > 8 || strings.ContainsAny(letters, ":|\t\r\n") {
			return o, fmt.Errorf("data: Interactions: %q is not two to eight first letters of namespaces", letters)
		}
		sorted := []byte(letters)
		slices.Sort(sorted)
		if len(slices.Compact(slices.Clone(sorted))) < len(letters) {
			letters = string(sorted)
		}
		if !seen[string(sorted)] {
			kept = append(kept, letters)
		}
		seen[string(sorted)] = true
	}
	o.Interactions = kept
	return o, nil
}

// parse is the parser of a line for scanRows.
func (o VWOptions) parse(b *block, s []byte) int { return b.parseVW(s, o) }

// parseVW appends the row in the first line of text, if the line holds a row, and returns the length of the line.
func (b *block) parseVW(text []byte, o VWOptions) int {
	line, rest, _ := bytes.Cut(text, []byte{'\n'})
	length := len(text) - len(rest)
	if line = bytes.TrimRight(line, " \t\r"); len(line) == 0 {
		return length
	}
	bar := bytes.IndexByte(line, '|')
	if bar < 0 {
		b.fail(line, 0, "there is no bar | before the features", "write the row like 1 |f a:0.5, or read the file as LIBSVM or CSV")
		return length
	}
	b.row = b.row[:0]
	if !b.parseLabel(line, bar, o.Unlabeled) {
		return length
	}
	for letter, features := range b.namespaces {
		b.namespaces[letter] = features[:0]
	}
	for from := bar; from < len(line); {
		end := len(line)
		if next := bytes.IndexByte(line[from+1:], '|'); next >= 0 {
			end = from + 1 + next
		}
		first := len(b.row)
		if !b.parseNamespace(line[:end], from+1, o) {
			return length
		}
		if o.Interactions != nil {
			b.note(line, from+1, b.row[first:])
		}
		from = end
	}
	for _, letters := range o.Interactions {
		if !b.interact(letters, o) {
			b.fail(line, bar, fmt.Sprintf("the interactions %s of the row are too large, or more than %d", quote(letters), mostInteractions), "scale the data, or leave the interactions out")
			return length
		}
	}
	if !b.appendRow() {
		b.fail(line, bar, "the sum of the values that are hashed to one column is not finite", "scale the data")
	}
	return length
}

// parseLabel appends the label and the weight from the words before the bar, and reports whether they are valid. A row may be unlabeled.
func (b *block) parseLabel(line []byte, bar int, unlabeled bool) bool {
	numbers, starts := [3]float64{1: 1}, make([]int, 0, 3)
	for i := 0; ; {
		for i < bar && line[i] == ' ' {
			i++
		}
		if i == bar {
			break
		}
		word := line[i:bar]
		if end := bytes.IndexByte(word, ' '); end >= 0 {
			word = word[:end]
		}
		tag := i+len(word) == bar || word[0] == '\''
		switch v, ok := decimal.Parse(string(word)); {
		case tag && len(starts) == 0 && !unlabeled:
			b.fail(line, i, fmt.Sprintf("the row has no label: %s is its tag, as VW reads it", quote(word)), "put the label before it, and a blank before the bar")
			return false
		case tag && len(bytes.TrimLeft(line[i+len(word):bar], " ")) > 0:
			b.fail(line, i, fmt.Sprintf("the tag %s is not the last word before the bar", quote(word)), "write label, importance, tag in this order")
			return false
		case tag:
		case !ok || !finite(v):
			b.fail(line, i, fmt.Sprintf("%s is not a finite number", quote(word)), "write label, importance and 'tag before the bar; labels of other tasks than regression and two classes cannot be read")
			return false
		case len(starts) == 1 && v < 0:
			b.fail(line, i, fmt.Sprintf("the importance %s is negative", quote(word)), "write a weight of at least 0")
			return false
		case len(starts) == 2 && v != 0 || len(starts) == 3:
			b.fail(line, i, fmt.Sprintf("%s is the initial prediction of the row, which cannot be used", quote(word)), "remove it, or put a ' before it if it is the tag")
			return false
		default:
			numbers[len(starts)] = v
			starts = append(starts, i)
		}
		i += len(word)
	}
	if len(starts) == 0 && unlabeled {
		numbers[0] = math.NaN()
	} else if len(starts) == 0 {
		b.fail(line, bar, "the row has no label", "put a number and a blank before the bar")
		return false
	}
	b.labels, b.weights = append(b.labels, numbers[0]), append(b.weights, numbers[1])
	return true
}

// mostInteractions limits the number of features of a row with its interactions.
const mostInteractions = 1 << 22

// note stores the features of a namespace for interactions. The name of the namespace starts at line[at:].
func (b *block) note(line []byte, at int, features []entry) {
	letter := byte(' ')
	if nameEnd(line, at) > at {
		letter = line[at]
	}
	if b.namespaces == nil {
		b.namespaces = make(map[byte][]entry)
	}
	b.namespaces[letter] = append(b.namespaces[letter], features...)
}

// interact appends the products of one feature from each of the namespaces, and reports whether they are finite and not too many. The hash of a
// product is that of Vowpal Wabbit: it starts at 0; for each feature it is multiplied by the prime of FNV, and XORed with the feature's column.
func (b *block) interact(letters string, o VWOptions) bool {
	const prime = 16777619
	var choose func(k, from int, hash uint64, value float64) bool
	choose = func(k, from int, hash uint64, value float64) bool {
		if k == len(letters) {
			b.row = append(b.row, entry{uint32(hash & (1<<o.Bits - 1)), value})
			return finite(value) && len(b.row) <= mostInteractions
		}
		if k == 0 || letters[k] != letters[k-1] {
			from = 0 // a repeated letter instead goes on from the feature chosen last, so that each pair is taken once
		}
		features := b.namespaces[letters[k]]
		for i := from; i < len(features); i++ {
			if !choose(k+1, i, prime*hash^uint64(features[i].column), value*features[i].value) {
				return false
			}
		}
		return true
	}
	return choose(0, 0, 0, 1)
}

// endsName says which bytes end the name of a namespace or a feature.
var endsName = [256]bool{' ': true, '\t': true, '\r': true, ':': true, '|': true}

func nameEnd(line []byte, i int) int {
	for i < len(line) && !endsName[line[i]] {
		i++
	}
	return i
}

// parseNamespace appends the features of a namespace to b.row, and reports whether they are valid. The name of the namespace starts at
// line[at:], and its features end with line.
func (b *block) parseNamespace(line []byte, at int, o VWOptions) bool {
	end := nameEnd(line, at)
	seed, scale, unnamed := uint64(0), 1.0, uint64(0)
	if end > at {
		seed = hashName(line[at:end], 0, o.HashAll)
	}
	if end < len(line) && line[end] == ':' {
		from := end + 1
		end = nameEnd(line, from)
		v, ok := decimal.Parse(string(line[from:end]))
		if !ok || !finite(v) {
			b.fail(line, from, fmt.Sprintf("the scale %s of the namespace %s is not a finite number", quote(line[from:end]), quote(line[at:from-1])), "write it like |f:0.5, or put a blank behind the bar if it is a feature")
			return false
		}
		scale = v
	}
	for i := end; i < len(line); {
		if c := line[i]; c == ' ' || c == '\t' || c == '\r' {
			i++
			continue
		}
		end, hash := o.feature(line, i, seed)
		name, value := line[i:end], scale
		if len(name) == 0 {
			hash = seed + unnamed
		}
		if end < len(line) && line[end] == ':' {
			from := end + 1
			v, next := decimal.Scan(line, from, '.')
			ok := next > from && (next == len(line) || endsName[line[next]])
			if end = next; !ok {
				end = nameEnd(line, from)
			}
			word := line[from:end]
			switch {
			case len(word) == 0:
				b.fail(line, from, fmt.Sprintf("the feature %s has no value", quote(name)), "write name:value with no blank around the colon, or the name alone for 1")
				return false
			case ok && !finite(v) || !ok && saysNotFinite(string(word)):
				b.fail(line, from, fmt.Sprintf("the value %s of the feature %s is not a finite number", quote(word), quote(name)), "correct the value, or leave the feature out to make it 0")
				return false
			case end < len(line) && line[end] == ':':
				b.fail(line, end, fmt.Sprintf("a second colon stands behind the feature %s", quote(name)), "replace colons in names by another character")
				return false
			case ok:
				value *= v
			case len(name) == 0:
				b.fail(line, from, fmt.Sprintf("the value %s of a feature without a name is not a number", quote(word)), "write a number, or name:word")
				return false
			default:
				hash = hashName(word, hash, o.HashAll)
			}
		}
		if len(name) == 0 {
			unnamed++
		}
		if !finite(value) {
			b.fail(line, i, fmt.Sprintf("the value of the feature %s times the scale of its namespace is too large", quote(name)), "scale the data")
			return false
		}
		if value != 0 {
			b.row = append(b.row, entry{uint32(hash & (1<<o.Bits - 1)), value})
		}
		i = end
	}
	return true
}

// feature returns the end of the name of a feature at line[i:], and the hash of the name.
func (o VWOptions) feature(line []byte, i int, seed uint64) (end int, hash uint64) {
	number, digits := decimal.Digits(line, i)
	if end = i + digits; 0 < digits && digits < 8 && !o.HashAll && (end == len(line) || endsName[line[end]]) {
		return end, number + seed // as hashName
	}
	end = nameEnd(line, i)
	return end, hashName(line[i:end], seed, o.HashAll)
}

// entry is a value of a row with its column.
type entry struct {
	column uint32
	value  float64
}

// appendRow appends b.row to the block. Entries are sorted by column, and entries of the same column are added up in the order of the file.
// It reports whether the sums are finite.
func (b *block) appendRow() (ok bool) {
	ok = true
	byColumn := func(a, b entry) int { return cmp.Compare(a.column, b.column) }
	if !slices.IsSortedFunc(b.row, byColumn) {
		slices.SortStableFunc(b.row, byColumn)
	}
	start := len(b.indices)
	for _, e := range b.row {
		if n := len(b.indices); n > start && b.indices[n-1] == e.column {
			b.values[n-1] += e.value
			ok = ok && finite(b.values[n-1])
			continue
		}
		b.indices, b.values = append(b.indices, e.column), append(b.values, e.value)
	}
	b.ends = append(b.ends, len(b.values))
	return ok
}
