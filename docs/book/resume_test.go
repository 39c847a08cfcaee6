package book_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"slices"

	"steepest/checkpoint"
	"steepest/data"
	"steepest/objective"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/train"
)

// begin returns the run at its first step.
func begin() *train.Run[float64] {
	set, err := data.Load("heart-scale")
	if err != nil {
		log.Fatal(err)
	}
	problem, _, err := objective.FromSet(set, objective.Setup{}, objective.L2(1e-2))
	if err != nil {
		log.Fatal(err)
	}
	rule := rules.Adam{LR: schedule.Constant(0.01)}
	run, err := train.New(problem, make([]float64, objective.Dim(problem)), rule, train.Settings{Batch: 32, Steps: 300})
	if err != nil {
		log.Fatal(err)
	}
	return run
}

// goOn restores the run from the newest checkpoint in a folder, if there is one.
func goOn(run *train.Run[float64], path string) {
	snapshot, skipped, err := checkpoint.Load(path)
	if errors.Is(err, checkpoint.ErrNone) {
		return
	}
	if err != nil {
		log.Fatal(err)
	}
	for _, fault := range skipped {
		log.Print(fault) // a checkpoint is damaged; the one before it was read
	}
	state, err := train.StateOf[float64](snapshot)
	if err != nil {
		log.Fatal(err)
	}
	if err := run.Restore(state); err != nil {
		log.Fatal(err)
	}
}

// save writes the state of the run as a checkpoint.
func save(run *train.Run[float64], path string) {
	folder, err := checkpoint.Open(path, 2) // the last two are kept
	if err != nil {
		log.Fatal(err)
	}
	defer folder.Close()
	if err := folder.Save(run.State().Snapshot(nil)); err != nil {
		log.Fatal(err)
	}
}

func Example_resume() {
	path, err := os.MkdirTemp("", "run")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(path)

	first := begin()
	for range 100 {
		if err := first.Step(); err != nil {
			log.Fatal(err)
		}
	}
	save(first, path) // and here the power fails

	second := begin()
	goOn(second, path)
	fmt.Println("goes on from step", second.K())
	resumed, err := second.Finish(context.Background(), nil)
	if err != nil {
		log.Fatal(err)
	}
	whole, err := begin().Finish(context.Background(), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the same bits:", slices.Equal(resumed.X, whole.X))
	// Output:
	// goes on from step 100
	// the same bits: true
}
