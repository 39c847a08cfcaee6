package data

import "strings"

// isHeader reports whether the first of some rows names the columns: words stand in it where later rows have numbers, more of them than
// there are numbers in it. Names that are numbers themselves are believed beside one word alone if they count on by one. In a table of
// words alone, names are words that do not come again, each in a column whose words do. Without later rows it counts which columns are to
// hold numbers.
func (t *table) isHeader(rows [][]string, numbersIn []bool) bool {
	if len(rows) == 0 {
		return false
	}
	words, numbers, counted, last := 0, 0, true, 0.0
	for j, cell := range rows[0] {
		v, kind := t.cells.read(strings.TrimSpace(cell))
		switch {
		case kind == word && (len(rows) == 1 && numbersIn[j] || t.holdsNumbers(rows[1:], j)):
			words++
		case kind != word && kind != missing:
			counted = counted && kind == number && (numbers == 0 || v == last+1)
			numbers, last = numbers+1, v
		}
	}
	return words > numbers || words > 0 && numbers > 2 && counted || words == 0 && numbers == 0 && onlyNames(rows)
}

// onlyNames reports whether no cell of the first row comes again in its column, and some other cell does in each.
func onlyNames(rows [][]string) bool {
	for j, name := range rows[0] {
		again, seen := false, make(map[string]bool)
		for _, row := range rows[1:] {
			if j < len(row) {
				again = again || seen[row[j]]
				seen[row[j]] = true
			}
		}
		if !again || seen[name] {
			return false
		}
	}
	return true
}

// holdsNumbers reports whether most cells of column j are numbers, but for missing ones.
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
	return balance > 0
}
