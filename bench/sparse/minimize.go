package main

import (
	"context"
	"fmt"
	"math"
	"runtime"

	"steepest/bench/paired"
	"steepest/internal/simd"
	"steepest/objective"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/train"
)

// compareMinimize prints the time of an epoch of train.Minimize, whose rows are shuffled, beside the peer's, at each size of a batch.
func compareMinimize[T simd.Float](s settings, problem objective.FiniteSum[T], peer *peer, l2 float64) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, batch := range s.batches {
		var ours, theirs, ratios []float64
		for range s.rounds {
			o, err := minimizeTime(problem, peer.cols, l2, batch)
			if err != nil {
				return err
			}
			p, err := peer.epochTime(s.epochs, true)
			if err != nil {
				return err
			}
			ours, theirs, ratios = append(ours, 1e3*o), append(theirs, 1e3*p), append(ratios, o/p)
		}
		fmt.Printf("batch %-4d  ms/epoch  train.Minimize %s  scikit-learn, batch 1 %s  times its time %s\n", batch,
			paired.SpreadOf(ours), paired.SpreadOf(theirs), paired.SpreadOf(ratios))
	}
	return nil
}

// minimizeTime returns the processor time of an epoch of train.Minimize with SGD, in seconds: the time of two epochs, with their
// evaluations, less that of one. The step sizes are those of newModel.
func minimizeTime[T simd.Float](problem objective.FiniteSum[T], cols int, l2 float64, batch int) (float64, error) {
	rule := rules.SGD{LR: schedule.Inverse{Initial: math.Pow(l2, -0.25), Decay: l2 * math.Pow(l2, -0.25) * float64(batch)}}
	var times [2]float64
	for i := range times {
		before := paired.ProcessorTime()
		s := train.Settings{Batch: batch, Epochs: float64(i + 1), EvaluateEvery: math.MaxInt, EvaluateEvenly: true, Sampling: train.Reshuffle}
		if _, err := train.Minimize(context.Background(), problem, make([]T, cols), rule, s); err != nil {
			return 0, err
		}
		times[i] = (paired.ProcessorTime() - before).Seconds()
	}
	return times[1] - times[0], nil
}
