package cli

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// longest returns the path of a folder in which a file can have a name of up to n bytes. A longer name gives a path that Linux refuses.
func longest(t *testing.T, n int) string {
	t.Helper()
	const limit = 4095
	path := t.TempDir()
	left := limit - n - 1 - len(path)
	path += strings.Repeat("/"+strings.Repeat("d", 99), left/100) + strings.Repeat("d", left%100)
	if err := os.MkdirAll(path, 0o777); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestUnsavedRace: the folder's path is so long that the name 000001-step-1.tmp does not fit. The last save of a race fails there, but its
// result is printed and written. Then the error says what is not saved.
func TestUnsavedRace(t *testing.T) {
	points := filepath.Join(t.TempDir(), "points.jsonl")
	for _, c := range []struct {
		args   []string
		folder string
	}{
		{[]string{"compare", "--function", "booth", "--steps", "3", "-m", "gd:lr=0.1", "--seeds", "1", "--trials", "0", "--report", "", "--jsonl", points}, longest(t, len(partsFolder))},
		{[]string{"bench", "-p", "a=--function booth --steps 3", "-m", "gd:lr=0.1", "--seeds", "1", "--trials", "0", "--report", ""}, longest(t, len("a/")+len(partsFolder))},
	} {
		var out, said bytes.Buffer
		code := run(t.Context(), append(c.args, "--checkpoint", c.folder), &out, &said)
		if code != exitFailure || !strings.Contains(said.String(), "warning: step 1 is not saved") || !strings.Contains(said.String(), "\nerror: ") {
			t.Errorf("%s: exit code %d: %s", c.args[0], code, said.String())
		}
		if !strings.Contains(out.String(), "gd") {
			t.Errorf("%s prints %q", c.args[0], out.String())
		}
	}
	if text, err := os.ReadFile(points); err != nil || bytes.Count(text, []byte("\n")) < 2 {
		t.Errorf("the points: %q, %v", text, err)
	}
}

// TestRunsOnNoDisk: if the folder of a run cannot be made, the error names the flag and the cause.
func TestRunsOnNoDisk(t *testing.T) {
	dir := longest(t, 1)
	var said strings.Builder
	code := run(t.Context(), []string{"minimize", "gd", "--function", "booth", "--steps", "3", "--runs", dir}, io.Discard, &said)
	if want := "error: --runs: the run cannot be kept in " + dir[:30]; code != exitFailure || !strings.Contains(said.String(), want) {
		t.Errorf("exit code %d, %s\nwant %s", code, said.String(), want)
	}
}

// TestFoldersThatCannotBeMade: the error names the flag.
func TestFoldersThatCannotBeMade(t *testing.T) {
	rows := filepath.Join(t.TempDir(), "rows.csv")
	if err := os.WriteFile(rows, []byte("a,y\n1,2\n2,3.5\n3,4\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for flag, args := range map[string][]string{
		"checkpoint": {"minimize", "gd", "--function", "booth", "--steps", "3", "--checkpoint", "/proc/steepest"},
		"cache":      {"fit", rows, "--cache", "/proc/steepest"},
	} {
		var said strings.Builder
		code := run(t.Context(), args, io.Discard, &said)
		if want := "error: --" + flag + ": the folder /proc/steepest cannot be made: no such file or directory\n"; code != exitFailure || said.String() != want {
			t.Errorf("exit code %d, %s\nwant %s", code, said.String(), want)
		}
	}
}

// TestUnrecordedRuns: the folder's path is so long that the folders of a method with a short name fit, but not those of one with a long name.
// The race continues without them. Its result is printed, and the error says what is not recorded.
func TestUnrecordedRuns(t *testing.T) {
	for flag, n := range map[string]int{"runs": 65, "tensorboard": 56} {
		dir := longest(t, n)
		var out, said strings.Builder
		code := run(t.Context(), []string{
			"compare", "--function", "booth", "--steps", "3", "--seeds", "2", "--trials", "0", "--report", "", "--" + flag, dir,
			"-m", "gd:lr=0.1,name=" + strings.Repeat("long", 15), "-m", "gd:lr=0.1,name=short",
		}, &out, &said)
		because := "--" + flag + ": the run cannot be kept in " + dir[:30]
		long := strings.Repeat("long", 15) + " with seed "
		if code != exitFailure || strings.Count(said.String(), "warning: "+because) != 1 || !strings.Contains(said.String(), "; the race goes on\n") ||
			!strings.Contains(said.String(), "error: 2 runs not recorded: "+long+"1, "+long+"2: "+because) {
			t.Errorf("exit code %d: %s", code, said.String())
		}
		if !strings.Contains(out.String(), "longlong") || !strings.Contains(out.String(), "short") {
			t.Errorf("the race prints %q", out.String())
		}
		left, err := filepath.Glob(dir + map[string]string{"runs": "/*", "tensorboard": "/*/*"}[flag])
		if err != nil || len(left) != 2 || !strings.Contains(left[0], "short") {
			t.Errorf("the folder holds %d runs, %v", len(left), err)
		}
	}
}

// TestUnrecordedRunsOfSuite: a suite names the problem and the runs that it could not record.
func TestUnrecordedRunsOfSuite(t *testing.T) {
	long := strings.Repeat("long", 15)
	var out, said strings.Builder
	code := run(t.Context(), []string{
		"bench", "-p", "booth=--function booth --steps 3", "--seeds", "2", "--trials", "0", "--report", "", "--runs", longest(t, 65),
		"-m", "gd:lr=0.1,name=" + long, "-m", "gd:lr=0.1,name=short",
	}, &out, &said)
	if want := "error: booth: 2 runs not recorded: " + long + " with seed 1, " + long + " with seed 2: --runs: "; code != exitFailure || !strings.Contains(said.String(), want) {
		t.Errorf("exit code %d: %s", code, said.String())
	}
}
