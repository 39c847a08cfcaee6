package data

import "strings"

// isHeader reports whether the first row names the columns. It does in these cases:
//
//   - It has words where later rows have numbers, and more such words than numbers. If there are no later rows, numbersIn says which
//     columns should hold numbers.
//   - It has at least one such word, and at least three numbers that count on by one.
//   - All cells are words, none of them appears again in its column, and every column has some other word that repeats.
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

// onlyNames reports whether no cell of the first row appears again in its column, while in each column some other cell does.
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

// holdsNumbers reports whether most cells of column j that are not missing are numbers.
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
