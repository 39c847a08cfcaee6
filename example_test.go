package steepest_test

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

// Logistic regression on an embedded data set by Adam, with a bound on the distance to the minimum.
func Example() {
	set, err := data.Load("breast-cancer") // 569 rows of 30 columns; data.Open reads files
	if err != nil {
		log.Fatal(err)
	}
	problem, view, err := objective.FromSet(set, objective.Setup{Scale: data.Standard, Intercept: true}, objective.L2(1e-3))
	if err != nil {
		log.Fatal(err)
	}
	rule := rules.Adam{LR: schedule.Cosine{Initial: 0.1, Steps: 360}} // or any other rule, or a chain of your own
	x0 := make([]float64, objective.Dim(problem))
	run, err := train.Minimize(context.Background(), problem, x0, rule, train.Settings{Batch: 32, Epochs: 20})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("loss %.4f, at most %.4f above the minimum; a score above 0 is for class %v\n", run.Loss, problem.Gap(run.X), view.Classes[1])
	// Output:
	// loss 0.0615, at most 0.0138 above the minimum; a score above 0 is for class 1
}
