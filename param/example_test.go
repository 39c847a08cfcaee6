package param_test

import (
	"fmt"

	"steepest/param"
)

// A model says what lies in its vector of parameters: here a weight, whose rows follow one another, and then a bias.
func Example() {
	layout := []param.Param{
		{Name: "weight", Shape: []int{3, 2}, Role: param.Hidden},
		{Name: "bias", Shape: []int{3}, Role: param.Bias},
	}
	at := 0
	for _, p := range layout {
		count, rows, cols := p.Matrices()
		fmt.Printf("%s is x[%d:%d], %d matrix %d × %d, %v\n", p.Name, at, at+p.Size(), count, rows, cols, p.Role)
		at += p.Size()
	}
	// Output:
	// weight is x[0:6], 1 matrix 3 × 2, hidden
	// bias is x[6:9], 1 matrix 3 × 1, bias
}
