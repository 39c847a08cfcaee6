package optim

import (
	"math/rand/v2"
	"slices"
	"testing"

	"steepest/optim/schedule"
	"steepest/param"
)

// TestScaledAsItIsRead: a chain that scales the gradient as it reads it makes the steps, to the bit, that it makes on the stored
// prepared gradient, also where later passes read the gradient. A chain that needs the gradient in memory stores it.
func TestScaledAsItIsRead(t *testing.T) {
	lr := LearningRate{LR: schedule.Constant(0.1)}
	adam := AdaptiveMoments{Beta1: 0.9, Beta2: 0.99, Eps: 1e-8}
	for _, test := range []struct {
		name   string
		chain  Chain
		stores bool
	}{
		{"sgd", Chain{lr}, false},
		{"adam", Chain{adam, lr}, false},
		{"cautious", Chain{adam, Cautious{}, lr}, false},
		{"mechanic", Chain{adam, lr, Mechanic{Initial: 1e-2, Lambda: 0.01, Eps: 1e-8}}, false},
		{"normalized", Chain{Normalize{}, lr}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, limit := range []float64{0.5, 1e9} {
				scaledAsItIsRead[float32](t, test.chain, limit, test.stores)
				scaledAsItIsRead[float64](t, test.chain, limit, test.stores)
			}
		})
	}
}

func scaledAsItIsRead[T param.Float](t *testing.T, chain Chain, limit float64, stores bool) {
	params := []param.Param{{Name: "a", Shape: []int{3, 7000}}, {Name: "b", Shape: []int{5}}}
	rule := Preparation{ClipNorm: Set(limit)}.Of(chain)
	read, err := New[T](rule, params)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := New[T](rule, params)
	if err != nil {
		t.Fatal(err)
	}
	if (read.preparer.out != nil) != stores {
		t.Fatalf("the prepared gradient is stored: %v, want %v", !stores, stores)
	}
	p := stored.preparer
	p.out = make([]T, stored.size)
	p.chain.work = p.out
	for _, g := range stored.groups {
		g.pass.clip = nil
	}
	r := rand.New(rand.NewPCG(1, 2))
	x, g := make([]T, read.size), make([]T, read.size)
	want := slices.Clone(x)
	for k := range 5 {
		for i := range g {
			if g[i] = T(r.NormFloat64()); k == 4 {
				g[i] *= 1e30 // the norm has a unit in float32
			}
		}
		before := slices.Clone(g)
		if err := read.Step(x, g); err != nil {
			t.Fatal(err)
		}
		if err := stored.Step(want, g); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(x, want) {
			t.Fatalf("step %d: x differs", k)
		}
		if !slices.Equal(g, before) {
			t.Fatalf("step %d: the gradient has changed", k)
		}
	}
}

// TestPlanCountsPasses: a step makes as many passes as the plan says.
func TestPlanCountsPasses(t *testing.T) {
	lr := LearningRate{LR: schedule.Constant(0.1)}
	adam := AdaptiveMoments{Beta1: 0.9, Beta2: 0.99, Eps: 1e-8}
	value, norm := Preparation{ClipValue: Set(1.0)}, Preparation{ClipNorm: Set(1.0)}
	both := Preparation{ClipValue: Set(1.0), ClipNorm: Set(1.0)}
	for _, test := range []struct {
		name        string
		preparation Preparation
		chain       Chain
		want        int
	}{
		{"sgd", Preparation{}, Chain{lr}, 1},
		{"cautious", Preparation{}, Chain{adam, Cautious{}, lr}, 2},
		{"normalized", Preparation{}, Chain{Normalize{}, lr}, 2},
		{"norm, sgd", norm, Chain{lr}, 2},
		{"norm, cautious", norm, Chain{adam, Cautious{}, lr}, 3},
		{"norm, normalized", norm, Chain{Normalize{}, lr}, 4},
		{"value, sgd", value, Chain{lr}, 2},
		{"value, normalized", value, Chain{Normalize{}, lr}, 3},
		{"value and norm, adam", both, Chain{adam, lr}, 3},
		{"value and norm, normalized", both, Chain{Normalize{}, lr}, 4},
	} {
		params := []param.Param{{Name: "a", Shape: []int{7}}}
		o, err := New[float64](test.preparation.Of(test.chain), params)
		if err != nil {
			t.Fatal(err)
		}
		plan, _ := NewPlan[float64](test.preparation.Of(test.chain), params)
		made := 0
		groups := o.groups
		if o.preparer.chain != nil {
			groups = append(groups, o.preparer.chain)
		}
		for _, g := range groups { // one share, so each pass is one call
			for _, call := range []*func(worker, i int){&g.pass.apply, &g.pass.add} {
				body := *call
				*call = func(worker, i int) { made++; body(worker, i) }
			}
		}
		x, g := make([]float64, 7), []float64{1, -2, 3, -4, 5, -6, 7}
		if err := o.Step(x, g); err != nil {
			t.Fatal(err)
		}
		if made != test.want || plan[0].Passes != test.want {
			t.Errorf("%s: %d passes, and %d in the plan, want %d", test.name, made, plan[0].Passes, test.want)
		}
	}
}
