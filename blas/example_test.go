package blas_test

import (
	"fmt"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"steepest/blas"
)

// A main function that begins with Use runs all of gonum on these kernels.
func Example() {
	blas64.Use(blas.Implementation{})

	a := mat.NewDense(2, 3, []float64{
		1, 2, 3,
		4, 5, 6,
	})
	var gram mat.Dense
	gram.Mul(a, a.T())
	fmt.Println(mat.Formatted(&gram))
	// Output:
	// ⎡14  32⎤
	// ⎣32  77⎦
}

// The routines can also be called as they are: y ← 2Ax + y.
func ExampleImplementation_Sgemv() {
	a := []float32{
		1, 2,
		3, 4,
	}
	x, y := []float32{1, 10}, []float32{100, 200}
	blas.Implementation{}.Sgemv('N', 2, 2, 2, a, 2, x, 1, 1, y, 1)
	fmt.Println(y)
	// Output: [142 286]
}
