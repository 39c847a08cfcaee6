package book_test

import (
	"fmt"

	"steepest/optim/rules"
	"steepest/optim/schedule"
)

func Example_schedule() {
	step := schedule.Warmup{Steps: 100, Then: schedule.Cosine{Initial: 0.1, Steps: 1000}}
	for _, k := range []int{0, 49, 99, 500, 1000, 2000} {
		fmt.Printf("step %4d: %.4f\n", k, step.At(k))
	}
	fmt.Println(rules.Nesterov{LR: step}.LR)
	// Output:
	// step    0: 0.0010
	// step   49: 0.0497
	// step   99: 0.0976
	// step  500: 0.0500
	// step 1000: 0.0000
	// step 2000: 0.0000
	// warmup(100, cosine(0.1, 0, 1000))
}
