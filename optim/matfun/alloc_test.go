//go:build !race

package matfun

import (
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"testing"
)

// The race detector empties pools on purpose, so they allocate.
func TestNoAllocations(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))  // as AllocsPerRun does; a helper that falls asleep may need memory
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection empties the pools of matrix products
	r := rand.New(rand.NewPCG(1, 2))
	var w32 Workspace[float32]
	var w64 Workspace[float64]
	for _, s := range [][2]int{{30, 40}, {150, 120}} {
		start64 := normal(r, s[0], s[1])
		start32 := to[float32](start64)
		x64, x32 := make([]float64, len(start64)), make([]float32, len(start32))
		for p := range Exact {
			if s[0] > 100 && p != Keller && p != Turbo { // one preset for each kind of norm
				continue
			}
			for products := range StoredBF16 + 1 {
				it := *p.Iteration()
				it.Products = products
				nothing := func(what string, call func()) {
					t.Helper()
					if n := allocations(1, call); n > 0 {
						t.Errorf("%v, %v, %v: %s allocates %v times", p, products, s, what, n)
					}
				}
				nothing("float32", func() { copy(x32, start32); w32.Iterate(x32, s[0], s[1], &it) })
				nothing("float64", func() { copy(x64, start64); w64.Polar(x64, s[0], s[1], &it) })
			}
		}
		if n := allocations(2, func() { copy(x32, start32); w32.Polar(x32, s[0], s[1], nil) }); n > 0 {
			t.Errorf("%v: the exact factor of float32 allocates %v times", s, n)
		}
	}
	x := normal(r, 30, 40)
	if n := allocations(5, func() { w64.Polar(x, 30, 40, nil) }); n > 0 {
		t.Errorf("the exact factor of a small matrix allocates %v times", n)
	}
	sum := make([]float64, len(x))
	if n := allocations(5, func() { w64.IterateSum(sum, x, TenthPower, 30, 40, TwelveQuintic.Iteration()) }); n > 0 {
		t.Errorf("a sum of iterates allocates %v times", n)
	}
	var b Batch[float64]
	keller := Keller.Iteration()
	iterate := func(w *Workspace[float64], i int) error { return w.Iterate(x[600*i:][:600], 20+10*i, 30-10*i, keller) }
	if n := allocations(5, func() { b.Do(2, iterate) }); n > 0 {
		t.Errorf("a batch allocates %v times", n)
	}
	const n = 150
	a, _ := positive(r, n, 100, 1)
	tall, square, dst := normal(r, 200, n), make([]float64, n*n), make([]float64, n*n)
	for what, call := range map[string]func(){
		"eigen":          func() { w64.Eigen(a, n) },
		"QR":             func() { w64.QR(tall, 200, n) },
		"QR of a square": func() { copy(square, a); w64.QR(square, n, n) },
		"root":           func() { w64.Root(dst, a, n, Root{P: 4}) },
		"its residual":   func() { w64.InverseRoot(dst, a, n, Root{P: 4}) },
		"real root":      func() { w64.InverseRoot(dst, a, n, Root{P: 2.5, Ridge: PseudoInverse}) },
	} {
		if n := allocations(2, call); n > 0 {
			t.Errorf("%s allocates %v times", what, n)
		}
	}
	single, dst32 := to[float32](a), make([]float32, n*n)
	for what, root := range map[string]Root{"shift": {P: 4, Method: ByNewton}, "relative": {P: 3, Method: ByNewton, Ridge: ShiftRelative, Eps: 1e-6}} {
		if n := allocations(2, func() { w32.InverseRoot(dst32, single, n, root) }); n > 0 {
			t.Errorf("%s: Newton's method allocates %v times", what, n)
		}
	}
}

// allocations is the least count of three, since the runtime, too, allocates now and then.
func allocations(runs int, call func()) float64 {
	least := testing.AllocsPerRun(runs, call)
	for range 2 {
		if least == 0 {
			break
		}
		least = min(least, testing.AllocsPerRun(runs, call))
	}
	return least
}
