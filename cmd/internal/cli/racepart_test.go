package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"steepest/checkpoint"
	"steepest/compare"
	"steepest/train"
)

// still is a Running that stands at a step.
type still struct {
	k        int
	whole    bool
	halted   bool
	other    bool // whether its options are other ones than those of the snapshot
	restored *checkpoint.Snapshot
}

func (s *still) K() int { return s.k }

func (s *still) Snapshot() checkpoint.Snapshot {
	return checkpoint.Snapshot{Step: s.k, Tensors: map[string]checkpoint.Tensor{"x": {Shape: []int{1}, Values: []float64{float64(s.k)}}}}
}

func (s *still) Restore(from *checkpoint.Snapshot) error {
	if s.other {
		return compare.ErrOtherOptions
	}
	s.restored = from
	return nil
}

func (s *still) Halt() bool {
	s.halted = true
	return s.whole
}

// openParts opens the folder of a race that resumes.
func openParts(t *testing.T, w *world, dir string) *raceKeeper {
	t.Helper()
	folder, err := checkpoint.Open(dir, 2)
	if err != nil {
		t.Fatal(err)
	}
	k := &raceKeeper{
		store: &store{Folder: folder, path: dir, about: []byte(`{"seed":1}`)}, w: w, every: time.Hour, copies: 2,
		done: make(map[string]compare.Run), parts: make(map[string]*racePart), last: time.Now(),
	}
	if err := k.findParts(true); err != nil {
		t.Fatal(err)
	}
	return k
}

// keepPart begins or continues a run of the race.
func keepPart(t *testing.T, k *raceKeeper, job string, run *still) (between func() error) {
	t.Helper()
	between, err := k.keep(job, run)
	if err != nil {
		t.Fatal(err)
	}
	return between
}

// TestDamagedPart: if all checkpoints of an unfinished run are damaged, a warning names its folder, and the run begins anew. The other runs
// continue. The folder is removed when the run has ended.
func TestDamagedPart(t *testing.T) {
	dir := t.TempDir()
	var said strings.Builder
	w := newWorld(t.Context(), nil, io.Discard, &said)
	k := openParts(t, w, dir)
	k.every = 0
	for job, run := range map[string]*still{"a": {k: 3}, "b": {k: 5}} {
		if err := keepPart(t, k, job, run)(); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.end(); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(dir, partsFolder, partName("a"))
	files, err := filepath.Glob(filepath.Join(folder, "*-step-*", "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if err := os.Truncate(file, 1); err != nil {
			t.Fatal(err)
		}
	}

	k = openParts(t, w, dir)
	if text := said.String(); !strings.Contains(text, "warning: ") || !strings.Contains(text, folder) || !strings.Contains(text, "begins anew") {
		t.Errorf("the warning is %q", text)
	}
	a, b := new(still), new(still)
	keepPart(t, k, "a", a)
	keepPart(t, k, "b", b)
	if a.restored != nil || b.restored == nil || k.counts() != "0 finished runs and 1 unfinished" {
		t.Errorf("a is restored to %v, and b to %v; there are %s", a.restored, b.restored, k.counts())
	}
	k.every = 0
	if err := k.add("a", compare.Run{X: []float64{1}}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder of the run that has ended: %v", err)
	}
}

// TestRaceParts: an unfinished run is saved when a save is due and at an interruption, unless a step has changed its state. The next process
// restores it, unless its options are others. The folder stays until the run is saved as a finished one.
func TestRaceParts(t *testing.T) {
	dir := t.TempDir()
	ctx, interrupt := context.WithCancel(context.Background())
	w := newWorld(ctx, nil, io.Discard, io.Discard)
	open := func() *raceKeeper { return openParts(t, w, dir) }
	keep := func(k *raceKeeper, job string, run *still) func() error { return keepPart(t, k, job, run) }
	parts := func() int {
		names, err := filepath.Glob(filepath.Join(dir, partsFolder, "*", "*-step-*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(names)
	}

	k := open()
	early, due, torn, asleep := &still{k: 3}, &still{k: 5}, &still{k: 7}, &still{k: 9, whole: true}
	for i, run := range []*still{early, due, torn, asleep} {
		between := keep(k, string(rune('a'+i)), run)
		if run == due {
			k.every = 0
		}
		if err := between(); err != nil {
			t.Fatal(err)
		}
		k.every = time.Hour
	}
	if n := parts(); n != 1 {
		t.Fatalf("%d checkpoints of unfinished runs, want that of the one that was due", n)
	}
	interrupt()
	if err := k.end(); err != nil || !torn.halted || !asleep.halted || parts() != 2 || k.counts() != "0 finished runs and 2 unfinished" {
		t.Errorf("after the end: %v, %v %v, %d checkpoints, %s", err, torn, asleep, parts(), k.counts())
	}
	if err := keep(k, "e", &still{k: 1, whole: true})(); err != train.ErrHalted || len(k.parts) != 4 {
		t.Errorf("a run that begins after the end: %v, %d runs", err, len(k.parts))
	}
	if err := os.WriteFile(filepath.Join(dir, partsFolder, ".DS_Store"), nil, 0o666); err != nil {
		t.Fatal(err)
	}

	ctx, interrupt = context.WithCancel(context.Background())
	defer interrupt()
	w.Context = ctx
	k = open()
	for job, want := range map[string]int{"a": 0, "b": 5, "c": 0, "d": 9} {
		run := new(still)
		keep(k, job, run)
		if got := run.restored; (got == nil) != (want == 0) || got != nil && !reflect.DeepEqual(got.Tensors, (&still{k: want}).Snapshot().Tensors) {
			t.Errorf("%s is restored to %v, want step %d", job, got, want)
		}
	}
	if other := (&still{other: true}); keep(k, "d", other) == nil || other.restored != nil {
		t.Error("a run with other options does not begin anew")
	}
	if err := errors.Join(k.add("b", compare.Run{X: []float64{1}}), k.add("d", compare.Run{Failed: "it failed"})); err != nil || parts() != 2 {
		t.Errorf("before a save: %v, %d checkpoints", err, parts())
	}
	k.every = 0
	if err := k.add("a", compare.Run{X: []float64{1}}); err != nil || parts() != 0 {
		t.Errorf("after a save: %v, %d checkpoints", err, parts())
	}
	c := keep(k, "c", &still{k: 2, whole: true})
	interrupt()
	if err := c(); err != train.ErrHalted || k.counts() != "2 finished runs and 1 unfinished" {
		t.Errorf("at an interruption: %v, %s", err, k.counts())
	}
	if err := k.end(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, partsFolder, partName("c"))); err != nil {
		t.Error(err)
	}
}
