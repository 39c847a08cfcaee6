package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestCutWhilePretraining cuts a shard while a run reads it. The run ends with an error that names the file, and nothing is lost: once
// the shard is whole again, the run continues to the weights of an undisturbed run.
func TestCutWhilePretraining(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	shards, record := filepath.Join(dir, "shards"), filepath.Join(dir, "run.jsonl")
	if out, err := program(context.Background(), "tokenize", "opticks", "-o", shards, "--encoding", "bytes"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	shard := filepath.Join(shards, "shards_train_000001.bin")
	whole, err := os.ReadFile(shard)
	if err != nil {
		t.Fatal(err)
	}
	args := func(steps string, more ...string) []string {
		return append([]string{"pretrain", shards, "--layers", "1", "--heads", "1", "--width", "8", "--context", "8", "--quiet", "--every", "1000000", "--steps", steps}, more...)
	}
	checkpoint := []string{"--record", record, "--checkpoint", filepath.Join(dir, "run"), "--resume"}
	cmd := exec.Command(os.Args[0], args("1000000", checkpoint...)...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		if text, _ := os.ReadFile(record); bytes.Count(text, []byte("\n")) > 20 || time.Now().After(deadline) {
			break
		}
	}
	if err := os.Truncate(shard, 2000); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitData || !strings.Contains(said.String(), "shards_train_000001.bin: the file was cut or became unreadable while it was open") {
		t.Fatalf("exit code %d:\n%s", code, said.String())
	}
	if !strings.Contains(said.String(), "holds a checkpoint from before; --resume goes on with it") {
		t.Errorf("it is not said how to go on:\n%s", said.String())
	}
	if err := os.WriteFile(shard, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	lines, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	steps := fmt.Sprint(bytes.Count(lines, []byte("\n")) + 5) // more than were made, which have a line each
	one, other := filepath.Join(dir, "one"), filepath.Join(dir, "other")
	for _, command := range [][]string{args(steps, append(checkpoint, "-o", one)...), args(steps, "-o", other)} {
		if out, err := program(context.Background(), command...); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	a, err := os.ReadFile(filepath.Join(one, "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(other, "model.safetensors")); err != nil || !bytes.Equal(a, b) {
		t.Errorf("the weights differ, %v", err)
	}
}
