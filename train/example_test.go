package train_test

import (
	"context"
	"fmt"
	"log"

	"steepest/data"
	"steepest/objective"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/train"
)

// Logistic regression with Adam on an embedded data set.
func ExampleMinimize() {
	set, err := data.Load("breast-cancer")
	if err != nil {
		log.Fatal(err)
	}
	scaling, err := data.Standardize(set.X)
	if err != nil {
		log.Fatal(err)
	}
	x, err := scaling.Apply(set.X)
	if err != nil {
		log.Fatal(err)
	}
	y, _, err := data.Binary(set.Y)
	if err != nil {
		log.Fatal(err)
	}
	p, err := objective.Logistic(x, y, objective.L2(1e-2))
	if err != nil {
		log.Fatal(err)
	}

	adam := rules.Adam{LR: schedule.Constant(1e-2)}
	x0 := make([]float64, objective.Dim(p))
	res, err := train.Minimize(context.Background(), p, x0, adam, train.Settings{Batch: 32, Epochs: 10})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v after %d steps: loss %.2f, at most %.3f above the minimum\n", res.Status, res.Step, res.Loss, p.Gap(res.X))
	// Output: EpochLimit after 178 steps: loss 0.11, at most 0.028 above the minimum
}

// The batch of a step is a function of the seed and the step.
func ExampleBatches() {
	b := train.NewBatches(train.Sequential, 5, 2, 0)
	for k := range 4 {
		fmt.Println(b.At(k))
	}
	// Output:
	// [0 1]
	// [2 3]
	// [4]
	// [0 1]
}

// SAGA finds the minimizer at the price of SGD, with the step size of its theorem.
func ExampleSAGA() {
	set, err := data.Load("heart-scale")
	if err != nil {
		log.Fatal(err)
	}
	problem, err := objective.Logistic(set.X, set.Y, objective.L2(1e-2))
	if err != nil {
		log.Fatal(err)
	}
	x0 := make([]float64, objective.Dim(problem))
	res, err := train.Minimize(context.Background(), problem, x0, train.SAGA{}, train.Settings{Batch: 1, Epochs: 100})
	fmt.Printf("f = %.10f, gap below 1e-12: %v, %v\n", res.Loss, problem.Gap(res.X) < 1e-12, err)
	// Output:
	// f = 0.3787752433, gap below 1e-12: true, <nil>
}
