package checkpoint

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

// acknowledged holds, for each kind, the number of the last save that returned nil, 0 if none did.
type acknowledged map[string]int

// run opens the folder on a number of ranks and makes saves of both kinds, ten alone and four on several ranks. It continues after faults. It
// returns what rank 0 knows: the acknowledged saves and the first fault.
func run(sys files, size int) (acked acknowledged, fault error) {
	together(size, func(m *member) {
		saved, failed := saves(sys, m)
		if m.rank == 0 {
			acked, fault = saved, failed
		}
	})
	return acked, fault
}

func saves(sys files, m *member) (acked acknowledged, fault error) {
	acked = acknowledged{}
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
		s := m.part(example(save))
		if save%3 == 0 {
			if note(f.SaveBest(s)) {
				acked[best] = save
			}
		} else if note(f.Save(s)) {
			acked[regular] = save
		}
	}
	return acked, fault
}

// mustHold fails unless the folder holds, of each kind, the last acknowledged save or a later one, with all its bits.
func mustHold(t *testing.T, sys files, acked acknowledged) {
	t.Helper()
	for _, kind := range []string{regular, best} {
		s, _, err := load(sys, "run", kind)
		if err != nil {
			if acked[kind] > 0 || !errors.Is(err, ErrNone) && !errors.Is(err, ErrDamaged) {
				t.Fatalf("%s: save %d was acknowledged: %v", kind, acked[kind], err)
			}
			continue
		}
		var meta struct{ Save int }
		if err := json.Unmarshal(s.Meta, &meta); err != nil {
			t.Fatal(err)
		}
		if meta.Save < acked[kind] {
			t.Fatalf("%s: save %d was acknowledged, and %d is loaded", kind, acked[kind], meta.Save)
		}
		if !same(*s, example(meta.Save)) {
			t.Fatalf("%s: save %d is loaded with other bits: %v", kind, meta.Save, *s)
		}
	}
}

// mustGoOn fails unless the folder can be opened, saved to and loaded.
func mustGoOn(t *testing.T, sys *memory) {
	t.Helper()
	if err := mustOpen(t, sys, 2).Save(example(99)); err != nil {
		t.Fatal(err)
	}
	mustHold(t, sys, acknowledged{regular: 99})
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
			s, skipped, err := load(sys, "run", regular)
			done = sys.ops < n
			if err == nil && !same(*s, example(acked[regular])) && len(skipped) == 0 {
				t.Fatalf("operation %d fails, and step %d is loaded without a word", n, s.Step)
			}
			if done && (err != nil || len(skipped) > 0) {
				t.Fatal(skipped, err)
			}
		}
	}
}
