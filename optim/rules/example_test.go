package rules_test

import (
	"fmt"
	"log"

	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// A rule is its hyperparameters. What is left open has the default of the preset: here β₁, β₂ and ε are those of Keras.
func Example() {
	adam := rules.Adam{LR: schedule.Constant(0.1), Preset: rules.Keras}
	for _, f := range optim.Fields(adam.Resolved()) {
		fmt.Println(f.Name, "=", f.Value)
	}
	o, err := optim.New[float64](adam, []param.Param{{Name: "x", Shape: []int{2}}})
	if err != nil {
		log.Fatal(err)
	}
	x := []float64{1, 1}
	if err := o.Step(x, []float64{2, -3}); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.6f\n", x)
	// Output:
	// lr = 0.1
	// beta1 = 0.9
	// beta2 = 0.999
	// eps = 1e-07
	// eps-place = hat
	// eps-root = 0
	// preset = keras
	// [0.900000 1.100000]
}
