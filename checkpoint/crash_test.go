package checkpoint

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

// run opens the folder on a number of ranks and saves, ten times alone and four on several ranks. It continues after faults. It returns
// what rank 0 knows: the number of the last save that returned nil, 0 if none did, and the first fault.
func run(sys files, size int) (acked int, fault error) {
	together(size, func(m *member) {
		saved, failed := saves(sys, m)
		if m.rank == 0 {
			acked, fault = saved, failed
		}
	})
	return acked, fault
}

func saves(sys files, m *member) (acked int, fault error) {
	note := func(err error) bool {
		if fault == nil {
			fault = err
		}
		return err == nil
	}
	f, err := join(sys, m)
	if !note(err) {
		return acked, fault
	}
	last := 10
	if m.size > 1 {
		last = 4
	}
	for save := 1; save <= last; save++ {
		if note(f.Save(m.part(example(save)))) {
			acked = save
		}
	}
	return acked, fault
}

// mustHold fails unless the folder holds the last acknowledged save or a later one, with all its bits.
func mustHold(t *testing.T, sys files, acked int) {
	t.Helper()
	s, _, err := load(sys, "run")
	if err != nil {
		if acked > 0 || !errors.Is(err, ErrNone) && !errors.Is(err, ErrDamaged) {
			t.Fatalf("save %d was acknowledged: %v", acked, err)
		}
		return
	}
	var meta struct{ Save int }
	if err := json.Unmarshal(s.Meta, &meta); err != nil {
		t.Fatal(err)
	}
	if meta.Save < acked {
		t.Fatalf("save %d was acknowledged, and %d is loaded", acked, meta.Save)
	}
	if !same(*s, example(meta.Save)) {
		t.Fatalf("save %d is loaded with other bits: %v", meta.Save, *s)
	}
}

// mustGoOn fails unless the folder can be opened, saved to and loaded.
func mustGoOn(t *testing.T, sys *memory) {
	t.Helper()
	if err := mustOpen(t, sys, 2).Save(example(99)); err != nil {
		t.Fatal(err)
	}
	mustHold(t, sys, 99)
	for name := range sys.find("run").entries {
		if _, ok := parseName(name); !ok {
			t.Errorf("%s is left", name)
		}
	}
}

// A power failure at any operation leaves the last acknowledged checkpoint, and so does a second failure during the recovery.
func TestPowerFailure(t *testing.T) {
	powerFailure(t, 1, 3*losses)
	powerFailure(t, 3, losses)
}

func powerFailure(t *testing.T, ranks, tries int) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n, done := 1, false; !done; n++ {
		for try := range tries {
			before := newMemory()
			before.fault = failAt(n, true, errPower)
			acked, fault := run(before, ranks)
			done = fault == nil

			after := before.restart(try%losses, rng)
			mustHold(t, after, acked)
			after.ops, after.fault = 0, failAt(1+rng.IntN(20), true, errPower)
			if err := makeFolder(after, "run"); err == nil {
				_, _ = open(after, "run", 2)
			}
			after = after.restart(rng.IntN(losses), rng)
			mustHold(t, after, acked)
			mustGoOn(t, after)
		}
	}
}

// A disk that fails at any operation, once or from then on, gives an error that says so, and leaves the last acknowledged checkpoint. The
// run continues when the disk works again.
func TestFailingDisk(t *testing.T) {
	failingDisk(t, 1)
	failingDisk(t, 3)
}

func failingDisk(t *testing.T, ranks int) {
	for _, disease := range faults {
		for _, lasts := range []bool{false, true} {
			for n, done := 1, false; !done; n++ {
				sys := newMemory()
				sys.fault = failAt(n, lasts, disease)
				acked, fault := run(sys, ranks)
				if done = sys.ops < n; !done && (fault == nil || !strings.Contains(fault.Error(), disease.Error()) || ranks == 1 && !errors.Is(fault, disease)) {
					t.Fatalf("%d ranks: operation %d fails with %v, and the run with %v", ranks, n, disease, fault)
				}
				sys.fault = failAt(0, false, nil)
				mustHold(t, sys, acked)
				mustGoOn(t, sys)
			}
		}
	}
}

// A disk that fails while it is read gives an error or a checkpoint. If the checkpoint is not the newest, the fault is reported.
func TestFailingDiskOnLoad(t *testing.T) {
	for _, lasts := range []bool{false, true} {
		for n, done := 1, false; !done; n++ {
			sys := newMemory()
			acked, _ := run(sys, 1)
			sys.ops, sys.fault = 0, failAt(n, lasts, faults[0])
			s, skipped, err := load(sys, "run")
			done = sys.ops < n
			if err == nil && !same(*s, example(acked)) && len(skipped) == 0 {
				t.Fatalf("operation %d fails, and step %d is loaded without a word", n, s.Step)
			}
			if done && (err != nil || len(skipped) > 0) {
				t.Fatal(skipped, err)
			}
		}
	}
}
