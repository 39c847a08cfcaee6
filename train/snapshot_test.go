package train_test

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"steepest/checkpoint"
	"steepest/methods"
	"steepest/train"
)

// TestSnapshot: a state that goes through a checkpoint on the disk comes back with the same bits, for every method.
func TestSnapshot(t *testing.T) {
	for _, m := range methods.All() {
		p, x0 := suited(t, m)
		r, err := train.New(p, x0, m.Rule, train.Settings{Batch: 7, Steps: 40, Seed: 2})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if err := r.Step(); err != nil {
				t.Fatal(err)
			}
		}
		want, path := r.State(), t.TempDir()
		folder, err := checkpoint.Open(path, 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := folder.Save(want.Snapshot(json.RawMessage(`{"method":"` + m.Name + `"}`))); err != nil {
			t.Fatal(err)
		}
		saved, _, err := checkpoint.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := train.StateOf[float64](saved)
		if err != nil || saved.Step != 3 || !strings.Contains(string(saved.Meta), m.Name) {
			t.Fatalf("%s: step %d, %s, %v", m.Name, saved.Step, saved.Meta, err)
		}
		if !reflect.DeepEqual(bits(got), bits(want)) {
			t.Errorf("%s: state %v, want %v", m.Name, got, want)
		}
		if _, err := train.StateOf[float32](saved); err == nil || !strings.Contains(err.Error(), "which is no part of a run in float32") {
			t.Errorf("%s: in float32: %v", m.Name, err)
		}
		folder.Close()
	}
}

// bits returns a state in a form in which equal NaN compare equal.
func bits(s train.State[float64]) map[string]any {
	return map[string]any{"vectors": mapBits(s.Vectors), "scalars": mapBits(s.Scalars), "counts": s.Counts, "shapes": s.Shapes}
}

func mapBits(m map[string][]float64) map[string][]uint64 {
	out := make(map[string][]uint64)
	for name, v := range m {
		out[name] = []uint64{}
		for _, e := range v {
			out[name] = append(out[name], math.Float64bits(e))
		}
	}
	return out
}
