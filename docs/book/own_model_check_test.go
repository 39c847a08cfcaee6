package book_test

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/diff/fd"

	"steepest/objective"
)

// logCosh is a smooth stand-in for |x₀ − i|, with its gradient.
func logCosh(dst, x []float64, i int) float64 {
	d := x[0] - float64(i)
	dst[0] = math.Tanh(d)
	return math.Log(math.Cosh(d))
}

func Example_checkGradient() {
	p := &objective.Funcs[float64]{N: 5, D: 1, FuncGrad: logCosh}
	x, grad := []float64{1.3}, make([]float64, 1)
	p.Grad(grad, x, nil) // nil: the mean over all terms; []uint32{0, 3}: the mean over two
	numeric := fd.Gradient(nil, func(x []float64) float64 { return p.Loss(x, nil) }, x, &fd.Settings{Formula: fd.Central})
	fmt.Printf("%.6f by formula, %.6f by differences\n", grad[0], numeric[0])
	// Output:
	// -0.275550 by formula, -0.275550 by differences
}
