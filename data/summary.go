package data

import "math"

// Summary describes a column of a CSV or Parquet file by its values in a set.
type Summary struct {
	Column Column
	// Missing counts the rows without a value.
	Missing int
	// Least, Mean and Largest are statistics of the numbers; NaN if there are none.
	Least, Mean, Largest float64
	// Counts holds the number of rows of each category; nil for numbers.
	Counts []int
}

// Summarize describes the columns that became features, in their order; nil if the set has no Columns. NaN counts as a missing number, as
// CSVOptions.KeepMissing stores it.
func Summarize(s *Set) (all []Summary) {
	if s.Columns == nil {
		return nil
	}
	rows, cols := s.X.Dims()
	means, _ := ColumnMeans(s.X)
	nonzero, missing := make([]int, cols), make([]int, cols)
	least, largest := make([]float64, cols), make([]float64, cols)
	for j := range cols {
		least[j], largest[j] = math.Inf(1), math.Inf(-1)
	}
	for i := range rows {
		for j, v := range rowOf(s.X, i) {
			if math.IsNaN(v) {
				missing[j]++
				continue
			}
			nonzero[j]++
			least[j], largest[j] = min(least[j], v), max(largest[j], v)
		}
	}
	at := 0
	for _, c := range s.Columns.Features {
		n := rows - missing[at]
		sum := Summary{Column: c, Missing: missing[at], Least: least[at], Mean: means[at], Largest: largest[at]}
		switch {
		case c.Categories != nil:
			sum = Summary{Column: c, Missing: rows, Least: math.NaN(), Mean: math.NaN(), Largest: math.NaN(), Counts: nonzero[at : at+c.Width()]}
			for j, word := range c.Categories {
				if word != "" { // "" stands for missing words
					sum.Missing -= sum.Counts[j]
				}
			}
		case n == 0:
			sum.Least, sum.Mean, sum.Largest = math.NaN(), math.NaN(), math.NaN()
		case nonzero[at] < n: // some numbers are 0
			sum.Least, sum.Largest = min(sum.Least, 0), max(sum.Largest, 0)
		}
		all = append(all, sum)
		at += c.Width()
	}
	return all
}
