package data

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// categories numbers the words of a column.
type categories struct {
	index map[string]int
	fixed bool // no new words are allowed
}

// none is the number of a word that is no category.
const none = -1

// knownCategories returns the categories of a column that a model was fitted to.
func knownCategories(words []string) *categories {
	c := &categories{index: make(map[string]int, len(words)), fixed: true}
	for i, w := range words {
		c.index[w] = i
	}
	return c
}

// number returns the number of a word, and numbers new words.
func (c *categories) number(word string) int {
	i, known := c.index[word]
	switch {
	case known:
		return i
	case c.fixed:
		return none
	case c.index == nil:
		c.index = make(map[string]int)
	}
	i = len(c.index)
	c.index[strings.Clone(word)] = i
	return i
}

// numbers maps the numbers of the words in others to the numbers in c.
func (c *categories) numbers(others *categories) []float64 {
	words := make([]string, len(others.index))
	for word, i := range others.index {
		words[i] = word
	}
	numbers := make([]float64, len(words))
	for i, word := range words { // new words get numbers in the order of appearance
		numbers[i] = float64(c.number(word))
	}
	return numbers
}

// sorted returns the words in ascending order, and for each number the position of its word.
func (c *categories) sorted() (words []string, places []int) {
	words, places = slices.Sorted(maps.Keys(c.index)), make([]int, len(c.index))
	for place, w := range words {
		places[c.index[w]] = place
	}
	return words, places
}

// missingWords returns how many cells of x, which holds numbers of words, are of the category "".
func (t *table) missingWords(x *Dense) (n int) {
	var columns []int
	var missing []float64 // the number of "" in each of these columns
	for k, c := range t.categories {
		if c == nil {
			continue
		}
		if number, known := c.index[""]; known {
			columns, missing = append(columns, k), append(missing, float64(number))
		}
	}
	if columns == nil {
		return 0
	}
	for row := range slices.Chunk(x.Data, x.Cols) {
		for i, k := range columns {
			if row[k] == missing[i] {
				n++
			}
		}
	}
	return n
}

// categoryIn returns the number of the category in a cell of feature k; none for an unknown category.
func (t *table) categoryIn(k int, cell string) (float64, error) {
	c, column, o := t.categories[k], t.features[k], t.options
	isMissing := t.cells.isMissing(cell)
	if isMissing {
		if !c.fixed && !o.ImputeMean && !o.KeepMissing {
			return 0, t.noValue(column.At-1, cell, "set ImputeMean to make missing words a category of their own, or fill it in, or remove the row")
		}
		cell = ""
	}
	i := c.number(cell)
	if i == none && !o.IgnoreUnknown {
		what := fmt.Sprintf("the model knows no category %s of column %s, only %s", quote(cell), column, listed(column.Categories))
		if isMissing {
			what = fmt.Sprintf("the value of column %s is missing, and none was missing in the data that the model was fitted to", column)
		}
		return 0, t.errorf(column.At-1, what, "correct it, or set IgnoreUnknown to count it as none of them")
	}
	return float64(i), nil
}
