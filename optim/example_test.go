package optim_test

import (
	"fmt"

	"steepest/optim"
	"steepest/optim/schedule"
	"steepest/param"
)

// A rule by itself: Adam on f(x) = (x₁² + 100x₂²)/2, whose two coordinates it treats alike.
func Example() {
	params := []param.Param{{Name: "x", Shape: []int{2}}}
	adam, err := optim.New[float64](optim.Adam{LR: schedule.Constant(0.1)}, params)
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

// A method of one's own: sign descent on an average gradient, with weight decay for matrices only.
func ExampleChain() {
	signum := optim.Chain{
		optim.ClipNorm(1),
		optim.Average(0.9, false, false),
		optim.Signs(),
		optim.Decay(0.1, func(p param.Param) bool { return len(p.Shape) < 2 }),
		optim.LearningRate(schedule.InvSqrt{Initial: 0.5}),
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

// A method by its name, as a program's user writes it.
func ExampleParseMethod() {
	m, _, err := optim.ParseMethod("nesterov:lr=warmup(100, cosine(0.1, 0, 1000)),momentum=0.95")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s: %s\n", m.Title, m.Formula)
	for _, f := range optim.Fields(m.Rule) {
		fmt.Printf("%s = %s\n", f.Name, f.Value)
	}
	_, _, err = optim.ParseMethod("nesterov:momenta=0.95")
	fmt.Println(err)
	// Output:
	// Nesterov: b ← μb + g,  x ← x − α(g + μb)
	// lr = warmup(100, cosine(0.1, 0, 1000))
	// momentum = 0.95
	// form = sutskever
	// lr-place = after
	// preset = lecture
	// method "nesterov:momenta=0.95": unknown option "momenta"; did you mean "momentum"?
}

// An interrupted run goes on as if it had never stopped.
func ExampleOptimizer_Restore() {
	params := []param.Param{{Name: "x", Shape: []int{1}}}
	rule := optim.HeavyBall{LR: schedule.Constant(0.25), Momentum: optim.Set(0.5)}
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
