package book_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"steepest/data"
	"steepest/objective"
	"steepest/solver"
)

const flats = `size,rooms,floor,district,price
34,1,2,center,182
41,1,5,harbor,171
45,2,1,north,128
52,2,3,center,251
55,2,4,north,159
58,2,8,harbor,226
63,3,2,north,170
66,3,6,center,309
71,3,1,harbor,243
`

func Example_firstModel() {
	set, err := data.ReadCSV("flats.csv", strings.NewReader(flats), data.CSVOptions{Label: "price", Categorical: []string{"district"}})
	if err != nil {
		log.Fatal(err) // names the line, the column and what to do
	}
	setup := objective.Setup{Loss: objective.SquaredLoss{}, Scale: data.Standard, Intercept: true}
	problem, view, err := objective.FromSet(set, setup, objective.L2(0.01))
	if err != nil {
		log.Fatal(err)
	}
	fit, err := solver.Fit(context.Background(), problem, solver.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: F is %.3f, within 1e-6 of its minimum: %v\n", fit.Method, fit.Loss, fit.Converged)

	const flat = "district,floor,rooms,size\ncenter,3,2,60\n"
	unseen, err := data.ReadCSV("new.csv", strings.NewReader(flat), data.CSVOptions{Expect: set.Columns})
	if err != nil {
		log.Fatal(err)
	}
	rows, err := view.Apply(unseen.X) // scaled as the rows that were fitted
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("a price of %.0f\n", problem.Scores(fit.X, rows)[0])
	// Output:
	// Newton: F is 24.416, within 1e-6 of its minimum: true
	// a price of 263
}
