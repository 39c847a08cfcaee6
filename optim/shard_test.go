package optim_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"steepest/optim"
	"steepest/param"
	"steepest/train/dist"
	"steepest/train/dist/disttest"
)

// rank is one of the goroutines that divide the state of an Optimizer.
type rank[T param.Float] struct{ *disttest.Group }

func (r rank[T]) Exchange(v []T, owned [][]optim.Range) error {
	return dist.Exchange(r.Group, v, owned)
}

// TestDividedStateHasTheSameBits: any number of ranks that divide the state make the steps of one process, with parameters that begin late,
// and after a resume from the whole state.
func TestDividedStateHasTheSameBits(t *testing.T) {
	rules := everyRule(t, network)
	for i, name := range slices.Sorted(maps.Keys(rules)) {
		rule := rules[name]
		divided[float32](t, name, rule, network, 1)
		if whole(rule) || testing.Short() && i%4 > 0 {
			continue
		}
		divided[float32](t, name, rule, tensors(1500, 60000, 7), 1)
		divided[float64](t, name, rule, tensors(1500, 20000, 7), 1e-200)
	}
}

// divided makes the steps in one process and on 2 and 4 ranks, or on 3 under -short.
func divided[T param.Float](t *testing.T, name string, rule optim.Rule, params []param.Param, scale T) {
	t.Helper()
	n := size(params)
	grads := randoms[T](6, n)
	for k, g := range grads {
		for i := range g {
			if g[i] *= scale; k < 2 && i >= n/2 {
				g[i] = 0
			}
		}
	}
	start := randoms[T](1, n)[0]
	steps := func(o *optim.Optimizer[T], x []T, grads [][]T) {
		at := make([]T, n)
		for _, g := range grads {
			g = slices.Clone(g)
			for i, v := range o.Point(at, x) {
				if g[i] != 0 { // parameters begin with their first gradient
					g[i] += scale / 64 * v
				}
			}
			if err := o.Step(x, g); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	half := newOptimizer[T](rule, params)
	x0 := slices.Clone(start)
	steps(half, x0, grads[:3])
	one, want := newOptimizer[T](rule, params), slices.Clone(x0)
	if err := one.Restore(half.State()); err != nil {
		t.Fatal(name, err)
	}
	steps(one, want, grads[3:])
	end := one.State()
	sizes := []int{2, 4}
	if testing.Short() {
		sizes = []int{3}
	}
	for _, ranks := range sizes {
		states := make([]optim.State[T], ranks)
		disttest.Together(ranks, func(g *disttest.Group) {
			o, err := optim.NewDivided(rule, params, optim.Ranks[T](rank[T]{g}))
			if err != nil {
				t.Error(name, err)
				return
			}
			x := slices.Clone(start)
			steps(o, x, grads[:3])
			if !slices.Equal(x, x0) {
				t.Errorf("%s: %d ranks have other bits of x than one", name, ranks)
			}
			if err := o.Restore(half.State()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			steps(o, x, grads[3:])
			if !slices.Equal(x, want) {
				t.Errorf("%s: %d ranks that go on from a state have other bits of x than one", name, ranks)
			}
			states[g.Rank()] = o.State()
		})
		for full, v := range end.Vectors {
			var joined []T
			for r, s := range states {
				if _, part := s.Parts[full]; part || r == 0 {
					joined = append(joined, s.Vectors[full]...)
				}
			}
			if !slices.Equal(joined, v) {
				t.Errorf("%s: %d ranks have another %s than one", name, ranks, full)
			}
		}
		for full, v := range end.Scalars {
			for _, s := range states {
				if !slices.Equal(s.Scalars[full], v) {
					t.Errorf("%s: a rank of %d has %s = %v, want %v", name, ranks, full, s.Scalars[full], v)
				}
			}
		}
	}
}

// TestStateIsDividedEvenly: for a model like GPT-2, each rank keeps about its share of the state, and the plan predicts the share.
func TestStateIsDividedEvenly(t *testing.T) {
	params := []param.Param{{Name: "wte", Shape: []int{1000, 128}, Role: param.Embedding}}
	for i := range 6 {
		layer := func(name string, shape ...int) param.Param {
			return param.Param{Name: fmt.Sprint(i, name), Shape: shape, Role: param.Hidden}
		}
		params = append(params, layer("up", 512, 128), layer("down", 128, 512), layer("out", 128, 128))
	}
	for spec, limit := range map[string]float64{"adamw": 1.05, "muon": 1.05, "soap": 1.35} { // soap is balanced by operations, not by bytes
		rule := parse(t, spec)
		plan, err := optim.NewPlan[float32](rule, params)
		if err != nil {
			t.Fatal(err)
		}
		total := plan.StateBytes(1)[0]
		for ranks := 2; ranks <= 4; ranks++ {
			planned, kept := plan.StateBytes(ranks), make([]int, ranks)
			disttest.Together(ranks, func(g *disttest.Group) {
				o, err := optim.NewDivided(rule, params, optim.Ranks[float32](rank[float32]{g}))
				if err != nil {
					t.Error(err)
					return
				}
				for _, v := range o.State().Vectors {
					kept[g.Rank()] += 4 * len(v)
				}
			})
			if !slices.Equal(kept, planned) {
				t.Errorf("%s: %d ranks keep %v bytes, and their plan says %v", spec, ranks, kept, planned)
			}
			if most := slices.Max(kept); float64(most) > limit*float64(total)/float64(ranks) {
				t.Errorf("%s: one of %d ranks keeps %d bytes of %d", spec, ranks, most, total)
			}
		}
	}
}

// TestErrorOnOneRankEndsAll: a tensor that one rank cannot transform is an error on all.
func TestErrorOnOneRankEndsAll(t *testing.T) {
	broken := optim.Transform{
		Name:    "broken",
		Whole32: func() optim.Whole[float32] { return failFor[float32] },
		Whole64: func() optim.Whole[float64] { return failFor[float64] },
	}
	rule := optim.Chain{broken}
	params := []param.Param{{Name: "good", Shape: []int{2, 2}}, {Name: "bad", Shape: []int{2, 2}}}
	var mutex sync.Mutex
	var texts []string
	disttest.Together(3, func(g *disttest.Group) {
		o, err := optim.NewDivided(rule, params, optim.Ranks[float64](rank[float64]{g}))
		if err == nil {
			err = o.Step(make([]float64, 8), make([]float64, 8))
		}
		mutex.Lock()
		defer mutex.Unlock()
		texts = append(texts, fmt.Sprint(err))
	})
	slices.Sort(texts)
	if len(texts) != 3 || !strings.HasSuffix(texts[0], `cannot update "bad": another rank says why`) || texts[1] != texts[0] || !strings.HasSuffix(texts[2], `"bad": it fails`) {
		t.Errorf("%q", texts)
	}
}

func failFor[T param.Float](_ int, _ *optim.Coeffs, t *optim.Tensor[T]) error {
	if t.Param.Name == "bad" {
		return errors.New("it fails")
	}
	copy(t.U, t.In)
	return nil
}
