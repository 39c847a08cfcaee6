package cli

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"steepest/methods"
	"steepest/train"
)

// asProgram is the variable by which this test binary runs as the program.
const asProgram = "STEEPEST_TEST_RUNS_AS_PROGRAM"

// kills is the variable with the number of processes that TestKilledRunsGoOn kills; 0 kills one for each combination.
const kills = "STEEPEST_TEST_KILLS"

// TestKilledRunsGoOn kills the program at a random moment, lets another process continue from the checkpoint, and compares the bits of
// the model with those of a run that was not killed. The combinations of method, sampling and average are drawn at random, or all of them
// are tried.
func TestKilledRunsGoOn(t *testing.T) {
	t.Parallel()
	type combination struct{ method, sampling, average, hidden string }
	var all []combination
	for _, m := range methods.All() {
		hidden := ""
		if m.Family == methods.Matrix {
			hidden = "3"
		}
		for sampling := range train.Sequential + 1 {
			for average := range train.ExponentialAverage + 1 {
				if m.Name == "newton-sgd" && average > train.UniformAverage {
					continue // it takes no other average
				}
				all = append(all, combination{m.Name, sampling.String(), average.String(), hidden})
			}
		}
	}
	count := 12
	if testing.Short() {
		count = 4
	}
	if text := os.Getenv(kills); text != "" {
		if _, err := fmt.Sscan(text, &count); err != nil {
			t.Fatal(err)
		}
	}
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	if count == 0 {
		count = len(all)
	}
	killed := 0
	for i := range count {
		c := all[i%len(all)]
		name := fmt.Sprintf("%s, %s, %s", c.method, c.sampling, c.average)
		dir := t.TempDir()
		args := []string{
			"minimize", c.method + ":batch=7", "--data", "lecture-logistic", "--steps", "300", "--sampling", c.sampling,
			"--average", c.average, "--quiet",
		}
		if c.hidden != "" {
			args = append(args, "--hidden", c.hidden)
		}
		whole, resumed := filepath.Join(dir, "whole.json"), filepath.Join(dir, "resumed.json")
		if out, err := program(context.Background(), append(args, "--model", whole)...); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		args = append(args, "--model", resumed, "--checkpoint", filepath.Join(dir, "run"), "--checkpoint-every", "15", "--resume")
		for range 3 {
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(random.Int64N(int64(150*time.Millisecond))))
			if _, err := program(ctx, args...); err != nil {
				killed++
			}
			cancel()
		}
		if out, err := program(context.Background(), args...); err != nil {
			t.Fatalf("%s: a killed run does not go on: %v\n%s", name, err, out)
		}
		a, err := readModel(whole)
		if err != nil {
			t.Fatal(err)
		}
		b, err := readModel(resumed)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(a.X(), b.X()) {
			t.Errorf("%s: %v, want %v", name, b.X(), a.X())
		}
	}
	if t.Logf("%d processes were killed", killed); killed == 0 {
		t.Error("no process was killed")
	}
}

// program runs the program until the context is done, which kills it.
func program(ctx context.Context, args ...string) (output string, err error) {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	return strings.TrimSpace(out.String()), err
}
