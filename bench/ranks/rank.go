package main

import (
	"fmt"
	"strconv"
	"time"

	"steepest/gpt"
	"steepest/internal/simd"
	"steepest/optim/rules"
	"steepest/optim/schedule"
	"steepest/train"
	"steepest/train/dist"
	"steepest/train/dist/mpi"
)

// measure is the process of a measurement. Rank 0 prints the median of its seconds.
func measure(args []string) error {
	numbers := make([]int, len(args)-1)
	for i, arg := range args[1:] {
		n, err := strconv.Atoi(arg)
		if err != nil {
			return err
		}
		numbers[i] = n
	}
	var group *mpi.Group
	if l := dist.Launched(); l.Size > 0 {
		g, err := mpi.Open(l, 10*time.Minute)
		if err != nil {
			return err
		}
		group = g
	}
	var seconds float64
	var err error
	switch args[0] {
	case "tree", "fast", "all-reduce":
		seconds, err = sum(group, numbers[0], args[0])
	case "step":
		seconds, err = step(group, numbers[0], numbers[1], numbers[2])
	default:
		err = fmt.Errorf("there is nothing to measure called %q", args[0])
	}
	if err == nil && (group == nil || group.Rank() == 0) {
		fmt.Println(seconds)
	}
	if group != nil {
		text := ""
		if err != nil {
			text = err.Error()
		}
		group.Exit(len(text), text)
	}
	return err
}

// repeat returns the median time of f. It calls f for half a second, at least 6 times, and does not count the first time.
func repeat(group *mpi.Group, f func() error) (float64, error) {
	var times []float64
	for start := time.Now(); ; {
		if _, err := dist.Any(group, false); err != nil { // all begin together
			return 0, err
		}
		begun := time.Now()
		if err := f(); err != nil {
			return 0, err
		}
		times = append(times, time.Since(begun).Seconds())
		if done, err := dist.Any(group, len(times) > 5 && time.Since(start) > time.Second/2); err != nil || done {
			return median(times[1:]), err
		}
	}
}

// sum adds up a vector of each rank, as the gradient of one micro-batch, or by the library's all-reduce alone.
func sum(group *mpi.Group, elements int, how string) (float64, error) {
	s, v := dist.Sum[float32]{Group: group, AnyOrder: how == "fast"}, simd.LargePages(make([]float32, elements)) // as train.Run has it
	for i := range v {
		v[i] = float32(i % 7)
	}
	if how == "all-reduce" {
		return repeat(group, func() error { return group.AllReduce32(v) })
	}
	return repeat(group, func() error {
		_, err := s.Of(v, group.Size(), func([]float32, int) float64 { return 0 })
		return err
	})
}

// step makes steps of AdamW on windows of tokens, each a micro-batch.
func step(group *mpi.Group, windows, tokens, layers int) (float64, error) {
	const steps = 3
	config, err := gpt.Preset("gpt2")
	if err != nil {
		return 0, err
	}
	config.Layers = layers
	text := make([]uint32, windows*tokens+1)
	for i := range text {
		text[i] = uint32(i*i+7*i) % uint32(config.Vocab)
	}
	problem, err := gpt.New[float32](config, gpt.Cut(text, tokens), tokens)
	if err != nil {
		return 0, err
	}
	s := train.Settings{Batch: windows, Sampling: train.Sequential, Steps: steps + 1, MicroBatches: windows, Evaluate: []train.Measure{}, EvaluateEvery: steps + 1}
	if group != nil {
		s.Group = group
	}
	run, err := train.New(problem, gpt.Start[float32](config, 1), rules.AdamW{Adam: rules.Adam{LR: schedule.Constant(1e-4)}}, s)
	if err != nil {
		return 0, err
	}
	var times []float64
	for range steps + 1 {
		begun := time.Now()
		if err := run.Step(); err != nil {
			return 0, err
		}
		times = append(times, time.Since(begun).Seconds())
	}
	return median(times[1:]), nil
}
