package metrics_test

import (
	"fmt"

	"steepest/metrics"
)

// Six rows of three classes, with the probabilities of a model.
func Example() {
	truth := []int{0, 0, 1, 1, 2, 2}
	predicted := []int{0, 1, 1, 1, 2, 0}
	probabilities := []float64{ // a row for each row of truth
		0.7, 0.2, 0.1,
		0.4, 0.5, 0.1,
		0.1, 0.8, 0.1,
		0.2, 0.6, 0.2,
		0.1, 0.2, 0.7,
		0.5, 0.2, 0.3,
	}
	fmt.Printf("accuracy   %.4f\n", metrics.Accuracy(truth, predicted))
	fmt.Printf("log loss   %.4f\n", metrics.LogLoss(truth, probabilities, 3))
	fmt.Printf("macro AUC  %.4f\n", metrics.MacroAUC(truth, probabilities, 3))
	fmt.Printf("confusion  %v\n", metrics.Confusion(truth, predicted, 3))
	// Output:
	// accuracy   0.6667
	// log loss   0.5946
	// macro AUC  0.9583
	// confusion  [[1 1 0] [0 2 0] [1 0 1]]
}

func ExampleR2() {
	truth := []float64{3, -0.5, 2, 7}
	predicted := []float64{2.5, 0, 2, 8}
	fmt.Printf("RMSE %.4f, MAE %.4f, R² %.4f\n",
		metrics.RMSE(truth, predicted), metrics.MAE(truth, predicted), metrics.R2(truth, predicted))
	// Output: RMSE 0.6124, MAE 0.5000, R² 0.9486
}
