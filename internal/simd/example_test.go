package simd_test

import (
	"fmt"

	"steepest/internal/simd"
)

// One step of heavy-ball momentum is a running sum b ← 0.9b + g, which becomes the update u, and x ← x − 0.1u.
func Example() {
	x, b, g, u := []float32{1, 2}, []float32{0, 10}, []float32{1, 1}, make([]float32, 2)
	simd.Linear([]float64{0.9, 1, 1, 0}, u, g, b, &simd.Move[float32]{X: x, C: [3]float64{-0.1}})
	fmt.Println(x, b)
	// Output: [0.9 1] [1 10]
}
