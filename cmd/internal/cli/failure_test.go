package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"steepest/runs"
)

// TestInFlags: a message loses the names of packages, and no other words.
func TestInFlags(t *testing.T) {
	for message, want := range map[string]string{
		"runs: checkpoint: ro is used":                     "ro is used",
		"rows.csv: data: line 3: bad\ntrain: recorder: no": "rows.csv: line 3: bad\nno",
		"train: optim: matfun: the matrix is singular":     "the matrix is singular",
		"--runs: the run cannot be kept":                   "--runs: the run cannot be kept",
		"runs: mkdir my/runs: no room":                     "mkdir my/runs: no room",
		"open old.data: no such file":                      "open old.data: no such file",
		"the file is not a model: set Header":              "the file is not a model: give --header yes",
	} {
		if got := inFlags(message); got != want {
			t.Errorf("%q becomes %q, want %q", message, got, want)
		}
	}
}

// fullRun is a run on a disk that stays full.
type fullRun struct{ waited bool }

func (f *fullRun) Add(any)       {}
func (f *fullRun) Back(_, _ int) {}
func (f *fullRun) Path() string  { return "" }

func (f *fullRun) Close(ctx context.Context, _ runs.Ending, waits func(error)) error {
	if f.waited = ctx.Err() == nil; f.waited {
		waits(syscall.ENOSPC)
		waits(syscall.ENOSPC)
	}
	return syscall.ENOSPC
}

// TestOneWait: of several runs on a full disk only the first waits, and one warning says so.
func TestOneWait(t *testing.T) {
	var said strings.Builder
	w := newWorld(t.Context(), nil, nil, &said)
	first, second := new(fullRun), new(fullRun)
	for _, run := range []*fullRun{first, second} {
		if err := (keeping{run}).close(w, runs.Ending{}); !errors.Is(err, syscall.ENOSPC) {
			t.Error(err)
		}
	}
	if want := "warning: " + syscall.ENOSPC.Error() + "; trying again for up to a minute\n"; said.String() != want || !first.waited || second.waited {
		t.Errorf("%q, want %q; the runs wait: %v, %v", said.String(), want, first.waited, second.waited)
	}
}

// TestFullDisk: the hint for a full disk speaks of the disk, whatever was written.
func TestFullDisk(t *testing.T) {
	full := &fs.PathError{Op: "write", Path: "out", Err: syscall.ENOSPC}
	w := newWorld(t.Context(), nil, nil, nil)
	for _, c := range []struct {
		err        error
		said, hint string
	}{
		{fmt.Errorf("m.json cannot be written: %w", full), "m.json cannot be written: write out: " + syscall.ENOSPC.Error(), fullDisk},
		{w.ended(3, true, nil, fmt.Errorf("checkpoint: step 3 is not saved: %w", full)), "step 3 is not saved: write out: " + syscall.ENOSPC.Error(), fullDisk},
		{w.ended(3, true, nil, errors.Join(full, errors.New("runs: late"))), full.Error() + "\nlate", fullDisk},
		{readError(full), full.Error(), "free some space on the disk, or give --cache a folder on another one"},
		{textError(full), full.Error(), fullDisk},
	} {
		var said strings.Builder
		code := newWorld(t.Context(), nil, nil, &said).report(c.err)
		if want := "error: " + c.said + "\nhint: " + c.hint + "\n"; code != exitFailure || said.String() != want {
			t.Errorf("exit code %d,\n%s\nwant\n%s", code, said.String(), want)
		}
	}
}

// fullOutput is an output on a full disk.
type fullOutput struct{}

func (fullOutput) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// TestLostOutput: a command whose output cannot be written fails.
func TestLostOutput(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, args := range [][]string{
		{"version"},
		{"methods", "adam"},
		{"tokenize", "opticks", "-o", "tokens", "--encoding", "bytes"},
		{"compare", "--function", "booth", "-m", "adam", "--steps", "2", "--trials", "0", "--seeds", "1", "--report", ""},
	} {
		var said strings.Builder
		if code := run(t.Context(), args, fullOutput{}, &said); code != exitFailure || !strings.HasSuffix(said.String(), "hint: "+fullDisk+"\n") {
			t.Errorf("%v: exit code %d, %s", args, code, said.String())
		}
	}
}
