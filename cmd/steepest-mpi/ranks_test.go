//go:build linux || darwin

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// installations is the environment variable that lists virtual environments with an MPI, separated by colons.
const installations = "STEEPEST_TEST_MPI"

// build builds the program and returns its path.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "steepest-mpi")
	c := exec.Command("go", "build", "-o", program, ".")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

// command returns the program on size ranks of an installation. One rank is started without a launcher.
func command(ctx context.Context, installation string, size int, program string, args ...string) *exec.Cmd {
	launcher := []string{filepath.Join(installation, "bin", "mpiexec"), "-n", fmt.Sprint(size)}
	switch {
	case size == 1:
		launcher = nil
	case strings.Contains(filepath.Base(installation), "openmpi"):
		launcher = append(launcher, "--oversubscribe", "--bind-to", "none")
	}
	args = slices.Concat(launcher, []string{program}, args)
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Env = append(os.Environ(), "LD_LIBRARY_PATH="+filepath.Join(installation, "lib"),
		"OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1", "GOMAXPROCS=1")
	return c
}

// run runs a command to its end.
func run(t *testing.T, installation string, size int, program string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := command(ctx, installation, size, program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%d ranks: %s: %v: %s", size, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// hash returns the SHA-256 of a model without the fields about its run.
func hash(t *testing.T, path string) string {
	t.Helper()
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "model.safetensors")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var model map[string]json.RawMessage
	if json.Unmarshal(text, &model) == nil {
		delete(model, "about")
		text, _ = json.Marshal(model)
	}
	return fmt.Sprintf("%x", sha256.Sum256(text))
}

// TestRanks: each kind of model has the same bits on 1 and 3 ranks of each MPI, and if 1, 2, 4 and 1 ranks continue a run in turn.
func TestRanks(t *testing.T) {
	list := os.Getenv(installations)
	if list == "" {
		t.Skip(installations + " names no MPI")
	}
	program, dir := build(t), t.TempDir()
	text := filepath.Join(dir, "text.txt")
	if err := os.WriteFile(text, bytes.Repeat([]byte("Are not gross Bodies and Light convertible into one another? "), 40), 0o600); err != nil {
		t.Fatal(err)
	}
	models := map[string]string{
		"linear":  "minimize adam --data digits --batch 300 --quiet --model",
		"network": "minimize muon --data digits --hidden 16 --batch 300 --precision float32 --shard --quiet --model",
		"local":   "minimize adam --data digits --batch 30 --local-steps 3 --replicas 5 --quiet --model",
		"gpt":     "pretrain " + text + " --layers 1 --heads 2 --width 16 --context 64 --batch 8 --micro-batches 5 --shard --quiet --out",
	}
	for kind, line := range models {
		args := strings.Fields(line)
		whole := func(installation string, size int) string {
			out := filepath.Join(t.TempDir(), "model.json")
			run(t, installation, size, program, append(slices.Clone(args), out, "--steps", "12")...)
			return hash(t, out)
		}
		want := whole("", 1)
		for _, installation := range strings.Split(list, ":") {
			t.Run(kind+" by "+filepath.Base(installation), func(t *testing.T) {
				t.Parallel()
				if got := whole(installation, 3); got != want {
					t.Errorf("3 ranks: the model is %s, and %s on one", got, want)
				}
				saved := filepath.Join(t.TempDir(), "run")
				for k, size := range []int{1, 2, 4, 1} {
					out := filepath.Join(t.TempDir(), "model.json")
					run(t, installation, size, program, append(slices.Clone(args), out, "--steps", fmt.Sprint(3*(k+1)), "--checkpoint", saved, "--resume")...)
					parts, _ := filepath.Glob(filepath.Join(saved, "*", fmt.Sprintf("tensors-*-of-%05d.safetensors", size)))
					if slices.Contains(args, "--shard") && size > 1 && (len(parts) == 0 || len(parts)%size > 0) {
						t.Errorf("%d ranks that divide the state save %v", size, parts)
					}
					if k == 3 && hash(t, out) != want {
						t.Errorf("the model is another where 1, 2, 4 and 1 ranks go on with it")
					}
				}
			})
		}
	}
}

// TestRanksWithoutCommonFolder: ranks that divide the state are refused if they see different folders.
func TestRanksWithoutCommonFolder(t *testing.T) {
	installation, _, _ := strings.Cut(os.Getenv(installations), ":")
	if installation == "" {
		t.Skip(installations + " names no MPI")
	}
	program := build(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args := strings.Fields("minimize adam --data digits --micro-batches 4 --steps 4 --quiet --shard --checkpoint run")
	in := []string{"-c", `cd $(mktemp -d -p ` + t.TempDir() + `) && exec "$0" "$@"`, program}
	said, err := command(ctx, installation, 2, "sh", append(in, args...)...).CombinedOutput()
	if err == nil || !bytes.Contains(said, []byte("rank 1: run on ")) || !bytes.Contains(said, []byte("choose a folder that all machines share")) {
		t.Errorf("ranks in different folders: %v, %s", err, said)
	}
}

// TestReduceFast: sums in the order of MPI agree with those of the tree up to rounding. The record names them, and a resumed run must ask
// for them again.
func TestReduceFast(t *testing.T) {
	installation, _, _ := strings.Cut(os.Getenv(installations), ":")
	if installation == "" {
		t.Skip(installations + " names no MPI")
	}
	program, dir := build(t), t.TempDir()
	record, saved := filepath.Join(dir, "record.jsonl"), filepath.Join(dir, "run")
	args := strings.Fields("minimize adam --data digits --batch 300 --micro-batches 4 --quiet --steps 12 --json")
	fast := func(steps string) string {
		return run(t, installation, 3, program, append(slices.Clone(args), "--steps", steps, "--reduce", "fast", "--record", record, "--checkpoint", saved, "--resume")...)
	}
	objective := func(said string) (f float64) {
		if _, err := fmt.Sscanf(said[strings.Index(said, `"objective":`):], `"objective": %g,`, &f); err != nil {
			t.Fatal(err, said)
		}
		return f
	}
	tree, got := objective(run(t, "", 1, program, args...)), objective(fast("12"))
	if math.Abs(got-tree) > 1e-12 {
		t.Errorf("the loss is %v, and %v along the tree", got, tree)
	}
	if text, err := os.ReadFile(record); err != nil || !bytes.Contains(text, []byte(`"ranks":"3","reduce":"fast"`)) {
		t.Errorf("the record is %s, %v", text, err)
	}
	fast("14")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	said, err := command(ctx, installation, 3, program, append(slices.Clone(args), "--steps", "16", "--checkpoint", saved, "--resume")...).CombinedOutput()
	if err == nil || !bytes.Contains(said, []byte("its reduce was fast, and is not given here")) {
		t.Errorf("a run along the tree goes on: %s", said)
	}
}
