package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestPanelsOfProduct multiplies matrices of whole numbers, packed as left and right operands, and compares the whole memory with loops.
func TestPanelsOfProduct(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, steps := range []int{1, 2, 11, 12, 13, 26} {
			for _, add := range []bool{false, true} {
				productOfPanels(t, r, steps, 1+r.IntN(4), add)
			}
		}
	})
}

func productOfPanels(t *testing.T, r *rand.Rand, steps, count int, add bool) {
	t.Helper()
	k, n := steps*Edge, count*Edge
	a, b := wholeNumbers[float32](r, Edge*k), wholeNumbers[float32](r, k*n)
	left, right := make([]BF16, steps*StepBF16), make([]BF16, count*steps*StepBF16)
	PackStrip(left, slices.Clone(a), k, 1, 1)
	for s := range steps {
		PackPanels(right[s*StepBF16:], steps*StepBF16, b[s*Edge*n:], n, count, 1)
	}
	row := n + r.IntN(3)
	memory := wholeNumbers[float32](r, (Edge-1)*row+n+40)
	end := len(memory) - 20
	want := slices.Clone(memory)
	for i := range Edge {
		for j := range n {
			c := &want[20+i*row+j]
			if !add {
				*c = 0
			}
			for p := range k {
				*c += a[i*k+p] * b[p*n+j]
			}
		}
	}
	MultiplyPanels(memory[20:end:end], row, Edge, left, right, steps*StepBF16, count, add)
	for i := range memory {
		if memory[i] != want[i] {
			t.Fatalf("%d steps, %d panels, add %v: element (%d, %d) is %v, want %v",
				steps, count, add, (i-20)/row, (i-20)%row, memory[i], want[i])
		}
	}
}

// TestPanelsAmongGoroutines is TestBlockBF16AmongGoroutines for panels.
func TestPanelsAmongGoroutines(t *testing.T) {
	if !HasTiles() {
		t.Skip("no tiles")
	}
	for i := range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(3, uint64(i)))
			for range 50 {
				productOfPanels(t, r, 1+r.IntN(16), 2, true)
			}
		})
	}
}

// TestPackingOfPanels: the memory around and between the results does not change, and all implementations give the same bits, also for
// numbers that must be rounded, denormal numbers, infinities and NaN.
func TestPackingOfPanels(t *testing.T) {
	const count, row, around = 3, 3*Edge + 5, 8
	r := rand.New(rand.NewPCG(4, 5))
	numbers := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = math.Float32frombits(r.Uint32())
		}
		return v
	}
	src, u, wide := numbers(Edge*row), numbers(StepBF16), numbers(71*101)
	halves := make([]BF16, 4*StepBF16)
	for i := range halves {
		halves[i] = BF16(r.Uint32())
	}
	inside := func(n int, call func(dst []BF16)) []BF16 {
		dst := slices.Repeat([]BF16{0x1234}, n+2*around)
		call(dst[around : around+n : around+n])
		return dst
	}
	type result struct {
		halves  []BF16
		singles []float32
	}
	calls := map[string]func() result{
		"PackPanels": func() result {
			return result{inside(3*StepBF16+2*around, func(dst []BF16) { PackPanels(dst, StepBF16+around, src, row, count, 0.7) }), nil}
		},
		"PackStrip": func() result {
			x := slices.Clone(src)
			return result{inside(count*StepBF16, func(dst []BF16) { PackStrip(dst, x, row, 0.7, 1.3) }), x}
		},
		"TransposeTiles": func() result {
			return result{inside(len(halves), func(dst []BF16) { TransposeTiles(dst, halves) }), nil}
		},
		"CopyTransposed": func() result {
			x := make([]float32, 99*75)
			CopyTransposed(x, 75, wide, 101, 71, 99)
			return result{nil, x}
		},
		"SumPanels": func() result {
			s := slices.Clone(src[:StepBF16+around])
			return result{inside(2*StepBF16+around, func(dst []BF16) { SumPanels(dst, dst[StepBF16+around:], s, 0.7, u, -1.3) }), s}
		},
		"SumPanels on the diagonal": func() result {
			s := slices.Clone(src[:StepBF16])
			return result{inside(StepBF16, func(dst []BF16) { SumPanels(dst, nil, s, 1, s, 0) }), s}
		},
	}
	want := make(map[string]result)
	eachImplementation(t, func(t *testing.T) {
		for name, call := range calls {
			got := call()
			first, ok := want[name]
			if !ok {
				want[name] = got
				continue
			}
			for i, v := range got.halves {
				if e := first.halves[i]; v != e && (widened(v) == widened(v) || widened(e) == widened(e)) {
					t.Fatalf("%s: element %d of what is packed is %#x, want %#x", name, i, v, e)
				}
			}
			for i, v := range got.singles {
				if e := first.singles[i]; math.Float32bits(v) != math.Float32bits(e) && (v == v || e == e) {
					t.Errorf("%s: element %d is %v, want %v", name, i, v, e)
				}
			}
		}
	})
}

// TestPanels checks where the elements are, and that elements of a symmetric matrix are in two places.
func TestPanels(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		src := make([]float32, StepBF16)
		for i := range src {
			src[i] = float32(i%251) - 100
		}
		panel, strip, both, mirror := make([]BF16, StepBF16), make([]BF16, StepBF16), make([]BF16, StepBF16), make([]BF16, StepBF16)
		PackPanels(panel, StepBF16, src, Edge, 1, 1)
		PackStrip(strip, slices.Clone(src), Edge, 1, 1)
		SumPanels(both, mirror, slices.Clone(src), 3, src, -2)
		transposed := make([]BF16, StepBF16)
		TransposeTiles(transposed, mirror)
		for i := range Edge {
			for j := range Edge {
				e := src[i*Edge+j]
				word := [2]int{j/16*512 + i/2*32 + j%16*2 + i%2, i/16*512 + i%16*32 + j}
				if widened(panel[word[0]]) != e || widened(both[word[0]]) != e ||
					widened(strip[word[1]]) != e || widened(transposed[word[1]]) != e {
					t.Fatalf("element (%d, %d) is not in its place", i, j)
				}
			}
		}
	})
}
