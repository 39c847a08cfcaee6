package train_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"

	"steepest/data/datatest"
	"steepest/methods"
	"steepest/objective"
	"steepest/train"
)

// TestTrainsAsTorch compares the losses of each epoch on real data with PyTorch's, which testdata/golden.py writes. It tests reader,
// labels, objective, batches, rule and loop together.
func TestTrainsAsTorch(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		L2     float64
		Batch  int
		Epochs float64
		Losses map[string][]float64
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	set := datatest.Load(t, "heart-scale")
	p, err := objective.Logistic(set.X, set.Y, objective.L2(golden.L2))
	if err != nil {
		t.Fatal(err)
	}
	for spec, want := range golden.Losses {
		method, _, err := methods.Parse(spec)
		if err != nil {
			t.Fatal(err)
		}
		perEpoch := p.Len() / golden.Batch
		var got []float64
		_, err = train.Minimize(context.Background(), p, make([]float64, objective.Dim(p)), method.Rule, train.Settings{
			Batch: golden.Batch, Sampling: train.Sequential, Epochs: golden.Epochs, EvaluateEvery: perEpoch,
			Recorder: train.RecorderFunc(func(point train.Point) error {
				if point.Step > 0 && point.Step%perEpoch == 0 {
					got = append(got, point.Loss)
				}
				return nil
			}),
		})
		if err != nil || len(got) != len(want) {
			t.Fatalf("%s: %d epochs, want %d; error %v", spec, len(got), len(want), err)
		}
		for i := range want {
			if math.Abs(got[i]-want[i]) > 1e-12*want[i] {
				t.Errorf("%s: loss %v after epoch %d, want %v", spec, got[i], i+1, want[i])
				break
			}
		}
	}
}
