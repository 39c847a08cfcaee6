package checkpoint

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKeep(t *testing.T) {
	sys := newMemory()
	f := mustOpen(t, sys, 3)
	sys.find("run").entries["notes.txt"] = &node{}
	for save := 1; save <= 6; save++ {
		if err := errors.Join(f.Save(example(save)), f.SaveBest(example(save))); err != nil {
			t.Fatal(err)
		}
	}
	got := slices.Sorted(maps.Keys(sys.find("run").entries))
	want := []string{"000007-step-40", "000009-step-0", "000011-step-10", "000012-best-10", "notes.txt"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Replace takes the place of a checkpoint of the same step alone, and otherwise is Save.
func TestReplace(t *testing.T) {
	sys := newMemory()
	f := mustOpen(t, sys, 2)
	again := example(2)
	if err := errors.Join(f.Save(example(1)), f.Replace(example(2)), f.Replace(again), f.SaveBest(again)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"000001-step-10", "000003-step-20", "000004-best-20"}, slices.Sorted(maps.Keys(sys.find("run").entries))); diff != "" {
		t.Error(diff)
	}
	if err := f.Replace(example(3)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"000003-step-20", "000004-best-20", "000005-step-30"}, slices.Sorted(maps.Keys(sys.find("run").entries))); diff != "" {
		t.Error(diff)
	}
}

// A damaged checkpoint does not count among those that are kept, so the one before it stays until there are enough newer ones.
func TestKeepBehindDamage(t *testing.T) {
	sys := newMemory()
	f := mustOpen(t, sys, 2)
	if err := errors.Join(f.Save(example(1)), f.Save(example(2))); err != nil {
		t.Fatal(err)
	}
	sys.find("run/000002-step-20/" + metaName).data[0] ^= 1
	f = mustOpen(t, sys, 2)
	if s, skipped, err := f.Load(nil); err != nil || s.Step != 10 || len(skipped) != 1 {
		t.Fatal(s, skipped, err)
	}
	for save, want := range [][]string{{"000001-step-10", "000002-step-20", "000003-step-30"}, {"000003-step-30", "000004-step-40"}} {
		s := example(save + 3)
		if err := f.Save(s); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(sys.find("run").entries))); diff != "" {
			t.Errorf("after save %d: %s", save+1, diff)
		}
	}
}

// If a run goes back or saves a step again, its latest save is the newest, also after the folder is opened again.
func TestGoingBack(t *testing.T) {
	sys := newMemory()
	for save, step := range []int{30, 40, 40, 20} {
		s := example(save)
		s.Step = step
		if err := mustOpen(t, sys, 1).Save(s); err != nil {
			t.Fatal(err)
		}
		if back, _, err := load(sys, "run", regular); err != nil || !same(*back, s) {
			t.Fatalf("step %d is saved, and %v loaded: %v", step, back, err)
		}
	}
}

func TestFullDisk(t *testing.T) {
	sys := newMemory()
	f := mustOpen(t, sys, 1)
	if err := f.Save(example(1)); err != nil {
		t.Fatal(err)
	}
	sys.room = 1000
	ops := sys.ops
	err := f.Save(example(2))
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "the disk had 1000 free") {
		t.Errorf("the disk is full, and the save gives %v", err)
	}
	if sys.ops > ops+2 {
		t.Errorf("%d operations on a disk that is known to be full", sys.ops-ops)
	}
	mustHold(t, sys, acknowledged{regular: 1})
	sys.room = 1 << 20
	if err := f.Save(example(3)); err != nil {
		t.Errorf("there is room again, and the save gives %v", err)
	}
}

// If the last checkpoint is removed while it is read, as by a run that keeps one, the next checkpoint is loaded.
func TestLoadWhileAnotherSaves(t *testing.T) {
	sys := newMemory()
	f := mustOpen(t, sys, 1)
	if err := f.Save(example(1)); err != nil {
		t.Fatal(err)
	}
	s, _, err := load(&busy{memory: sys, run: f}, "run", regular)
	if err != nil || !same(*s, example(2)) {
		t.Fatal(s, err)
	}
}

// busy is a file system on which a run saves once, after the first listing.
type busy struct {
	*memory
	run *Folder
}

func (b *busy) list(path string) ([]string, error) {
	names, err := b.memory.list(path)
	if b.run != nil {
		err = errors.Join(err, b.run.Save(example(2)))
		b.run = nil
	}
	return names, err
}

func TestParseName(t *testing.T) {
	for text, want := range map[string]bool{
		"000001-step-0": true, "000017-best-950": true, "1000000-step-5": true,
		"1-step-0": false, "000001-step-00": false, "000001-last-0": false, "000001-step": false, "000001-step-0.tmp": false,
		"000001-step--1": false, "-00001-step-1": false, "lock": false, "": false,
	} {
		if n, ok := parseName(text); ok != want || ok && n.String() != text {
			t.Errorf("%q is read as %v, %v", text, n, ok)
		}
	}
}
