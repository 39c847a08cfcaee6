package book_test

import (
	"context"
	"fmt"
	"log"
	"math"

	"steepest/objective"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/optimum"
	"steepest/train"
)

// calls counts the calls of each hour.
var calls = []float64{2, 3, 6, 11, 22, 38, 70}

// poisson returns the negative log-likelihood of Poisson counts that grow exponentially, without the constant: term i is
// r − y·ln r with the rate r = exp(x₀ + x₁·i).
func poisson() *objective.Funcs[float64] {
	return &objective.Funcs[float64]{
		N: len(calls),
		D: 2,
		FuncGrad: func(dst, x []float64, i int) float64 {
			hour, y := float64(i), calls[i]
			rate := math.Exp(x[0] + x[1]*hour)
			dst[0] = rate - y
			dst[1] = (rate - y) * hour
			return rate - y*(x[0]+x[1]*hour)
		},
	}
}

func Example_ownModel() {
	problem, x0 := poisson(), []float64{0, 0}

	rule := rules.Adam{LR: schedule.Cosine{Initial: 0.1, Steps: 1000}}
	run, err := train.Minimize(context.Background(), problem, x0, rule, train.Settings{Batch: 2, Steps: 1000})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("Adam:   %.2f·e^(%.3f·hour), loss %.4f\n", math.Exp(run.X[0]), run.X[1], run.Loss)

	best, err := optimum.Find(context.Background(), problem)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("L-BFGS: %.2f·e^(%.3f·hour), loss %.4f\n", math.Exp(best.X[0]), best.X[1], best.Value)
	// Output:
	// Adam:   1.81·e^(0.610·hour), loss -56.1952
	// L-BFGS: 1.82·e^(0.609·hour), loss -56.1952
}
