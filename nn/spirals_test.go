package nn_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"steepest/data"
	"steepest/data/datatest"
	"steepest/nn"
	"steepest/objective"
	"steepest/optim"
	"steepest/optim/matfun"
	"steepest/optim/matrix"
	"steepest/optim/rules"
	"steepest/optim/schedule"
)

// TestSpirals repeats the first steps of the lecturer's experiment, with its points, network, start, batches and methods, and compares
// them with testdata/spirals.py.
func TestSpirals(t *testing.T) {
	text, err := os.ReadFile("testdata/spirals.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Start            []float64
		Batches          [][]uint32
		SGD, AdamW, Muon []float64
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	p := spirals(t)
	adamw := rules.AdamW{
		Adam: rules.Adam{
			LR: schedule.Constant(0.37), Beta1: optim.Set(0.9), Beta2: optim.Set(0.999), Eps: optim.Set(1e-8), EpsPlace: optim.Set(optim.EpsOutside),
		},
		WeightDecay: optim.Set(1e-4),
	}
	for _, run := range []struct {
		name   string
		rule   optim.Rule
		losses []float64
	}{
		{"SGD", rules.SGD{LR: schedule.Constant(0.23)}, want.SGD},
		{"AdamW", adamw, want.AdamW},
		{"Muon", matrix.Muon{
			LR: schedule.Constant(0.44), Form: optim.Set(matrix.MomentumSum), Polar: optim.Set(matfun.Keller), Steps: optim.Set(7), Eps: optim.Set(0.0),
			Scale: optim.Set(matrix.ScaleNone), WeightDecay: optim.Set(1e-4), Aux: adamw,
		}, want.Muon},
	} {
		o, err := optim.New[float64](run.rule, p.Params())
		if err != nil {
			t.Fatal(err)
		}
		x, g := append([]float64(nil), want.Start...), make([]float64, len(want.Start))
		for k, batch := range want.Batches {
			if loss := p.Loss(x, nil); math.Abs(loss-run.losses[k]) > 1e-12 {
				t.Fatalf("%s: loss %v before step %d, numpy has %v", run.name, loss, k, run.losses[k])
			}
			p.Grad(g, x, batch)
			if err := o.Step(x, g); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// spirals returns the lecturer's problem, a network 3 → 64 → 1 whose third input is 1.
func spirals(t *testing.T) *nn.MLP[float64] {
	t.Helper()
	set := datatest.Load(t, "spirals")
	signs, _, err := data.Binary(set.Y)
	if err != nil {
		t.Fatal(err)
	}
	p, err := nn.NewMLP[float64](data.AppendOnes(set.X), signs, objective.LogisticLoss{},
		nn.Config{Hidden: []int{64}, NoBias: true})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
