package scratch_test

import (
	"fmt"

	"steepest/internal/scratch"
)

func ExampleGrow() {
	var memory []float64
	for _, n := range []int{3, 5, 2} {
		memory = scratch.Grow(memory, n)
		fmt.Println(len(memory))
	}
	// Output:
	// 3
	// 5
	// 2
}
