// Package plural writes numbers with their nouns.
package plural

import "strconv"

// Of returns a number with its noun: "1 row", "2 rows", "0.5 epochs". The noun must take an s.
func Of[N int | float64](n N, noun string) string {
	text := strconv.FormatFloat(float64(n), 'f', -1, 64) + " " + noun
	if n != 1 {
		text += "s"
	}
	return text
}
