package cli

import (
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"steepest/runs"
)

// files returns the contents of all files below a folder, by path.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, path))
		all[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestResumedRaceKeepsRecords: a race that resumes leaves the records of finished runs as they are. It records again a finished run whose record
// is gone or not whole, as a run of the same race.
func TestResumedRaceKeepsRecords(t *testing.T) {
	dir := t.TempDir()
	kept, events := filepath.Join(dir, "runs"), filepath.Join(dir, "events")
	race := func() {
		t.Helper()
		var said strings.Builder
		if code := run(t.Context(), []string{
			"compare", "-m", "gd:lr=0.1", "-m", "adam:lr=0.1", "--function", "booth", "--steps", "30", "--seeds", "2", "--report", "",
			"--checkpoint", filepath.Join(dir, "race"), "--resume", "--runs", kept, "--tensorboard", events, "--bounds",
		}, io.Discard, &said); code != exitOK || !strings.Contains(said.String(), "4 runs are in "+kept) {
			t.Fatalf("exit code %d: %s", code, said.String())
		}
	}
	race()
	whole, wholeEvents := files(t, kept), files(t, events)
	race()
	if got := files(t, kept); !maps.Equal(got, whole) {
		t.Errorf("the run folders have changed: %q", slices.Sorted(maps.Keys(got)))
	}
	if got := files(t, events); !maps.Equal(got, wholeEvents) {
		t.Errorf("the events have changed: %q", slices.Sorted(maps.Keys(got)))
	}

	list, err := runs.List(kept)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(kept, list[0].Name)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(kept, list[1].Name, "status.json")); err != nil { // as after a kill
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(events, "gd")); err != nil {
		t.Fatal(err)
	}
	race()
	again, err := runs.List(kept)
	if err != nil || len(again) != 4 {
		t.Fatalf("%d runs, %v", len(again), err)
	}
	for _, r := range again {
		if steps := r.Record.Column("step"); r.Status != runs.Finished || steps[len(steps)-1] != 30 || r.Config["race"] != list[0].Config["race"] || len(steps) != len(list[2].Record.Column("step")) {
			t.Errorf("%s: %s, race %s, steps %v", r.Name, r.Status, r.Config["race"], steps)
		}
	}
	if got := files(t, events); len(got) != len(wholeEvents) {
		t.Errorf("the events are %q", slices.Sorted(maps.Keys(got)))
	}
}
