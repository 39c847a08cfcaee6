package rules_test

import (
	"fmt"
	"log"

	"steepest/optim"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/param"
)

// A rule is a struct of hyperparameters. Open fields have the defaults of the preset. Here β₁, β₂ and ε are open, and the preset is Keras.
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
	// biased = false
	// preset = keras
	// [0.900000 1.100000]
}

// steps prints the start (1, 1) and three steps of a rule on f(x) = (x₁² + 10x₂²)/2.
func steps(rule optim.Rule) {
	o, err := optim.New[float64](rule, []param.Param{{Name: "x", Shape: []int{2}}})
	if err != nil {
		log.Fatal(err)
	}
	x, point := []float64{1, 1}, make([]float64, 2)
	fmt.Printf("%.4f", x)
	for range 3 {
		y := o.Point(point, x)
		if err := o.Step(x, []float64{y[0], 10 * y[1]}); err != nil {
			log.Fatal(err)
		}
		fmt.Printf(" %.4f", x)
	}
	fmt.Println()
}

// The step size decreases as 1/√(k+1).
func ExampleSGD() {
	steps(rules.SGD{LR: schedule.InvSqrt{Initial: 0.05}})
	// Output: [1.0000 1.0000] [0.9500 0.5000] [0.9164 0.3232] [0.8900 0.2299]
}

// The step size comes inside the momentum, as in Keras. While it is constant, this makes no difference.
func ExampleHeavyBall() {
	steps(rules.HeavyBall{LR: schedule.Constant(0.05), Momentum: optim.Set(0.5), LRPlace: optim.Set(rules.LRInside)})
	// Output: [1.0000 1.0000] [0.9500 0.5000] [0.8775 0.0000] [0.7974 -0.2500]
}

// The gradient is taken at the look-ahead point, as in the lecture.
func ExampleNesterov() {
	steps(rules.Nesterov{LR: schedule.Constant(0.05), Momentum: optim.Set(0.5), Form: rules.NesterovAhead})
	// Output: [1.0000 1.0000] [0.9500 0.5000] [0.8787 0.1250] [0.8010 -0.0312]
}

// Every step has the length 0.1.
func ExampleNormalizedDescent() {
	steps(rules.NormalizedDescent{LR: schedule.Constant(0.1)})
	// Output: [1.0000 1.0000] [0.9900 0.9005] [0.9791 0.8011] [0.9670 0.7018]
}

// Every coordinate moves by 0.1.
func ExampleSignDescent() {
	steps(rules.SignDescent{LR: schedule.Constant(0.1)})
	// Output: [1.0000 1.0000] [0.9000 0.9000] [0.8000 0.8000] [0.7000 0.7000]
}

// The step size of the second coordinate is a tenth of that of the first, since its gradients are ten times as large.
func ExampleAdaGrad() {
	steps(rules.AdaGrad{LR: schedule.Constant(0.1)})
	// Output: [1.0000 1.0000] [0.9000 0.9000] [0.8331 0.8331] [0.7805 0.7805]
}

// Momentum sums the steps.
func ExampleRMSProp() {
	steps(rules.RMSProp{LR: schedule.Constant(0.01), Momentum: optim.Set(0.9)})
	// Output: [1.0000 1.0000] [0.9684 0.9684] [0.9173 0.9173] [0.8530 0.8530]
}

// AdaDelta begins with small steps, since its average of squared updates begins at 0.
func ExampleAdaDelta() {
	steps(rules.AdaDelta{})
	// Output: [1.0000 1.0000] [0.9968 0.9968] [0.9936 0.9936] [0.9903 0.9903]
}

// A coordinate's step grows by the factor 1.2 while the sign of its gradient stays the same.
func ExampleRprop() {
	steps(rules.Rprop{LR: schedule.Constant(0.1)})
	// Output: [1.0000 1.0000] [0.9000 0.9000] [0.7800 0.7800] [0.6360 0.6360]
}

// Both coordinates make the same steps, although the gradients of the second are ten times as large.
func ExampleAdam() {
	steps(rules.Adam{LR: schedule.Constant(0.1)})
	// Output: [1.0000 1.0000] [0.9000 0.9000] [0.8004 0.8004] [0.7016 0.7016]
}

// Vectors, such as biases, do not decay.
func ExampleAdamW() {
	steps(rules.AdamW{Adam: rules.Adam{LR: schedule.Constant(0.1)},
		WeightDecay: optim.Set(0.1), Skip: func(p param.Param) bool { return len(p.Shape) < 2 }})
	// Output: [1.0000 1.0000] [0.9000 0.9000] [0.8004 0.8004] [0.7016 0.7016]
}

func ExampleAdamax() {
	steps(rules.Adamax{LR: schedule.Constant(0.1)})
	// Output: [1.0000 1.0000] [0.9000 0.9000] [0.8052 0.8052] [0.7155 0.7155]
}

// The momentum rises, as in torch.
func ExampleNAdam() {
	steps(rules.NAdam{Adam: rules.Adam{LR: schedule.Constant(0.1), Preset: rules.Torch}})
	// Output: [1.0000 1.0000] [0.8944 0.8944] [0.8200 0.8200] [0.7527 0.7527]
}

// The first steps are steps of momentum, without a division.
func ExampleRAdam() {
	steps(rules.RAdam{Adam: rules.Adam{LR: schedule.Constant(0.05)}})
	// Output: [1.0000 1.0000] [0.9500 0.5000] [0.9013 0.1316] [0.8540 -0.1252]
}

// The maximum is taken of the corrected average, as in optax.
func ExampleAMSGrad() {
	steps(rules.AMSGrad{Adam: rules.Adam{LR: schedule.Constant(0.1)}, Form: optim.Set(optim.MaximumOfCorrected)})
	// Output: [1.0000 1.0000] [0.9000 0.9000] [0.8053 0.8053] [0.7158 0.7158]
}

// The steps are longer than Adam's, since every gradient is close to the average.
func ExampleAdaBelief() {
	steps(rules.AdaBelief{LR: schedule.Constant(0.1)})
	// Output: [1.0000 1.0000] [0.8889 0.8889] [0.7727 0.7727] [0.6523 0.6523]
}

func ExampleYogi() {
	steps(rules.Yogi{LR: schedule.Constant(0.1)})
	// Output: [1.0000 1.0000] [0.9001 0.9000] [0.8007 0.8005] [0.7021 0.7017]
}

// Lion needs smaller steps and larger decays than AdamW.
func ExampleLion() {
	steps(rules.Lion{LR: schedule.Constant(0.01), WeightDecay: optim.Set(1.)})
	// Output: [1.0000 1.0000] [0.9800 0.9800] [0.9602 0.9602] [0.9406 0.9406]
}

func ExampleAdan() {
	steps(rules.Adan{LR: schedule.Constant(0.1)})
	// Output: [1.0000 1.0000] [0.9000 0.9000] [0.8008 0.8008] [0.7021 0.7021]
}

// The slow average gains weight over the first 1000 steps.
func ExampleAdEMAMix() {
	steps(rules.AdEMAMix{LR: schedule.Constant(0.1), Warmup: 1000})
	// Output: [1.0000 1.0000] [0.9000 0.9000] [0.8003 0.8003] [0.7013 0.7013]
}

// The first gradient only sets the average of squares.
func ExampleADOPT() {
	steps(rules.ADOPT{LR: schedule.Constant(0.1)})
	// Output: [1.0000 1.0000] [1.0000 1.0000] [0.9900 0.9900] [0.9711 0.9711]
}

func ExampleStableAdamW() {
	steps(rules.StableAdamW{LR: schedule.Constant(0.1)})
	// Output: [1.0000 1.0000] [0.8990 0.8990] [0.7985 0.7985] [0.6988 0.6988]
}

// The gradient plus the correction 0.025·β₁/(1−β₁)·(g − g₋) is clipped to the norm 1 before the averages. The correction is 0 in the first
// step.
func ExampleMARS() {
	steps(rules.MARS{LR: schedule.Constant(0.1)})
	// Output: [1.0000 1.0000] [0.9000 0.9000] [0.8000 0.8000] [0.7000 0.7000]
}

// Every step has a tenth of the norm of x.
func ExampleLAMB() {
	steps(rules.LAMB{LR: schedule.Constant(0.1)})
	// Output: [1.0000 1.0000] [0.9000 0.9000] [0.8100 0.8100] [0.7290 0.7290]
}

// The first step has the length ακ‖x‖, a tenth of the norm of x; κ is 0.001.
func ExampleLARS() {
	steps(rules.LARS{LR: schedule.Constant(100)})
	// Output: [1.0000 1.0000] [0.9859 0.8593] [0.9584 0.6027] [0.9158 0.2600]
}

// Every step has about a tenth of the norm of x.
func ExampleFromage() {
	steps(rules.Fromage{LR: schedule.Constant(0.1)})
	// Output: [1.0000 1.0000] [0.9810 0.8550] [0.9614 0.7221] [0.9408 0.5999]
}

// μ is the strong convexity of f. The first step moves only v.
func ExampleNAGGS() {
	steps(rules.NAGGS{LR: schedule.Constant(0.1), Mu: optim.Set(1.)})
	// Output: [1.0000 1.0000] [1.0000 1.0000] [0.9942 0.9415] [0.9832 0.8353]
}

// The penalty λ₁ sets the second coordinate to exactly 0.
func ExampleFTRL() {
	steps(rules.FTRL{LR: schedule.Constant(1.5), L1: 3})
	// Output: [1.0000 1.0000] [0.2500 0.0000] [0.0653 0.0000] [0.0171 0.0000]
}

// x is the average of the iterates. No schedule decreases the step size.
func ExampleScheduleFreeSGD() {
	steps(rules.ScheduleFreeSGD{LR: schedule.Constant(0.05)})
	// Output: [1.0000 1.0000] [0.9500 0.5000] [0.9263 0.3750] [0.9029 0.2729]
}

func ExampleScheduleFreeAdamW() {
	steps(rules.ScheduleFreeAdamW{LR: schedule.Constant(0.1)})
	// Output: [1.0000 1.0000] [0.9000 0.9000] [0.8527 0.8527] [0.8061 0.8061]
}

// DoG finds its step size. The first step has the length of the initial distance; here it is a tenth of 1 + ‖x₀‖.
func ExampleDoG() {
	steps(rules.DoG{Initial: optim.Set(0.1)})
	// Output: [1.0000 1.0000] [0.9760 0.7598] [0.9573 0.6146] [0.9310 0.4454]
}

// The estimate of the distance to the solution grows from 0.1.
func ExampleDAdaptSGD() {
	steps(rules.DAdaptSGD{D0: optim.Set(0.1)})
	// Output: [1.0000 1.0000] [0.9900 0.9005] [0.9802 0.8109] [0.9704 0.7302]
}

// The estimate of the distance to the solution grows from 0.1, at most by a tenth in a step.
func ExampleDAdaptAdam() {
	steps(rules.DAdaptAdam{D0: optim.Set(0.1), Growth: 1.1})
	// Output: [1.0000 1.0000] [0.6838 0.6838] [0.2702 0.2702] [-0.1690 -0.1690]
}

// The estimate of the distance to the solution grows from 0.1.
func ExampleProdigy() {
	steps(rules.Prodigy{D0: optim.Set(0.1)})
	// Output: [1.0000 1.0000] [0.6838 0.6838] [0.2702 0.2702] [-0.3016 -0.3016]
}
