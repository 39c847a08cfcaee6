package data

import (
	"fmt"
	"math"
)

// findWeights finds the column of the option Weights; −1 for none.
func (t *table) findWeights(failed error, names []string, o CSVOptions) (at int, named bool, err error) {
	if failed != nil || o.Weights == "" {
		return -1, false, failed
	}
	return t.find("Weights", o.Weights, names, o)
}

// takeWeights removes the weights from the features, where they are the last column, and returns them.
func (t *table) takeWeights(x *Dense) ([]float64, error) {
	if t.weights < 0 {
		return nil, nil
	}
	n := len(t.features) - 1
	column := t.features[n]
	t.features, t.categories = t.features[:n], t.categories[:n]
	weights := make([]float64, t.rows)
	some := false
	for i := range weights {
		row := x.Row(i)
		w := row[n]
		if !(w >= 0) || math.IsInf(w, 1) {
			what := fmt.Sprintf("the weight %v of example %d is negative", w, i+1)
			if w != w {
				what = fmt.Sprintf("the weight of example %d is missing", i+1)
			}
			return nil, &ParseError{File: t.file, What: what + ", in column " + column.String(), Fix: "correct it, or remove the row"}
		}
		weights[i], some = w, some || w > 0
		copy(x.Data[i*n:], row[:n])
	}
	if !some {
		return nil, &ParseError{File: t.file, What: fmt.Sprintf("all weights in column %s are 0", column), Fix: "a weight of 2 counts a row twice, and 0 is no row"}
	}
	x.Cols, x.Data = n, x.Data[:t.rows*n]
	t.holes = 0
	for _, v := range x.Data {
		if v != v {
			t.holes++
		}
	}
	return weights, nil
}
