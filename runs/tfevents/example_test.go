package tfevents_test

import (
	"fmt"
	"log"
	"time"

	"steepest/runs/tfevents"
)

// An event file of TensorBoard is its version and then what was measured, each as a record.
func Example() {
	began := time.Unix(1700000000, 0)
	file := tfevents.Event{Time: began, Content: tfevents.Current}.Append(nil)
	file = tfevents.Event{Time: began, Step: 10, Content: tfevents.Scalars{{Tag: "loss", Value: 0.5}}}.Append(file)

	for len(file) > 0 {
		event, size, err := tfevents.First(file)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(event.Step, event.Content)
		file = file[size:]
	}
	// Output:
	// 0 brain.Event:2
	// 10 [{loss 0.5}]
}
