package simd

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

// networkOperation is a kernel as these tests see it: it reads and changes vectors of the same length.
type networkOperation[T Float] struct {
	name    string
	vectors int
	inPlace []int // the vectors that may be the first one
	least   int   // the shortest length
	run     func(v [][]T) (numbers []float64)
}

func networkOperations[T Float]() []networkOperation[T] {
	silent := func(f func(v [][]T)) func([][]T) []float64 {
		return func(v [][]T) []float64 { f(v); return nil }
	}
	return []networkOperation[T]{
		{"Exp", 2, []int{1}, 0, silent(func(v [][]T) { Exp(v[0], v[1]) })},
		{"Tanh", 2, []int{1}, 0, silent(func(v [][]T) { Tanh(v[0], v[1]) })},
		{"Sigmoid", 2, []int{1}, 0, silent(func(v [][]T) { Sigmoid(v[0], v[1]) })},
		{"Softplus", 2, []int{1}, 0, silent(func(v [][]T) { Softplus(v[0], v[1]) })},
		{"GELU", 2, []int{1}, 0, silent(func(v [][]T) { GELU(v[0], v[1]) })},
		{"GELUGradient", 3, []int{1, 2}, 0, silent(func(v [][]T) { GELUGradient(v[0], v[1], v[2]) })},
		{"Softmax", 2, []int{1}, 0, silent(func(v [][]T) { Softmax(v[0], v[1]) })},
		{"SoftmaxGradient", 3, []int{1, 2}, 0, silent(func(v [][]T) { SoftmaxGradient(v[0], v[1], v[2], 0.3) })},
		{"CrossEntropy", 1, nil, 1, func(v [][]T) []float64 { return []float64{CrossEntropy(v[0], len(v[0])/2)} }},
		{"CrossEntropyGradient", 1, nil, 1, func(v [][]T) []float64 {
			return []float64{CrossEntropyGradient(v[0], len(v[0])/2, 0.3)}
		}},
		{"LayerNorm", 4, []int{1}, 1, func(v [][]T) []float64 {
			mean, r := LayerNorm(v[0], v[1], v[2], v[3], 1e-5)
			return []float64{float64(mean), float64(r)}
		}},
		{"LayerNormGradient", 6, []int{3, 4}, 1, silent(func(v [][]T) {
			LayerNormGradient(v[0], v[1], v[2], v[3], v[4], v[5], 0.25, 1.5)
		})},
	}
}

func TestNetworkSameBits(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		for _, n := range append(sizes(), 2500) {
			for offset := range 4 {
				networkSameBits[float32](t, n, offset, 1)
				networkSameBits[float64](t, n, offset, 1)
			}
		}
	})
}

func FuzzNetworkSameBits(f *testing.F) {
	f.Add(uint16(1027), uint8(3), uint64(1))
	f.Fuzz(func(t *testing.T, n uint16, offset uint8, seed uint64) {
		for _, name := range Implementations() {
			restore := Select(name)
			networkSameBits[float32](t, int(n%3000), int(offset%16), seed)
			networkSameBits[float64](t, int(n%3000), int(offset%16), seed)
			restore()
		}
	})
}

// networkSameBits compares the current implementation with the portable one, on vectors with few special numbers and on
// vectors with many. The arrays around the vectors must not change.
func networkSameBits[T Float](t *testing.T, n, offset int, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, uint64(n*16+offset)))
	for _, op := range networkOperations[T]() {
		if n < op.least {
			continue
		}
		for _, draw := range []func() T{func() T { return T(8 * r.NormFloat64()) }, func() T { return 8 * anyNumber[T](r) }} {
			var got, want, gotPart, wantPart [][]T
			for i := range op.vectors {
				array := make([]T, offset+n+16)
				for j := range array {
					array[j] = draw()
				}
				got, want = append(got, array), append(want, slices.Clone(array))
				gotPart = append(gotPart, got[i][offset:offset+n:offset+n])
				wantPart = append(wantPart, want[i][offset:offset+n:offset+n])
			}
			numbers := op.run(gotPart)
			restore := Select(Portable)
			wantNumbers := op.run(wantPart)
			restore()
			if d := difference(got, want); d != "" {
				t.Fatalf("%s[%T] of %d elements from %d: %s", op.name, T(0), n, offset, d)
			}
			if d := difference([][]float64{numbers}, [][]float64{wantNumbers}); d != "" {
				t.Fatalf("%s[%T] of %d elements from %d returns another number: %s", op.name, T(0), n, offset, d)
			}
		}
	}
}

func TestNetworkInPlace(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		networkInPlace[float32](t)
		networkInPlace[float64](t)
	})
}

func networkInPlace[T Float](t *testing.T) {
	for _, op := range networkOperations[T]() {
		for _, same := range op.inPlace {
			apart := randomVectors[T](op.vectors, 45)
			together := make([][]T, op.vectors)
			for i := range together {
				together[i] = slices.Clone(apart[i])
			}
			together[0] = together[same]
			op.run(apart)
			op.run(together)
			if d := difference(together[:1], apart[:1]); d != "" {
				t.Errorf("%s[%T] into its vector %d: %s", op.name, T(0), same, d)
			}
		}
	}
}

func randomVectors[T Float](count, n int) [][]T {
	r := rand.New(rand.NewPCG(3, 4))
	v := make([][]T, count)
	for i := range v {
		v[i] = make([]T, n)
		for j := range v[i] {
			v[i][j] = T(2 * r.NormFloat64())
		}
	}
	return v
}

func TestNetworkDoesNotAllocate(t *testing.T) {
	eachImplementation(t, func(t *testing.T) {
		networkAllocations[float32](t)
		networkAllocations[float64](t)
	})
}

func networkAllocations[T Float](t *testing.T) {
	v := randomVectors[T](6, 100)
	x, target := v[0], 3
	for name, run := range map[string]func(){
		"Exp":                  func() { Exp(v[1], x) },
		"Tanh":                 func() { Tanh(v[1], x) },
		"Sigmoid":              func() { Sigmoid(v[1], x) },
		"Softplus":             func() { Softplus(v[1], x) },
		"GELU":                 func() { GELU(v[1], x) },
		"GELUGradient":         func() { GELUGradient(v[1], v[2], x) },
		"Softmax":              func() { Softmax(v[1], x) },
		"CrossEntropy":         func() { CrossEntropy(x, target) },
		"CrossEntropyGradient": func() { CrossEntropyGradient(v[1], target, 1) },
		"LayerNorm":            func() { LayerNorm(v[1], x, v[2], v[3], 1e-5) },
		"LayerNormGradient":    func() { LayerNormGradient(v[1], v[2], v[3], v[4], x, v[5], 0, 1) },
	} {
		if n := testing.AllocsPerRun(10, run); n != 0 {
			t.Errorf("%s[%T] allocates %v times", name, T(0), n)
		}
	}
}

func TestNetworkUnequalVectorsPanic(t *testing.T) {
	for _, op := range networkOperations[float32]() {
		for odd := range op.vectors {
			v := randomVectors[float32](op.vectors, 9)
			v[odd] = v[odd][:8]
			if op.vectors > 1 && !panics(func() { op.run(v) }) {
				t.Errorf("%s accepts a short vector %d", op.name, odd)
			}
		}
	}
}

func TestClassOutOfRangePanics(t *testing.T) {
	x := []float64{1, 2}
	for _, class := range []int{-1, 2} {
		if !panics(func() { CrossEntropy(x, class) }) || !panics(func() { CrossEntropyGradient(x, class, 1) }) {
			t.Errorf("class %d of 2 is accepted", class)
		}
		if !slices.Equal(x, []float64{1, 2}) {
			t.Errorf("class %d of 2 has changed the logits to %v before it panics", class, x)
		}
	}
}

// golden holds testdata/network.json, which testdata/network.py writes: functions of mpmath and layers of PyTorch, in float64.
type golden struct {
	Curves       map[string][][2]float64
	CrossEntropy []struct {
		X, Softmax, Gradient []float64
		Target               int
		Scale, Loss          float64
	} `json:"cross_entropy"`
	LayerNorm []struct {
		Eps                                    float64
		X, Gain, Bias, DY, Y, DX, DGain, DBias []float64
	} `json:"layer_norm"`
}

func readGolden(t *testing.T) (g golden) {
	t.Helper()
	data, err := os.ReadFile("testdata/network.json")
	if err == nil {
		err = json.Unmarshal(data, &g)
	}
	if err != nil || len(g.Curves) == 0 || len(g.CrossEntropy) == 0 || len(g.LayerNorm) == 0 {
		t.Fatal("testdata/network.json is not what network.py writes:", err)
	}
	return g
}

// mustBeNear fails if got differs from want by more than the tolerance times the largest element of want.
func mustBeNear(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	var size float64
	for _, w := range want {
		size = max(size, math.Abs(w))
	}
	if len(got) != len(want) {
		t.Fatalf("%s has %d elements, want %d", what, len(got), len(want))
	}
	for i, w := range want {
		if !(math.Abs(got[i]-w) <= tolerance*size) {
			t.Errorf("%s: element %d is %v, want %v", what, i, got[i], w)
		}
	}
}

// BenchmarkNetwork reports the time per element, for vectors as long as GPT-2's: 768 channels, 50257 classes.
func BenchmarkNetwork(b *testing.B) {
	for _, name := range Implementations() {
		b.Run(name, func(b *testing.B) {
			defer Select(name)()
			benchmarkNetwork[float32](b)
			benchmarkNetwork[float64](b)
		})
	}
}

func benchmarkNetwork[T Float](b *testing.B) {
	for _, op := range networkOperations[T]() {
		n := 768
		if op.name == "Softmax" || op.least == 1 && op.vectors == 1 {
			n = 50257
		}
		b.Run(fmt.Sprintf("%s/%T", op.name, T(0)), func(b *testing.B) {
			v := randomVectors[T](op.vectors, n)
			for b.Loop() {
				op.run(v)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/element")
		})
	}
}
