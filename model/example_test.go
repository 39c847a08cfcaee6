package model_test

import (
	"bytes"
	"context"
	"fmt"
	"log"

	"steepest/data"
	"steepest/model"
	"steepest/objective"
	"steepest/solver"
)

// Fit a linear model, save and load it, and predict the names of classes.
func Example() {
	set, err := data.Load("breast-cancer")
	if err != nil {
		log.Fatal(err)
	}
	problem, view, err := objective.FromSet(set, objective.Setup{Scale: data.Standard, Intercept: true}, objective.L2(1e-2))
	if err != nil {
		log.Fatal(err)
	}
	fit, err := solver.Fit(context.Background(), problem, solver.Options{})
	if err != nil {
		log.Fatal(err)
	}
	_, columns := set.X.Dims()
	m := &model.Model{
		Kind: model.Linear, Loss: "logistic", Columns: columns, Names: set.Features,
		Classes: view.Classes, ClassNames: set.ClassNames, Features: view.Features,
	}
	for _, p := range problem.Params() {
		m.Params = append(m.Params, model.Param{Name: p.Name, Shape: p.Shape, Values: fit.X})
	}

	var file bytes.Buffer
	if err := model.Save(&file, m); err != nil {
		log.Fatal(err)
	}
	loaded, err := model.Load(&file)
	if err != nil {
		log.Fatal(err)
	}
	predictions, err := loaded.Predict(set)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("row 1 is %s with probability %.3f\n", loaded.ClassNames[predictions.Classes[0]], predictions.Probabilities[0])
	// Output:
	// row 1 is malignant with probability 1.000
}
