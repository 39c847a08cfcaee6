package compare_test

import (
	"context"
	"fmt"
	"log"

	"steepest/compare"
	"steepest/data"
	"steepest/objective"
	"steepest/optimum"
	"steepest/train"
)

// A small race: each method is tuned in eight trials, and then runs on five seeds.
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
	race := compare.Race{
		Problem:  p,
		Optimum:  &train.Optimum{X: best.X, F: best.Value},
		Settings: train.Settings{Batch: 10, Epochs: 20},
		Trials:   8,
	}
	for _, spec := range []string{"gd", "sgd", "adam", "sgd:lr=0.001,name=untuned"} {
		entrant, err := compare.ParseEntrant(spec)
		if err != nil {
			log.Fatal(err)
		}
		race.Entrants = append(race.Entrants, entrant)
	}
	result, err := race.Run(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range result.Summaries() {
		fmt.Printf("%-8s f − f* = %.1g, %d of %d runs at the target\n", s.Name, s.Final.Mid, s.Reached, result.Seeds)
	}
	// Output:
	// gd       f − f* = 0.0003, 5 of 5 runs at the target
	// adam     f − f* = 0.003, 5 of 5 runs at the target
	// sgd      f − f* = 0.004, 1 of 5 runs at the target
	// untuned  f − f* = 0.1, 0 of 5 runs at the target
}
