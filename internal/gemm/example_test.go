package gemm_test

import (
	"fmt"

	"steepest/internal/gemm"
)

// C = ABᵀ for A of 2×3 and B of 2×3.
func ExampleMul() {
	a := []float64{1, 2, 3, 4, 5, 6}
	b := []float64{1, 0, 0, 0, 1, 1}
	c := make([]float64, 4)
	gemm.Mul(false, true, 2, 2, 3, 1, a, 3, b, 3, 0, c, 2)
	fmt.Println(c)
	// Output: [1 5 4 11]
}
