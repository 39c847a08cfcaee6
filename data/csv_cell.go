package data

import (
	"math"
	"slices"
	"strings"
)

// cellKind is the kind of a cell.
type cellKind int

const (
	number   cellKind = iota // finite
	infinite                 // a number that is not finite
	boolean                  // true or yes (1), false or no (0)
	missing
	word
)

// missingMarks are the marks that pandas treats as missing by default, and those of other programs, in lower case. missingWords are missing
// only in columns of numbers.
var (
	missingMarks = []string{"", "?", "na", "n/a", "<na>", "#na", "#n/a", "#n/a n/a", "nan", "-nan", "1.#qnan", "-1.#qnan", "1.#ind", "-1.#ind", "null", "nat"}
	missingWords = []string{"none", "nil", "missing", "-", "--", "."}
)

// cellReader reads cells as numbers.
type cellReader struct {
	comma   bool // the decimal point is a comma
	missing []string
	numbers []float64 // the marks in missing that are numbers
}

func newCellReader(point rune, missing []string) cellReader {
	c := cellReader{comma: point == ',', missing: missing}
	for _, mark := range missing {
		if v, ok := c.number(mark); ok {
			c.numbers = append(c.numbers, v)
		}
	}
	return c
}

// read reads a cell of a column of numbers, without blanks around it.
func (c *cellReader) read(cell string) (v float64, kind cellKind) {
	v, isNumber := c.number(cell)
	switch {
	case isNumber && !finite(v):
		return v, infinite
	case isNumber && !slices.Contains(c.numbers, v):
		return v, number
	case c.isMissing(cell) || isNumber || slices.Contains(missingWords, strings.ToLower(cell)):
		return math.NaN(), missing
	case saysNotFinite(cell):
		return math.Inf(1), infinite
	}
	switch strings.ToLower(cell) {
	case "true", "yes":
		return 1, boolean
	case "false", "no":
		return 0, boolean
	}
	return 0, word
}

// readLabel is read for a label, which may be a word. Words for 1 and 0, and marks that are missing only among numbers, stay words.
func (c *cellReader) readLabel(cell string) (v float64, kind cellKind) {
	v, kind = c.read(cell)
	if kind == boolean || kind == missing && slices.Contains(missingWords, strings.ToLower(cell)) && !slices.Contains(c.missing, cell) {
		return 0, word
	}
	return v, kind
}

// isMissing reports whether a cell is a mark for a missing value, also where words are expected.
func (c *cellReader) isMissing(cell string) bool {
	return len(cell) <= len("#n/a n/a") && slices.Contains(missingMarks, strings.ToLower(cell)) || slices.Contains(c.missing, cell)
}

// number reads a cell as a number.
func (c *cellReader) number(cell string) (v float64, ok bool) {
	if c.comma {
		if strings.IndexByte(cell, '.') >= 0 {
			return 0, false
		}
		cell = strings.Replace(cell, ",", ".", 1)
	}
	v, n := scanNumber([]byte(cell), 0)
	return v, n > 0 && n == len(cell)
}

// numberlike returns a hint for a word that looks like a number; "" for other words.
func (c *cellReader) numberlike(cell string) (fix string) {
	other := cellReader{comma: !c.comma}
	point := map[bool]string{true: `","`, false: `"."`}
	if _, ok := other.number(cell); ok && strings.Count(cell, ",") <= 1 {
		return "set Decimal to " + point[other.comma] + " if that is the decimal point of the file"
	}
	if bare := strings.NewReplacer("−", "-", "–", "-").Replace(cell); bare != cell {
		if _, ok := c.number(bare); ok {
			return "write the minus sign as a hyphen, -"
		}
	}
	if strings.IndexByte("0123456789-+.,$€£%", firstByte(cell)) < 0 {
		return ""
	}
	bare := strings.Map(func(r rune) rune {
		switch r {
		case ',', '.', '_', ' ', '\u00a0', '\u202f', '\'', '%', '$', '€', '£':
			return -1
		}
		return r
	}, cell)
	if _, ok := c.number(bare); ok {
		return "write the number without units and without marks that group its digits"
	}
	return ""
}

func firstByte(s string) byte {
	if s == "" {
		return 0
	}
	return s[0]
}
