package optim_test

import (
	"fmt"

	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// A rule without a training loop: Adam on f(x) = (x₁² + 100x₂²)/2. Both coordinates make the same steps.
func Example() {
	params := []param.Param{{Name: "x", Shape: []int{2}}}
	adam, err := optim.New[float64](rules.Adam{LR: schedule.Constant(0.1)}, params)
	if err != nil {
		fmt.Println(err) // a rule may refuse a parameter, as Muon does a bias
	}
	x := []float64{1, 1}
	for range 3 {
		if err := adam.Step(x, []float64{x[0], 100 * x[1]}); err != nil {
			fmt.Println(err)
		}
		fmt.Printf("%.4f\n", x)
	}
	// Output:
	// [0.9000 0.9000]
	// [0.8004 0.8004]
	// [0.7016 0.7016]
}

// Your own method: sign descent on an average gradient, with weight decay for matrices only.
func ExampleChain() {
	signum := optim.Chain{
		optim.ClipNorm{Limit: 1},
		optim.Average{Mu: schedule.Constant(0.9)},
		optim.Signs{},
		optim.Decay{Lambda: 0.1, Skip: func(p param.Param) bool { return len(p.Shape) < 2 }},
		optim.LearningRate{LR: schedule.InvSqrt{Initial: 0.5}},
	}
	params := []param.Param{{Name: "weight", Shape: []int{1, 2}}, {Name: "bias", Shape: []int{1}}}
	o, _ := optim.New[float32](signum, params)
	x := []float32{1, 2, 3}
	o.Step(x, []float32{30, -40, 0.5})
	fmt.Println(x)
	fmt.Println(o.State().Vectors["average.m/weight"])
	// Output:
	// [0.45 2.4 2.5]
	// [0.059997 -0.079996]
}

// An interrupted run continues from its state with the same bits.
func ExampleOptimizer_Restore() {
	params := []param.Param{{Name: "x", Shape: []int{1}}}
	rule := rules.HeavyBall{LR: schedule.Constant(0.25), Momentum: optim.Set(0.5)}
	x := []float64{1}
	before, _ := optim.New[float64](rule, params)
	before.Step(x, []float64{1})

	after, _ := optim.New[float64](rule, params)
	if err := after.Restore(before.State()); err != nil {
		fmt.Println(err)
	}
	after.Step(x, []float64{1})
	fmt.Println(x, after.K(), after.State().Vectors)
	// Output: [0.375] 2 map[momentum.b/x:[1.5]]
}
