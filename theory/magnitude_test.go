package theory

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"steepest/data"
	"steepest/objective"
	"steepest/optim/schedule"
	"steepest/optimum"
	"steepest/train"
)

// TestMagnitudes solves regressions whose targets or features come near the end of the range of float64, or leave it when they are squared,
// and applies all theorems: nothing panics, and what is certified is finite.
func TestMagnitudes(t *testing.T) {
	for _, exponent := range []float64{-300, -200, -160, 0, 100, 150, 154, 160, 200, 250, 300} {
		for _, scaled := range []string{"targets", "features", "both"} {
			features, targets := 1.0, math.Pow(10, exponent)
			if scaled != "targets" {
				features = targets
			}
			if scaled == "features" {
				targets = 1
			}
			random := rand.New(rand.NewPCG(7, 0))
			const n, d = 60, 3
			x, y, signs := &data.Dense{Rows: n, Cols: d}, make([]float64, n), make([]float64, n)
			for i := range n {
				for range d {
					x.Data = append(x.Data, features*random.NormFloat64())
				}
				y[i] = targets * random.NormFloat64()
				signs[i] = math.Copysign(1, random.NormFloat64())
			}
			for _, loss := range []objective.Loss{
				objective.SquaredLoss{}, objective.HuberLoss{Delta: 1}, objective.HuberLoss{Delta: targets}, objective.LogisticLoss{},
				objective.SquaredHingeLoss{}, objective.HingeLoss{},
			} {
				for _, l2 := range []float64{0, 1e-3} {
					labels := y
					if loss.CheckLabel(0.5) != nil {
						labels = signs
					}
					if loss == (objective.HingeLoss{}) && l2 == 0 {
						continue // which Find refuses
					}
					p, err := objective.NewLinear(x, labels, loss, objective.L2(l2))
					if err != nil {
						t.Fatal(err)
					}
					name := fmt.Sprintf("1e%v, %s, %T, λ₂ = %v", exponent, scaled, loss, l2)
					o, err := optimum.Find(t.Context(), p)
					if err != nil {
						t.Fatalf("%s: %v", name, err)
					}
					if o.Certified && !(o.Value-o.Value == 0 && o.Gap-o.Gap == 0) {
						t.Errorf("%s: certified at %v ± %v", name, o.Value, o.Gap)
					}
					facts := New(p, make([]float64, d), &train.Optimum{X: o.X, F: o.Value})
					for _, batch := range []int{0, 1} {
						run := Run{Rule: sgd(schedule.Constant(1 / facts.L)), Settings: train.Settings{Batch: batch, Steps: 3}}
						for _, b := range Bounds(facts, run) {
							b.ExcessCurve([]int{0, 3})
						}
					}
				}
			}
		}
	}
}
