package theory_test

import (
	"context"
	"fmt"
	"log"

	"steepest/data"
	"steepest/objective"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/optimum"
	"steepest/theory"
	"steepest/train"
)

// The bounds of theorems on SGD with a constant step size, for logistic regression, before any run.
func Example() {
	set, err := data.Load("lecture-logistic")
	if err != nil {
		log.Fatal(err)
	}
	p, _, err := objective.FromSet(set, objective.Setup{}, objective.L2(0.1)) // logistic, as there are two classes
	if err != nil {
		log.Fatal(err)
	}
	best, err := optimum.Find(context.Background(), p)
	if err != nil {
		log.Fatal(err)
	}
	x0 := make([]float64, objective.Dim(p))
	facts := theory.New(p, x0, &train.Optimum{X: best.X, F: best.Value})
	run := theory.Run{Rule: rules.SGD{LR: schedule.Constant(0.05)}, Settings: train.Settings{Batch: 10, Epochs: 50}}
	for _, b := range theory.Bounds(facts, run) {
		if b.Verdict() == theory.Held && b.Of != theory.SquaredGradient {
			fmt.Printf("%-17s f − f* ≤ %.2g after 1000 steps\n", b.Name, b.ExcessCurve([]int{1000})[0])
		}
	}
	for _, h := range theory.Theorems()[0].Apply(facts, run).Hypotheses {
		fmt.Printf("%s, %s: %s\n", h.Verdict, h.Name, h.Text)
	}
	step, err := theory.Recommend(facts, rules.SGD{}, run.Settings)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("recommended: %.2g, with the %v average: %s\n", step.Step.At(0), step.Average.Form, step.Title)
	// Output:
	// noise-constant    f − f* ≤ 0.47 after 1000 steps
	// noise             f − f* ≤ 0.47 after 1000 steps
	// variance-constant f − f* ≤ 2.5 after 1000 steps
	// variance          f − f* ≤ 1.4 after 1000 steps
	// held, last iterate: the run evaluates the last iterate
	// held, constant α: α_k is 0.05
	// held, f is L-smooth: with the constant 3.655
	// held, f is PL: ½‖∇f‖² ≥ μ(f − f*) with μ = 0.1
	// unknown, E‖g_k‖² ≤ σ²: the gradients are not bounded on all of R^d, and no run has measured them
	// held, unbiased gradients: each batch is drawn with replacement, independently of the others
	// held, α ≤ 1/(2μ): 0.05, and the limit is 5
	// recommended: 0.036, with the step-weighted average: convex, any steps, weighted average, noise at the solution
}
