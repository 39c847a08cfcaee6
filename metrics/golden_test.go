package metrics

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// golden is testdata/metrics.json, written by testdata/metrics.py. NaN is null there.
type golden struct {
	Classifications []struct {
		Name             string
		Classes          int
		Truth, Predicted []int
		Probabilities    []float64
		Accuracy         float64
		LogLoss          float64
		AUC              *float64
		Confusion        [][]int
	}
	Regressions []struct {
		Name             string
		Truth, Predicted []float64
		RMSE, MAE        float64
		R2               *float64
	}
}

func readGolden(t *testing.T) (g golden) {
	t.Helper()
	text, err := os.ReadFile("testdata/metrics.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// checkClose fails unless got is want, NaN included, to a relative error of 1e-12.
func checkClose(t *testing.T, what string, got, want float64) {
	t.Helper()
	if got != want && !(math.Abs(got-want) <= 1e-12*math.Abs(want)) && !(math.IsNaN(got) && math.IsNaN(want)) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func orNaN(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}

func TestClassificationGolden(t *testing.T) {
	for _, c := range readGolden(t).Classifications {
		t.Run(c.Name, func(t *testing.T) {
			checkClose(t, "accuracy", Accuracy(c.Truth, c.Predicted), c.Accuracy)
			checkClose(t, "log loss", LogLoss(c.Truth, c.Probabilities, c.Classes), c.LogLoss)
			checkClose(t, "macro AUC", MacroAUC(c.Truth, c.Probabilities, c.Classes), orNaN(c.AUC))
			if c.Classes == 2 {
				checkClose(t, "AUC", AUC(c.Truth, column(1, c.Probabilities, 2)), orNaN(c.AUC))
			}
			if diff := cmp.Diff(c.Confusion, Confusion(c.Truth, c.Predicted, c.Classes)); diff != "" {
				t.Errorf("confusion (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRegressionGolden(t *testing.T) {
	for _, c := range readGolden(t).Regressions {
		t.Run(c.Name, func(t *testing.T) {
			checkClose(t, "RMSE", RMSE(c.Truth, c.Predicted), c.RMSE)
			checkClose(t, "MAE", MAE(c.Truth, c.Predicted), c.MAE)
			checkClose(t, "R2", R2(c.Truth, c.Predicted), orNaN(c.R2))
		})
	}
}
