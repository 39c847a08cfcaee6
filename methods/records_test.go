package methods

import (
	"math"
	"testing"

	"steepest/optim"
	"steepest/param"
)

// speedrun has small versions of the parameters of one block of the speedrun's model, and of those outside the blocks.
var speedrun = []param.Param{
	{Name: "embed.weight", Shape: []int{7, 4}, Role: param.Embedding},
	{Name: "blocks.0.attn.q.weight", Shape: []int{4, 4}, Role: param.Hidden}, {Name: "blocks.0.attn.q.bias", Shape: []int{4}, Role: param.Bias},
	{Name: "blocks.0.attn.k.weight", Shape: []int{4, 4}, Role: param.Hidden}, {Name: "blocks.0.attn.k.bias", Shape: []int{4}, Role: param.Bias},
	{Name: "blocks.0.attn.v.weight", Shape: []int{4, 4}, Role: param.Hidden}, {Name: "blocks.0.attn.v.bias", Shape: []int{4}, Role: param.Bias},
	{Name: "blocks.0.attn.proj.weight", Shape: []int{4, 4}, Role: param.Hidden}, {Name: "blocks.0.attn.proj.bias", Shape: []int{4}, Role: param.Bias},
	{Name: "blocks.0.mlp.fc.weight", Shape: []int{8, 4}, Role: param.Hidden}, {Name: "blocks.0.mlp.fc.bias", Shape: []int{8}, Role: param.Bias},
	{Name: "blocks.0.mlp.proj.weight", Shape: []int{4, 8}, Role: param.Hidden}, {Name: "blocks.0.mlp.proj.bias", Shape: []int{4}, Role: param.Bias},
	{Name: "blocks.0.norm1.gains", Shape: []int{4}, Role: param.Gain},
	{Name: "proj.weight", Shape: []int{7, 4}, Role: param.Head}, {Name: "proj.bias", Shape: []int{7}, Role: param.Bias},
}

// TestRecords builds each record on the parameters of the speedrun's model and makes its first and its last steps with it, which stay finite
// and move every parameter.
func TestRecords(t *testing.T) {
	for _, r := range Records() {
		m, _, err := Parse(r.Spec())
		if err != nil {
			t.Errorf("record %d: %v", r.Number, err)
			continue
		}
		o, err := optim.New[float64](m.Rule, speedrun)
		if err != nil {
			t.Errorf("record %d: %v", r.Number, err)
			continue
		}
		var x []float64
		for _, p := range speedrun {
			for i := range p.Size() {
				x = append(x, 0.1*math.Cos(float64(3*i+len(p.Name))))
			}
		}
		g, at, before := make([]float64, len(x)), make([]float64, len(x)), append([]float64(nil), x...)
		for k := range 6 {
			if k == 4 {
				late := o.State()
				late.K = r.Steps - 2
				if err := o.Restore(late); err != nil {
					t.Fatalf("record %d: %v", r.Number, err)
				}
			}
			for i, v := range o.Point(at, x) {
				g[i] = v + math.Sin(float64(i*(k+1)))
			}
			if err := o.Step(x, g); err != nil {
				t.Fatalf("record %d: %v", r.Number, err)
			}
		}
		at, lo := x, 0
		for _, p := range speedrun {
			moved := 0.0
			for i := range p.Size() {
				moved += math.Abs(at[lo+i] - before[lo+i])
			}
			if lo += p.Size(); !(moved > 0) || math.IsInf(moved, 0) {
				t.Errorf("record %d: %s moves by %v", r.Number, p.Name, moved)
			}
		}
		checkRoundTrip(t, r.Spec())
	}
}

// TestRoutesByName: the route with the most words takes a parameter, and each route with words must take one.
func TestRoutesByName(t *testing.T) {
	m, _, err := Parse("hidden.mlp=sgd/hidden.mlp.proj=muon/hidden=adam/bias.attn.proj=sign/rest=adamw")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := optim.NewPlan[float64](m.Rule, speedrun)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range plan {
		want := "rest"
		switch name := a.Param.Name; {
		case name == "blocks.0.mlp.proj.weight":
			want = "hidden.mlp.proj"
		case name == "blocks.0.mlp.fc.weight":
			want = "hidden.mlp"
		case name == "blocks.0.attn.proj.bias":
			want = "bias.attn.proj"
		case a.Param.Role == param.Hidden:
			want = "hidden"
		}
		if a.Route != want {
			t.Errorf("%s has the route %s, want %s", a.Param.Name, a.Route, want)
		}
	}
	const names = "embedding: embed.weight; hidden: blocks.*.attn.q.weight, blocks.*.attn.k.weight, blocks.*.attn.v.weight, blocks.*.attn.proj.weight, blocks.*.mlp.fc.weight, blocks.*.mlp.proj.weight; " +
		"bias: blocks.*.attn.q.bias, blocks.*.attn.k.bias, blocks.*.attn.v.bias, blocks.*.attn.proj.bias, blocks.*.mlp.fc.bias, blocks.*.mlp.proj.bias and 1 more; gain: blocks.*.norm1.gains; head: proj.weight"
	for spec, want := range map[string]string{
		"hidden.mpl=sgd/hidden=muon/rest=adam":           `optim: the model has no parameter for the route "hidden.mpl"; it has, by role, ` + names,
		"hidden.attn=sgd/hidden.q=sgd/rest=adam":         `optim: hidden matrix "blocks.0.attn.q.weight" of shape [4 4]: the routes "hidden.attn" and "hidden.q" both take it`,
		"hidden.proj.mlp=sgd/hidden=muon/rest=adam":      `optim: the model has no parameter for the route "hidden.proj.mlp"; it has, by role, ` + names,
		"hidden.weight=sgd/hidden.q.weight=sgd/bias=sgd": `optim: embedding "embed.weight" of shape [7 4]: no route takes it; a route whose Takes is nil takes what is left over`,
	} {
		m, _, err := Parse(spec)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := optim.New[float64](m.Rule, speedrun); err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", spec, err, want)
		}
	}
}
