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
	"syscall"
	"testing"
	"time"

	"steepest/runs"
)

// TestCutOffRacesGoOn ends a race on a text at random moments, by SIGKILL and by SIGINT, until each has left unfinished runs that the next
// process continues. The points of the whole race, and its run folders, are those of a race that nobody interrupted.
func TestCutOffRacesGoOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, bytes.Repeat([]byte("Light itself is a heterogeneous mixture of differently refrangible rays.\n"), 60), 0o600); err != nil {
		t.Fatal(err)
	}
	args := func(name string, more ...string) []string {
		return append([]string{
			"compare", "--text", text, "--layers", "1", "--heads", "1", "--width", "8", "--context", "8", "--batch", "2", "--steps", "300", "--every", "40", "--seeds", "2", "--trials", "2",
			"-m", "adamw", "-m", "muon", "--report", "", "--jsonl", filepath.Join(dir, name+".jsonl"), "--runs", filepath.Join(dir, name),
		}, more...)
	}
	outcome := func(name string) string {
		points, err := os.ReadFile(filepath.Join(dir, name+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		list, err := runs.List(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		var kept []string
		for _, r := range list {
			kept = append(kept, fmt.Sprintln(r.Config["entrant"], r.Config["seed"], r.Status, r.Record.Column("step"), r.Record.Column("validation")))
		}
		slices.Sort(kept)
		return clock.ReplaceAllString(string(points), "#") + strings.Join(kept, "")
	}
	begun := time.Now()
	if out, err := program(context.Background(), args("whole")...); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	whole, want := time.Since(begun), outcome("whole")

	race := filepath.Join(dir, "race")
	command := args("cut", "--checkpoint", race, "--checkpoint-every", "3ms", "--resume")
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	left := map[syscall.Signal]bool{} // whether a signal has left unfinished runs that a process has continued
	var last syscall.Signal
	for round := 0; !left[syscall.SIGKILL] || !left[syscall.SIGINT]; round++ {
		if round == 40 {
			t.Fatalf("unfinished runs were continued after %v", left)
		}
		cmd := exec.Command(os.Args[0], command...)
		cmd.Env = append(os.Environ(), asProgram+"=1")
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(whole/4 + time.Duration(random.Int64N(int64(whole))))
		next := []syscall.Signal{syscall.SIGKILL, syscall.SIGINT}[random.IntN(2)]
		_ = cmd.Process.Signal(next) // unless it has ended
		err := cmd.Wait()
		if strings.Contains(said.String(), " unfinished in ") {
			left[last] = true
		}
		last = next
		if err == nil { // the race has ended
			if got := outcome("cut"); got != want {
				t.Errorf("the race gives\n%s\nwant\n%s", got, want)
			}
			for _, path := range []string{race, filepath.Join(dir, "cut"), filepath.Join(dir, "cut.jsonl")} {
				if err := os.RemoveAll(path); err != nil {
					t.Fatal(err)
				}
			}
		} else if next == syscall.SIGINT {
			if !strings.Contains(said.String(), "error: interrupted; saved: ") { // it was not yet ready for signals
				last = syscall.SIGKILL
			} else if code := cmd.ProcessState.ExitCode(); code != 128+int(next) || strings.Count(said.String(), "go on with: ") > 1 {
				t.Errorf("exit code %d:\n%s", code, said.String())
			}
		}
	}
	if out, err := program(context.Background(), command...); err != nil {
		t.Fatalf("a race does not go on: %v\n%s", err, out)
	}
	if got := outcome("cut"); got != want {
		t.Errorf("the race gives\n%s\nwant\n%s", got, want)
	}
	if entries, err := os.ReadDir(filepath.Join(race, partsFolder)); err == nil {
		t.Errorf("of unfinished runs there are left %v", entries)
	}
}
