package methods

import (
	"math"
	"testing"

	"steepest/optim"
	"steepest/param"
)

// TestRecords builds each record on the parameters of a network and makes steps with it, which stay finite and move every parameter.
func TestRecords(t *testing.T) {
	params := []param.Param{
		{Name: "embedding", Shape: []int{7, 4}, Role: param.Embedding}, {Name: "qkv", Shape: []int{12, 4}, Role: param.Hidden, Fused: 3},
		{Name: "up", Shape: []int{8, 4}, Role: param.Hidden}, {Name: "gain", Shape: []int{4}, Role: param.Gain},
		{Name: "bias", Shape: []int{8}, Role: param.Bias}, {Name: "head", Shape: []int{7, 4}, Role: param.Head},
	}
	for _, r := range Records() {
		m, _, err := Parse(r.Spec())
		if err != nil {
			t.Errorf("record %d: %v", r.Number, err)
			continue
		}
		o, err := optim.New[float64](m.Rule, params)
		if err != nil {
			t.Errorf("record %d: %v", r.Number, err)
			continue
		}
		var x []float64
		for _, p := range params {
			for i := range p.Size() {
				x = append(x, 0.1*math.Cos(float64(3*i+len(p.Name))))
			}
		}
		g, at, before := make([]float64, len(x)), make([]float64, len(x)), append([]float64(nil), x...)
		for k := range 4 {
			for i, v := range o.Point(at, x) {
				g[i] = v + math.Sin(float64(i*(k+1)))
			}
			if err := o.Step(x, g); err != nil {
				t.Fatalf("record %d: %v", r.Number, err)
			}
		}
		at, lo := x, 0
		for _, p := range params {
			moved := 0.0
			for i := range p.Size() {
				moved += math.Abs(at[lo+i] - before[lo+i])
			}
			if lo += p.Size(); !(moved > 0) || math.IsInf(moved, 0) {
				t.Errorf("record %d: %s moves by %v", r.Number, p.Name, moved)
			}
		}
	}
}
