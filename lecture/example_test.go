package lecture_test

import (
	"context"
	"fmt"
	"log"

	"steepest/lecture"
)

// Find a scene by its name, run it, and print its verdict.
func ExampleScene_Run() {
	scene, err := lecture.Find("epoch")
	if err != nil {
		log.Fatal(err)
	}
	outcome, err := scene.Run(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(scene.Title.En)
	for _, m := range outcome.Verdict {
		fmt.Printf("%v: %s is %v, should be %v\n", m.Agrees(), m.What.En, m.Got, m.Want)
	}
	// Output:
	// The batches of an epoch
	// true: batches of an epoch is 4, should be 4
	// true: largest deviation from once of how often an epoch uses a row is 0, should be 0
	// true: different orders in three epochs is 3, should be 3
}
