package schedule_test

import (
	"fmt"

	"steepest/optim/schedule"
)

// A schedule is a function of the step, so any part of it can be printed without a run.
func Example() {
	s := schedule.Warmup{Steps: 4, Then: schedule.Cosine{Initial: 0.1, Steps: 1000}}
	for _, k := range []int{0, 1, 3, 500, 1000} {
		fmt.Printf("%4d %.4f\n", k, s.At(k))
	}
	// Output:
	//    0 0.0250
	//    1 0.0500
	//    3 0.1000
	//  500 0.0500
	// 1000 0.0000
}

func ExampleParse() {
	s, err := schedule.Parse("trapezoid(0.5, 0, 2, 4, 10)")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s, s.At(0), s.At(1), s.At(6), s.At(7), s.At(9))
	_, err = schedule.Parse("cosine(0.1, 0, 99.5)")
	fmt.Println(err)
	// Output:
	// trapezoid(0.5, 0, 2, 4, 10) 0.25 0.5 0.5 0.375 0.125
	// schedule "cosine(0.1, 0, 99.5)": steps counts steps, so it must be a whole number
}
