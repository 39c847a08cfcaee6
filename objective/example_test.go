package objective_test

import (
	"fmt"

	"steepest/data"
	"steepest/objective"
)

// A logistic model of four examples: its gradient over a batch and over all terms, and its constants.
func Example() {
	x := &data.Dense{Rows: 4, Cols: 2, Data: []float64{
		1, 0,
		0, 1,
		-1, 0,
		0, -1,
	}}
	p, err := objective.Logistic(x, []float64{1, 1, -1, -1}, objective.L2(0.1))
	if err != nil {
		fmt.Println(err)
		return
	}
	w, grad := make([]float64, 2), make([]float64, 2)
	fmt.Printf("f(0) = %.4f\n", p.Grad(grad, w, nil))
	fmt.Println("∇f(0) =", grad)
	p.Grad(grad, w, []uint32{0})
	fmt.Println("∇f₀(0) =", grad)

	c := p.Constants()
	fmt.Printf("L = %.3f, LMax = %.3f, Mu = %.1f\n", c.L, c.LMax, c.Mu)
	fmt.Printf("gap at 0: %.3f\n", p.Gap(w))
	// Output:
	// f(0) = 0.6931
	// ∇f(0) = [-0.25 -0.25]
	// ∇f₀(0) = [-0.5 0]
	// L = 0.225, LMax = 0.350, Mu = 0.1
	// gap at 0: 0.625
}

// Your own problem: the mean of three parabolas. Its gradient is computed by central differences.
func ExampleFuncs() {
	centers := []float64{-1, 0, 4}
	p := &objective.Funcs[float64]{N: 3, D: 1, Func: func(x []float64, i int) float64 {
		return (x[0] - centers[i]) * (x[0] - centers[i])
	}}
	grad := make([]float64, 1)
	loss := p.Grad(grad, []float64{2}, nil)
	fmt.Printf("%.3f %.3f\n", loss, grad[0])
	// Output: 5.667 2.000
}

// The best approximation of rank 1 leaves the smaller singular value of the matrix, which is 1: the loss is ½·1² over four entries.
func ExampleMatrixFactorization() {
	a := &data.Dense{Rows: 2, Cols: 2, Data: []float64{3, 0, 0, 1}}
	p, err := objective.MatrixFactorization(a, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	x, f, _ := p.Minimizer()
	fmt.Printf("f* = %.3f, f = %.3f, d = %d\n", f, p.Loss(x, nil), len(x))
	// Output: f* = 0.125, f = 0.125, d = 4
}

// FromSet makes a problem of a data set. Its View prepares other rows in the same way: scaled, and with a column for the intercept.
func ExampleFromSet() {
	set := &data.Set{Name: "flowers", Y: []float64{0, 0, 1, 1},
		X: &data.Dense{Rows: 4, Cols: 1, Data: []float64{10, 20, 40, 50}}}
	p, view, err := objective.FromSet(set, objective.Setup{Scale: data.Standard, Intercept: true}, objective.L2(0.1))
	if err != nil {
		fmt.Println(err)
		return
	}
	x, _ := p.Data()
	rows, err := view.Apply(&data.Dense{Rows: 1, Cols: 1, Data: []float64{30}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f\n", x.(*data.Dense).Data)
	fmt.Println(p.Scores([]float64{2, 0.5}, rows), "is positive for the class", view.Classes[1])
	// Output:
	// [-1.26 1.00 -0.63 1.00 0.63 1.00 1.26 1.00]
	// [0.5] is positive for the class 1
}
