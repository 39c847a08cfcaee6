package metrics

import "fmt"

// checkLength panics unless the number of predictions fits the number of rows.
func checkLength(what string, got, rows, perRow int) {
	if got != rows*perRow {
		panic(fmt.Sprintf("metrics: %d %s for %d rows, want %d", got, what, rows, rows*perRow))
	}
}

// checkClasses panics unless every label is a class index below classes.
func checkClasses(what string, labels []int, classes int) {
	for i, class := range labels {
		if class < 0 || class >= classes {
			panic(fmt.Sprintf("metrics: %s class %d in row %d, want 0 to %d", what, class, i, classes-1))
		}
	}
}

// mean returns the mean of term over the rows 0…n−1, or NaN if there are none.
func mean(n int, term func(row int) float64) float64 {
	return sum(0, n, term) / float64(n)
}

// sum returns the sum of term over the rows lo…hi−1. It adds up halves, so its relative error, with terms of one sign, is at
// most (128 + log₂ n) roundings.
func sum(lo, hi int, term func(row int) float64) float64 {
	if hi-lo > 128 {
		mid := lo + (hi-lo)/2
		return sum(lo, mid, term) + sum(mid, hi, term)
	}
	var s float64
	for row := lo; row < hi; row++ {
		s += term(row)
	}
	return s
}
