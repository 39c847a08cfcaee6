package train_test

import (
	"context"
	"encoding/json"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"steepest/checkpoint"
	"steepest/data"
	"steepest/data/datatest"
	"steepest/methods"
	"steepest/nn"
	"steepest/objective"
	"steepest/train"
	"steepest/train/dist/disttest"
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

// TestDividedCheckpoints: ranks that divide the state save and load their parts, and a run that 1, 2, 4, 3 and 1 ranks make in turn has the bits
// of one process.
func TestDividedCheckpoints(t *testing.T) {
	set := datatest.Load(t, "lecture-logistic")
	classes, _ := data.ClassIndices(set.Y)
	p, err := nn.NewClassifier[float32](set.X, classes, 2, nn.Config{Hidden: []int{7000}}) // state of three shares
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"adamw", "muon"} {
		rule, x0 := methods.All()[slices.IndexFunc(methods.All(), func(m methods.Method) bool { return m.Name == name })].Rule, spread[float32](objective.Dim(p))
		s := train.Settings{Batch: 20, MicroBatches: 4, Steps: 10, EvaluateEvery: 10}
		want, err := train.Minimize(context.Background(), p, x0, rule, s)
		if err != nil {
			t.Fatal(err)
		}
		path := t.TempDir()
		for turn, size := range []int{1, 2, 4, 3, 1} {
			disttest.Together(size, func(g *disttest.Group) {
				s := s
				s.Group, s.Shard, s.Steps = g, true, 2*(turn+1)
				r, err := train.New(p, x0, rule, s)
				if err != nil {
					t.Error(err)
					return
				}
				folder, err := checkpoint.OpenTogether(path, 1, r.Ranks())
				if err != nil {
					t.Error(err)
					return
				}
				defer folder.Close()
				saved, _, err := folder.Load(r.Rows())
				if turn > 0 && err == nil {
					var state train.State[float32]
					if state, err = train.StateOf[float32](saved); err == nil {
						err = r.Restore(state)
					}
				}
				if turn > 0 && err != nil {
					t.Error(err)
				}
				r.Last = func() error { return folder.Save(r.State().Snapshot(nil)) }
				result, err := r.Finish(context.Background(), nil)
				if err != nil || turn == 4 && !slices.Equal(result.X, want.X) {
					t.Errorf("%s, %d ranks: %v, or other bits than one process", name, size, err)
				}
			})
			if files, _ := filepath.Glob(filepath.Join(path, "*", "tensors*")); len(files) != size {
				t.Errorf("%s: %d ranks save %v", name, size, files)
			}
		}
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
