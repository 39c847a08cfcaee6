package methods

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"steepest/data"
	"steepest/objective"
	"steepest/optim"
	"steepest/train"
)

// TestGoldens: every method has a golden trajectory in the file that its row names. The tests beside these files check the trajectories.
func TestGoldens(t *testing.T) {
	for _, m := range All() {
		text, err := os.ReadFile(filepath.Join("..", m.Goldens))
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
			continue
		}
		var golden struct {
			Cases []struct {
				Spec string
				X    [][]float64
			}
		}
		if err := json.Unmarshal(text, &golden); err != nil {
			t.Fatal(err)
		}
		found := false
		for _, c := range golden.Cases {
			other, _, err := Parse(c.Spec)
			found = found || err == nil && len(c.X) > 0 && (other.Name == m.Name || m.FullBatch && sameType(other.Rule, m.Rule))
		}
		if !found {
			t.Errorf("%s has no trajectory in %s", m.Name, m.Goldens)
		}
	}
}

// sameType reports whether two methods differ only in the batch, as gradient descent and SGD do.
func sameType(a, b optim.Rule) bool { return reflect.TypeOf(a) == reflect.TypeOf(b) }

// TestEstimatorReferences compares the methods with their own estimates of the gradient with train/testdata/estimators.py.
func TestEstimatorReferences(t *testing.T) {
	text, err := os.ReadFile("../train/testdata/estimators.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Rows   [][]float64
		Labels []float64
		L2     float64
		Batch  int
		Start  []float64
		Keep   []int
		Cases  []struct {
			Spec string
			X    [][]float64
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	rows := &data.Dense{Rows: len(golden.Rows), Cols: len(golden.Start)}
	for _, row := range golden.Rows {
		rows.Data = append(rows.Data, row...)
	}
	p, err := objective.Logistic(rows, golden.Labels, objective.L2(golden.L2))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range golden.Cases {
		for i, steps := range golden.Keep {
			s := train.Settings{Batch: golden.Batch, Sampling: train.Sequential, Steps: steps}
			res, err := train.Minimize(context.Background(), p, golden.Start, parse(t, c.Spec), s)
			if err != nil {
				t.Fatal(err)
			}
			for j, want := range c.X[i] {
				if math.Abs(res.X[j]-want) > 1e-13*max(1, math.Abs(want)) {
					t.Errorf("%s: x[%d] = %.17g after %d steps, want %.17g", c.Spec, j, res.X[j], steps, want)
				}
			}
		}
	}
}
