package nn_test

import (
	"context"
	"fmt"
	"log"

	"steepest/data"
	"steepest/nn"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/train"
)

// A network with one hidden layer learns to read digits.
func ExampleNewClassifier() {
	set, err := data.Load("digits")
	if err != nil {
		log.Fatal(err)
	}
	pixels, _, err := data.Prepare(set.X, data.Largest, false)
	if err != nil {
		log.Fatal(err)
	}
	y, classes := data.ClassIndices(set.Y)
	p, err := nn.NewClassifier[float32](pixels, y, len(classes), nn.Config{Hidden: []int{64}, Activation: nn.GELU})
	if err != nil {
		log.Fatal(err)
	}
	for _, q := range p.Params() {
		fmt.Println(q.Name, q.Shape, q.Role)
	}
	rule := rules.Adam{LR: schedule.Constant(0.01)}
	result, err := train.Minimize(context.Background(), p, p.Start(1), rule, train.Settings{Batch: 32, Epochs: 20})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("loss %.1g\n", result.Loss)
	// Output:
	// hidden1.weight [64 64] hidden
	// hidden1.bias [64] bias
	// head.weight [10 64] head
	// head.bias [10] bias
	// loss 0.006
}
