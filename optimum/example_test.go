package optimum_test

import (
	"context"
	"fmt"

	"steepest/data"
	"steepest/objective"
	"steepest/optimum"
)

// The lasso of one feature: the minimizer is the least squares solution, 2, moved toward 0 by the penalty.
func ExampleFind() {
	x := &data.Dense{Rows: 2, Cols: 1, Data: []float64{1, -1}}
	p, err := objective.LeastSquares(x, []float64{2, -2}, objective.L1(0.5))
	if err != nil {
		fmt.Println(err)
		return
	}
	o, err := optimum.Find(context.Background(), p)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("x* = %.4f, F* = %.4f, certified: %v\n", o.X[0], o.Value, o.Certified)
	// Output: x* = 1.5000, F* = 0.8750, certified: true
}
