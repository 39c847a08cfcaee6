package data

import "fmt"

// findWeights finds the column of the option Weights; −1 for none.
func (t *table) findWeights(failed error, names []string, o CSVOptions) (at int, named bool, err error) {
	if failed != nil || o.Weights == "" {
		return -1, false, failed
	}
	return t.find("Weights", o.Weights, names, o)
}

// isWeight reports whether feature k holds the weights.
func (t *table) isWeight(k int) bool { return t.weights >= 0 && k == len(t.features)-1 }

// noWeight returns the error for a value that is no weight.
func (t *table) noWeight(v float64) error {
	what := fmt.Sprintf("the weight %v is negative", v)
	if v != v {
		what = "the weight is missing"
	}
	return t.errorf(t.weights, fmt.Sprintf("%s, in column %s", what, t.column(t.weights)), "correct it, or remove the row")
}
