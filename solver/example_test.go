package solver_test

import (
	"context"
	"fmt"
	"log"

	"steepest/data"
	"steepest/objective"
	"steepest/solver"
)

// The lasso on scaled columns. There is no step size to choose, and a gap bounds F(x) − F*.
func ExampleFit() {
	set, err := data.Load("heart-scale")
	if err != nil {
		log.Fatal(err)
	}
	problem, _, err := objective.FromSet(set, objective.Setup{Loss: objective.LogisticLoss{}, Intercept: true}, objective.L1(0.05))
	if err != nil {
		log.Fatal(err)
	}
	fit, err := solver.Fit(context.Background(), problem, solver.Options{Tolerance: 1e-8})
	if err != nil {
		log.Fatal(err)
	}
	kept := 0
	for _, w := range fit.X {
		if w != 0 {
			kept++
		}
	}
	fmt.Printf("%s: F is %.6f, within 1e-8 of F*: %v; %d of %d weights are not 0\n", fit.Method, fit.Loss, fit.Converged, kept, len(fit.X))
	// Output:
	// proximal Newton with coordinate descent: F is 0.551023, within 1e-8 of F*: true; 8 of 14 weights are not 0
}
