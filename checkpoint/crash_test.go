package checkpoint

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"testing"
)

// acknowledged holds, for each kind, the number of the last save that returned nil, 0 if none did.
type acknowledged map[string]int

// run opens the folder and makes ten saves of both kinds. It continues after faults, and returns the first of them as well.
func run(sys files) (acked acknowledged, fault error) {
	acked = acknowledged{}
	note := func(err error) bool {
		if fault == nil {
			fault = err
		}
		return err == nil
	}
	if !note(makeFolder(sys, "run")) {
		return acked, fault
	}
	f, err := open(sys, "run", 2)
	if !note(err) {
		return acked, fault
	}
	for save := 1; save <= 10; save++ {
		if save%3 == 0 {
			if note(f.SaveBest(example(save))) {
				acked[best] = save
			}
		} else if note(f.Save(example(save))) {
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
	rng := rand.New(rand.NewPCG(1, 2))
	for n, done := 1, false; !done; n++ {
		for try := range 3 * losses {
			before := newMemory()
			before.fault = failAt(n, true, errPower)
			acked, fault := run(before)
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
	for _, disease := range faults {
		for _, lasts := range []bool{false, true} {
			for n, done := 1, false; !done; n++ {
				sys := newMemory()
				sys.fault = failAt(n, lasts, disease)
				acked, fault := run(sys)
				if done = sys.ops < n; !done && !errors.Is(fault, disease) {
					t.Fatalf("operation %d fails with %v, and the run with %v", n, disease, fault)
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
			acked, _ := run(sys)
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
