package mpi_test

import (
	"fmt"
	"log"
	"time"

	"steepest/train"
	"steepest/train/dist"
	"steepest/train/dist/mpi"
)

// A program that mpirun starts joins the group of its ranks and passes the group to a run.
func ExampleOpen() {
	launcher := dist.Launched()
	if launcher.Name == "" {
		log.Fatal("start this program by mpirun")
	}
	group, err := mpi.Open(launcher, 10*time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	defer group.Exit(0, "")
	settings := train.Settings{Batch: 64, MicroBatches: 8, Group: group}
	fmt.Println("rank", group.Rank(), "of", group.Size(), "takes part in", settings.MicroBatches, "micro-batches")
}
