package cli

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// pretrainKills is the variable with the number of processes that TestKilledPretrainGoesOn kills.
const pretrainKills = "STEEPEST_TEST_PRETRAIN_KILLS"

// TestKilledPretrainGoesOn kills runs of pretrain with SIGKILL at random moments, from their start to their end, and lets other processes
// continue from the checkpoint. The SHA-256 of the weights, and the record, must be those of runs that were not killed.
func TestKilledPretrainGoesOn(t *testing.T) {
	t.Parallel()
	count := 3
	if text := os.Getenv(pretrainKills); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	args := func(name, method string, more ...string) []string {
		return append([]string{
			"pretrain", "--method", method, "--layers", "1", "--heads", "2", "--width", "16", "--context", "16", "--steps", "150", "--every", "20", "--validation", "256",
			"--sample-every", "50", "--sample-tokens", "5", "-o", filepath.Join(dir, name), "--record", filepath.Join(dir, name+".jsonl"),
		}, more...)
	}
	weights := func(name string) string {
		file, err := os.ReadFile(filepath.Join(dir, name, "model.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%x", sha256.Sum256(file))
	}
	record := func(name string) string {
		text, err := os.ReadFile(filepath.Join(dir, name+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		return clock.ReplaceAllString(string(text), "#")
	}
	methods := []string{"muon:aux-lr=0.003", "adamw:lr=warmup(20, cosine(0.01, 0, 150)),clip-norm=1,accumulate=3", "soap:lr=0.003"}
	var want [3]string
	var whole time.Duration
	for i, method := range methods[:min(len(methods), count)] {
		begun, name := time.Now(), fmt.Sprintf("whole%d", i)
		if out, err := program(context.Background(), args(name, method)...); err != nil {
			t.Fatalf("%s: %v\n%s", method, err, out)
		}
		whole, want[i] = time.Since(begun), weights(name)
	}
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	killed := 0
	for run := 0; killed < count && run < 4*count; run++ {
		i, name := run%len(methods), fmt.Sprintf("killed%d", run)
		command := args(name, methods[i], "--checkpoint", filepath.Join(dir, name+"-run"), "--checkpoint-every", strconv.Itoa(1+random.IntN(9)), "--resume")
		for again := true; again; {
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(random.Int64N(int64(whole))))
			_, err := program(ctx, command...)
			if again = err != nil && random.IntN(3) > 0; err != nil {
				killed++
			}
			cancel()
		}
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil { // the last one was killed
			if out, err := program(context.Background(), command...); err != nil {
				t.Fatalf("%s: a killed run does not go on: %v\n%s", methods[i], err, out)
			}
		}
		if got := weights(name); got != want[i] {
			t.Errorf("%s: the weights are those of %s, want %s", methods[i], got, want[i])
		}
		if got, want := record(name), record(fmt.Sprintf("whole%d", i)); got != want {
			t.Errorf("%s: the record differs:\n%s\nwant\n%s", methods[i], got, want)
		}
	}
	if t.Logf("%d processes were killed", killed); killed < count {
		t.Errorf("%d processes were killed, want %d", killed, count)
	}
}
