package compare

import (
	"math"
	"math/rand/v2"
	"testing"

	"steepest/data"
	"steepest/objective"
	"steepest/optimum"
	"steepest/train"
)

// TestRaceHasNoUnits: targets a million times as large, or a millionth, change no rank and no verdict of a tuned race.
func TestRaceHasNoUnits(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	const n, d = 200, 5
	x, y := &data.Dense{Rows: n, Cols: d, Data: make([]float64, n*d)}, make([]float64, n)
	for i := range n {
		for j := range d {
			x.Data[i*d+j] = random.NormFloat64()
			y[i] += float64(j+1) * x.Data[i*d+j]
		}
		y[i] += random.NormFloat64()
	}
	results := make(map[float64][]Summary)
	for _, unit := range []float64{1e-9, 1e-7, 1e-6, 1e-3, 1, 1e6} {
		targets := make([]float64, n)
		for i, v := range y {
			targets[i] = unit * v
		}
		p, err := objective.LeastSquares(x, targets, objective.L2(1e-3))
		if err != nil {
			t.Fatal(err)
		}
		best, err := optimum.Find(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		results[unit] = race(t, Race{
			Problem: p, Entrants: entrants(t, "sgd", "adam", "adagrad", "sign", "lion"), Seeds: 5, Seed: 1, Trials: 8,
			Settings: train.Settings{Batch: 10, Epochs: 5}, Optimum: &train.Optimum{X: best.X, F: best.Value},
		}).Summaries()
	}
	for unit, rows := range results {
		for i, want := range results[1] {
			got := rows[i]
			if got.Name != want.Name || got.Best != want.Best || got.Edge != want.Edge {
				t.Errorf("targets × %v: place %d is %s by trial %d, want %s by trial %d", unit, i, got.Name, got.Best, want.Name, want.Best)
				continue
			}
			if r := got.Final.Mid / (unit * unit) / want.Final.Mid; math.Abs(r-1) > 0.05 {
				t.Errorf("targets × %v: %s ends at %v times the excess in that unit", unit, got.Name, r)
			}
			if math.IsNaN(got.P) != math.IsNaN(want.P) || math.Abs(got.P-want.P) > 0.1*want.P {
				t.Errorf("targets × %v: %s has p = %v, want %v", unit, got.Name, got.P, want.P)
			}
		}
	}
}
