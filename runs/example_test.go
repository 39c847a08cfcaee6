package runs_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"steepest/runs"
)

// A user's program writes its run as a folder. steepest runs and steepest lab read it.
func Example() {
	dir, err := os.MkdirTemp("", "runs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	type config struct {
		Method string  `json:"method"`
		LR     float64 `json:"lr"`
	}
	w, err := runs.Create(dir, "mine", 1, config{"sgd", 0.5}, runs.System{Started: time.Now()})
	if err != nil {
		log.Fatal(err)
	}
	for step, loss := 0, 8.0; step < 3; step, loss = step+1, loss/2 {
		w.Add(struct {
			Step int     `json:"step"`
			Loss float64 `json:"loss"`
		}{step, loss})
	}
	if err := w.Close(context.Background(), runs.Ending{Status: runs.Finished, Ended: time.Now()}, nil); err != nil {
		log.Fatal(err)
	}

	list, err := runs.List(dir)
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range list {
		fmt.Println(r.Status, r.Config["method"], r.Config["lr"], r.Record.Column("loss"))
	}
	// Output:
	// finished sgd 0.5 [8 4 2]
}
