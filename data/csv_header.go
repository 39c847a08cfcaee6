package data

import "strings"

// isHeader reports whether the first of some rows names the columns: words stand in it where later rows have numbers, more of them than
// there are numbers in it. Names that are numbers themselves are believed beside one word alone if they count on by one.
func (t *table) isHeader(rows [][]string) bool {
	if len(rows) == 0 {
		return false
	}
	words, numbers, counted, last := 0, 0, true, 0.0
	for j, cell := range rows[0] {
		v, kind := t.cells.read(strings.TrimSpace(cell))
		switch {
		case kind == word && t.holdsNumbers(rows[1:], j):
			words++
		case kind != word && kind != missing:
			counted = counted && kind == number && (numbers == 0 || v == last+1)
			numbers, last = numbers+1, v
		}
	}
	return words > numbers || words > 0 && numbers > 2 && counted
}

// holdsNumbers reports whether most cells of column j are numbers, but for missing ones. Without rows this is what features are to hold.
func (t *table) holdsNumbers(rows [][]string, j int) bool {
	balance := 0
	for _, row := range rows {
		if j >= len(row) {
			continue
		}
		switch _, kind := t.cells.read(strings.TrimSpace(row[j])); kind {
		case word:
			balance--
		case missing:
		default:
			balance++
		}
	}
	return balance > 0 || len(rows) == 0 && j != t.label
}
