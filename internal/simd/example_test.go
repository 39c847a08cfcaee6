package simd_test

import (
	"fmt"

	"steepest/internal/simd"
)

// One step of heavy-ball momentum is a running sum b ← 0.9b + u, the step size, and a subtraction.
func Example() {
	x, b, u := []float32{1, 2}, []float32{0, 10}, []float32{1, 1}
	simd.Linear([]float64{0.9, 1, 1, 0}, u, b)
	simd.Scale([]float64{0.1}, u)
	simd.Subtract(x, u)
	fmt.Println(x, b)
	// Output: [0.9 1] [1 10]
}
