package optim_test

import (
	"math/rand/v2"
	"testing"

	"steepest/optim"
	"steepest/param"
)

// TestZeroRow: a row or column of 0 whose gradients are 0 stays exactly 0 under every rule. No change of basis, root or factor may mix rounding
// errors into it.
func TestZeroRow(t *testing.T) {
	rules := map[string]optim.Rule{"soap of one side": parse(t, "soap:max-order=8,basis-interval=2"), "shampoo, pseudo-inverse": parse(t, "shampoo:eps=0,beta2=0.9")}
	for name, rule := range everyRule(t, network) {
		if whole(rule) {
			rules[name] = rule
		}
	}
	for name, rule := range rules {
		t.Run(name, func(t *testing.T) {
			for _, shape := range [][2]int{{5, 7}, {7, 5}, {12, 12}, {40, 33}} {
				zeroRow[float32](t, rule, shape[0], shape[1])
				zeroRow[float64](t, rule, shape[0], shape[1])
			}
		})
	}
}

func zeroRow[T param.Float](t *testing.T, rule optim.Rule, rows, cols int) {
	t.Helper()
	params := []param.Param{{Name: "w", Shape: []int{rows, cols}, Role: param.Hidden}}
	if leavesAll(rule, params) {
		return
	}
	r := rand.New(rand.NewPCG(uint64(rows), uint64(cols)))
	outside := func(i int) bool { return i/cols == 0 || i/cols == rows-2 || i%cols == 2 }
	draw := func() []T {
		v := random[T](r, rows*cols)
		for i := range v {
			if outside(i) {
				v[i] = 0
			}
		}
		return v
	}
	x, o := draw(), newOptimizer[T](rule, params)
	for k := range 30 {
		if err := o.Step(x, draw()); err != nil {
			t.Fatal(err)
		}
		for i, e := range x {
			if outside(i) && e != 0 {
				t.Fatalf("%T, %d × %d: step %d moves element (%d, %d) to %v", e, rows, cols, k+1, i/cols, i%cols, e)
			}
		}
	}
}
